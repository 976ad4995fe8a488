"""Tests of Hypothesis that use the ``storm`` fixture: each example has one that has made nothing yet."""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest

FRESH = "_storm_is_fresh"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have each example begin anew, and so allow the fixture in a test of Hypothesis."""
    test = getattr(item, "obj", None)
    function: Any = getattr(test, "__func__", test)  # Any: what Hypothesis has made of the test
    if not getattr(function, "is_hypothesis_test", False):
        return
    if "storm" not in getattr(item, "fixturenames", ()):
        return  # where @given draws a parameter of this name, it is no fixture
    if not hasattr(function, FRESH):
        setattr(function, FRESH, True)
        function.hypothesis.inner_test = _fresh(function.hypothesis.inner_test)
        _lift_the_deadline(function)
    if not _other_fixtures(item, function):
        _allow_the_fixture(function)


def _fresh(inner: Callable[..., object]) -> Callable[..., object]:
    """The test of one example: before it ``storm`` is renewed, and behind it its faults are checked."""

    @functools.wraps(inner)
    def run(*args: Any, **named: Any) -> object:
        storm = named["storm"]
        if not hasattr(storm, "renew"):
            return inner(*args, **named)
        storm.renew()
        result = inner(*args, **named)
        storm.check_faults()
        return result

    return run


def _other_fixtures(item: pytest.Item, function: Callable[..., object]) -> bool:
    """True when the test has other fixtures that Hypothesis does not make anew for each example."""
    found: Any = item
    definitions = found._fixtureinfo.name2fixturedefs
    return any(
        each.scope == "function"
        for name in signature(function).parameters
        if name != "storm"
        for each in definitions.get(name, ())
    )


def _lift_the_deadline(function: Any) -> None:
    """Let an example take its time, unless the test sets a limit of its own: the first one reads the topology.

    Any: what Hypothesis has made of the test.
    """
    from hypothesis import settings

    before: Any = getattr(function, "_hypothesis_internal_use_settings", None) or settings.default
    usual: Any = settings.default  # that of a profile which may be loaded
    if before.deadline in (usual.deadline, settings.get_profile("default").deadline):
        function._hypothesis_internal_use_settings = settings(before, deadline=None)


def _allow_the_fixture(function: Any) -> None:
    """Any: what Hypothesis has made of the test."""
    from hypothesis import HealthCheck, settings

    before: Any = getattr(function, "_hypothesis_internal_use_settings", None) or settings.default
    allowed = {*before.suppress_health_check, HealthCheck.function_scoped_fixture}
    function._hypothesis_internal_use_settings = settings(
        before, suppress_health_check=sorted(allowed, key=str)
    )
