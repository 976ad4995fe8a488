"""Hunts: one side of a pair, explored with one seed."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamparse.testing import HarnessError, Storm
from tests.planted import outside
from tests.planted.pair import Pair

RUNS = 200


@dataclass(frozen=True)
class Hunt:
    """The end of a hunt.

    Attributes:
        run: the run that failed first, from 0; None when none did.
        by: the kind of error or the law that found it; "" when nothing did.
        words: the smallest case, a line for each fault.
        error: the first line of the failure.
        seconds: processor time.
    """

    run: int | None
    by: str = ""
    words: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0


def explore(pair: Pair, *, wrong: bool, seed: int, runs: int = RUNS) -> Hunt:
    """Explore one side of a pair with the assertions of its test.

    Args:
        pair: the pair.
        wrong: the side.
        seed: of the exploration.
        runs: how many at most.
    """
    began = time.process_time()
    kinds: dict[str, Any] = {} if pair.faults is None else {"faults": pair.faults}
    number = 0
    words: tuple[str, ...] = ()
    with (
        tempfile.TemporaryDirectory() as directory,
        Storm(directory, seed=seed, storm_version=pair.storm_version) as storm,
        outside.closing_all(),
    ):
        pair.begin_process(Path(directory))
        try:
            for run in storm.explore(runs, **kinds):
                number, words = run.number, tuple(run.case.in_words())
                pair.reset()
                path, options = pair.path(wrong=wrong), pair.options(wrong=wrong)
                with run.topology(path, **options) as topology:
                    pair.check(topology)
        except Exception as error:
            seconds = time.process_time() - began
            first = next(iter(str(error).splitlines()), "")
            return Hunt(number, type(error).__name__, _cause(error) or words, first, seconds)
    return Hunt(None, seconds=time.process_time() - began)


def _cause(error: Exception) -> tuple[str, ...]:
    """The line about what earlier runs have left behind, where that is the cause."""
    lines = "\n".join([str(error), *getattr(error, "__notes__", ())]).splitlines()
    return tuple(line.strip() for line in lines if "has passed before" in line)


def check(pair: Pair, *, wrong: bool, seed: int, runs: int = RUNS) -> Hunt:
    """Have one side of a pair judged by laws, without its assertions; the arguments are those of ``explore``.

    The run of the hunt is the first that broke a law.
    """
    began = time.process_time()
    kinds: dict[str, Any] = {} if pair.faults is None else {"faults": pair.faults}
    before: dict[str, Any] = {} if pair.before is None else {"drive": pair.before}
    with (
        tempfile.TemporaryDirectory() as directory,
        Storm(directory, seed=seed, storm_version=pair.storm_version) as storm,
        outside.closing_all(),
    ):
        pair.begin_process(Path(directory))
        try:
            report = storm.check(
                pair.path(wrong=wrong),
                result=pair.result,
                reset=pair.reset,
                exactly_once=pair.exactly_once,
                runs=runs,
                must_hold=False,
                **before,
                **kinds,
                **pair.options(wrong=wrong),
            )
        except HarnessError as error:
            seconds = time.process_time() - began
            return Hunt(0, type(error).__name__, (), str(error).splitlines()[0], seconds)
    seconds = time.process_time() - began
    broken = sorted(report.broken, key=lambda law: law.run or 0)
    if not broken:
        return Hunt(None, seconds=seconds)
    first = broken[0]
    laws = ", ".join(law.name for law in broken)
    return Hunt(first.run or 0, laws, first.faults, first.reason, seconds)
