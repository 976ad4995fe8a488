"""``sparse remove_logs``: what is removed, and what is asked before."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest

from streamparse.cli.sparse import main
from tests.support.ssh_project import (
    COUNT,
    NAME,
    WORDS,
    sparse,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_remove_logs_removes_the_topologys_own_and_nothing_else(
    ssh_project: Path, worker_logs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove_logs", "-n", NAME, "--yes"]) == 0
    directory = worker_logs["worker1"]
    shown = capsys.readouterr().out.splitlines()
    assert (shown[:5], sorted(shown[5:])) == (
        [
            "worker1:",
            f"    {directory}/{COUNT}",
            "worker2:",
            f"    {directory}/{COUNT}",
            f"    {directory}/{WORDS}",
        ],
        ["worker1: 1 file removed", "worker2: 2 files removed"],
    )
    assert {
        name: sorted(path.name for path in each.iterdir()) for name, each in worker_logs.items()
    } == (
        {
            name: [f"streamparse_{NAME}_2_count-bolt_4_97.log", "worker-6700.log"]
            for name in worker_logs
        }
    )


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("\n", 2), ("\x04", 2)])
def test_remove_logs_asks_at_a_terminal_and_takes_only_a_yes(
    hosts: Hosts, ssh_project: Path, worker_logs: dict[str, Path], answer: str, left: int
) -> None:
    terminal, theirs = pty.openpty()
    with sparse(
        hosts, "remove_logs", "-n", NAME, "--pattern", "count-bolt", stdin=theirs
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        said = ""
        while not said.endswith("? [y/N] "):
            said += process.stdout.read(1)
        os.write(terminal, answer.encode())
        assert process.wait() == 0
    os.close(terminal)
    assert said.endswith("Remove 2 files? [y/N] ")
    assert len([*worker_logs["worker1"].glob(COUNT), *worker_logs["worker2"].glob(COUNT)]) == left


def test_remove_logs_without_a_terminal_wants_a_yes_on_the_command_line(
    hosts: Hosts, ssh_project: Path
) -> None:
    with sparse(hosts, "remove_logs", "-n", NAME) as process:
        assert (process.communicate(), process.returncode) == (
            (
                "",
                "error: no terminal to ask for a confirmation; expected -y\n",
            ),
            2,
        )
