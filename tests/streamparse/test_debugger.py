"""The debugger that talks over a socket, and lets go of it when the program goes on."""

from __future__ import annotations

import bdb
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from streamparse.debugger import QUIT, stop_at, stop_behind


class Clients:
    """Connect whenever a debugger waits, and type some lines; what they have heard is in ``heard``."""

    def __init__(self, *typed: str) -> None:
        self.heard: list[bytes] = []
        self.paths: list[str] = []
        self._typed = list(typed)
        self._threads: list[threading.Thread] = []

    def tell(self, path: str) -> None:
        self.paths.append(path)
        mode = os.stat(Path(path).parent).st_mode
        assert mode & 0o777 == 0o700  # nobody else may enter
        thread = threading.Thread(target=self._talk, args=(path, self._typed.pop(0)))
        self._threads.append(thread)
        thread.start()

    def _talk(self, path: str, typed: str) -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(typed.encode())
            heard = b""
            while data := client.recv(4096):
                heard += data
            self.heard.append(heard)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def test_each_stop_has_a_socket_of_its_own_which_is_gone_behind_it() -> None:
    clients = Clients("p ('first', number)\nn\n", "p ('second', number)\nc\n")

    def debugged(number: int) -> int:
        stop_at(sys._getframe(), clients.tell)
        number += 1
        return number

    before = sys.gettrace()
    try:
        assert debugged(1) == 2
    finally:
        sys.settrace(before)
    clients.join()
    assert b"('first', 1)" in clients.heard[0]
    assert b"('second', " in clients.heard[1]
    assert [os.path.exists(path) for path in clients.paths] == [False, False]


def test_an_exception_is_looked_at_where_it_was_raised() -> None:
    clients = Clients("p ('here', word)\nc\n")

    def raises(word: str) -> None:
        raise ValueError(word)

    with pytest.raises(ValueError, match="dog") as caught:
        raises("dog")
    stop_behind(caught.value, clients.tell)
    clients.join()
    assert b"('here', 'dog')" in clients.heard[0]


@pytest.mark.parametrize("typed", ["q\n"])
def test_quitting_is_told_last(typed: str) -> None:
    clients = Clients(typed)

    def debugged() -> None:
        stop_at(sys._getframe(), clients.tell)
        print("unreached")

    before = sys.gettrace()
    try:
        with pytest.raises(bdb.BdbQuit):
            debugged()
    finally:
        sys.settrace(before)
    clients.join()
    assert clients.heard[0].endswith(QUIT)
