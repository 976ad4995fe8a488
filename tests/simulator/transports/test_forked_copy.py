"""Work in a fork, and copies of what it returns."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from simulator.transports import ForkError, OutsideError, Uncopied, in_a_fork

TABLE: list[int] = []


def copied(work: Any) -> Any:
    return in_a_fork(work, may_touch_outside=False)


def test_memory_is_changed_in_the_fork_alone(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> list[int]:
        TABLE.append(1)
        print("said")
        os.write(1, b"said")
        return TABLE

    assert (copied(work), TABLE) == ([1], [])
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_copied_says_so_at_any_depth() -> None:
    class Local:
        def __init__(self) -> None:
            self.lock: Any = threading.Lock()
            self.nested = {"databases": [sqlite3.connect(":memory:")], "numbers": [1, 2]}
            self.counts: Any = defaultdict(lambda: 7)
            self.me = self
            self.method = self.double

        def double(self, number: int) -> int:
            return 2 * number

    made = Local()
    made.counts["dog"] += 1
    copy = copied(lambda: made)
    assert type(copy) is Local
    assert copy is not made
    assert copy.me is copy
    assert (copy.method(4), copy.counts["dog"], copy.counts["cat"]) == (8, 8, 7)
    assert isinstance(copy.lock, Uncopied)
    assert repr(copy.nested) == (
        "{'databases': [<sqlite3.Connection, which is not copied>], 'numbers': [1, 2]}"
    )
    with pytest.raises(
        AttributeError, match=r"acquire: this is a copy, and _thread.lock cannot be copied"
    ):
        copy.lock.acquire()
    with pytest.raises(TypeError, match=r"this is a copy, and _thread.lock cannot be copied"):
        copy.lock()


def test_it_ends_before_it_writes_outside_unless_it_may(tmp_path: Path) -> None:
    path = tmp_path / "written"

    def work() -> str:
        path.write_text("yes")
        return "done"

    with pytest.raises(OutsideError) as caught:
        copied(work)
    assert (str(caught.value), path.exists()) == (f"it opened {path} for writing", False)
    assert (in_a_fork(work, may_touch_outside=True), path.read_text()) == ("done", "yes")


def test_writing_to_a_file_that_is_open_is_told(tmp_path: Path) -> None:
    path = tmp_path / "open"
    with path.open("w") as file:

        def work() -> None:
            file.write("more")
            file.flush()

        with pytest.raises(OutsideError) as caught:
            copied(work)
    assert str(caught.value) == f"it wrote to {path}"


def test_work_that_fails_or_dies_has_no_result() -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ForkError, match="ValueError: no"):
        copied(fails)
    with pytest.raises(ForkError, match="its process has died"):
        copied(lambda: os._exit(3))
