"""The class Storm: its arguments, what it says of a test, and what it is after its test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator.model import NEWEST
from streamparse.quickstart import write_project
from streamparse.testing import HarnessError, Storm
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
