"""What a killed process would have released: transactions and locks, wherever a component holds them."""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import pytest

from simulator.engine import faults
from simulator.transports import releasing
from simulator.transports.releasing import end_connections, open_descriptors, release
from tests.support.table_top import one_bolt, run_both


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


def a_socket(stack: ExitStack) -> tuple[object, Callable[[], bytes]]:
    mine, peer = map(stack.enter_context, socket.socketpair())
    return mine, lambda: peer.recv(9)


def file_of_a_socket(stack: ExitStack) -> tuple[object, Callable[[], bytes]]:
    mine, peer = map(stack.enter_context, socket.socketpair())
    return stack.enter_context(mine.makefile("rb")), lambda: peer.recv(9)


def pipe(stack: ExitStack) -> tuple[object, Callable[[], bytes]]:
    read, write = os.pipe()
    stack.callback(os.close, read)
    file = stack.enter_context(os.fdopen(write, "wb"))
    file.write(b"gathered")
    return file, lambda: os.read(read, 99)


def of_multiprocessing(stack: ExitStack) -> tuple[object, Callable[[], bytes]]:
    mine, peer = map(stack.enter_context, multiprocessing.Pipe())
    return mine, lambda: os.read(peer.fileno(), 9)


@pytest.mark.parametrize("hold", HOLDERS, ids=["attribute", "container", "variable", "context"])
@pytest.mark.parametrize("connect", [a_socket, file_of_a_socket, pipe, of_multiprocessing])
def test_the_peer_of_a_connection_sees_its_end(
    hold: Callable[[object], object],
    connect: Callable[[ExitStack], tuple[object, Callable[[], bytes]]],
) -> None:
    with ExitStack() as stack:
        held, read = connect(stack)
        release([hold(held)])
        assert read() == b""


def test_a_port_is_free_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        where = listening.getsockname()
        release([Holder(listening)])
        socket.create_server(where).close()


def test_what_is_gathered_is_sent_at_an_end_that_is_no_death() -> None:
    with ExitStack() as stack:
        before = open_descriptors()
        held, read = pipe(stack)
        assert open_descriptors() == before + 2
        end_connections([Holder(held)], list)
        assert (read(), read()) == (b"gathered", b"")


def test_what_others_hold_too_stays_open() -> None:
    mine, peer = socket.socketpair()
    release([Holder([mine])], lambda: [Holder({"pool": mine})])
    mine.send(b"alive")
    assert peer.recv(9) == b"alive"
    mine.close()
    peer.close()


def test_variables_of_a_test_and_loggers_belong_to_others() -> None:
    mine, peer = socket.socketpair()
    logger = logging.getLogger("of a component")
    read, write = os.pipe()
    handler = logging.StreamHandler(os.fdopen(write, "w"))
    logger.addHandler(handler)
    found = {id(each) for each in releasing._reachable(releasing.held_by_process())}
    assert {id(mine), id(peer), id(handler.stream)} <= found
    logger.removeHandler(handler)
    handler.stream.close()
    os.close(read)
    mine.close()
    peer.close()


def test_what_a_function_or_a_module_of_a_class_holds_belongs_to_others() -> None:
    mine = object()

    class Uses:
        def process(self) -> object:
            return mine

    found = [*releasing._reachable(releasing.held_by_classes([Uses]))]
    assert any(each is mine for each in found)
    assert any(each is HOLDERS for each in found)


def test_what_is_closed_or_endless_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "rows.db")
    connection.close()
    file = (tmp_path / "file").open("w")
    file.close()
    endless: list[object] = [connection, file]
    endless.append(endless)
    release([endless, None, object(), "text"])


@pytest.mark.skipif(sys.platform != "linux", reason="an address that ends with its socket")
def test_the_next_life_listens_where_the_dead_one_did_in_both_modes() -> None:
    text = one_bolt('[["x"] ["y"]]').replace("parts.Obeys", "starts.Listens")
    done = run_both(
        text,
        conf={"listens.at": f"test_releasing/{os.getpid()}"},
        orders=[faults.CrashOrder("b", before="tuple", nth=2)],
        on_crash="restart",
    )
    assert [each["component"] for each in done.named("restart")] == ["b"]
    assert done.report.stopped != "error"
