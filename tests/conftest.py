"""What a test needs of the machine: marked, said when it is missing, and a failure where it must not be.

However slow the machine is, that fails no test.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No tests are there. A project's sources would be on sys.path for all tests.
collect_ignore = ["parity/project", "support"]

settings.register_profile(
    "untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# What a test starts buffers its output as it does for a user, whatever the shell of this run exports.
os.environ.pop("PYTHONUNBUFFERED", None)

# Nothing that is asked for an answer, here or by what a test starts, is given up on because the machine is busy.
os.environ["STREAMPARSE_WAIT_FACTOR"] = "20"
os.environ["STORM_TEST_TIMEOUT_MS"] = "600000"  # how long a LocalCluster waits to be elected

# In a shell's background, or under nohup, whatever we start would ignore these too; what is caught is not handed down.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

TOOLS = {
    "needs_chromium": "chromium",
    "needs_graphviz": "dot",
    "needs_java": "java",
    "needs_node": "node",
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, tool in TOOLS.items():
        if item.get_closest_marker(marker) and shutil.which(tool) is None:
            reason = f"{tool} is not on this machine's PATH"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}; CI covers {marker} tests and does not leave them out")
            pytest.skip(reason)


# Whose modules stay loaded: this repository's own, and those of the interpreter and its libraries.
OWN = {"benchmarks", "pytest_streamparse", "simulator", "streamparse", "tests"}
LIBRARIES = tuple({sys.prefix, sys.base_prefix})


@pytest.fixture(autouse=True)
def no_projects_modules() -> Iterator[None]:
    """Forget what a test has imported from a project: the next one's project may have a module of the same name."""
    loaded, path = {*sys.modules}, [*sys.path]
    yield
    sys.path[:] = path
    for name in {*sys.modules} - loaded:
        if name.partition(".")[0] not in OWN and _is_a_projects(name):
            del sys.modules[name]


def _is_a_projects(name: str) -> bool:
    module = sys.modules[name]
    file = getattr(module, "__file__", None)
    places = [file] if file else [*getattr(module, "__path__", ())]
    return any(Path(place).is_absolute() and not place.startswith(LIBRARIES) for place in places)
