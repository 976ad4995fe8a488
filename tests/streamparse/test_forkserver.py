"""The fork server of component processes, asked over its socket."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from simulator.transports.fork_server_client import BOOT
from streamparse.starting import NEEDED

BOLT = """
from streamparse import Bolt

class Ends(Bolt):
    def run(self):
        raise SystemExit(5)

class Stays(Bolt):
    def run(self):
        import time
        time.sleep(1000)

class Looks(Bolt):
    def run(self):
        import json, os
        links = []
        for fd in range(3, 100):
            try:
                links.append(os.readlink(f"/proc/self/fd/{fd}").partition(":")[0])
            except FileNotFoundError:
                pass
        with open("descriptors.json", "w") as file:
            json.dump(links, file)
        raise SystemExit(0)
"""

# What a debugger does that follows forks: each child has a connection of its own when fork returns.
DEBUGGER = """
import os, sys, types
sys.modules["pydevd"] = types.ModuleType("pydevd")
def fork(fork=os.fork):
    pid = fork()
    if not pid:
        os.pipe()
    return pid
os.fork = fork
"""


HIDING = sorted(
    sys.stdlib_module_names - NEEDED - {*sys.builtin_module_names, "antigravity", "this"}
)


class Owner:
    """The owner of a fork server, with its end of the socket."""

    def __init__(self, directory: Path, boot: str = BOOT) -> None:
        self._directory = directory
        (directory / "parts.py").write_text(BOLT)
        self.socket, theirs = socket.socketpair()
        with theirs:
            theirs.set_inheritable(True)
            argv = [sys.executable, "-c", boot, str(theirs.fileno()), ""]
            self.server = subprocess.Popen(argv, cwd=directory, pass_fds=[theirs.fileno()])
        self._answers = self.socket.makefile("rb")

    def ask(self, request: Mapping[str, object], *fds: int) -> Any:
        socket.send_fds(self.socket, [json.dumps(request).encode() + b"\n"], fds)
        return json.loads(self._answers.readline())

    def start(self, **what: object) -> Any:
        """Start one component or command without any input or output; the answer."""
        nothing = os.open(os.devnull, os.O_RDWR)
        start = {"python_class": None, "seed": "0", "module_seed": "0", **what}
        try:
            request = {"do": "start", "cwd": str(self._directory), "env": {}, "starts": [start]}
            (answer,) = self.ask(request, nothing, nothing, nothing)["started"]
        finally:
            os.close(nothing)
        return answer

    def status(self, pid: int, seconds: float = 1000) -> int | None:
        """The exit status of a child, which is waited for."""
        status: int | None
        (status,) = self.ask({"do": "wait", "pids": [pid], "seconds": seconds})["statuses"]
        return status


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    made = Owner(tmp_path)
    yield made
    made.socket.close()
    made._answers.close()
    assert made.server.wait() == 0


def test_a_class_is_forked_and_a_command_is_spawned_and_both_leave_their_status(
    owner: Owner,
) -> None:
    forked = owner.start(python_class="parts.Ends")
    spawned = owner.start(argv=["sh", "-c", "exit 3"])
    assert [owner.status(each["pid"]) for each in (forked, spawned)] == [5, 3]


def test_a_command_that_does_not_exist_is_an_answer_with_the_systems_words(owner: Owner) -> None:
    assert owner.start(argv=["/no/such/command"]) == {"error": "No such file or directory"}


def test_a_child_that_still_runs_has_no_status_and_is_killed_when_that_is_asked_for(
    owner: Owner,
) -> None:
    pid = owner.start(python_class="parts.Stays")["pid"]
    assert owner.status(pid, seconds=0) is None
    assert owner.ask({"do": "kill", "pids": [pid]}) == {}
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_when_its_owner_has_gone_it_ends_and_all_its_children_do(owner: Owner) -> None:
    child = os.pidfd_open(owner.start(argv=["sleep", "1000"])["pid"])
    owner.socket.shutdown(socket.SHUT_RDWR)
    status = owner.server.wait()
    ended, _, _ = select.select([child], [], [])
    os.close(child)
    assert (status, ended) == (0, [child])


def test_what_a_component_leaves_behind_in_a_session_of_its_own_ends_with_the_last_component(
    owner: Owner,
) -> None:
    program = (
        "import os, subprocess; "
        "subprocess.Popen(['sleep', '1000'], start_new_session=True); "
        "os.fork() or (os.setsid(), os.fork() and os._exit(0), os.execlp('sleep', 'sleep', '1000'))"
    )
    first = owner.start(argv=[sys.executable, "-c", program])["pid"]
    other = owner.start(argv=["sleep", "1000"])["pid"]
    assert owner.status(first) == 0
    server = Path(f"/proc/{owner.server.pid}/task/{owner.server.pid}/children")
    assert owner.ask({"do": "kill", "pids": [first]}) == {}
    assert owner.ask({"do": "kill", "pids": [other]}) == {}
    assert server.read_text() == ""


def test_modules_of_the_sources_are_not_those_of_the_server(tmp_path: Path) -> None:
    for name in HIDING:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('mine')\n")
    (tmp_path / "random.py").write_text("STATUS = 5\n")
    made = Owner(tmp_path)
    (tmp_path / "parts.py").write_text(
        "import random\n"
        "from streamparse import Bolt\n"
        "class Ends(Bolt):\n"
        "    def run(self):\n"
        "        raise SystemExit(random.STATUS)\n"
    )
    try:
        pid = made.start(python_class="parts.Ends")["pid"]
        assert made.status(pid) == 5
    finally:
        made.socket.close()
        made._answers.close()
        assert made.server.wait() == 0


@pytest.mark.parametrize(("before", "pipes"), [("", []), (DEBUGGER, ["pipe", "pipe"])])
def test_a_component_has_no_descriptor_of_the_server_but_those_that_a_debugger_gave_it(
    before: str, pipes: list[str], tmp_path: Path
) -> None:
    made = Owner(tmp_path, f"{before}\n{BOOT}")
    assert made.status(made.start(python_class="parts.Looks")["pid"]) == 0
    links = json.loads((tmp_path / "descriptors.json").read_text())
    assert sorted(links) == ["/dev/null", "/dev/null", *pipes]  # its own stdin and stdout
    made.socket.close()
    made._answers.close()
    assert made.server.wait() == 0
