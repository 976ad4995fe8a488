"""The file of a trace takes lines until it cannot, and then knows why."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import Trace
from streamparse.cli.trace_file import TraceFile, write_trace
from streamparse.project import UsageError
from tests.support.recorded import HEAD, PLAIN, text_of


def test_it_takes_lines(tmp_path: Path) -> None:
    file = TraceFile(str(tmp_path / "trace"), force=False)
    file.write("one\n")
    file.close()
    assert (file.error, (tmp_path / "trace").read_text()) == (None, "one\n")


@pytest.mark.parametrize("before", ["", text_of(PLAIN), text_of(PLAIN, head=None)])
def test_an_old_trace_is_written_over(tmp_path: Path, before: str) -> None:
    (tmp_path / "trace").write_text(before)
    file = TraceFile(str(tmp_path / "trace"), force=False)
    file.write("one\n")
    file.close()
    assert (tmp_path / "trace").read_text() == "one\n"


@pytest.mark.parametrize("before", ['["dog"]\n', "{}", "import os\n", "<!doctype html>", "\0"])
def test_a_file_that_is_no_trace_is_left_as_it_is(tmp_path: Path, before: str) -> None:
    path = tmp_path / "file"
    path.write_text(before)
    with pytest.raises(UsageError) as caught:
        TraceFile(str(path), force=False)
    said = f"--trace {path}: the file exists and is no trace; expected another name, or --force as well"
    assert (str(caught.value), path.read_text()) == (said, before)


def test_the_first_error_stays_and_nothing_is_raised() -> None:
    file = TraceFile("/dev/full", force=False)
    file.write("one\n")
    file.write("two\n")
    file.close()
    assert str(file.error) == "--trace /dev/full: cannot be written: No space left on device"


def test_a_file_that_cannot_be_opened_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--trace .*: Is a directory"):
        TraceFile(str(tmp_path), force=False)


def test_a_trace_that_was_kept_is_written_with_its_head(tmp_path: Path) -> None:
    trace = Trace(keep=True)
    trace.head = HEAD
    for event in PLAIN:
        trace.add(event)
    write_trace(TraceFile(str(tmp_path / "trace"), force=False), trace)
    assert (tmp_path / "trace").read_text() == text_of(PLAIN)
