"""The ``storm`` fixture, its mode and its seed, and the warnings for what a test has not looked at."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_streamparse import StormWarning
from pytest_streamparse.markers import check_markers, marker_arguments
from pytest_streamparse.mutate import MUTATING
from pytest_streamparse.options import SETTINGS
from pytest_streamparse.record import recording_of
from pytest_streamparse.reporting import (
    FAILED,
    STORM,
    keep_output,
    plain_id,
    rerun_command,
    show_at_once,
    terminal_of,
)
from pytest_streamparse.sources import check_project
from pytest_streamparse.values import MODES

if TYPE_CHECKING:
    from streamparse.testing import Storm


@pytest.hookimpl(trylast=True)  # last, so that the mode is the last part of the test's name
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "_storm_mode" not in metafunc.fixturenames:
        return
    if _mode_of(metafunc.definition) == "both":
        metafunc.parametrize("_storm_mode", MODES[:2], indirect=True)


@pytest.fixture
def _storm_mode(request: pytest.FixtureRequest) -> Any:  # Any: a Mode or None; it was checked
    _fail_instead(check_markers, request.node)
    mode = getattr(request, "param", None) or _mode_of(request.node)
    # A test that asks for the fixture at run time is one test, and has one mode.
    return None if mode == "both" else mode


def _fail_instead(check: Callable[[Any], object], checked: object) -> None:
    """Fail the test where a check would end the run, in the same words: a worker of xdist cannot end the run."""
    try:
        check(checked)
        return
    except pytest.UsageError as error:
        lines = error.args
    pytest.fail("\n".join(map(str, lines)), pytrace=False)


def _mode_of(item: pytest.Item) -> Any:  # Any: the marker's may be anything before it is checked
    return marker_arguments(item).get("mode") or item.config.stash[SETTINGS].mode


#: The warnings about projects and their files that were given in this run.
WARNED = pytest.StashKey[set[str]]()


@pytest.fixture
def storm(request: pytest.FixtureRequest, _storm_mode: Any) -> Iterator[Storm]:
    """An in-process simulator of Storm: ``storm.bolt``, ``storm.spout``, ``storm.topology``. See docs/testing.md."""
    from streamparse.testing import Storm

    item, settings = request.node, request.config.stash[SETTINGS]
    _fail_instead(check_project, request.path.parent)
    marked = marker_arguments(item)
    seed = marked.get("seed", settings.seed)
    made = Storm(
        request.path.parent,
        mode=_storm_mode,
        seed=zlib.crc32(plain_id(item.nodeid).encode()) if seed is None else seed,
        storm_version=marked.get("storm_version", settings.storm_version),
        strict=marked.get("strict", settings.strict),
        hang_seconds=settings.hang_seconds,
        cwd=request.path.parent / marked["cwd"] if "cwd" in marked else None,
        virtual_time=marked.get("virtual_time", False),
        update_golden=settings.update_golden,
        update_recordings=settings.update_recordings,
        replay=settings.replay,
        before_run=partial(keep_output, item),
        on_debugger=partial(show_at_once, item.config),
        terminal=terminal_of(item.config),
        post_mortem=item.config.getoption("usepdb", False),
        looks_into=settings.html is not None,
    )
    if (mutating := request.config.stash.get(MUTATING, None)) is not None:
        mutating.prepare(item, made)
    if (recording := recording_of(request.config)) is not None:
        recording.prepare(item, made)
    with contextlib.closing(made):  # the call of the test has checked its faults
        made.rerun_command = rerun_command(item, made)
        item.stash[STORM] = made
        yield made
    has_failed = item.stash.get(FAILED, False)
    if mutating is not None:
        mutating.end(item, made, has_failed=has_failed)
    warned = item.session.stash.setdefault(WARNED, set())
    for line in made.warnings:  # of a project and its files: they are the same in every test
        if line not in warned:
            warned.add(line)
            _warn(item, line, fails=not has_failed)
    for line in () if has_failed else made.unchecked():
        _warn(item, line, fails=True)


def _warn(item: pytest.Item, line: str, *, fails: bool) -> None:
    try:
        item.warn(StormWarning(line))
    except StormWarning:  # somebody has made an error of it: -W error
        if fails:
            pytest.fail(line, pytrace=False)
