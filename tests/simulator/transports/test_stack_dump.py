"""A component that hangs is reported with the stack where it does."""

from __future__ import annotations

import re

from tests.support.table_top import one_bolt, run


def test_a_component_that_never_answers_is_told_with_its_stack() -> None:
    done = run(one_bolt('[["sleep"]]'), mode="process", hang_seconds=0.5)
    assert "b[3]: has not answered for 0.5 s" in done.finding
    assert 'its last message: b\'{"command": "sync"}\'' in done.finding
    assert re.search(r'parts.py", line \d+ in sleep', done.report.failures[0].stack)
    assert done.stderr == []


def test_a_component_that_hangs_and_never_falls_silent_on_stderr_is_told_too() -> None:
    done = run(one_bolt('[["shout"]]'), mode="process", hang_seconds=0.5)
    assert "b[3]: has not answered for 0.5 s" in done.finding
    assert re.search(r'parts.py", line \d+ in shout', done.report.failures[0].stack)
