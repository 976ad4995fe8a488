"""The first lines of a report tell the cause of a planted bug: by them alone it can be explained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from simulator.testing import MOST_LINES
from streamparse.testing import Storm
from tests.planted import order
from tests.planted.catalogue import PAIRS
from tests.planted.pair import Pair

#: By pair, what the first lines of the report have to say, in this order. ``N`` stands for any number.
CAUSES: Mapping[str, Sequence[str]] = {
    # An order of two streams.
    "settings come before data": [
        "of rates reaches price-bolt[N] late: sent at N ms, there at N ms",
        "of check-bolt (N ms) before",
        "of rates (N ms), not after it",
        "instead of",
    ],
    "last write wins over two paths": [
        "of slow-bolt (N ms) before",
        "of fast-bolt (N ms), not after it",
    ],
    "floats added as they come": [
        "takes [2, 1.0] (N ms), before store-bolt[N] [1, -1e+16] (N ms), not after it",
    ],
    "late tuple overwrites a window": [
        '[4, "dog"] reaches store-bolt[N] late: sent at N ms, there at 1 s, behind the tick at 1 s',
    ],
    # The victims of a crash, by name.
    "acked on arrival, stored at a tick": [
        "at N ms store-bolt[N] is killed:",
        'store-bolt[N] had acked [0, "dog"]: gone from its memory, and does not come again',
    ],
    "first side of a join in memory": [
        "join-bolt[N] held [10, 3] of payments: lost, and comes again",
        'join-bolt[N] had acked [10, "tea"] of orders: gone from its memory, and does not come again',
    ],
    "emitted after the ack": [
        "store-bolt[N] is killed, and with it work-bolt[N]:",
        'store-bolt[N] had in front of it ["index 0", "dog"]: lost for good',
    ],
    "committed at the emit": [
        "store-bolt[N] is killed, and with it orders[N]:",
        "orders[N] had emitted id 0, id 1, and never hears of it",
    ],
    # Tasks, where a grouping or :p matters.
    "shuffle in front of one task": [
        "store-bolt has 3 tasks",
        'store-bolt[N] takes [2, "dog"], [4, "dog"]',
        'instead of store-bolt[N] takes [0, "dog"], [1, "cat"], [2, "dog"], [3, "emu"], [4, "dog"]',
    ],
    "local grouping in place of fields": [
        "no fault is needed",
        "worker",
        "shard-bolt[N] takes [",
        "instead of shard-bolt[N] takes [0, 0], [2, 0], [4, 0]",
        "instead of shard-bolt[N] takes [1, 1], [3, 1], [5, 1]",
    ],
    # Log lines that say it.
    "batch that swallows an exception": [
        "store-bolt[N] logs at N s, warn: not inserted: 1 is there already",
    ],
    "one branch swallows its failure": [
        "mail-bolt[N] logs at N s, warn: no mail: 0 is locked",
    ],
    # Times, where an ack comes too late.
    "batch in time only when ticks begin at once": [
        "the ticks of store-bolt/N begin N/N of their period later",
        "store-bolt[N] gets its first tick at N s instead of 25 s",
        'id 0 of orders, emitted at 0 ms, timed out at 60 s; store-bolt[N] acked [0, "dog"] at N s, too late to count',
    ],
    # No fault is needed, although the fault-free run has passed.
    "class attribute as memory": [
        "a run of this very case has passed before, so it fails of what earlier runs have left behind, perhaps "
        "SendsByClass.sent",
        "every event of store is as in the fault-free run, which passed: what differs is in memory that outlives a run",
    ],
    # A row that nobody emits again.
    "spout forgets what failed": [
        'the ack of [0, "dog"] by store-bolt[N] is lost',
        "orders[N] hears at N s that id 0 has failed by a timeout, and does not emit it again",
    ],
    "early return without an ack": ["attempts 2 to 21: the same"],
}


#: By pair, the kinds of faults that are looked for, where others would find it as well.
KINDS: Mapping[str, Sequence[str]] = {
    "settings come before data": [],
    "last write wins over two paths": [],
    "floats added as they come": [],
    "late tuple overwrites a window": [],
    "shuffle in front of one task": [],
    "local grouping in place of fields": [],
    "spout forgets what failed": ["lost-ack"],
}


def note_of(pair: Pair, directory: Path) -> list[str]:
    """The note on the failure of an exploration of the wrong side."""
    pair.begin_process(directory)
    faults = KINDS.get(pair.name, pair.faults)
    kinds: dict[str, Any] = {} if faults is None else {"faults": faults}
    if pair in order.PAIRS:
        kinds["vary"] = []

    def explore() -> None:
        with Storm(directory, seed=0, storm_version=pair.storm_version) as storm:
            for run in storm.explore(200, **kinds):
                pair.reset()
                path, options = pair.path(wrong=True), pair.options(wrong=True)
                with run.topology(path, **options) as topology:
                    pair.check(topology)

    with pytest.raises(AssertionError) as caught:
        explore()
    notes = getattr(caught.value, "__notes__", None) or [str(caught.value)]  # Python 3.10 has none
    lines: list[str] = notes[-1].splitlines()
    return lines[next(at for at, line in enumerate(lines) if line.startswith("explore: ")) :]


@pytest.mark.parametrize("name", CAUSES)
def test_the_first_lines_of_a_report_tell_the_cause(name: str, tmp_path: Path) -> None:
    lines = note_of(PAIRS[name], tmp_path)
    commands = next(at for at, line in enumerate(lines) if line.startswith("rerun: "))
    assert commands <= MOST_LINES
    text, at = "\n".join(lines[:commands]), 0
    for wanted in CAUSES[name]:
        pattern = r"[\d.]+".join(map(re.escape, wanted.split("N")))
        found = re.compile(pattern).search(text, at)
        assert found is not None, f"{wanted}\nis not behind what comes before it in\n{text}"
        at = found.end()
