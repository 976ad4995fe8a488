"""Components that do something else in another process: they are named, and what makes no difference is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.exploring.other_processes import suspects_of
from streamparse import Bolt, Tuple
from streamparse.testing import NotDeterministicError, Storm
from tests.planted.pair import TOPOLOGIES
from tests.planted.parts import ROWS, Passes

LETTERS = [[0, "emu"], [1, "zebra"], [2, "walrus"]]


class Letters(Bolt):
    """Emits the letters of a word in the order of a set, which makes no difference to who counts them."""

    def process(self, tup: Tuple) -> None:
        for letter in set(tup.values[1]):
            self.emit([letter, tup.values[0]])


class FirstLetter(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit([next(iter(set(tup.values[1]))), tup.values[0]])


class Notes(Bolt):
    """Leaves something in a file."""

    def process(self, tup: Tuple) -> None:
        Path("notes.txt").write_text(str(hash(tup.values[1])))
        self.emit([hash(tup.values[1]), tup.values[0]])


@pytest.fixture
def storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storm]:
    monkeypatch.chdir(tmp_path)
    with Storm(tmp_path) as storm:
        yield storm


def explored(storm: Storm, bolt: type, runs: int = 2, **options: object) -> list[str]:
    """Explore a topology in which all components but this bolt are right; return what was not varied."""
    made = storm.explore(runs, faults=[], **options)  # type: ignore[arg-type]  # of explore
    for run in made:
        bolts = {"work-bolt": bolt}
        with run.topology(
            TOPOLOGIES / "chain.clj", spouts={"orders": LETTERS}, bolts=bolts
        ) as topology:
            topology.complete()
    return made.coverage.unvaried


def test_what_is_first_in_a_set_is_told_with_the_line(storm: Storm) -> None:
    with pytest.raises(NotDeterministicError) as told:
        explored(storm, FirstLetter)
    text = str(told.value)
    assert text.startswith("work-bolt is not deterministic: given the same tuples, it does")
    assert re.search(r"may come from\n  test_other_processes.py:\d+: self.emit\(\[next", text)


def test_the_order_of_emits_does_not_count(storm: Storm) -> None:
    explored(storm, Letters)


@pytest.mark.parametrize("options", [{"vary": []}, {"strategy": "sweep"}, {"runs": 1}], ids=repr)
def test_nothing_is_compared_where_it_is_not_wanted(
    storm: Storm, options: dict[str, object]
) -> None:
    explored(storm, FirstLetter, **{"runs": None, **options})  # type: ignore[arg-type]  # of explore


def test_nothing_is_compared_where_components_do_something_outside(storm: Storm) -> None:
    explored(storm, Notes)


def test_a_component_of_a_function_cannot_be_compared(storm: Storm) -> None:
    class Local(FirstLetter):
        pass

    assert explored(storm, Local)[-1] == (
        "hash seed: work-bolt is defined in a function, so no other process can import it"
    )


def test_lines_that_ask_for_nothing_of_the_process_are_no_suspects(storm: Storm) -> None:
    topology = storm.topology(
        TOPOLOGIES / "store.clj",
        spouts={"orders": ROWS},
        bolts={"store-bolt": Passes},
        mode="inprocess",
    )
    assert suspects_of(topology) == ({}, [])
