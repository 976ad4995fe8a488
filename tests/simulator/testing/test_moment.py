"""Topologies as they were at a moment of their run."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from simulator.testing import Moment
from streamparse import Bolt, Tuple
from streamparse.testing import HarnessError, RunningTopology, Storm, any_order
from tests.support.chain_project import ROWS, chain, storm

__all__ = ["storm"]

SEEN: list[object] = []


class Notes(Bolt):
    """Counts words, and appends each to a list outside of it."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.counts: Counter[str] = Counter()
        self.key = lambda word: f"<{word}>"
        self.database = sqlite3.connect(":memory:")

    def process(self, tup: Tuple) -> None:
        self.counts[tup.values[-1]] += 1
        SEEN.append(tup.values[-1])
        self.emit(list(tup.values))


class Writes(Notes):
    """Appends to a file as well."""

    path = ""

    def process(self, tup: Tuple) -> None:
        with Path(self.path).open("a") as file:
            file.write("row\n")


def notes(storm: Storm, bolt: type = Notes, rows: Any = ROWS) -> RunningTopology:
    SEEN.clear()
    return chain(storm, rows, bolts={"pass": bolt}, mode="inprocess")


def states(moment: Moment, component: str = "pass") -> dict[str, int]:
    return dict(moment.instance(component).counts)


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_an_object_is_as_it_was_behind_each_wave(storm: Storm) -> None:
    run = notes(storm).complete().advance(1)
    found = [states(run.at(wave=wave)) for wave in range(run.at(seconds=1).wave + 1)]
    assert found[0] == {}
    assert found[-1] == {"dog": 2, "cat": 1, "zebra": 1} == dict(run["pass"].instance.counts)
    assert len({str(each) for each in found}) == 5  # one more word each


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_replay_changes_nothing_that_the_test_looks_at(
    storm: Storm, capsys: pytest.CaptureFixture[str]
) -> None:
    run = notes(storm).complete()
    before = (list(SEEN), run.trace.sha256, run.now_ms, dict(run["pass"].instance.counts))
    assert states(run.at(wave=2)) == {"dog": 1}
    assert (list(SEEN), run.trace.sha256, run.now_ms, dict(run["pass"].instance.counts)) == before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_copy_has_its_functions_and_says_what_it_does_not_have(storm: Storm) -> None:
    then = notes(storm).complete().advance(1).at(seconds=1).instance("pass")
    assert (type(then), then.key("dog")) == (Notes, "<dog>")
    with pytest.raises(
        AttributeError, match=r"execute: this is a copy, and sqlite3.Connection cannot be copied"
    ):
        then.database.execute("select 1")


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_what_the_test_did_in_between_is_done_again(storm: Storm) -> None:
    run = notes(storm, rows=storm.feed([[0, "dog"]], retries=3))
    run.complete()
    run["rows"].feed([[1, "cat"]])
    run["pass"].crash(before="ack")
    run["count"].drop()
    run.complete().deactivate().advance(5)
    run.activate().worker(0).crash()
    run.advance(100)
    waves = run.at(seconds=run.now_ms / 1000).wave
    found = [(run.at(wave=wave).instance("pass").counts["cat"]) for wave in range(waves + 1)]
    assert found[-1] == run["pass"].instance.counts["cat"]
    assert max(found) >= 1


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_component_that_writes_outside_is_not_replayed_unless_it_may(
    storm: Storm, tmp_path: Path
) -> None:
    Writes.path = str(tmp_path / "rows.txt")
    run = notes(storm, Writes).complete().advance(1)
    assert Path(Writes.path).read_text() == "row\n" * 4
    with pytest.raises(HarnessError) as caught:
        run.at(seconds=1).instance("pass")
    assert str(caught.value) == (
        f"at(...).instance(...) replays the run, and it opened {Writes.path} for writing: a replay would do it again, "
        "so it has ended there; at(..., outside=True) allows it"
    )
    assert Path(Writes.path).read_text() == "row\n" * 4
    run.at(1, outside=True).instance("pass")
    assert Path(Writes.path).read_text() == "row\n" * 8


class Remembers(Bolt):
    """Forgets nothing: a table of the class."""

    words: ClassVar[list[str]] = []

    def process(self, tup: Tuple) -> None:
        self.words.append(tup.values[-1])
        self.emit([len(self.words), tup.values[-1]])


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_replay_that_does_something_else_names_what_has_changed_since(storm: Storm) -> None:
    Remembers.words.clear()
    run = notes(storm, Remembers).complete().advance(1)
    with pytest.raises(HarnessError) as caught:
        run.at(seconds=1).instance("pass")
    text = str(caught.value)
    assert (
        "the replay did something else than the run; changed since the start: Remembers.words; event "
        in text
    )


def test_what_waits_is_held_and_is_pending_follows_from_the_events(storm: Storm) -> None:
    run = chain(storm, ROWS[:2], bolts={"pass": "made.Forgets"}).advance(5)
    assert [run.at(wave=wave)["rows"].pending for wave in range(3)] == [[], [0], [0, 1]]
    first = run.at(wave=1)["pass"]
    assert (first.waiting, first.queue, first.pending, first.received) == (1, [[0, "dog"]], [], [])
    second = run.at(wave=2)["pass"]
    assert (second.pending, second.received) == ([[0, "dog"]], [[0, "dog"]])
    now = run.at(seconds=5)
    assert now["pass"].pending == run["pass"].pending == ROWS[:2]
    assert now["rows"].pending == run["rows"].pending == [0, 1]
    assert (now["pass"].queue, now["rows"].emitted) == ([], ROWS[:2])
    run.advance(120)
    later = run.at(seconds=run.now_ms / 1000)
    assert (later["rows"].pending, later["rows"].failed) == ([], [0, 1])
    assert run.at(seconds=5)["rows"].failed == []


def test_a_moment_has_its_trees_and_its_time(storm: Storm) -> None:
    run = chain(storm).complete()
    end = run.at(seconds=run.now_ms / 1000)
    assert str(end.trace.trees()) == str(run.trace.trees())
    assert end["pass"].emitted == any_order(ROWS)
    assert (end["rows"].acked, end["pass"].acked) == ([0, 1, 2, 3], any_order(ROWS))
    assert repr(end["pass"]) == "<bolt 'pass' as it was>"
    start = run.at(wave=0)
    assert (start.seconds, start.wave, start.trace.size) == (0, 0, 0)
    assert repr(start) == "<topology 'chain' at 0 s, behind wave 0>"


def test_objects_of_processes_are_not_here(storm: Storm) -> None:
    run = chain(storm).complete()
    if storm.mode == "inprocess":
        assert dict(run.at(wave=0).instance("count", task=run["count"].tasks[0]).counts) == {}
        return
    with pytest.raises(
        HarnessError, match=r"pass runs as a process of its own.*--storm-mode=inprocess"
    ):
        run.at(seconds=0).instance("pass")


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({}, "at(): expected one of seconds= and wave="),
        ({"seconds": 1, "wave": 1}, "at(): expected one of seconds= and wave="),
        ({"seconds": 99}, "at(99): the run is at 10 s; advance(89) goes on"),
        ({"seconds": -1}, "at(-1): expected at least 0; time does not go back"),
        ({"wave": 9000}, "at(wave=9000): expected a number from 0 to "),
        ({"wave": -1}, "at(wave=-1): expected a number from 0 to "),
    ],
    ids=str,
)  # fmt: skip
def test_a_moment_that_is_not_there_is_a_line(
    storm: Storm, at: dict[str, Any], message: str
) -> None:
    run = chain(storm).advance(10)
    with pytest.raises(HarnessError) as caught:
        run.at(**at)
    assert str(caught.value).startswith(message)


def test_names_and_tasks_that_are_not_there_are_a_line(storm: Storm) -> None:
    with pytest.raises(HarnessError, match="was not run yet"):
        chain(storm).at(seconds=0)
    moment = chain(storm).complete().at(seconds=0)
    asks: list[tuple[Callable[[], object], str]] = [
        (lambda: moment["cuont"], "has no component 'cuont' (did you mean \"count\"?)"),
        (lambda: moment.instance("count"), "count has 2 tasks, "),
        (lambda: moment.instance("count", 99), "count has no task 99; its tasks are "),
        (lambda: moment.instance("rows"), "rows has no object: rows stand in for it"),
    ]
    for ask, message in asks:
        with pytest.raises(HarnessError) as caught:
            ask()
        assert message in str(caught.value)


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_what_a_worker_had_that_is_down_is_held_by_nobody_and_waits_for_nobody(
    storm: Storm,
) -> None:
    run = notes(storm)
    run["pass"].crash(before="ack", nth=2, restart=5)
    run.advance(10)
    then = run.at(seconds=3)
    there = [(then[each].waiting, [*then[each].pending]) for each in ("pass", "count")]
    assert (there, then["rows"].pending) == ([(0, []), (0, [])], [1, 2, 3])
