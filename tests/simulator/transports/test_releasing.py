"""What a killed process would have released: transactions and locks, wherever a component holds them."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from simulator.transports.releasing import release


class Holder:
    def __init__(self, held: object) -> None:
        self.held = held


def variable(held: object) -> FrameType:
    return sys._getframe()


def generator(held: object) -> Iterator[object]:
    yield held


def context(held: object) -> object:
    made = contextmanager(generator)(held)
    made.__enter__()
    return made


HOLDERS: list[Callable[[object], object]] = [
    Holder,
    lambda held: Holder({"all": [held]}),
    variable,
    context,
]


@pytest.mark.parametrize("hold", HOLDERS, ids=["attribute", "container", "variable", "context"])
def test_a_transaction_is_rolled_back(tmp_path: Path, hold: Callable[[object], object]) -> None:
    path = tmp_path / "rows.db"
    connection = sqlite3.connect(path)
    connection.execute("create table rows (n)")
    connection.commit()
    connection.execute("insert into rows values (1)")
    release([hold(connection)])
    other = sqlite3.connect(path, timeout=0)
    other.execute("insert into rows values (2)")
    other.commit()
    assert connection.execute("select n from rows").fetchall() == [(2,)]
    other.close()
    connection.close()


def is_locked(path: Path) -> bool:
    with path.open("a") as other:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def test_locks_of_files_are_freed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert is_locked(path)
        release([Holder(file)])
        assert not is_locked(path)
        file.write("it is open still")


def test_locks_of_descriptors_are_freed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = Holder(None)
    holder.lock_file_fd = os.open(path, os.O_CREAT | os.O_RDWR)  # type: ignore[attr-defined]  # as filelock has it
    fcntl.flock(holder.lock_file_fd, fcntl.LOCK_EX)  # type: ignore[attr-defined]
    release([holder])
    assert not is_locked(path)
    os.close(holder.lock_file_fd)  # type: ignore[attr-defined]


def test_what_is_closed_or_endless_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "rows.db")
    connection.close()
    file = (tmp_path / "file").open("w")
    file.close()
    endless: list[object] = [connection, file]
    endless.append(endless)
    release([endless, None, object(), "text"])
