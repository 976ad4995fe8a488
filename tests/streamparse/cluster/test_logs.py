"""The selection of log files, and what is done with them on workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.cluster import LogLine, LogSelection, find_logs, remove_logs, tail
from streamparse.cluster.logs import _LogFiles
from streamparse.project import OperationError, ProjectError, UsageError, environment_from
from tests.support.ssh_project import COUNT, NAME, WORDS, environment
from tests.support.sshd import Hosts

HERE = environment_from("here", {"workers": ["w1"], "log": {"path": "/var/log/storm"}})


@pytest.mark.parametrize(
    ("selection", "files"),
    [
        (LogSelection(HERE, "word"), ["streamparse_word_2_x_4.log", "streamparse_word_x_3.log"]),
        (LogSelection(HERE, "word", others=("word_2", "word")), ["streamparse_word_x_3.log"]),
        (LogSelection(HERE, "word_2", others=("word",)), ["streamparse_word_2_x_4.log"]),
        (LogSelection(HERE, "word", pattern=r"_\d\.log"), ["streamparse_word_2_x_4.log", "streamparse_word_x_3.log"]),
        (LogSelection(HERE, "word", pattern="_3"), ["streamparse_word_x_3.log"]),
    ],
)  # fmt: skip
def test_a_topologys_files_are_told_from_those_of_one_whose_name_begins_so(
    selection: LogSelection, files: list[str]
) -> None:
    there = ["streamparse_word_2_x_4.log", "streamparse_word_x_3.log"]
    matches = _LogFiles.of(selection).matches
    found = [name for name in there if name.startswith(f"streamparse_{selection.name}_")]
    assert [name for name in found if matches(f"/var/log/storm/{name}")] == files


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
@pytest.mark.timeout(300)
def test_files_are_found_shown_and_removed_on_all_workers(
    hosts: Hosts, worker_logs: dict[str, Path]
) -> None:
    selection = LogSelection(environment(hosts), NAME, others=(f"{NAME}_2",))
    directory = worker_logs["worker1"]
    found = find_logs(selection)
    shown: list[LogLine | OperationError] = []
    assert tail(selection, lines=1, report=shown.append)
    removed: list[str] = []
    remove_logs(selection.environment, found, report=removed.append)
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
