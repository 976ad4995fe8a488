"""The pytest plugin: its hooks and its fixture, from the modules that hold them.

Every pytest run of an environment with streamparse loads this module, so nothing here loads the simulator: that comes
with the first test that asks for ``storm``.
"""

from pytest_streamparse.examples import pytest_runtest_setup
from pytest_streamparse.fixture import _storm_mode, pytest_generate_tests, storm
from pytest_streamparse.markers import pytest_collection_modifyitems
from pytest_streamparse.mutate import pytest_runtestloop, pytest_sessionstart
from pytest_streamparse.options import pytest_addoption, pytest_configure, pytest_report_header
from pytest_streamparse.record import pytest_sessionfinish, pytest_testnodedown
from pytest_streamparse.recordings import pytest_collection
from pytest_streamparse.reporting import (
    pytest_assertrepr_compare,
    pytest_exception_interact,
    pytest_runtest_call,
    pytest_runtest_makereport,
)
from pytest_streamparse.sources import pytest_ignore_collect, pytest_load_initial_conftests
from pytest_streamparse.summary import pytest_terminal_summary

__all__ = [
    "_storm_mode",
    "pytest_addoption",
    "pytest_assertrepr_compare",
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_exception_interact",
    "pytest_generate_tests",
    "pytest_ignore_collect",
    "pytest_load_initial_conftests",
    "pytest_report_header",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_runtestloop",
    "pytest_sessionfinish",
    "pytest_sessionstart",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "storm",
]
