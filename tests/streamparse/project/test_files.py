"""Files that people write by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project import Project, ProjectError


def test_what_is_no_utf_8_is_told_with_its_line() -> None:
    Path("config.json").write_bytes(b'{\n"library": "\xff"}')
    with pytest.raises(ProjectError) as caught:
        Project.find()
    assert str(caught.value) == "config.json: not UTF-8: byte 0xff in line 2; save it as UTF-8"


def test_the_mark_that_windows_editors_put_in_front_is_no_mistake() -> None:
    Path("config.json").write_text('{"envs": {"a": {}}}', encoding="utf-8-sig")
    assert [*Project.find().environments] == ["a"]
