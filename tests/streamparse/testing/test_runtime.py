"""How components under test run: where, with which path and limit, and over which transport."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator.transports import InProcess, Processes
from streamparse.quickstart import write_project
from streamparse.testing import HarnessError, Storm
from streamparse.testing.runtime import Runtime, make_clock, patience, process_options


def test_components_run_in_the_sources_of_their_project_or_beside_the_test(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    ran_in = [process_options(each, 1.0)["cwd"] for each in (tmp_path / "demo/tests", tmp_path)]
    assert ran_in == [str(tmp_path / "demo/src"), str(tmp_path)]


def test_components_find_the_clock_that_they_are_to_see(tmp_path: Path) -> None:
    with ExitStack() as stack:
        clock = make_clock(stack)
        env = process_options(tmp_path, 1.0, clock)["env"]
        assert env["STREAMPARSE_VIRTUAL_TIME"] == clock.path
        assert env["PYTHONPATH"].split(os.pathsep)[0] == str(tmp_path)
        assert Runtime(tmp_path, 1.0, clock, stack).pace == clock.publish
        assert Runtime(tmp_path, 1.0, None, stack).pace is None


def test_without_time_machine_there_is_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamparse.testing.runtime.find_spec", lambda name: None)
    with pytest.raises(HarnessError, match="pip install time-machine"):
        make_clock(ExitStack())


TRANSPORTS: list[tuple[Any, dict[str, type], type]] = [
    ("inprocess", {}, InProcess),
    ("process", {}, Processes),
    ("process", {"count": dict}, InProcess),
]


@pytest.mark.parametrize(("mode", "classes", "kind"), TRANSPORTS)
def test_classes_that_only_this_process_has_run_in_it_in_either_mode(
    mode: Any, classes: dict[str, type], kind: type, storm: Storm, tmp_path: Path
) -> None:
    topology = storm.topology("chain.clj").topology
    with ExitStack() as stack:
        made = Runtime(tmp_path, 1.0, None, stack).transport(topology, mode, classes)
        assert type(made) is kind


@pytest.mark.parametrize(
    ("seconds", "allowed", "patient"),
    [
        (10.0, 60, 60.0),
        (10.0, 5, 10.0),
        (0.0, 60, 0.0),
        (10.0, None, 10.0),
        (10.0, True, 10.0),
        (10.0, 10**9, 1_000_000.0),
    ],
)
def test_a_component_may_be_silent_as_long_as_storm_allows(
    seconds: float, allowed: object, patient: float
) -> None:
    assert patience(seconds, {"topology.subprocess.timeout.secs": allowed}) == patient
