"""The log files of this machine's components: some are kept of each task."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamparse.cli.local_logs import KEPT, PATH, remove_old_logs, with_writable_logs
from streamparse.project import Project

GONE = 1 << 22  # more than the kernel gives: no process has this pid


def test_the_last_files_of_each_task_stay_and_those_of_living_processes(tmp_path: Path) -> None:
    stay, go = list[str](), list[str]()
    for age in range(KEPT + 2):
        (go if age >= KEPT - 1 else stay).extend(
            [f"streamparse_words_a_3_{GONE + age}.log", f"streamparse_words_a_3_{GONE + age}.log.1"]
        )
    stay += [
        f"streamparse_words_a_3_{os.getpid()}.log",
        f"streamparse_words_a_4_{GONE}.log",
        f"streamparse_other_a_3_{GONE}.log",
        "storm.log",
    ]
    for number, name in enumerate([*stay, *go]):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 1_000 - number))
    os.utime(tmp_path / f"streamparse_words_a_3_{os.getpid()}.log", (0, 0))
    remove_old_logs(tmp_path, "words")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stay)


def test_a_directory_that_is_missing_has_nothing_to_remove(tmp_path: Path) -> None:
    remove_old_logs(tmp_path / "missing", "words")


def test_the_directory_of_the_project_is_made_and_another_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    project = Project.find()
    ours, other = {PATH: str(project.logs_dir)}, {PATH: str(tmp_path / "other"), "a": 1}
    assert with_writable_logs(ours, project) == ours
    assert with_writable_logs(other, project) == {"a": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "logs"]
    assert capsys.readouterr().err == (
        f"warning: {tmp_path}/other: No such file or directory; this run goes on without log files "
        "(-o streamparse.log.path=DIRECTORY moves them)\n"
    )
