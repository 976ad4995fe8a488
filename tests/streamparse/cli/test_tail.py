"""``sparse tail``: the last lines of all workers, and those that come."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.ssh_project import (
    COUNT,
    NAME,
    WORDS,
    config,
    run,
    sparse,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_tail_shows_the_last_lines_of_the_topologys_own_logs(
    ssh_project: Path, worker_logs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "tail", "-n", NAME, "-l", "2") == (
        0,
        [
            f"worker1: ==> {COUNT} <==",
            "worker1: ",
            "worker1: two of worker1",
            f"worker2: ==> {COUNT} <==",
            "worker2: ",
            "worker2: two of worker2",
            f"worker2: ==> {WORDS} <==",
            "worker2: three",
        ],
        "",
    )
    status, out, _ = run(capsys, "tail", "-n", NAME, "--all", "--pattern", "6700|spout", "--json")
    assert (status, out) == (
        0,
        [
            '{"host": "worker1", "file": "worker-6700.log", "text": "Storm\'s"}',
            f'{{"host": "worker2", "file": "{WORDS}", "text": "three"}}',
            '{"host": "worker2", "file": "worker-6700.log", "text": "Storm\'s"}',
        ],
    )


def test_tail_goes_on_until_it_is_interrupted_and_leaves_no_process(
    hosts: Hosts, ssh_project: Path, worker_logs: dict[str, Path]
) -> None:
    config(ssh_project, hosts, workers=["worker2"])
    with sparse(hosts, "tail", "-n", NAME, "-f", "-l", "1", "--pattern", "count-bolt") as process:
        assert process.stdout is not None
        seen = [process.stdout.readline(), process.stdout.readline()]
        with (worker_logs["worker2"] / COUNT).open("a") as file:
            file.write("four\n")
        seen.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert seen == [f"==> {COUNT} <==\n", "two of worker2\n", "four\n"]
    hosts["worker2"].wait_until_idle()


def test_tail_waits_for_a_log_and_follows_one_that_is_begun_later(
    hosts: Hosts, ssh_project: Path, worker_logs: dict[str, Path]
) -> None:
    config(ssh_project, hosts, workers=["worker2"])
    later = COUNT.replace("_99.", "_100.")
    with sparse(hosts, "tail", "-n", NAME, "-f", "-l", "1", "--pattern", "count-bolt") as process:
        assert process.stdout is not None
        seen = [process.stdout.readline(), process.stdout.readline()]
        (worker_logs["worker2"] / later).write_text("first of the next process\nsecond\n")
        seen += [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert seen == [
        f"==> {COUNT} <==\n",
        "two of worker2\n",
        f"==> {later} <==\n",
        "first of the next process\n",
        "second\n",
    ]
    hosts["worker2"].wait_until_idle()


def test_a_worker_that_cannot_be_reached_does_not_keep_the_others_logs_back(
    hosts: Hosts,
    ssh_project: Path,
    worker_logs: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    config(ssh_project, hosts, workers=["worker1", "nobody@worker2"])
    status, out, err = run(capsys, "tail", "-n", NAME, "-l", "1")
    assert (
        status,
        out,
        [line.partition(": ")[0] for line in err.splitlines()],
        err.splitlines()[-1],
    ) == (
        1,
        [f"worker1: ==> {COUNT} <==", "worker1: two of worker1"],
        ["warning", "error"],
        "error: no logs, or not all of them, from nobody@worker2; see above",
    )


def test_tail_makes_what_a_terminal_obeys_visible_unless_it_is_asked_not_to(
    hosts: Hosts,
    ssh_project: Path,
    worker_logs: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    config(ssh_project, hosts, workers=["worker2"])
    (worker_logs["worker2"] / WORDS).write_bytes(b"\x1b]0;owned\x07\tcaf\xc3\xa9 \x9b2J\n")
    asked = ["tail", "-n", NAME, "--pattern", "spout"]
    assert [run(capsys, *asked)[1][1], run(capsys, *asked, "--raw")[1][1]] == [
        "\\x1b]0;owned\\x07\tcaf\xe9 \ufffd2J",
        "\x1b]0;owned\x07\tcaf\xe9 \ufffd2J",
    ]
