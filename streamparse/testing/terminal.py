"""The terminal of the test run, lent to a debugger in a component process (``streamparse.debugger``).

While the debugger has the terminal, nothing else happens here: virtual time stands still, no component is asked for
anything, and none counts as hung.
"""

from __future__ import annotations

import bdb
import contextlib
import socket
import sys

from streamparse.debugger import QUIT

_PROMPTS = (b") ", b">>> ", b"... ")  # of pdb, of its `commands`, and of its `interact`
_BYTES = 1 << 16


def lend(address: str, head: str) -> None:
    """Connect a debugger that waits to the terminal, until its program goes on.

    Args:
        address: the path of its socket.
        head: shown first.

    Raises:
        BdbQuit: the user has quit the debugger.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        _show(f"{head}\n".encode())
        has_quit = _talk(connection)
    if has_quit:
        raise bdb.BdbQuit


def refuse(address: str) -> None:
    """Let a debugger that waits go on."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)


def _talk(connection: socket.socket) -> bool:
    """Show what the debugger says and hand it what is typed; return whether it was quit."""
    said = b""
    while True:
        try:
            data = connection.recv(_BYTES)
        except ConnectionError:
            return False
        if not data:
            _show(said)
            return False
        said += data
        if said.endswith(QUIT):
            _show(said.removesuffix(QUIT))
            return True
        if said.endswith(_PROMPTS):
            head, _, prompt = said.rpartition(b"\n")
            _show(head + b"\n" if head else b"")
            _answer(connection, prompt.decode("utf-8", "replace"))
            said = b""


def _answer(connection: socket.socket, prompt: str) -> None:
    """Read one line and hand it over; at the end of the input, the end."""
    while True:
        try:
            line = input(prompt)
        except KeyboardInterrupt:  # as in pdb
            _show(b"\n--KeyboardInterrupt--\n")
            continue
        except EOFError:
            _show(b"\n")
            connection.shutdown(socket.SHUT_WR)
            return
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(line.encode("utf-8", "replace") + b"\n")
        return


def _show(data: bytes) -> None:
    sys.stdout.write(data.decode("utf-8", "replace"))
    sys.stdout.flush()
