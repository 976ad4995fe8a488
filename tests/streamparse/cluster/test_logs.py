"""The selection of log files, and what is done with them on workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from streamparse.cluster import LogLine, LogSelection, find_logs, remove_logs, tail
from streamparse.project import OperationError, ProjectError, UsageError, environment_from
from tests.support.ssh_project import COUNT, NAME, WORDS, environment
from tests.support.sshd import Hosts

HERE = environment_from("here", {"workers": ["w1"], "log": {"path": "/var/log/storm"}})


def test_a_selection_that_cannot_be_meant_is_refused_before_anything_is_connected_to() -> None:
    with pytest.raises(ProjectError, match=r'log\.path is "logs"; expected an absolute path'):
        find_logs(LogSelection(environment_from("here", {"log": {"path": "logs"}}), "word"))
    with pytest.raises(UsageError) as caught:
        find_logs(LogSelection(HERE, "word", pattern="("))
    assert str(caught.value) == (
        "--pattern (: missing ), unterminated subpattern at position 0; "
        "expected a regular expression, such as count-bolt"
    )
    with pytest.raises(UsageError, match='"a b" is no name for a topology'):
        find_logs(LogSelection(HERE, "a b"))


@pytest.mark.real_ssh
def test_files_are_found_shown_and_removed_on_all_workers(
    hosts: Hosts, worker_logs: dict[str, Path]
) -> None:
    selection = LogSelection(environment(hosts), NAME, others=(f"{NAME}_2",))
    directory = worker_logs["worker1"]
    found = find_logs(selection)
    shown: list[LogLine | OperationError | str] = []
    assert tail(selection, lines=1, report=shown.append)
    removed: list[str] = []
    remove_logs(selection, found, report=removed.append)
    assert (found, sorted(map(str, shown)), sorted(removed), find_logs(selection)) == (
        {
            "worker1": [f"{directory}/{COUNT}"],
            "worker2": [f"{directory}/{COUNT}", f"{directory}/{WORDS}"],
        },
        sorted(
            str(LogLine(*line))
            for line in (
                ("worker1", COUNT, "two of worker1"),
                ("worker2", COUNT, "two of worker2"),
                ("worker2", WORDS, "three"),
            )
        ),
        ["worker1: 1 file removed", "worker2: 2 files removed"],
        {"worker1": [], "worker2": []},
    )


@pytest.mark.real_ssh
def test_a_directory_that_is_a_link_is_followed_and_a_name_with_a_line_break_leads_nowhere(
    hosts: Hosts, worker_logs: dict[str, Path]
) -> None:
    data = hosts["worker1"].data
    (data / "link").symlink_to("logs")
    odd = worker_logs["worker1"] / f"streamparse_{NAME}_x_1_2.log\nx"
    odd.write_text("odd\n")
    (worker_logs["worker1"] / f"streamparse_{NAME}_eu_count-bolt_4_5.log").write_text("another's\n")
    try:
        selection = LogSelection(
            environment(hosts, workers=["worker1"], log={"path": f"{hosts.data}/link"}), NAME
        )
        said: list[str] = []
        found = find_logs(selection, report=said.append)
        found["worker1"].append(f"{hosts.data}/logs/../link/{COUNT}")
        remove_logs(selection, found, report=said.append)
        assert (found["worker1"][0], said) == (
            f"{hosts.data}/link/{COUNT}",
            [
                "worker1: 3 files may be another topology's, by the name, and left alone",
                "worker1: 1 file removed",
            ],
        )
        assert odd.exists()
    finally:
        (data / "link").unlink()


@pytest.mark.real_ssh
def test_tail_shows_running_components_and_the_others_when_it_is_asked(
    hosts: Hosts, worker_logs: dict[str, Path]
) -> None:
    argv = [sys.executable, "-c", "print(flush=True); input()", "streamparse.run"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as component:
        assert component.stdout is not None
        component.stdout.readline()
        runs = f"streamparse_{NAME}_count-bolt_4_{component.pid}.log"
        (worker_logs["worker1"] / runs).write_text("it runs\n")
        outcomes = []
        for ended in (False, True):
            shown: list[LogLine | OperationError | str] = []
            where = environment(hosts, workers=["worker1"])
            selection = LogSelection(where, NAME, components=["count-bolt"], ended=ended)
            tail(selection, lines=1, report=shown.append)
            outcomes.append([each[1:] if isinstance(each, LogLine) else each for each in shown])
    assert outcomes == [
        [
            "worker1: 1 file may be another topology's, by the name, and left alone",
            "worker1: 1 older log left out; --ended shows them, too",
            (runs, "it runs"),
        ],
        [
            "worker1: 1 file may be another topology's, by the name, and left alone",
            *sorted([(runs, "it runs"), (COUNT, "two of worker1")]),
        ],
    ]
