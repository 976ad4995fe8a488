"""The fork servers that start component processes, as their owner sees them: acquired, asked, and released.

A fork server (``streamparse.forkserver``) takes as long to start as a small simulation takes to run, and a used one is
as good as a new one: it imports nothing of the user's, and every process that it has started is ended before it is
released. So the last few are kept for the next simulation, and end with this process. One simulation at a time has a
fork server.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streamparse import multilang

MOST_IDLE = 2  # who runs two simulations side by side does so again
GONE = "the fork server of the component processes is gone"
_OURS = Path(multilang.__file__).resolve().parents[1]
# What a test runner or we set anew for each component; no interpreter reads it when it starts.
_PER_START = ("PYTEST_", "STREAMPARSE_")
#: Starts a fork server without the directory of the sources on ``sys.path``, which -c and -m put there.
#: Ours is imported from the directory in its third argument, if there is one.
BOOT = (
    "import sys; ours = sys.argv[3:]; sys.path[:1] = ours; "
    "from streamparse import forkserver; del sys.path[:len(ours)]; forkserver.main()"
)


_HASH_SEED = "STREAMPARSE_HASH_SEED"


def hash_seed_environment(seed: int) -> dict[str, str]:
    """Return what the environment of components needs for this hash seed; theirs is 0 without it.

    Args:
        seed: as of ``PYTHONHASHSEED``.
    """
    return {_HASH_SEED: str(seed)} if seed else {}


class ForkServerGoneError(RuntimeError):
    """The fork server has ended: somebody killed it."""

    def __init__(self) -> None:
        super().__init__(GONE)


Answer = dict[str, Any]  # a JSON object of our own server


class ForkServerClient:
    """One fork server, and the conversation with it.

    Args:
        interpreter: the Python that it runs on.
        cwd: where it runs: the directory of the Python sources.
        env: its environment, and so that of every component that it forks.
    """

    def __init__(self, interpreter: str, cwd: str, env: Mapping[str, str]) -> None:
        self.made_with = (interpreter, cwd, env)
        self._control, theirs = socket.socketpair()
        python_path = env.get("PYTHONPATH", "")
        ours = [str(_OURS)] if interpreter == sys.executable else []  # else it has its own
        entries = [entry for entry in python_path.split(os.pathsep) if entry and entry != cwd]
        with theirs:
            self._process = subprocess.Popen(
                [interpreter, "-c", BOOT, str(theirs.fileno()), python_path, *ours],
                cwd=cwd,
                env={
                    **env,
                    "PYTHONPATH": os.pathsep.join(entries),
                    "PYTHONHASHSEED": env.get(_HASH_SEED, "0"),
                    "PYTHONSAFEPATH": "",
                },
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._answers = self._control.makefile("rb")
        self._awaited: deque[Answer] = deque()
        self.is_closed = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    # -- what can be asked of it

    def start(
        self,
        starts: Sequence[Mapping[str, object]],
        fds: Sequence[int],
        *,
        cwd: str,
        env: Mapping[str, str],
    ) -> Answer:
        """Ask it to start processes, and go on.

        Args:
            starts: for each its ``argv``, ``python_class`` (to fork; None: to spawn), ``seed`` and ``module_seed``.
            fds: stdin, stdout and stderr of each, in the same order.
            cwd: where they run.
            env: what is added to their environment.

        Returns:
            An object that the next ``catch_up`` fills in: ``started`` has a ``pid`` or an ``error`` for each.
        """
        request = {"do": "start", "cwd": cwd, "env": env, "starts": starts}
        return self._send(request, fds)

    def catch_up(self) -> None:
        """Wait for all answers that are still to come; they come in order.

        Raises:
            ForkServerGoneError: the fork server is gone.
        """
        while self._awaited:
            try:
                line = self._answers.readline()
            except ConnectionError:
                line = b""
            if not line:
                raise ForkServerGoneError
            self._awaited[0].update(json.loads(line))
            self._awaited.popleft()

    def wait(self, pids: Sequence[int], seconds: float) -> dict[int, int]:
        """Wait until all of these processes have ended, at most so long; the exit statuses of those that have.

        Raises:
            ForkServerGoneError: the fork server is gone.
        """
        statuses = self._ask({"do": "wait", "pids": pids, "seconds": seconds})["statuses"]
        return {
            pid: status for pid, status in zip(pids, statuses, strict=True) if status is not None
        }

    def kill(self, pids: Sequence[int]) -> None:
        """End these processes, and whatever they have started, at once.

        Raises:
            ForkServerGoneError: the fork server is gone.
        """
        self._ask({"do": "kill", "pids": pids})

    def _ask(self, request: Mapping[str, object]) -> Answer:
        answer = self._send(request)
        self.catch_up()
        return answer

    def _send(self, request: Mapping[str, object], fds: Sequence[int] = ()) -> Answer:
        packed = array.array("i", fds)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)] if fds else []
        data = json.dumps(request).encode() + b"\n"
        try:
            sent = self._control.sendmsg([data], ancillary)
            self._control.sendall(data[sent:])
        except ConnectionError:
            raise ForkServerGoneError from None
        answer: Answer = {}
        self._awaited.append(answer)
        return answer

    # -- its life

    def fileno(self) -> int:
        """The descriptor that can be read when an answer is there, or the server is gone."""
        return self._control.fileno()

    @property
    def is_alive(self) -> bool:
        """True when the server still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """Close the socket: the server ends what it has started, then itself."""
        self._close_socket()
        self._process.wait()

    def abandon(self) -> None:
        """Leave the server alone: in a fork of its owner, to which it does not belong."""
        self._close_socket()
        self._process.returncode = 0  # else the object would complain that nobody has waited

    def _close_socket(self) -> None:
        self.is_closed = True
        self._answers.close()
        self._control.close()


def kill_groups(pids: Sequence[int]) -> None:
    """End these processes with their groups, in place of the fork server that has started them and is gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


_idle: list[ForkServerClient] = []  # the one that was released last is the last


def acquire(interpreter: str, cwd: str, env: Mapping[str, str]) -> ForkServerClient:
    """A fork server for a simulation: one that was released, if there is one like this, else a new one."""
    env = {
        name: env[name]
        for name in sorted(env)
        if name == _HASH_SEED or not name.startswith(_PER_START)
    }
    for server in reversed(_idle):
        if server.made_with == (interpreter, cwd, env):
            _idle.remove(server)
            if server.is_alive:
                return server
            server.close()
    return ForkServerClient(interpreter, cwd, env)


def per_start(env: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that ``acquire`` leaves out: whoever starts a component passes it with the start."""
    return {name: value for name, value in env.items() if name.startswith(_PER_START)}


def release(server: ForkServerClient) -> None:
    """Keep a fork server that has ended all it had started for the next simulation."""
    _idle.append(server)
    if len(_idle) > MOST_IDLE:
        _idle.pop(0).close()


def start_fork_server(cwd: str | Path, interpreter: str = sys.executable) -> None:
    """Start a fork server while its simulation is still being prepared."""
    release(acquire(interpreter, os.path.abspath(cwd), os.environ))


@atexit.register
def close_idle() -> None:
    """End the fork servers that nobody uses now; this process does so when it ends."""
    while _idle:
        _idle.pop().close()


def _abandon_idle() -> None:
    for server in _idle:
        server.abandon()
    _idle.clear()


os.register_at_fork(after_in_child=_abandon_idle)
