"""A page is written over an old page, and over nothing else unless that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.page import page_html
from streamparse.cli.page_file import PageFile
from streamparse.cli.streams import OutputError
from streamparse.project import UsageError

PAGE = page_html("old", {"runs": []})


@pytest.mark.parametrize("before", [None, "", PAGE])
def test_a_new_file_an_empty_one_and_an_old_page_are_written(
    before: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "run.html"
    if before is not None:
        path.write_text(before)
    PageFile(str(path), "--html", force=False).write("new")
    assert path.read_text() == "new"


def test_another_file_is_written_over_by_force_only(tmp_path: Path) -> None:
    path = tmp_path / "notes.html"
    path.write_text("<p>mine")
    with pytest.raises(UsageError) as refused:
        PageFile(str(path), "--html", force=False)
    assert (str(refused.value), path.read_text()) == (
        f"--html {path}: the file exists and is no page of streamparse; expected another name, or --force as well",
        "<p>mine",
    )
    PageFile(str(path), "--html", force=True).write("new")
    assert path.read_text() == "new"


def test_a_place_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--output \S+: Is a directory$"):
        PageFile(str(tmp_path), "--output", force=False)
    with pytest.raises(UsageError, match=r"--html \S+: No such file or directory$"):
        PageFile(str(tmp_path / "none" / "x.html"), "--html", force=False)


def test_a_page_that_cannot_be_written_at_the_end_is_an_error_of_the_output() -> None:
    with pytest.raises(OutputError, match="--html /dev/full"):
        PageFile("/dev/full", "--html", force=True).write(PAGE)
