"""The logs that ``tail`` and ``remove_logs`` select."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ssh_project import (
    NAME,
    run,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_a_topology_without_logs_is_told_with_the_nearest_one_that_is_here(
    hosts: Hosts, ssh_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none = f"in {hosts.data}/logs on any worker"
    assert run(capsys, "tail", "-n", "wordcuont") == (
        1, [], f"error: no logs of wordcuont {none}; did you mean \"wordcount\"?\n"
    )  # fmt: skip
    assert run(capsys, "remove_logs", "-y", "-n", NAME) == (
        0, [f"no logs of {NAME} {none}; has it run there, and is that where it logs?"], ""
    )  # fmt: skip
    assert run(capsys, "tail", "-n", "a b") == (
        2,
        [],
        'error: "a b" is no name for a topology; expected letters, digits, . _ and -, '
        "with a letter, a digit or _ in front\n",
    )
