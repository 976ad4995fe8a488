"""Tracebacks down to the user's code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.testing import (
    tracebacks,
)
from simulator.testing.tracebacks import callers_of, from_user_code, users_stack, without_our_frames

OURS = Path(tracebacks.__file__)
PRINTED = f"""Traceback (most recent call last):
  File "{OURS}", line 7, in run
    self.process(tup)
    ~~~~~~~~~~~~^^^^^
  File "/home/me/bolts.py", line 3, in process
    raise KeyError("dog")
KeyError: 'dog'
"""
THEIRS = """Traceback (most recent call last):
  File "/home/me/bolts.py", line 3, in process
    raise KeyError("dog")
KeyError: 'dog'
"""
ONLY_OURS = f"""Traceback (most recent call last):
  File "{OURS}", line 7, in run
    self.process(tup)
KeyError: 'dog'
"""


def test_a_printed_traceback_has_the_users_frames_or_all_when_there_are_none() -> None:
    shown = [without_our_frames(each) for each in (PRINTED, THEIRS, ONLY_OURS, "no traceback")]
    assert shown == [THEIRS, THEIRS, ONLY_OURS, "no traceback"]


def test_a_stack_has_the_users_frames_of_the_threads_that_have_some() -> None:
    dump = f"""Thread 0x1 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 30 in wait
  File "{OURS}", line 7 in flush

Current thread 0x2 (most recent call first):
  File "/home/me/bolts.py", line 3 in process
  File "{OURS}", line 7 in run
  File "<frozen runpy>", line 198 in _run
"""
    assert users_stack(dump) == '  File "/home/me/bolts.py", line 3 in process'
    ours = dump.partition("\n\n")[0]
    assert users_stack(ours + "\n") == ours


def test_a_traceback_begins_where_the_users_code_does() -> None:
    namespace = {"__name__": "streamparse.somewhere"}
    exec("def ours(function):\n    function()", namespace)

    def users() -> None:
        raise KeyError("dog")

    try:
        namespace["ours"](users)  # type: ignore[operator]  # a function
    except KeyError as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # not this frame
        found = from_user_code(error).__traceback__
    assert found is not None
    assert found.tb_frame.f_code.co_name == "users"


def test_the_callers_of_an_error_are_the_users_frames() -> None:
    namespace = {"__name__": "simulator.somewhere"}
    exec("def ours():\n    raise KeyError('dog')", namespace)
    ours: Any = namespace["ours"]

    def users() -> None:
        ours()

    with pytest.raises(KeyError) as caught:
        users()
    names, tb = [], callers_of(caught.value)
    while tb is not None:
        names.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    assert names == ["test_the_callers_of_an_error_are_the_users_frames", "users"]
