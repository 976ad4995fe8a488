"""``sparse trace --follow``: a file that is written while it is read."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.traces import Filter
from streamparse.cli.follow import follow
from streamparse.project import UsageError
from tests.support.recorded import CRASH, text_of

Capture = pytest.CaptureFixture[str]
TEXT = text_of(CRASH)
DIED = "   0.002 s  count[4] dies: KeyError: 'dog'\n"
AGAIN = "   0.002 s  count[4] is started again\n"
RESTARTS = Filter(names={"restart"})


class Writer:
    """Writes a file, a part whenever somebody waits for it; then interrupts."""

    def __init__(self, path: Path, *parts: str | Callable[[], object]) -> None:
        self._path = path
        self._parts = iter(parts)

    def __call__(self) -> None:
        part = next(self._parts, None)
        if part is None:
            raise KeyboardInterrupt
        if callable(part):
            part()
            return
        with self._path.open("a") as file:
            file.write(part)


def followed(
    capsys: Capture, path: Path, *parts: str | Callable[[], object], chosen: Filter = RESTARTS
) -> tuple[str, str]:
    with pytest.raises(KeyboardInterrupt):
        follow(str(path), chosen, Writer(path, *parts))
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "live.jsonl"


def test_events_are_shown_as_they_are_written(capsys: Capture, path: Path) -> None:
    half = len(TEXT) // 2  # in the middle of a line
    chosen = Filter(names={"died", "restart"})
    assert followed(capsys, path, TEXT[:half], TEXT[half:], chosen=chosen) == (
        DIED + AGAIN, f"{path} is not there yet\n",
    )  # fmt: skip


def test_a_file_that_is_made_shorter_begins_anew(capsys: Capture, path: Path) -> None:
    path.write_text(TEXT)
    assert followed(capsys, path, lambda: path.write_text(""), text_of(CRASH[:6])) == (
        AGAIN * 2,
        f"{path} is written anew\n",
    )


def test_another_file_of_the_same_name_begins_anew(capsys: Capture, path: Path) -> None:
    path.write_text(TEXT)
    other = path.with_name("other")
    other.write_text(TEXT)
    assert followed(capsys, path, lambda: other.rename(path)) == (
        AGAIN * 2, f"{path} is written anew\n",
    )  # fmt: skip


def test_a_file_that_is_removed_is_waited_for(capsys: Capture, path: Path) -> None:
    path.write_text(TEXT)
    assert followed(capsys, path, path.unlink, TEXT) == (
        AGAIN * 2, f"{path} is written anew\n{path} is not there yet\n",
    )  # fmt: skip


def test_what_cannot_be_read_is_told_at_the_end(capsys: Capture, path: Path) -> None:
    path.write_text(TEXT + '{"at":1,"event":"new","component":"a","task":1}\n')
    _, err = followed(capsys, path)
    assert err == (
        f"warning: {path}: line 16: the event 'new' is not known to this version; "
        "1 such line is left out\n"
    )


def test_what_is_no_trace_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(TEXT.encode()) + b"\nx\n" * 1000)
    for name, words in ((str(tmp_path), "Is a directory"), (str(packed), "it is no trace")):
        with pytest.raises(UsageError, match=words):
            follow(name, Filter(), KeyboardInterrupt)
