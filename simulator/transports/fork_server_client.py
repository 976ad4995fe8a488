"""The warm parents of component processes, as their owner sees them: taken, asked, and handed back for the next run.

A parent (``streamparse.forkserver``) takes as long to start as a small simulation takes to run, and a clean one is as
good as a new one: it imports nothing of the user's, and every process it has started is ended before it is handed
back. So the last few are kept, and end with this process. One simulation at a time has a parent.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MOST_IDLE = 2  # who runs two simulations side by side does so again
GONE = "the parent of the component processes is gone"
# What a test runner or we tell each component anew; no interpreter looks at it as it starts.
_TOLD_LATER = ("PYTEST_", "STREAMPARSE_")

Answer = dict[str, Any]  # a JSON object of our own server


class Parent:
    """One parent, and the conversation with it.

    Args:
        interpreter, cwd, env: what it is started with; as they are for every component that it forks.
    """

    def __init__(self, interpreter: str, cwd: str, env: Mapping[str, str]) -> None:
        self.made_with = (interpreter, cwd, env)
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [interpreter, "-m", "streamparse.forkserver", str(theirs.fileno())],
                cwd=cwd,
                env={**env, "PYTHONHASHSEED": "0", "PYTHONSAFEPATH": ""},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._answers = self._control.makefile("rb")
        self._awaited: deque[Answer] = deque()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, request: Mapping[str, object], fds: Sequence[int] = ()) -> Answer:
        """Ask, and go on: the answer is filled in by the next ``catch_up``."""
        packed = array.array("i", fds)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)] if fds else []
        data = json.dumps(request).encode() + b"\n"
        try:
            sent = self._control.sendmsg([data], ancillary)
            self._control.sendall(data[sent:])
        except ConnectionError:
            raise RuntimeError(GONE) from None
        answer: Answer = {}
        self._awaited.append(answer)
        return answer

    def catch_up(self) -> None:
        """Wait for all answers that are still to come; they come in order.

        Raises:
            RuntimeError: the parent is gone.
        """
        while self._awaited:
            try:
                line = self._answers.readline()
            except ConnectionError:
                line = b""
            if not line:
                raise RuntimeError(GONE)
            self._awaited[0].update(json.loads(line))
            self._awaited.popleft()

    def ask(self, request: Mapping[str, object]) -> Answer:
        """Ask, and wait for the answer."""
        answer = self.send(request)
        self.catch_up()
        return answer

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Close the socket: it ends what it has started, then itself."""
        self._close()
        self._process.wait()

    def forget(self) -> None:
        """In a fork of its owner, whose it is not: leave it alone."""
        self._close()
        self._process.returncode = 0  # else the object would complain that nobody has waited

    def _close(self) -> None:
        self._answers.close()
        self._control.close()


_idle: list[Parent] = []  # the last one that was handed back is the last


def take(interpreter: str, cwd: str, env: Mapping[str, str]) -> Parent:
    """A parent for a simulation: one that was handed back, if there is one like this, or else a new one."""
    env = {name: env[name] for name in sorted(env) if not name.startswith(_TOLD_LATER)}
    for parent in reversed(_idle):
        if parent.made_with == (interpreter, cwd, env):
            _idle.remove(parent)
            if parent.is_alive:
                return parent
            parent.end()
    return Parent(interpreter, cwd, env)


def told_later(env: Mapping[str, str]) -> dict[str, str]:
    """What ``take`` leaves out of the environment, for whoever starts a component."""
    return {name: value for name, value in env.items() if name.startswith(_TOLD_LATER)}


def hand_back(parent: Parent) -> None:
    """Keep a parent that has ended all it had started, for whoever is the next to need one."""
    _idle.append(parent)
    if len(_idle) > MOST_IDLE:
        _idle.pop(0).end()


def start_early(cwd: str | Path, interpreter: str = sys.executable) -> None:
    """Have a parent start, while its simulation is still being prepared."""
    hand_back(take(interpreter, os.path.abspath(cwd), os.environ))


@atexit.register
def end_all() -> None:
    """End those that nobody uses now; this process does so as it ends."""
    while _idle:
        _idle.pop().end()


def _forget_all() -> None:
    for parent in _idle:
        parent.forget()
    _idle.clear()


os.register_at_fork(after_in_child=_forget_all)
