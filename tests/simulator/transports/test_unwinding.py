"""Unwinding: a crash leaves user code without running a handler of it, and the code works again behind it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from simulator.transports.unwinding import Unwinding, table_offset

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="3.10 has no exception tables")
LOCK, REENTRANT = threading.Lock(), threading.RLock()


class Crash(BaseException):
    """What unwinds."""


def crash() -> None:
    unwindings.append(Unwinding(sys._getframe(1), catches.__code__))
    raise Crash


unwindings: list[Unwinding] = []
kept: list[Unwinding] = []


def catches(
    code: Callable[[list[str], Callable[[], None]], None], call: Callable[[], None]
) -> list[str]:
    ran: list[str] = []
    try:
        code(ran, call)
    except Crash:
        unwinding = unwindings.pop()
        unwinding.end()
        kept.append(unwinding)
    return ran


def with_finally(ran: list[str], call: Callable[[], None]) -> None:
    try:
        try:
            call()
        finally:
            ran.append("inner")
    finally:
        ran.append("outer")


def with_bare_except(ran: list[str], call: Callable[[], None]) -> None:
    try:
        call()
    except:  # noqa: E722 (as users write it)
        ran.append("except")


@contextmanager
def block(ran: list[str]) -> Iterator[None]:
    try:
        yield
    finally:
        ran.append("exit")


def with_block(ran: list[str], call: Callable[[], None]) -> None:
    with block(ran):
        call()


def recursive(ran: list[str], call: Callable[[], None], depth: int = 3) -> None:
    try:
        recursive(ran, call, depth - 1) if depth else call()
    finally:
        ran.append("recursive")


def through_c(ran: list[str], call: Callable[[], None]) -> None:
    try:
        sorted([2, 1], key=lambda number: number if with_finally(ran, call) else 0)  # type: ignore[func-returns-value]
    finally:
        ran.append("sorted")


def with_block_through_c(ran: list[str], call: Callable[[], None]) -> None:
    with block(ran):
        sorted([2, 1], key=lambda number: number if with_finally(ran, call) else 0)  # type: ignore[func-returns-value]


def in_a_generator(ran: list[str], call: Callable[[], None]) -> None:
    def rows() -> Iterator[int]:
        try:
            yield 1
            call()
            yield 2
        finally:
            ran.append("generator")

    for _ in rows():
        pass


CODES: list[Callable[[list[str], Callable[[], None]], None]] = [
    with_finally,
    with_bare_except,
    with_block,
    recursive,
    through_c,
    with_block_through_c,
    in_a_generator,
]


@pytest.mark.parametrize("code", CODES)
def test_no_handler_runs_behind_a_crash_and_all_run_at_the_next_call(
    code: Callable[[list[str], Callable[[], None]], None],
) -> None:
    plain = code.__code__.co_exceptiontable  # type: ignore[attr-defined]  # from 3.11 on
    behind = catches(code, crash)
    assert (behind, code.__code__.co_exceptiontable) == ([], plain)  # type: ignore[attr-defined]  # from 3.11 on
    assert catches(code, lambda: None) or code is with_bare_except


def test_the_locks_of_the_module_are_free_behind_a_crash() -> None:
    def holds(ran: list[str], call: Callable[[], None]) -> None:
        with LOCK, REENTRANT:
            ran.append("holds")
            call()

    assert [catches(holds, crash), catches(holds, lambda: None), LOCK.locked()] == [
        ["holds"],
        ["holds"],
        False,
    ]


def test_this_python_tells_where_the_tables_are() -> None:
    assert table_offset() is not None


def test_what_was_kept_goes_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "lost"
    kept.clear()
    ran = catches(partial(_opens, path), crash)
    path.write_text("what another life has written")
    for unwinding in kept:
        unwinding.forget()
    assert (ran, path.read_text()) == ([], "what another life has written")


def _opens(path: Path, ran: list[str], call: Callable[[], None]) -> None:
    with path.open("w") as file, block(ran):
        file.write("lost in its buffer")
        call()
