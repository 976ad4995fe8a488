"""The debugger of a component process under test: pdb, whose terminal is the test run's.

Stdin and stdout of a component process belong to the protocol. So the test run lends its terminal: each time the
debugger stops, it waits on a socket, tells the simulator of it, and talks to whoever connects. It lets go when the
program goes on. The socket is in a directory that nobody else may enter.
"""

from __future__ import annotations

import os
import pdb
import shutil
import socket
import tempfile
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

__all__ = ["QUIT", "SocketPdb"]

#: Sent last, when the user has quit the debugger.
QUIT = b"\0quit"
#: Frames that it does not stop in.
_NOT_THE_USERS = ("streamparse", "streamparse.*", "simulator.*", "importlib.*", "runpy")


class SocketPdb(pdb.Pdb):
    """A pdb that talks to whoever connects to its socket.

    Args:
        tell: called with the path of the socket, whenever it waits for a client there.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        super().__init__(skip=_NOT_THE_USERS, nosigint=True)
        self.use_rawinput = False
        self._tell = tell

    # Any: what pdb hands from one of its methods to another; it differs between versions.
    def interaction(self, frame: FrameType | None, *args: Any) -> None:
        """Talk to a client until the program is to go on."""
        directory = tempfile.mkdtemp(prefix="streamparse-pdb-")
        path = os.path.join(directory, "socket")
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen(1)
                self._tell(path)
                connection, _ = listener.accept()
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        # Two streams: one for both directions forgets lines that it has read ahead when it writes.
        with (
            connection,
            connection.makefile("r", encoding="utf-8", errors="replace") as self.stdin,
            connection.makefile("w", encoding="utf-8", errors="replace") as self.stdout,
        ):
            try:
                super().interaction(frame, *args)
                self.stdout.flush()
                if self.quitting:
                    connection.sendall(QUIT)
            except OSError:  # the client has gone: the program goes on
                self.set_continue()


def stop_at(frame: FrameType, tell: Callable[[str], object]) -> None:
    """Stop in a frame: ``breakpoint()``."""
    SocketPdb(tell).set_trace(frame)


def stop_behind(error: BaseException, tell: Callable[[str], object]) -> None:
    """Look at the frames that an exception has left."""
    trace: TracebackType | None = error.__traceback__
    debugger = SocketPdb(tell)
    debugger.reset()
    debugger.interaction(None, trace)
