"""The fork server of component processes: starts them quickly, reports how they ended, and never outlives its owner.

Python components are forked from this process, which has imported streamparse and no user code: about 3 ms instead of
the 60 to 100 ms of a fresh interpreter. Any other command is spawned from here too, so that one process is the parent
of all. Each child leads a session of its own. When the owner asks for it, or has died (its end of the socket closes,
however it died), the process group of every child is killed, with everything that the components have started. What
they have started in sessions of their own becomes a child of this process (on Linux), and is killed with the last of
them.

All modules are loaded before the directory of the sources is on ``sys.path``: a ``src/socket.py`` is a module of the
components, not of this process.

Requests and answers are JSON lines over a Unix socket, and the answers come in the order of the requests. The stdin,
stdout and stderr of new children are sent along as descriptors.
"""

from __future__ import annotations

import array
import contextlib
import faulthandler
import gc
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import simplejson

from streamparse import bolt, run, spout
from streamparse.storm import StormHandler

# Modules that every child needs; loaded before the fork, they cost it nothing. StormHandler stands for the logging.
WARM = (bolt, faulthandler, StormHandler, random, run, simplejson, spout, subprocess, traceback)
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
MOST_DESCRIPTORS = 253  # SCM_MAX_FD of Linux
KILLED_SECONDS = 60.0  # for processes that were killed to be gone: each needs a processor once more

Request = Mapping[str, Any]  # a JSON object from the owner; both ends are in this project


class ForkServer:
    """Serves one owner until the socket closes."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._ended: dict[int, int] = {}  # pid -> exit status, negative for a signal
        self._running: set[int] = set()
        self._wake_r, self._wake_w = os.pipe()
        os.set_blocking(self._wake_r, False)
        os.set_blocking(self._wake_w, False)
        signal.set_wakeup_fd(self._wake_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Answer requests until the socket closes, and then end all children."""
        try:
            while (received := self._read()) is not None:
                request, fds = received
                try:
                    answer = self._answer(request, fds)
                finally:
                    for fd in fds:
                        os.close(fd)
                self._control.sendall(json.dumps(answer).encode() + b"\n")
        except ConnectionError:
            pass  # the owner has died with an answer unread
        finally:
            self._kill(sorted(self._running))

    def _read(self) -> tuple[Request, list[int]] | None:
        """Return the next request and the descriptors that came along; None when there are no more."""
        data, fds = b"", list[int]()
        room = socket.CMSG_SPACE(MOST_DESCRIPTORS * array.array("i").itemsize)
        while not data.endswith(b"\n"):
            piece, ancillary, _, _ = self._control.recvmsg(65536, room)
            if not piece:
                return None
            data += piece
            for _, _, packed in ancillary:
                received = array.array("i")
                received.frombytes(packed[: len(packed) - len(packed) % received.itemsize])
                fds += received
        return json.loads(data), fds

    def _answer(self, request: Request, fds: Sequence[int]) -> Request:
        if request["do"] == "start":
            shared = {"cwd": request["cwd"], "env": request["env"]}
            return {
                "started": [
                    self._start({**shared, **start}, fds[3 * place : 3 * place + 3])
                    for place, start in enumerate(request["starts"])
                ]
            }
        if request["do"] == "wait":
            self._wait(set(request["pids"]), request["seconds"])
            return {"statuses": list(map(self._ended.get, request["pids"]))}
        self._kill(request["pids"])
        return {}

    def _start(self, request: Request, fds: Sequence[int]) -> Request:
        try:
            if request["python_class"]:
                pid = self._fork(request, fds)
            else:
                pid = self._spawn(request, fds)
        except OSError as error:
            return {"error": error.strerror or str(error)}
        self._running.add(pid)
        return {"pid": pid}

    @staticmethod
    def _spawn(request: Request, fds: Sequence[int]) -> int:
        process = subprocess.Popen(
            request["argv"],
            stdin=fds[0],
            stdout=fds[1],
            stderr=fds[2],
            cwd=request["cwd"],
            env={**os.environ, **_environment(request)},
            start_new_session=True,
        )
        # The server reaps it; without a status the object does so too when it is garbage.
        process.returncode = 0
        return process.pid

    def _fork(self, request: Request, fds: Sequence[int]) -> int:
        # A debugger that follows forks has opened a connection of the child's own when fork returns.
        known = _open_files() if "pydevd" in sys.modules else None
        pid = os.fork()
        if pid == 0:
            try:
                self._become(request, fds, known)
            finally:
                # A component's own exits happen inside; nothing may return into this server.
                os._exit(70)
        return pid

    def _become(
        self, request: Request, fds: Sequence[int], known: Mapping[int, tuple[int, int]] | None
    ) -> NoReturn:
        """Run a component in this process, a child.

        Args:
            request: which component.
            fds: its stdin, stdout and stderr.
            known: what of the server's files has to be closed; None: all but these.
        """
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for standard, fd in enumerate(fds):
            os.dup2(fd, standard)
        if known is None:
            os.closerange(3, max(fds) + MOST_DESCRIPTORS)
        else:
            _close(known)
        os.chdir(request["cwd"])
        for name, value in _environment(request).items():
            os.environ[name] = value
        status = 1
        try:
            run.run_component(request["python_class"])
        except SystemExit as exit_:
            status = _exit_status(exit_)
        except BaseException:  # whatever it is ends this process: print it first
            sys.excepthook(*sys.exc_info())
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_r, 4096)
        with contextlib.suppress(ChildProcessError):  # there is no child any more
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid in self._running:  # else it was started by a component that has ended
                    self._running.discard(pid)
                    self._ended[pid] = os.waitstatus_to_exitcode(status)

    def _wait(self, pids: set[int], seconds: float) -> None:
        """Wait until all of them have ended, at most so long."""
        deadline = time.monotonic() + seconds
        self._reap()
        while self._running & pids:
            left = deadline - time.monotonic()
            if left <= 0 or self._owner_is_gone(left):
                return
            self._reap()

    def _owner_is_gone(self, seconds: float) -> bool:
        """Wait for a child or the owner to move; true when it was the owner (it only closes while we answer)."""
        control = self._control.fileno()
        ready, _, _ = select.select([self._wake_r, control], [], [], seconds)
        return control in ready

    def _kill(self, pids: Sequence[int]) -> None:
        """End their groups, with whatever those have started."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                if pid in self._running:  # forked, but not yet the leader of its group
                    os.kill(pid, signal.SIGKILL)
        self._wait(set(pids), KILLED_SECONDS)
        for pid in pids:
            self._ended.pop(pid, None)
        if not self._running:
            self._kill_orphans()

    def _kill_orphans(self) -> None:
        """End what components have started in sessions of their own, now that no component is left."""
        deadline = time.monotonic() + KILLED_SECONDS
        self._reap()
        while (orphans := _children()) and (left := deadline - time.monotonic()) > 0:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            select.select([self._wake_r], [], [], left)
            self._reap()


def _open_files() -> dict[int, tuple[int, int]]:
    """Return which file each descriptor behind stderr stands for, as its device and its number there."""
    found = {}
    for name in os.listdir("/dev/fd"):
        fd = int(name)
        with contextlib.suppress(OSError):  # of the list itself, which is closed by now
            status = os.fstat(fd)
            if fd > 2:
                found[fd] = status.st_dev, status.st_ino
    return found


def _close(known: Mapping[int, tuple[int, int]]) -> None:
    """Close descriptors that still stand for these files."""
    for fd, file in _open_files().items():
        if known.get(fd) == file:
            os.close(fd)


def _exit_status(exit_: SystemExit) -> int:
    """Return the status of an exit as Python does; what is no status is printed."""
    if exit_.code is None or isinstance(exit_.code, int):
        return exit_.code or 0
    print(exit_.code, file=sys.__stderr__)
    return 1


def _environment(request: Request) -> dict[str, str]:
    """The additions to the environment of a component."""
    more = {"STREAMPARSE_TELLS_MORE": "1"} if request.get("tells_more") else {}
    return {
        **request["env"],
        "STREAMPARSE_SEED": request["seed"],
        "STREAMPARSE_MODULE_SEED": request["module_seed"],
        **more,
    }


def _children() -> list[int]:
    """Return the processes whose parent this one is; none where the system has no such list."""
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(pid) for pid in text.split()]


def _adopt_orphans() -> None:
    """Become the parent of the processes that components leave behind, where the system knows such a thing."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _extend_path(python_path: str) -> None:
    """Give the components the path that a process of their own would have had.

    Args:
        python_path: the value of PYTHONPATH for them; empty: none.
    """
    if python_path:
        os.environ["PYTHONPATH"] = python_path
    first = [os.getcwd(), *python_path.split(os.pathsep)]
    sys.path[:0] = [entry for entry in first if entry and entry not in sys.path]
    sys.path_importer_cache.clear()  # each child looks at the directories as they are then


def main() -> None:
    """Serve the owner on an inherited socket.

    The arguments are the number of its descriptor, and the value of PYTHONPATH for components.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner handles Ctrl-C
    _adopt_orphans()
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    _extend_path(sys.argv[2])
    gc.collect()
    gc.freeze()  # the garbage collector of a child leaves what is loaded alone, and so does not copy its pages
    ForkServer(control).serve()
