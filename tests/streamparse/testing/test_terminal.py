"""The terminal that is lent to a debugger: it is shown what the debugger says, and typed lines go there."""

from __future__ import annotations

import bdb
import io
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from streamparse.debugger import QUIT
from streamparse.testing.terminal import lend, refuse


def debugger(path: Path, says: Callable[[socket.socket], None]) -> threading.Thread:
    """A debugger that waits at a socket, for one client."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)

    def serve() -> None:
        connection, _ = listener.accept()
        with listener, connection:
            says(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_lines_go_to_the_debugger_at_its_prompt_until_it_lets_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = []

    def says(connection: socket.socket) -> None:
        connection.sendall(b"> bolt.py(3)process()\n(Pdb) ")
        heard.append(connection.recv(100))
        connection.sendall("'häßlich'\n(Pdb) ".encode())
        heard.append(connection.recv(100))

    monkeypatch.setattr(sys, "stdin", io.StringIO("p word\nc\nnot read\n"))
    thread = debugger(tmp_path / "socket", says)
    lend(str(tmp_path / "socket"), ">>> in count-bolt")
    thread.join()
    assert heard == [b"p word\n", b"c\n"]
    assert capsys.readouterr().out == (
        ">>> in count-bolt\n> bolt.py(3)process()\n(Pdb) 'häßlich'\n(Pdb) "
    )
    assert sys.stdin.readline() == "not read\n"


def test_the_end_of_the_input_and_a_quit_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = []

    def says(connection: socket.socket) -> None:
        connection.sendall(b"(Pdb) ")
        heard.append(connection.recv(100))
        connection.sendall(b"\n" + QUIT)

    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    thread = debugger(tmp_path / "socket", says)
    with pytest.raises(bdb.BdbQuit):
        lend(str(tmp_path / "socket"), "head")
    thread.join()
    assert (heard, capsys.readouterr().out) == ([b""], "head\n(Pdb) \n\n")


def test_a_debugger_that_is_refused_has_no_client(tmp_path: Path) -> None:
    heard = []
    thread = debugger(tmp_path / "socket", lambda connection: heard.append(connection.recv(100)))
    refuse(str(tmp_path / "socket"))
    thread.join()
    assert heard == [b""]
    refuse(str(tmp_path / "no such socket"))
