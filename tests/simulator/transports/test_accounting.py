"""The time that counts against a process: its sleep and its work, not its wait for a processor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.transports.accounting import Activity, Stopwatch, activity

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

ASLEEP = Activity(False, 0.0)
Look = tuple[float, Activity | None]  # when, and what the process is doing


def ready(processor_seconds: float) -> Activity:
    return Activity(True, processor_seconds)


# The looks, at most a second apart; then what is measured: asleep, busy, real.
TIMES: dict[str, tuple[Sequence[Look], tuple[float, float, float]]] = {
    "asleep": ([(1, ASLEEP), (2, ASLEEP)], (2, 0, 2)),
    "at work": ([(1, ready(0.5)), (2, ready(1.5)), (3, ready(2.5))], (0, 2, 3)),
    "with half a processor": ([(1, ready(0)), (2, ready(0.5)), (3, ready(1))], (0, 1, 3)),
    "waiting for a processor": ([(1, ready(5)), (2, ready(5)), (3, ready(5))], (0, 0, 3)),
    "with many threads": ([(1, ready(0)), (2, ready(8))], (0, 1, 2)),
    "asleep after work": ([(1, ready(1)), (2, ready(2)), (3, Activity(False, 2.1))], (1, 1, 3)),
    "rid of a child that had worked": ([(1, ready(9)), (2, ready(3)), (3, ready(3.5))], (0, 0.5, 3)),
    "asleep, while we are stopped": ([(1, ASLEEP), (100, ASLEEP), (101, ASLEEP)], (3, 0, 3)),
    "unknown": ([(1, None), (2, None)], (2, 0, 2)),
}  # fmt: skip


@pytest.mark.parametrize("what", TIMES)
def test_time_counts_while_a_process_sleeps_or_works(what: str) -> None:
    looks, expected = TIMES[what]
    doings = iter([doing for _, doing in looks])
    watch = Stopwatch(1, 0.0, lambda pid: next(doings))
    for now, _ in looks:
        watch.look(now, 1.0)
    measured = watch.asleep_seconds, watch.busy_seconds, watch.real_seconds
    assert (measured, watch.counted_seconds) == (expected, expected[0] + expected[1])
    assert watch.is_measured == (what != "unknown")


# -- real processes


@contextmanager
def running(*argv: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has written its first line."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True) as made:
        assert made.stdout
        made.stdout.readline()
        try:
            yield made
        finally:
            os.killpg(made.pid, signal.SIGKILL)


def python(program: str) -> tuple[str, ...]:
    return sys.executable, "-c", program


SPIN = "\nwhile True: pass"


@linux
def test_a_stopped_process_is_not_ready_and_the_processor_time_it_has_used_is_known() -> None:
    program = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)"
    with running(*python(program + SPIN)) as process:
        os.kill(process.pid, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        measured = activity(process.pid)
    assert measured
    assert not measured.is_ready
    assert measured.processor_seconds >= 0.19  # the kernel counts in ticks


@linux
def test_a_process_is_ready_while_one_of_its_threads_is() -> None:
    program = (
        "import signal, threading\n"
        "def spin():\n    print(flush=True)\n    while True: pass\n"
        "threading.Thread(target=spin, daemon=True).start()\nsignal.pause()"
    )
    with running(*python(program)) as process:
        measured = activity(process.pid)
    assert measured
    assert measured.is_ready


@pytest.mark.skipif(
    not Path("/proc/thread-self/children").exists(), reason="this kernel does not tell children"
)
def test_a_shell_is_ready_while_a_command_of_its_script_is() -> None:
    spin = f"exec {sys.executable} -c 'print(flush=True){SPIN}'"
    with running("sh", "-c", f"({spin}) & kill -STOP $$") as process:
        os.waitpid(process.pid, os.WUNTRACED)
        measured = activity(process.pid)
    assert measured
    assert measured.is_ready


@linux
def test_a_process_that_is_gone_is_not_ready() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert activity(process.pid) == Activity(False, 0.0)
