"""The printed line runs a failure again: the same error at the same place, with the same trees, in both modes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulator import Mode
from streamparse.testing import NotDeterministicError, Storm
from tests.planted.catalogue import PAIRS
from tests.planted.pair import Pair

RUNS = 200
EACH = 6  # one of so many pairs; `python -m tests.planted` hunts for all of them
#: Those whose components keep nothing in the test's process, so that they can be processes.
IN_PROCESSES = ("early return without an ack", "join waits for a side that was acked")


class Failure(NamedTuple):
    """What a test shows of a failure.

    Attributes:
        error: its kind, and its first line.
        trees: what became of the tuples, where something else does not tell it already.
        replay: the file that the printed line names.
        was_left_behind: the report says that the case by itself passes: earlier runs have left something behind.
    """

    error: str
    trees: Sequence[str]
    replay: Path | None
    was_left_behind: bool


def failure(
    pair: Pair, directory: Path, *, seed: int, replay: Path | None = None, mode: Mode | None = None
) -> Failure | None:
    """Explore the wrong side of a pair; return its failure, or None where there is none."""
    pair.begin_process(directory)
    kinds: dict[str, Any] = {} if pair.faults is None else {"faults": pair.faults}
    with Storm(
        directory, seed=seed, storm_version=pair.storm_version, replay=replay, mode=mode
    ) as storm:
        try:
            for run in storm.explore(RUNS, **kinds):
                pair.reset()
                with run.topology(pair.path(wrong=True), **pair.options(wrong=True)) as topology:
                    pair.check(topology)
        except Exception as error:
            return _shown(error)
    return None


def _shown(error: Exception) -> Failure:
    notes = "\n".join(getattr(error, "__notes__", [])) or str(error)
    told, _, rerun = notes.partition("rerun: ")
    trees = told.partition("what became of the tuples of ")[2]
    found = re.search(r'replay="([^"]+)"', rerun)
    first = next(iter(str(error).splitlines()), "")
    return Failure(
        f"{type(error).__name__}: {first}",
        trees.splitlines(),
        None if found is None else Path(found[1]),
        "a run of this very case has passed before" in notes,
    )


def check_same(again: Failure | None, found: Failure) -> None:
    """The same failure, as far as both reports show it: each ends at its limit of lines."""
    assert again is not None
    assert (again.error, again.replay) == (found.error, found.replay)
    shown, other = (
        [line for line in each.trees if not line.endswith("more lines)")] for each in (found, again)
    )
    assert [each[0] for each in zip(shown, other, strict=False)] == [
        each[1] for each in zip(shown, other, strict=False)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PAIRS)[::EACH])
def test_the_printed_line_runs_the_failure_again(name: str, tmp_path: Path) -> None:
    for seed in (0, 1):
        found = failure(PAIRS[name], tmp_path, seed=seed)
        assert found is not None
        if found.error.startswith(NotDeterministicError.__name__):
            assert found.replay is None  # no case gives the same run each time
        elif not found.was_left_behind:
            assert found.replay is not None
            replay = found.replay.resolve()
            check_same(failure(PAIRS[name], tmp_path, seed=seed, replay=replay), found)


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_PROCESSES)
def test_a_failure_in_process_is_one_of_processes_too(name: str, tmp_path: Path) -> None:
    found = failure(PAIRS[name], tmp_path, seed=0)
    assert found is not None
    assert found.replay is not None
    replay = found.replay.resolve()
    check_same(failure(PAIRS[name], tmp_path, seed=0, replay=replay, mode="process"), found)
