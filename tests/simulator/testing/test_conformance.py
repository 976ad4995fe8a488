"""Probing bolts of any language: those that keep the protocol, and one for each way of breaking it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.testing.conformance import NotJudgedWarning, is_over, judge_end
from simulator.transports import Ending, Stopwatch
from streamparse.testing import Storm
from tests.support.paths import EXAMPLES

POLYGLOT = EXAMPLES / "polyglot"

# A bolt in plain Python; each word on its command line is one thing that it does wrong.
BOLT = r"""
import json, os, signal, sys

flaws = sys.argv[1:]
source = open(0, encoding="latin-1" if "latin" in flaws else "utf-8", newline="\n")
sink = open(1, "w", encoding="utf-8", newline="\n")

def say(**message):
    sink.write(json.dumps(message, ensure_ascii=False) + "\nend\n")
    sink.flush()

def hear():
    text = ""
    while True:
        line = source.readline()
        if not line:
            if "stays" in flaws:
                signal.pause()
            sys.exit()
        if line == "end\n" or ("careless" in flaws and "end" in line and shaken):
            return json.loads(text)
        text += line
        if "short" in flaws and len(text) > 65536:
            sys.exit("too much")

shaken = None
shaken = hear()
pid = os.getpid()
if "no-file" not in flaws:
    open(os.path.join(shaken["pidDir"], str(pid)), "w").close()
say(**({} if "no-pid" in flaws else {"pid": pid}))
if "prints" in flaws:
    sink.write("ready\n")
while True:
    message = hear()
    if message["stream"] == "__heartbeat":
        if "deaf" not in flaws:
            say(command="sync")
        continue
    if "syncs" in flaws:
        say(command="sync")
    value = message["tuple"][0]
    if "fussy" in flaws and value is None:
        sys.exit("no word")
    if "polite" in flaws and value is None:
        say(command="error", msg="no word")
        sys.exit(1)
    if "loud" in flaws:
        say(command="log", msg="hello", level=7)
    say(command="emit", anchors=[message["id"]], tuple=[value], need_task_ids=False)
    say(command="ack", id=message["id"])
"""


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    (tmp_path / "bolt.py").write_text(BOLT)
    with Storm(tmp_path) as made:
        yield made


@pytest.mark.needs_node
def test_the_bolts_of_the_polyglot_example_keep_the_protocol() -> None:
    with Storm(POLYGLOT) as storm:
        assert {
            name: storm.bolt(f"polyglot:{name}").conformance()
            for name in ("split-bolt", "count-bolt")
        } == {"split-bolt": [], "count-bolt": []}


def test_our_own_bolts_keep_the_protocol_and_may_refuse_a_tuple(storm: Storm) -> None:
    passes = storm.bolt("parts.Pass", inputs=["word"], outputs=["word"])
    refuses = storm.bolt("parts.Obeys", inputs=["order", "word"], outputs=["word"])
    row = {"order": "pass-on", "word": "dog"}
    assert (passes.conformance(), refuses.conformance(row)) == ([], [])


def test_a_bolt_is_probed_on_the_stream_that_it_listens_to(storm: Storm) -> None:
    one = storm.bolt("parts.Pass", inputs={"words": ["word"]}, outputs=["word"])
    two = storm.bolt(
        command=[sys.executable, "bolt.py", "fussy"],
        inputs={"words": ["word"], "numbers": ["n", "m"]},
        outputs=["word"],
    )
    findings = two.conformance([1, 2], stream="numbers")
    assert (one.conformance(), [each.partition(":")[0] for each in findings]) == ([], ["types"])


@pytest.mark.parametrize("manners", [[], ["polite"]], ids=["plain", "says why it dies"])
def test_a_bolt_without_any_library_can_keep_the_protocol(manners: list[str], storm: Storm) -> None:
    bolt = storm.bolt(
        command=[sys.executable, "bolt.py", *manners], inputs=["word"], outputs=["word"]
    )
    assert bolt.conformance() == []


PRINTED = (
    "bytes on stdout that are no message (Expecting value: line 1 column 1 (char 0)): "
    'b\'ready\\n{"command": "sync"}\' (Storm: the worker dies: ClassCastException)'
)
BROKEN = {
    "deaf": [
        "handshake: has not answered for 1 s (Storm would report a subprocess heartbeat timeout and end its worker); "
        "Storm ends a component by the file named after its pid"
    ],
    "prints": [f"handshake: {PRINTED}; Storm ends a component by the file named after its pid"],
    "syncs": [
        "barrier: 7 syncs for 4 heartbeats; each heartbeat is answered by one sync, after all that came before it"
    ],
    "no-pid": [
        "handshake: it answered b'{}', without a pid; Storm ends a component by the file named after its pid"
    ],
    "no-file": [
        "handshake: it said pid PID, and left no file of that name in pidDir; "
        "Storm ends a component by the file named after its pid"
    ],
    "loud": [
        "log levels: it logs with level 7; 0 to 4 are trace to error, and Storm takes any other for info"
    ],
    "short": ["large tuple: ended with exit status 1; a tuple may be megabytes long"],
    "latin": ["unicode: it emitted 'naÃ¯ve', given 'naïve'; messages are UTF-8 in both directions"],
    "careless": [
        "line ends: ended with exit status 1; a message ends at a line that is `end`, not inside a value"
    ],
    "fussy": [
        "types: ended with exit status 1, given null; "
        "a value may be any JSON value; a bolt that cannot use one sends `error`"
    ],
    "stays": [
        "end of input: it still runs 1 s after its stdin was closed; "
        "a component ends when its stdin does; else it outlives its topology"
    ],
}


@pytest.mark.parametrize("flaw", BROKEN)
def test_each_way_of_breaking_the_protocol_is_a_line_with_the_rule(flaw: str, storm: Storm) -> None:
    if flaw == "deaf":
        storm.hang_seconds = 1
    bolt = storm.bolt(command=[sys.executable, "bolt.py", flaw], inputs=["word"], outputs=["word"])
    assert [re.sub(r"pid \d+", "pid PID", line) for line in bolt.conformance()] == BROKEN[flaw]


# -- the end of the input


def waited(asleep: float, busy: float, real: float, *, measured: bool = True) -> Stopwatch:
    """A stopwatch that shows these seconds."""
    watch = Stopwatch(1, 0.0)
    watch.asleep_seconds, watch.busy_seconds, watch.real_seconds = asleep, busy, real
    watch.is_measured = measured
    return watch


@pytest.mark.parametrize(
    ("watch", "over", "finding"),
    [
        (waited(0.9, 0, 0.9), False, []),
        (waited(1, 0, 1), True, ["it still runs 1 s after its stdin was closed"]),
        (waited(0.9, 4.9, 50), False, []),
        (
            waited(0, 5, 9),
            True,
            ["it still runs after 5 s of processor time since its stdin was closed"],
        ),
        (waited(9.9, 0, 9.9, measured=False), False, []),
    ],
)
def test_a_bolt_may_finish_its_work_but_not_stay_when_its_input_ends(
    watch: Stopwatch, over: bool, finding: list[str]
) -> None:
    assert is_over(watch) is over
    if over:
        assert list(judge_end(Ending(None, watch))) == finding
    assert list(judge_end(Ending(0, watch))) == []


@pytest.mark.parametrize(
    ("watch", "reason"),
    [
        (waited(0.5, 0.5, 60), "60 s after its stdin was closed, and has waited for a processor"),
        (waited(10, 0, 10, measured=False), "10 s after its stdin .* this system has no /proc"),
    ],
    ids=["a busy machine", "no /proc"],
)
def test_where_the_machine_may_be_the_reason_the_end_is_not_judged(
    watch: Stopwatch, reason: str
) -> None:
    with pytest.warns(NotJudgedWarning, match=reason):
        assert (is_over(watch), list(judge_end(Ending(None, watch)))) == (True, [])
