"""The class Storm: its arguments, what it says of a test, and what it is after its test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.model import NEWEST
from streamparse.quickstart import write_project
from streamparse.testing import ComponentError, HarnessError, Storm
from tests.support.chain_project import chain


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


def test_what_runs_behaves_like_the_storm_version(storm: Storm) -> None:
    with Storm(storm.directory, mode=storm.mode, storm_version="0.9.5") as older:
        chosen = [each.topology("chain.clj").simulation.wiring.profile for each in (storm, older)]
        alone = older.bolt("made.Pass").simulation.wiring.profile
    assert [each.version for each in (*chosen, alone)] == [NEWEST, "0.9.5", "0.9.5"]


def test_the_sources_of_its_project_can_be_imported_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    write_project("demo", tmp_path)
    source = str(tmp_path / "demo" / "src")
    with Storm(tmp_path / "demo"):
        inside = source in sys.path
    assert (inside, source in sys.path) == (True, False)


def test_its_summary_names_all_that_was_made_and_has_done_something(storm: Storm) -> None:
    storm.bolt("made.Pass", inputs=["a"], outputs=["a"], name="idle")
    storm.bolt("made.Pass", inputs=["a"], outputs=["a"], name="busy").process([1])
    chain(storm, [[0, "dog"]]).complete()
    heads = [line for line in storm.summary().splitlines() if not line.startswith(" ")]
    assert heads == ["busy:", "chain:", "the last events:"]
    assert chain(storm).summary(10) == ""


def test_a_golden_file_belongs_to_a_run_that_has_emitted_something(storm: Storm) -> None:
    chain(storm)
    with pytest.raises(HarnessError, match=r"golden\('x'\): no tuple was emitted yet"):
        storm.golden("x")


OWN = """
(ns own (:use [streamparse.specs]))
(defn own [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n"] :conf {"numbers" 2})}
   {"pass" (python-bolt-spec options {"rows" :shuffle} "made.Pass" ["n"] :conf {"topology.worker" 1})}])
"""
MISSPELT = (
    ':5:81: component "pass": :conf "topology.worker" is not a setting of Storm '
    '(did you mean "topology.workers"?)'
)


def test_a_setting_that_loses_to_the_file_is_warned_of_and_one_of_the_component_wins(
    storm: Storm,
) -> None:
    path = storm.directory / "own.clj"
    path.write_text(OWN)
    outcomes = []
    for options in ({"numbers": 3}, {}):
        run = storm.topology(
            "own.clj", conf=options, component_conf={} if options else {"rows": {"numbers": 1}}
        )
        outcomes.append(len(run.complete()["rows"].emitted))
    assert outcomes == [2, 1]
    assert storm.warnings == [
        f"{path}{MISSPELT}",
        f'{path}:4:67: component "rows": :conf "numbers" is 2, which wins over the option "numbers", 3 '
        "(Storm: a component's own setting wins); "
        "component_conf={id: {key: value}} sets it for the component alone",
    ]


def test_a_setting_of_a_component_has_to_be_one(storm: Storm) -> None:
    wrong: list[dict[str, Any]] = [{"rowz": {}}, {"rows": 3}, {"rows": {"a": {1}}}]
    said = []
    for each in wrong:
        with pytest.raises(HarnessError) as caught:
            storm.topology("numbers.clj" if "rowz" in each else "chain.clj", component_conf=each)
        said.append(str(caught.value))
    assert said == [
        'topology "numbers" has no component "rowz"; there are "numbers", "last"',
        "component_conf={'rows': 3}: expected a map of settings",
        'component_conf: :conf "a": {1} is not JSON; '
        "expected numbers, strings, true, false, nil, vectors and maps",
    ]


def test_what_is_not_strict_lets_pass_what_its_storm_lets_pass(storm: Storm) -> None:
    with Storm(storm.directory, mode=storm.mode, storm_version="1.2.4", strict=False) as lenient:
        assert lenient.bolt("made.Strays", outputs=["a"]).process([1]).acked
        run = lenient.topology("numbers.clj", bolts={"last": "made.Strays"})
        assert len(run.complete()["last"].emitted) == 3
    with pytest.raises(ComponentError, match="defualt"):
        storm.bolt("made.Strays", outputs=["a"]).process([1])


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
