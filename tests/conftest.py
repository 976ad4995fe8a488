"""What a test needs of the machine: marked, said when it is missing, and a failure where it must not be.

However slow the machine is, that fails no test.
"""

import os
import shutil
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# What a test starts buffers its output as it does for a user, whatever the shell of this run exports.
os.environ.pop("PYTHONUNBUFFERED", None)

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
