"""The sections at the end of a test run: what explorations have covered, mutations that were noticed, recordings."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_streamparse.mutate import show_mutations
from pytest_streamparse.record import show_recordings
from pytest_streamparse.reporting import COVERED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Any: the reporter of pytest is no public class."""
    if config.get_verbosity() > 0:
        _show_explorations(terminalreporter)
    show_mutations(terminalreporter, config)
    show_recordings(terminalreporter, config)


def _show_explorations(terminalreporter: Any) -> None:
    lines = [
        f"{report.nodeid}: {line}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, line in report.user_properties
        if name == COVERED
    ]
    if lines:
        terminalreporter.section("storm: explorations")
        for line in sorted(lines):  # workers of xdist end in any order
            terminalreporter.write_line(line)
