"""The class Storm: its arguments, what it says of a test, and what it is after its test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.model import NEWEST
from streamparse.quickstart import write_project
from streamparse.testing import HarnessError, Storm
from tests.support.chain_project import chain, check_mistake


def test_what_is_closed_says_so(storm: Storm) -> None:
    bolt = storm.bolt("made.Pass", inputs=["a"], outputs=["a"])
    run = chain(storm).complete()
    storm.close()
    for use in (
        lambda: bolt.process([1]),
        lambda: run.advance(1),
        lambda: storm.spout("made.Numbers"),
    ):
        with pytest.raises(HarnessError, match=r"this test is over|its test is over"):
            use()


def test_the_storm_version_has_an_old_name_too(tmp_path: Path) -> None:
    made = [
        Storm(tmp_path, storm_version="1.2.4"),
        Storm(tmp_path, storm="1.2.4"),
        Storm(tmp_path),
    ]
    assert [each.version for each in made] == ["1.2.4", "1.2.4", NEWEST]
    with pytest.raises(HarnessError) as caught:
        Storm(tmp_path, storm="1.2.4", storm_version="2.8.3")
    assert str(caught.value) == (
        "storm='1.2.4' is the old name of storm_version='2.8.3'; give one of them"
    )


def test_a_seed_is_a_whole_number_or_a_text(storm: Storm, tmp_path: Path) -> None:
    wrong: Any = 1.5
    finding = r"^seed=1\.5: expected a whole number, such as 7, or a text$"
    with pytest.raises(HarnessError, match=finding):
        Storm(tmp_path, seed=wrong)
    with pytest.raises(HarnessError, match=finding):
        storm.topology("chain.clj", seed=wrong)
    assert Storm(tmp_path, seed="dog").seed == "dog"


def test_the_sources_of_its_project_can_be_imported_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    write_project("demo", tmp_path)
    source = str(tmp_path / "demo" / "src")
    with Storm(tmp_path / "demo"):
        inside = source in sys.path
    assert (inside, source in sys.path) == (True, False)


def test_a_golden_file_belongs_to_a_run_that_has_emitted_something(storm: Storm) -> None:
    chain(storm)
    with pytest.raises(HarnessError, match=r"golden\('x'\): no tuple was emitted yet"):
        storm.golden("x")


@pytest.mark.parametrize("mode", ["in-process", "thread", ""])
def test_a_mode_that_is_none_is_refused(mode: Any, storm: Storm) -> None:
    calls: list[Callable[[], object]] = [
        lambda: Storm(storm.directory, mode=mode),
        lambda: storm.bolt("made.Pass", mode=mode),
        lambda: storm.spout("made.Numbers", mode=mode),
        lambda: storm.topology("chain.clj", mode=mode),
    ]
    for call in calls:
        with pytest.raises(HarnessError) as caught:
            call()
        assert str(caught.value) == f"mode={mode!r}: expected 'process' or 'inprocess'"


def test_a_storm_that_cannot_be_simulated_is_one_line_that_says_how_to_choose_another(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(HarnessError, match=r"^Storm version '0.8': not one that can be simulated;"):
        Storm(tmp_path, storm_version="0.8")
    project = '(defproject x "1" :dependencies [[org.apache.storm/storm-core "{}"]])'
    (tmp_path / "project.clj").write_text(project.format("0.9.1"))
    with Storm(tmp_path) as storm, pytest.raises(HarnessError) as caught:
        storm.topology("any.clj")
    line = str(caught.value)
    assert line.startswith(f"{tmp_path}/project.clj: Storm version '0.9.1': not one that")
    assert line.endswith("; storm_version= chooses another")
    (tmp_path / "project.clj").write_text(project.format("0.9.3.2.2.4.2-2"))
    with Storm(tmp_path) as storm:
        assert storm.version == "0.9.3.2.2.4.2-2"


# -- what has to hold


def test_an_invariant_is_checked_after_every_wave(storm: Storm) -> None:
    seen: list[int] = []

    @storm.invariant
    def notes(topology: Any) -> None:
        seen.append(topology.now_ms)

    run = chain(storm).complete()
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] <= run.now_ms


def test_an_invariant_that_does_not_hold_fails_the_run(storm: Storm) -> None:
    @storm.invariant
    def nothing_is_emitted(topology: Any) -> bool:
        return not topology["rows"].emitted

    with pytest.raises(
        AssertionError, match="the invariant nothing_is_emitted does not hold at 1 ms"
    ):
        chain(storm).complete()


def test_an_explored_run_fails_by_an_invariant_and_is_made_smaller(storm: Storm) -> None:
    @storm.invariant
    def nothing_comes_twice(topology: Any) -> None:
        rows = topology["pass"].received
        assert len(rows) == len({row[0] for row in rows})

    def explore() -> None:
        for run in storm.explore(60):
            feed = storm.feed([[1, "dog"]], retries=3)
            with run.topology("chain.clj", spouts={"rows": feed}, mode="inprocess") as topology:
                topology.complete()

    with pytest.raises(AssertionError) as raised:
        explore()
    text = "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    assert "nothing_comes_twice" in text or "assert 2 == 1" in text
    assert "the smallest case" in text


def test_a_condition_holds_eventually(storm: Storm) -> None:
    run = chain(storm)
    assert storm.eventually(lambda topology: len(topology["rows"].acked) >= 2, seconds=10) is run
    assert len(run["rows"].acked) < 4  # it has stopped there
    with pytest.raises(AssertionError, match=r"condition does not hold within 0.5 virtual seconds"):
        storm.eventually(lambda topology: False, seconds=0.5)


def test_a_condition_that_never_held_fails_the_test(storm: Storm) -> None:
    run = chain(storm)
    storm.sometimes("nothing was emitted", lambda topology: not topology["rows"].emitted)
    storm.sometimes("a row has failed", run["rows"].failed != [])
    with pytest.raises(AssertionError) as raised:
        storm.check_faults()
    assert str(raised.value) == "it never held: a row has failed"
    storm.sometimes("a row has failed")  # now it has, for the end of this test


def test_an_exploration_fails_where_a_condition_has_held_in_no_run(storm: Storm) -> None:
    storm.mode = "inprocess"

    def explore(name: str, holds: Callable[[Any], bool]) -> None:
        for run in storm.explore(40, faults=["crash"]):
            with run.topology(
                "chain.clj", spouts={"rows": storm.feed([[1, "dog"]], retries=5)}
            ) as topology:
                topology.complete()
                storm.sometimes(name, holds)

    explore("something crashed", lambda topology: bool(topology.restarts))
    with pytest.raises(AssertionError, match=r"^in none of \d+ runs: pigs fly$"):
        explore("pigs fly", lambda topology: False)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda storm: storm.invariant(7), "invariant(7): expected a function of the topology, as in @storm.invariant"),
        (lambda storm: storm.eventually(lambda t: True, 1), "eventually(): no topology was made yet"),
        (lambda storm: storm.sometimes("x"), "sometimes(): no topology was made yet"),
        (lambda storm: (chain(storm), storm.eventually(7, 1)), "eventually(7): expected a function of the topology"),
        (lambda storm: (chain(storm), storm.sometimes("")), "sometimes(''): expected a name, such as 'late *"),
        (
            lambda storm: (chain(storm), storm.eventually(bool, "1 s")),
            "eventually('1 s'): expected a number of seconds, at least 0",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    storm: Storm, use: Callable[[Storm], object], message: str
) -> None:
    check_mistake(storm, use, message)
