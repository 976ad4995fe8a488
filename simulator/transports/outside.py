"""Why this process must not be forked in the middle of a run: threads, tracers, and what a run does outside of it.

A forked process has the memory of its parent, and shares everything else with it: files, databases, connections. A run
that goes on from a snapshot must not find there what another run has left. So what a run does outside the process is
watched: audit events of Python (PEP 578), and the files and connections that are open.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import stat
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from simulator.transports.temporary import PREFIX, temporary_directory

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    f"os.{name}"
    for name in (
        "remove", "rename", "mkdir", "rmdir", "truncate", "link", "symlink", "chmod", "chown", "utime", "system",
        "posix_spawn", "exec",
    )
) | {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "subprocess.Popen"}  # fmt: skip
# Where Python writes when it imports a module, and components name their processes.
_HARMLESS = (os.devnull, "__pycache__", PREFIX)
_FDS = "/dev/fd"


def why_not_fork() -> str | None:
    """Return why this process must not be forked now; None where it may be."""
    if sys.platform != "linux":
        return f"forks are not safe on {sys.platform}"
    if threading.current_thread() is not threading.main_thread():
        return "the test does not run in the main thread"
    others = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    if others:
        return f"another thread is alive: {others[0]}"
    if is_traced():
        return "a debugger or a measurement of coverage watches this process"
    return None


def is_traced() -> bool:
    """Return whether a debugger, a profiler or coverage watches this process."""
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring: Any = getattr(sys, "monitoring", None)
    if monitoring is None:
        return False
    tools = (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID, monitoring.PROFILER_ID)
    return any(monitoring.get_tool(tool) is not None for tool in tools)


class Outside:
    """Watches what is done outside this process; a context manager.

    Attributes:
        reason: the first thing that was done there, in words; None while there is none.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self._ignored: Collection[str] = ()  # files that others write to: the output of a test run
        self._files: Mapping[int, tuple[str, object]] = {}

    def __enter__(self) -> Outside:
        global _watching
        _install()
        temporary_directory()  # makes room for it, which is no doing of the run's
        self._ignored = outputs_of_ancestors()
        self._files = dict(_open_files())
        self.reason = next(
            (f"a connection is open: {what}" for what, _ in self._files.values() if what in _CONNECTED),
            None,
        )  # fmt: skip
        _watching = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        global _watching
        if _watching is self:
            _watching = None
        self.look()

    def look(self) -> str | None:
        """Return what was done outside so far, with a look at the open files."""
        if self.reason is None:
            for fd, (what, state) in _open_files():
                before = self._files.get(fd)
                if what in self._ignored:
                    continue
                if before is None:
                    self.reason = f"it opened {what}"
                elif before != (what, state):
                    self.reason = f"it wrote to {what}"
        return self.reason

    def note(self, event: str, args: tuple[Any, ...]) -> None:
        """Take an audit event."""
        if self.reason is not None:
            return
        if event == "open":
            path, _, flags = args
            if not isinstance(path, int) and flags & _WRITES and not _is_harmless(path):
                self.reason = f"it opened {_shown(path)} for writing"
        elif event == "sqlite3.connect":
            if args[0] not in (":memory:", b":memory:"):
                self.reason = f"it opened the database {_shown(args[0])}"
        elif event in _CHANGES and not (args and _is_harmless(args[0])):
            what = f" of {_shown(args[0])}" if args and isinstance(args[0], (str, bytes)) else ""
            self.reason = f"it called {event}{what}"


_watching: Outside | None = None
_is_installed = False


def _install() -> None:
    """Have audit events taken from now on, for there is no way to end it; where nobody watches they are dropped."""
    global _is_installed
    if not _is_installed:
        _is_installed = True
        sys.addaudithook(_take)


def _take(event: str, args: tuple[Any, ...]) -> None:
    if _watching is not None and (event in _CHANGES or event in ("open", "sqlite3.connect")):
        _watching.note(event, args)


def _is_harmless(path: object) -> bool:
    return any(each in _shown(path) for each in _HARMLESS)


def _shown(path: object) -> str:
    return os.fsdecode(path) if isinstance(path, (bytes, os.PathLike)) else str(path)


def outputs_of_ancestors() -> frozenset[str]:
    """Return the files that stdout and stderr of this process's ancestors are: a test run's output in a file."""
    found, pid = set(), os.getpid()
    while pid > 1:
        try:
            found |= {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (1, 2)}
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            pid = int(fields.rpartition(")")[2].split()[1])
        except OSError:  # another user's, or no /proc
            break
    return frozenset(found)


# -- open files -----------------------------------------------------------------------------------------------------

_CONNECTED = ("a socket of the network", "a socket of this machine")


def _open_files() -> Iterator[tuple[int, tuple[str, object]]]:
    """What a run could write to through an open descriptor: files with a name, and connections; with their state."""
    shared = set(_output())
    for name in os.listdir(_FDS):
        fd = int(name)
        try:
            found = os.fstat(fd)
            if (found.st_dev, found.st_ino) in shared:
                continue
            if stat.S_ISREG(found.st_mode) and fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE:
                path = os.readlink(f"{_FDS}/{fd}")
                # A file without a name is a temporary one, such as pytest's for the output.
                if found.st_nlink and not _is_harmless(path):
                    yield fd, (path, (found.st_size, found.st_mtime_ns))
            elif stat.S_ISSOCK(found.st_mode) and (what := _connected(fd)):
                yield fd, (what, found.st_ino)
        except OSError:  # the descriptor of the listing itself
            continue


def _output() -> Iterator[tuple[int, int]]:
    """The files of stdout and stderr: others write to them too, and what is printed is no state."""
    for fd in (1, 2):
        with contextlib.suppress(OSError):  # it is closed
            found = os.fstat(fd)
            yield found.st_dev, found.st_ino


def _connected(fd: int) -> str | None:
    with socket.socket(fileno=os.dup(fd)) as made:
        if made.family in (socket.AF_INET, socket.AF_INET6):
            return _CONNECTED[0]
        if made.family == socket.AF_UNIX and made.getpeername():  # a pair has no name
            return _CONNECTED[1]
    return None
