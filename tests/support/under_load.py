"""Runs the tests beside busy processes: ``python -m tests.support.under_load [TIMES] [arguments of pytest]``.

No test may depend on how fast the machine is. This starts eight processes that do nothing but use processors, runs
the tests (TIMES times, once by default), and ends them. It says after each run how it went, and its exit status is
that of the first run that failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.paths import ROOT

BUSY_PROCESSES = 8
# It ends when this process does, however that may be.
SPIN = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""
DEFAULTS = ("-q", "-m", "not (real_storm or real_ssh)")


@contextmanager
def load(processes: int = BUSY_PROCESSES) -> Iterator[None]:
    """Have so many busy processes beside this one."""
    argv = [sys.executable, "-c", SPIN, str(os.getpid())]
    started = [subprocess.Popen(argv) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def main(arguments: Sequence[str]) -> int:
    """Run the tests; 0 when all runs pass."""
    times, left = 1, list(arguments)
    if left and left[0].isdecimal():
        times = int(left.pop(0))
    with load():
        for number in range(1, times + 1):
            began = time.monotonic()
            argv = [sys.executable, "-m", "pytest", *DEFAULTS, *left]
            status = subprocess.run(argv, cwd=ROOT, check=False).returncode
            seconds = time.monotonic() - began
            print(
                f"run {number} of {times}: exit status {status} after {seconds:.0f} s", flush=True
            )
            if status:
                return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
