"""A run that needs more than the machine gives is refused before it starts."""

import json
import resource
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

PROGRAM = """
import json, resource, sys
from simulator.transports.resources import ResourceError, require_files
limits, tasks = json.loads(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, tuple(limits))
try:
    require_files(tasks, tasks, 64)
    print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
except ResourceError as error:
    print(error)
"""


def require(limits: tuple[int, int], tasks: int) -> str:
    argv = [sys.executable, "-c", PROGRAM, json.dumps(limits), str(tasks)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_soft_limit_on_open_files_is_raised_to_the_hard_one() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("this machine has a lower limit")
    assert require((100, 2000), 400) == "2000"


def test_tasks_that_need_more_open_files_than_there_may_be_are_refused() -> None:
    found = require((1000, 1000), 400)
    assert found.startswith("400 tasks as processes need 14")
    assert found.endswith(
        " open files, and this process may have 1000 (ulimit -n); raise the limit, take fewer tasks, or run them in "
        "process"
    )
