"""Who has which tuple is told from the engine and, in four places, from events: between all waves they say the same."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from simulator import RUN_CONF, Trace
from simulator.engine import Delivery, events, faults
from simulator.engine.trees import Tree
from simulator.page.tables import HELD, LOST, make_tables
from simulator.stepping import MakeRun, Moment, Stepper
from simulator.stepping.stepper import Drivable
from simulator.testing.moment import Copies
from simulator.traces import TreeBuilder
from tests.support.stepped import TEXT, making
from tests.support.table_top import bolt, spout, topology_text

ROWS = " ".join(
    f'["{("pass_on", "keep", "fail_it", "pass_on")[each % 4]}" "w{each}"]' for each in range(12)
)
SEVERAL = topology_text(
    spout(f"[{ROWS}]", '"retries" 1', outputs='["do" "word"]'),
    bolt("b", "Obeys", outputs='["word"]', rest=":p 2")
    + bolt("sink", "Tells", '{"b" ["word"]}', rest=":p 2")
    + bolt("batches", "Counts", '{"b" :all}', rest=":p 2"),
)
CONF = {
    **RUN_CONF,
    "topology.python.path": sys.executable,
    "topology.tick.tuple.freq.secs": 1,
    "topology.message.timeout.secs": 20,
}

RUNS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "several": {"text": SEVERAL},
    "late": {"text": SEVERAL, "rules": [faults.Nth(faults.Delay(500), "b", 2)]},
    "reordered": {"text": SEVERAL, "rules": [faults.Nth(faults.Reorder(500), "b", 2)]},
    "dropped": {"text": SEVERAL, "rules": [faults.Nth(faults.Drop(), "sink", 2)]},
    "failed": {"text": SEVERAL, "rules": [faults.Nth(faults.Fail(), "sink", 2)]},
    "doubled": {"text": SEVERAL, "rules": [faults.Nth(faults.Duplicate(), "sink", 1)]},
    "lost ack": {"text": SEVERAL, "rules": [faults.Nth(faults.LostAck(), "b", 1)]},
    "crash": {"text": SEVERAL, "orders": [faults.CrashOrder("b", nth=3)], "on_crash": "restart"},
    "crash of a spout": {
        "text": SEVERAL, "orders": [faults.CrashOrder("s", before="ack", nth=2)], "on_crash": "restart",
    },
    "slow restart": {
        "text": SEVERAL, "orders": [faults.CrashOrder("b", nth=3)], "on_crash": "restart", "restart_ms": 5000,
    },
    "late for a crash": {
        "text": SEVERAL,
        "rules": [faults.Nth(faults.Delay(500), "b", 2), faults.Nth(faults.Delay(1), "sink", 1)],
        "orders": [faults.CrashOrder("b", nth=5)],
        "on_crash": "restart",
    },
    "work": {"text": SEVERAL, "work": {"b": "30ms", "sink": "7ms"}},
    "work and a crash": {
        "text": SEVERAL, "work": {"b": "30ms"}, "orders": [faults.CrashOrder("b", nth=3)], "on_crash": "restart",
    },
}  # fmt: skip


def _recording(make: MakeRun, handed: set[str]) -> MakeRun:
    """The same, and the ids of the copies that bolts are handed are added."""

    @contextmanager
    def made(trace: Trace, on_delivery: Callable[[Delivery, int], object]) -> Iterator[Drivable]:
        def take(delivery: Delivery, now_ms: int) -> None:
            handed.add(delivery.id)
            on_delivery(delivery, now_ms)

        with make(trace, take) as run:
            yield run

    return made


def _of_engine(moment: Moment) -> Iterable[tuple[int, set[str], set[str]]]:
    """Of each bolt's task the copies that it holds, and those that wait or are on their way."""
    for each in moment.tasks:
        if each.kind == "bolt":
            waiting = {copy.tuple_id for copy in (*each.queue, *each.on_the_way)}
            held = {copy.tuple_id for copy in each.held if copy.source_task >= 0}
            yield each.task, held, waiting


def _count_held(trees: Sequence[Tree]) -> int:
    """How many copies trees have that are neither settled nor lost."""
    left: list[Any] = [copy for tree in trees for copy in tree.copies]
    seen, count = set(), 0
    while left:
        copy = left.pop()
        if id(copy) not in seen:
            seen.add(id(copy))
            count += copy.state == "held"
            left += [each for emission in copy.emitted for each in emission.copies]
    return count


@pytest.mark.parametrize("name", RUNS)
def test_the_engine_and_events_tell_the_same_of_every_tuple_after_every_wave(name: str) -> None:
    options = {"text": TEXT, "conf": CONF, **RUNS[name]}
    handed: set[str] = set()
    waves = 0
    with Stepper(_recording(making(**options), handed)) as stepper:
        while stepper.wave < 60 and stepper.next():
            if all(isinstance(event, events.Tick) for event in stepper.events):
                continue
            waves += 1
            happened = stepper.trace.events_from(0)
            there = [*_of_engine(stepper.look())]
            held = {task: ids for task, ids, _ in there if ids}
            waiting = {task: ids for task, _, ids in there if ids}
            open_ids = {each for _, one, other in there for each in (*one, *other)}
            where = f"after wave {stepper.wave}"

            down = {each.task for each in stepper.look().tasks if each.is_down}
            copies = Copies(happened, handed, down, stepper.simulation.now_ms)
            assert ({task: {*ids} for task, ids in copies.held.items()}, where) == (held, where)
            assert ({task: {*ids} for task, ids in copies.waiting.items()}, where) == (
                waiting,
                where,
            )

            # What a task had whose worker is down is lost; its event comes when the worker is up again.
            columns = make_tables(happened).copies
            rows = [*zip(columns.id, columns.task, columns.state, strict=True)]
            there_by_events = {each for each, _, state in rows if state == HELD}
            doomed = {each for each, task, _ in rows if task in down} - open_ids
            assert (there_by_events - doomed, where) == (open_ids, where)

            builder = TreeBuilder({})
            for event in happened:
                builder.read(event)
            taken = {copy.tuple_id: copy for sent in builder.walk() for copy in sent.copies}
            assert {each for each, copy in taken.items() if copy.is_held} == there_by_events
            assert {each for each, copy in taken.items() if copy.lost or copy.is_dropped} == {
                each for each, _, state in rows if state == LOST
            }

            assert _count_held(stepper.trace.trees()) == len(there_by_events)
    assert waves > 3
