"""Bolts that speak outside their turns: from threads, an event loop, or another language.

The threads of these bolts wait for the end of a turn, so what they say is outside of it for sure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from simulator import RUN_CONF, Mode, parse_topology
from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import Origin
from simulator.engine.simulation import Simulation
from simulator.engine.task import Task
from simulator.transports import InProcess, Processes
from streamparse.virtual_time import SharedClock
from tests.support.table_top import HERE, Run, opened, run, spout, topology_text

MODES: tuple[Mode, ...] = ("inprocess", "process")
ASYNCHRONOUS = (
    "b speaks outside its turns, from a thread or an event loop; what it says is taken in the order in which it comes, "
    "so this run depends on its own timing, and another may have another trace"
)
ROWS = '[["a"] ["b"] ["c"] ["d"] ["e"]]'


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait long for those who do speak, however busy the machine is."""
    monkeypatch.setattr("simulator.engine.listening.GRACE_SECONDS", 600.0)


def threaded(cls: str, rows: str = ROWS, conf: str = "") -> str:
    """A spout, a bolt of ``threaded.py``, and one behind it."""
    return topology_text(
        spout(rows),
        f'"b" (python-bolt-spec options {{"s" :shuffle}} "threaded.{cls}" ["a"] {conf})'
        '"c" (python-bolt-spec options {"b" :shuffle} "parts.Tells" [])',
    )


def run_patiently(text: str, **options: Any) -> Run:
    return run(text, **{"hang_seconds": 600.0, **options})


def counted(done: Run) -> dict[str, object]:
    """What has to be the same in every run, whatever the timing of the threads."""
    components = done.report.components
    return {
        "stopped": done.report.stopped,
        "acked": components["s"].acked,
        "emitted": sorted(values[0] for values in done.values("b")),
        "told": components["c"].executed,
        "warnings": list(done.report.warnings),
    }


ALL = {
    "stopped": "idle",
    "acked": 5,
    "emitted": ["a", "b", "c", "d", "e"],
    "told": 5,
    "warnings": [ASYNCHRONOUS],
}


@pytest.mark.parametrize("cls", ["Threaded", "Pooled", "Looped"])
def test_what_other_threads_say_is_taken_and_told_of(cls: str, mode: Mode) -> None:
    assert counted(run_patiently(threaded(cls), mode=mode, seconds=600)) == ALL


@pytest.mark.parametrize("cls", ["Threaded", "Pooled"])
def test_an_emit_of_another_thread_gets_its_task_ids(cls: str, mode: Mode) -> None:
    done = run_patiently(threaded(cls, conf=':conf {"need_task_ids" true}'), mode=mode, seconds=600)
    assert counted(done) == ALL
    assert sorted(done.said("b")) == [f"sent {each} to [4]" for each in "abcde"]


@pytest.mark.needs_node
def test_a_bolt_of_another_language_may_answer_later(mode: Mode) -> None:
    text = topology_text(
        spout(ROWS),
        '"b" (shell-bolt-spec {"s" :shuffle} ["node" "later.js"] ["a"])'
        '"c" (python-bolt-spec options {"b" :shuffle} "parts.Tells" [])',
    )
    assert counted(run_patiently(text, mode=mode, seconds=600)) == ALL


def test_a_sync_outside_a_turn_ends_no_turn(mode: Mode) -> None:
    assert counted(run_patiently(threaded("Syncing"), mode=mode, seconds=600)) == ALL


@pytest.mark.needs_node
def test_bolts_of_this_process_and_of_others_are_listened_to_at_the_same_time() -> None:
    text = topology_text(
        spout(ROWS),
        '"b" (python-bolt-spec options {"s" :shuffle} "threaded.Threaded" ["a"])'
        '"n" (shell-bolt-spec {"s" :shuffle} ["node" "later.js"] ["a"])'
        '"c" (python-bolt-spec options {"b" :shuffle "n" :shuffle} "parts.Tells" [])',
    )
    done = run_patiently(text, mode="inprocess", seconds=600)
    assert done.report.components["c"].executed == 10
    assert (done.report.stopped, done.report.components["s"].acked) == ("idle", 5)


def test_what_a_thread_says_behind_a_sleep_in_virtual_time_is_taken_too() -> None:
    with closing(SharedClock()) as clock:
        done = run_patiently(threaded("Napping"), mode="process", seconds=60, clock=clock)
    # The spout might have waited for the clock, so the run goes on until its time.
    assert counted(done) == {**ALL, "stopped": "time"}


# -- driven by hand, with a note of each time somebody was listened to


Listened = list[tuple[list[str], float]]


class Noting:
    """Notes who is listened to, and for how many real seconds at most."""

    listened: Listened

    def note(self, tasks: Sequence[Task], seconds: float) -> None:
        self.listened.append(([task.component for task in tasks], seconds))


class InProcessNoting(Noting, InProcess):
    """Components of this process."""

    def listen(self, tasks: Sequence[Task], seconds: float) -> float:
        self.note(tasks, seconds)
        return super().listen(tasks, seconds)


class ProcessesNoting(Noting, Processes):
    """Component processes."""

    def listen(self, tasks: Sequence[Task], seconds: float) -> float:
        self.note(tasks, seconds)
        return super().listen(tasks, seconds)


@pytest.fixture
def transport(mode: Mode) -> Iterator[InProcessNoting | ProcessesNoting]:
    made: InProcessNoting | ProcessesNoting
    made = InProcessNoting(cwd=HERE) if mode == "inprocess" else ProcessesNoting(cwd=HERE)
    made.listened = []
    with made:
        yield made


def simulated(
    transport: InProcessNoting | ProcessesNoting, text: str, **options: Any
) -> Simulation:
    return opened(transport, text, **{"hang_seconds": 600.0, **options})


def test_a_bolt_that_never_speaks_is_waited_for_once(
    transport: InProcessNoting | ProcessesNoting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.engine.listening.GRACE_SECONDS", 0.01)
    simulation = simulated(transport, threaded("Leaking", '[["leak"] ["leak"]]'))
    assert simulation.run(300_000) == "idle"
    assert transport.listened == [(["b"], 0.01)]
    assert [bolt.said_nothing for bolt in simulation.tasks.bolts] == [True, False]
    assert simulation.asynchronous == set()


def test_a_bolt_that_has_spoken_once_is_waited_for_as_long_as_a_component_may_take(
    transport: InProcessNoting | ProcessesNoting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.engine.listening.GRACE_SECONDS", 60.0)
    simulation = simulated(transport, threaded("Threaded", '[["a"]]'), hang_seconds=77.0)
    assert simulation.run(None) == "idle"
    assert {seconds for _, seconds in transport.listened[:1]} == {60.0}
    assert {seconds for _, seconds in transport.listened[1:]} <= {77.0}
    assert simulation.counts["s"].acked == 1


def test_a_bolt_that_has_spoken_and_leaks_is_waited_for_once_behind_each_tuple(
    transport: InProcessNoting | ProcessesNoting,
) -> None:
    rest = ':conf {"topology.tick.tuple.freq.secs" 1}'
    simulation = simulated(transport, threaded("Leaking", '[["a"]]', rest))
    simulation.run(10_000)
    assert (simulation.counts["s"].acked, simulation.asynchronous) == (1, {"b"})
    waits = []
    for until_ms in (20_000, 30_000):
        # Nobody speaks, so it does not matter how long they have to.
        simulation.options = simulation.options.but(hang_seconds=0.01)
        transport.listened.clear()
        simulation.by_hand.give(3, Origin("made up", 77), "default", ["leak"])
        simulation.run(until_ms)  # with ten ticks
        waits.append(list(transport.listened))
    assert waits == [[(["b"], 0.01)]] * 2


def test_a_tuple_that_was_waited_for_in_vain_is_waited_for_no_more(
    transport: InProcessNoting | ProcessesNoting, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = simulated(transport, threaded("Leaking", '[["a"]]'))
    simulation.run(10_000)
    simulation.options = simulation.options.but(hang_seconds=0.01)
    simulation.by_hand.give(3, Origin("made up", 77), "default", ["leak"])
    simulation.run(20_000)
    simulation.options = simulation.options.but(hang_seconds=600.0)
    transport.listened.clear()
    listen = transport.listen

    def listen_for_b(tasks: Sequence[Task], seconds: float) -> float:
        held = [
            str(each.values[0])
            for task in tasks
            if isinstance(task, BoltTask)
            for each in task.held.values()
        ]
        assert sorted(held) == ["b", "leak"]  # else all the time would go by
        return listen(tasks, seconds)

    monkeypatch.setattr(transport, "listen", listen_for_b)
    simulation.by_hand.give(3, Origin("made up", 78), "default", ["b"])
    simulation.run(30_000)
    assert {seconds for _, seconds in transport.listened} == {600.0}


def test_a_process_that_has_nothing_to_say_outside_its_turns_does_not_hang() -> None:
    transport = ProcessesNoting(cwd=HERE)
    transport.listened = []
    with transport:
        simulation = simulated(transport, threaded("Leaking", '[["a"]]'))
        simulation.run(10_000)
        bolts = [bolt for bolt in simulation.tasks.bolts if bolt.component == "b"]
        transport._hang_seconds = 0.0  # any silence is too long for it
        transport.listen(bolts, 0.01)
        assert [bolt.outcome for bolt in bolts] == [None]


def test_a_bolt_without_threads_is_not_waited_for(
    transport: InProcessNoting | ProcessesNoting,
) -> None:
    text = topology_text(
        spout('[["drop"]]'), '"b" (python-bolt-spec options {"s" :shuffle} "parts.Obeys" [])'
    )
    assert simulated(transport, text).run(300_000) == "idle"
    assert transport.listened == []


def test_where_time_is_real_nothing_is_waited_for(
    transport: InProcessNoting | ProcessesNoting,
) -> None:
    simulation = Simulation(
        parse_topology(
            threaded("Leaking", '[["leak"]]'),
            options={**RUN_CONF, "topology.python.path": sys.executable},
        ),
        transport=transport,
        cwd=HERE,
        idle_leap_ms=10,
        real_time=True,
    )
    assert simulation.open()
    assert simulation.run(200, stop_when_idle=False) == "time"
    assert {seconds for _, seconds in transport.listened} == {0.0}
    assert not any(bolt.said_nothing for bolt in simulation.tasks.bolts)


# -- ends


def test_who_breaks_the_protocol_while_it_is_listened_to_ends_the_run(mode: Mode) -> None:
    done = run_patiently(threaded("Dying", '[["x"]]'), mode=mode)
    assert "nowhere" in done.finding
    assert done.report.failures[0].component == "b"


def test_who_dies_while_it_is_listened_to_ends_the_run() -> None:
    done = run_patiently(threaded("Dying", '[["exit"]]'), mode="process")
    assert "b[3]" in done.finding
    assert "ended with exit status 7" in done.finding


def test_who_dies_while_it_is_listened_to_is_started_again() -> None:
    conf = {"topology.workers": 3}  # the spout is in another, and does not begin anew
    done = run_patiently(
        threaded("Dying", '[["exit"]]'), mode="process", on_crash="restart", seconds=300, conf=conf
    )
    restarts = {name: each.restarts for name, each in done.report.components.items()}
    assert (restarts, done.report.stopped) == ({"s": 0, "b": 1, "c": 0}, "idle")
