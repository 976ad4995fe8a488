"""One directory for the pid files of this process's components, as long as it lives."""

import subprocess
import sys
from pathlib import Path

from simulator.transports.pid_directory import pid_directory
from tests.support.paths import ROOT


def test_a_process_has_one_directory() -> None:
    assert (pid_directory(), Path(pid_directory()).is_dir()) == (pid_directory(), True)


def test_the_directory_is_gone_when_its_process_is() -> None:
    program = (
        "import os\n"
        "from simulator.transports.pid_directory import pid_directory\n"
        "print(pid_directory(), os.path.isdir(pid_directory()))"
    )
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    path, was_there = done.stdout.split()
    assert (was_there, Path(path).exists()) == ("True", False)
