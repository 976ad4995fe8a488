"""Files that people write by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamparse.project import Project, ProjectError
from streamparse.project.files import absolute
from tests.support.paths import ROOT


def test_what_is_no_utf_8_is_told_with_its_line() -> None:
    Path("config.json").write_bytes(b'{\n"library": "\xff"}')
    with pytest.raises(ProjectError) as caught:
        Project.find()
    assert str(caught.value) == "config.json: not UTF-8: byte 0xff in line 2; save it as UTF-8"


def test_the_mark_that_windows_editors_put_in_front_is_no_mistake() -> None:
    Path("config.json").write_text('{"envs": {"a": {}}}', encoding="utf-8-sig")
    assert [*Project.find().environments] == ["a"]


def test_a_working_directory_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("gone").mkdir()
    monkeypatch.chdir("gone")
    Path("../gone").rmdir()
    assert absolute(Path("/etc")) == Path("/etc")
    with pytest.raises(ProjectError) as caught:
        Project.find()
    assert str(caught.value) == (
        "the working directory cannot be found: No such file or directory; cd to a directory that exists"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user that does not exist")
def test_a_user_without_a_home_is_told() -> None:
    program = (
        "import os\n"
        "from streamparse.project import ProjectError, home_directory\n"
        "os.setuid(987_654_321)\n"
        "try:\n    home_directory()\n"
        "except ProjectError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (
        "no home directory: HOME is not set, and the user is not in /etc/passwd; set HOME\n"
    )
