"""Which files of ``src/`` go to the workers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamparse.jvm.shipped import NOT_SHIPPED, copy_sources, shipped_files
from streamparse.project import ProjectError
from tests.support.paths import ROOT


def write(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(name)


def test_all_files_are_shipped_but_what_tools_leave(tmp_path: Path) -> None:
    shipped = [".env", ".settings/a.json", "bolts/words.py", "data/words.txt", "words.py"]
    write(tmp_path / "src", *shipped)
    write(
        tmp_path / "src",
        "__pycache__/a.py",
        "a.pyc",
        ".git/config",
        ".DS_Store",
        ".a.swp",
        "a~",
        "#a#",
        ".#a",
    )
    files = copy_sources(tmp_path / "src", tmp_path / "copy")
    copy = tmp_path / "copy"
    copied = sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file())
    assert ([*map(str, files)], copied) == (shipped, shipped)


def test_links_are_followed(tmp_path: Path) -> None:
    write(tmp_path, "shared/lib/a.py", "src/b.py")
    (tmp_path / "src" / "lib").symlink_to(tmp_path / "shared" / "lib")
    assert [*map(str, shipped_files(tmp_path / "src"))] == ["b.py", "lib/a.py"]


def test_all_that_cannot_be_shipped_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "src/words.py")
    source = Path("src")
    (source / "gone.py").symlink_to("nowhere.py")
    (source / "loop").symlink_to(".")
    os.mkfifo(source / "pipe")
    with pytest.raises(ProjectError) as caught:
        shipped_files(source)
    assert caught.value.problems == (
        "src/gone.py: a link to nowhere.py, which is not there; remove the link, or put the file there",
        "src/loop: a link to a directory that it is in, which has no end; remove it",
        "src/pipe: neither a file nor a directory, and a jar has nothing else; move it away",
    )


def test_the_page_lists_what_is_not_shipped() -> None:
    page = (ROOT / "docs" / "clusters.md").read_text(encoding="utf-8")
    assert [pattern for pattern in NOT_SHIPPED if f"`{pattern}`" not in page] == []
