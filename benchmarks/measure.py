"""Contestants take turns, and what is compared is compared within a turn: so a slow moment of the machine hits all.

What takes long enough is timed on the wall. Of what takes milliseconds the processor time is compared, all processes
of the command counted: it is what a command costs on an idle machine, and a busy one hardly changes it.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7
QUICK_ROUNDS = 3
SHORT_ROUNDS = 25  # of what takes a tenth of a second, or less
PASS = [sys.executable, "-c", "pass"]  # what "starting Python" starts, from exec to exit


@dataclass(frozen=True)
class Result:
    """What was measured for one row: the figure in words, and how each pair compares: a ratio or a difference."""

    value: str
    pairs: Sequence[float]


def rounds(usual: int, *, quick: bool) -> int:
    return min(usual, QUICK_ROUNDS) if quick else usual


def in_turn(
    rounds: int, *contestants: Callable[[], float], warm_up: bool = False
) -> list[list[float]]:
    """Each contestant's figure in each round; after one round that does not count, with ``warm_up``."""
    if warm_up:
        in_turn(1, *contestants)
    found = [[contestant() for contestant in contestants] for _ in range(rounds)]
    return [list(figures) for figures in zip(*found, strict=True)]


def over(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """The ratio of each pair."""
    return [one / other for one, other in zip(ones, others, strict=True)]


def more(ones: Sequence[float], others: Sequence[float], scale: float) -> list[float]:
    """The difference of each pair, times ``scale``."""
    return [(one - other) * scale for one, other in zip(ones, others, strict=True)]


def milliseconds(seconds: Sequence[float]) -> str:
    median = statistics.median(seconds) * 1000
    return f"{median:.{1 if median < 100 else 0}f} ms"


def a_second(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f} tuples/s"


def wall(work: Callable[[], object]) -> float:
    """Seconds that it takes on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def processor_here(work: Callable[[], object]) -> float:
    """Seconds of processor time, user and system, that it takes in this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def processor(
    argv: Sequence[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> float:
    """Seconds of processor time, user and system, that a command takes with all that it starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=cwd, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def instructions(argv: Sequence[str], given: Path, *, env: Mapping[str, str]) -> int | None:
    """Count the instructions that a command takes, without those of the operating system; None without valgrind.

    Args:
        given: the file that it reads from stdin.
        env: variables of its environment, beside those of this process.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    counter = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    with given.open("rb") as stdin:
        done = subprocess.run(
            [*counter, *argv],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": "0", **env},
            text=True,
            check=True,
        )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    assert found, done.stderr
    return int(found[1].replace(",", ""))


def python_start() -> float:
    """Seconds on the wall that starting Python to do nothing takes."""
    return wall(lambda: subprocess.run(PASS, check=True))
