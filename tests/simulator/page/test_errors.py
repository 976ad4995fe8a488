"""The line of the user's code in a traceback."""

from __future__ import annotations

import pytest

from simulator.page.errors import Frame, error_json, user_frame
from simulator.page.source import ErrorReport

TRACEBACK = """Traceback (most recent call last):
  File "/site/streamparse/storm/bolt.py", line 80, in _run
    self.process(tup)
  File "/home/me/src/bolts/count.py", line 12, in process
    self.count(tup.values[0])
  File "/usr/lib/python3.11/json/decoder.py", line 337, in decode
    obj, end = self.raw_decode(s, idx=_w(s, 0).end())
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
"""
HIS = Frame("/home/me/src/bolts/count.py", 12, "process", "self.count(tup.values[0])")


@pytest.mark.parametrize("sources", ["", "/home/me/src", "/nowhere"])
def test_the_users_line_is_the_last_that_is_in_his_code(sources: str) -> None:
    assert user_frame(TRACEBACK, sources) == HIS


def test_a_text_without_a_frame_of_his_has_no_line() -> None:
    ours = "\n".join(TRACEBACK.splitlines()[:3])
    assert [user_frame(each) for each in ("boom", "", ours)] == [None, None, None]


def test_an_error_goes_into_the_page_with_its_line() -> None:
    error = ErrorReport(7, "b", 3, TRACEBACK)
    assert error_json(error, "/home/me", 4, len) == {
        "at": 7, "task": 3, "text": len(TRACEBACK), "copy": 4, "frame": [*HIS],
    }  # fmt: skip
