"""What tests of explorations share: a topology that stores rows, and the loop of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from planted import components as planted
from simulator.exploring.cases import Case, read_case
from simulator.exploring.explored_run import Run
from streamparse.testing import RunningTopology, Storm
from tests.support.paths import TESTS

PLANTED = TESTS / "support/components/planted"
WORDS = ["dog", "cat", "dog", "emu", "dog"]
ROWS = [[n, word] for n, word in enumerate(WORDS)]
SAVED = {"dog": {0, 2, 4}, "cat": {1}, "emu": {3}}
ALL = ["crash", "lost-ack", "duplicate", "delay", "drop", "fail"]


@pytest.fixture
def empty_storm(tmp_path: Path) -> Iterator[Storm]:
    """A Storm in an empty directory."""
    with Storm(tmp_path) as made:
        yield made


def store(run: Run, **options: Any) -> Any:
    """The topology store.clj of a run, with an empty database."""
    planted.DATABASE.clear()
    feed = Storm.feed(ROWS, retries=5)
    return run.topology(PLANTED / "store.clj", spouts={"rows": feed}, **options)


def traces(runs: Iterator[Run]) -> list[list[str]]:
    """What happened in each run of a test that passes."""
    found = []
    for run in runs:
        with store(run) as topology:
            topology.complete()
            found.append(topology.trace.lines)
    return found


def each(runs: Iterator[Run], body: Callable[[Run], object]) -> None:
    """The loop of a test."""
    for run in runs:
        body(run)


def failing(
    empty_storm: Storm, fails: Callable[[Any], bool], **options: Any
) -> tuple[str, list[str]]:
    """The failure of a test that fails where ``fails`` says so, and the lines of its note."""

    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            if fails(topology):
                raise AssertionError("as asked for")

    with pytest.raises(AssertionError) as raised:
        each(empty_storm.explore(**options), body)
    # Python 3.10 has no notes: there it is all one message.
    text = "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    message, *note = text.splitlines()
    return message, note


def struck(topology: RunningTopology, verdict: str) -> int:
    """How often a fault struck."""
    return sum(event.get("verdict") == verdict for event in topology.trace.events())


def case_of(empty_storm: Storm) -> Case:
    """The one case that was written."""
    (path,) = (empty_storm.directory / ".storm-cases").iterdir()
    return read_case(path)


def kept(empty_storm: Storm) -> Path:
    """A case that was found and written."""
    failing(empty_storm, lambda topology: struck(topology, "drop") > 0, faults=["drop"])
    (path,) = (empty_storm.directory / ".storm-cases").iterdir()
    return path
