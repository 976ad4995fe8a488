"""Reading a trace file: whole, cut, damaged, of another version, compressed, and what is no trace at all."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from simulator.engine import events
from simulator.traces import TraceFileError, TraceReader, open_trace, reading, unpacked
from tests.support.recorded import HEAD, NAMES, PLAIN, text_of

TEXT = text_of(PLAIN)
WRITER = "expected a file that `sparse simulate --trace FILE` has written"


def read(data: bytes | str) -> tuple[list[events.Event], TraceReader]:
    reader = TraceReader(
        unpacked(io.BytesIO(data.encode() if isinstance(data, str) else data)), "run.jsonl"
    )
    return list(reader), reader


def test_a_whole_file_gives_its_head_its_events_and_no_problem() -> None:
    found, reader = read(TEXT)
    assert (found, reader.head, reader.component_of, reader.lines, reader.count, reader.problems) == (
        PLAIN, HEAD, NAMES, 11, 10, [],
    )  # fmt: skip


def test_a_file_that_windows_has_saved_is_read_as_it_was() -> None:
    found, reader = read(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert (found, reader.head, reader.problems) == (PLAIN, HEAD, [])


def test_without_a_head_the_names_of_tasks_come_from_their_events() -> None:
    found, reader = read(text_of(PLAIN, head=None))
    assert (found, reader.head, reader.component_of) == (PLAIN, None, NAMES)


def test_of_a_file_that_is_cut_all_is_read_but_the_last_line() -> None:
    found, reader = read(TEXT[:-10])
    assert (found, reader.problems) == (
        PLAIN[:-1],
        ["run.jsonl: line 11, the last, is cut: what happened after 4 ms is not known"],
    )


def test_a_last_line_without_a_line_break_that_is_whole_is_read() -> None:
    found, reader = read(TEXT[:-1])
    assert (found, reader.problems) == (PLAIN, [])


def test_events_and_keys_of_another_version_are_left_out_and_told_once_each() -> None:
    lines = TEXT.splitlines()
    lines[2] = lines[2].replace("}", ',"colour":"red"}')
    lines[4] = lines[4].replace("}", ',"colour":"red"}')
    lines[5] = lines[5].replace('"emit"', '"compacted"')
    found, reader = read("\n".join(lines) + "\n")
    assert (found, reader.problems) == (
        [*PLAIN[:4], *PLAIN[5:]],
        [
            "run.jsonl: line 3: the key 'colour' of emit is not known to this version; it is left out of 1 event",
            "run.jsonl: line 5: the key 'colour' of ack is not known to this version; it is left out of 1 event",
            "run.jsonl: line 6: the event 'compacted' is not known to this version; 1 such line is left out",
        ],
    )


def test_damaged_lines_are_left_out_and_counted() -> None:
    lines = TEXT.splitlines()
    damaged = "\n".join([*lines[:2], "{", "\x00\xff", *lines[2:], ""])
    found, reader = read(damaged)
    assert (found, reader.problems) == (
        PLAIN,
        ["run.jsonl: line 3: it is no event of a trace; 2 such lines are left out"],
    )


def test_a_head_of_a_later_format_is_told_and_the_events_are_read() -> None:
    found, reader = read(TEXT.replace('"trace":1', '"trace":9'))
    assert (found, reader.problems) == (
        PLAIN,
        ["run.jsonl: line 1: a trace of format 9; this version reads 1; the names of tasks come from their events"],
    )  # fmt: skip


def test_a_second_trace_in_the_file_is_not_taken_for_the_same_run() -> None:
    found, reader = read(TEXT + TEXT)
    assert (found, reader.problems) == (
        PLAIN,
        ["run.jsonl: line 12: another trace begins here; it is not read"],
    )


def test_many_kinds_of_damage_take_a_few_lines() -> None:
    odd = "".join(
        f'{{"at":1,"event":"new-{number}","component":"a","task":1}}\n' for number in range(100)
    )
    _, reader = read(TEXT + odd)
    assert len(reader.problems) == reading.MOST_PROBLEMS + 1
    assert reader.problems[-1] == (
        "run.jsonl: line 17: and other kinds of lines; 95 such lines are left out"
    )


def test_a_line_that_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINE_BYTES", 2000)
    found, reader = read(TEXT + "x" * 5000 + "\n" + text_of(PLAIN[:1], head=None))
    assert (found, reader.problems) == (
        [*PLAIN, PLAIN[0]],
        ["run.jsonl: line 12: it is longer than 64 MiB; 1 such line is left out"],
    )


def test_a_file_compressed_by_gzip_is_read_as_it_was() -> None:
    found, reader = read(gzip.compress(TEXT.encode()))
    assert (found, reader.problems) == (PLAIN, [])


def test_of_a_compressed_file_that_is_cut_what_is_there_is_read() -> None:
    found, reader = read(gzip.compress(TEXT.encode() * 2000, 0)[:3000])
    assert found == PLAIN
    assert reader.problems[0].startswith("run.jsonl: line 12: another trace begins here")
    packed = gzip.compress(TEXT.encode(), 0)
    found, reader = read(packed[: len(packed) // 2])
    assert found == PLAIN[: len(found)]
    assert len(reader.problems) == 1
    assert reader.problems[0].startswith("run.jsonl: the compressed data ends behind line ")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"\x7fELF\x02\x01\x00", "it is no trace: line 1 is '\\x7fELF\\x02\\x01\\x00'"),
        (b"hello\nworld\n", "it is no trace: line 1 is 'hello'"),
        (b'{"at":1}\n' * 5000, """it is no trace: line 1 is '{"at":1}'"""),
        (b"x" * 100 + b"\n", f"it is no trace: line 1 is '{'x' * 40}'..."),
    ],
)
def test_what_is_no_trace_is_refused_with_what_was_found(data: bytes, found: str) -> None:
    with pytest.raises(TraceFileError) as caught:
        read(data)
    assert str(caught.value) == f"run.jsonl: {found}; {WRITER}"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (".", ".: Is a directory"),
        ("none", "none: No such file or directory"),
        ("a\0b", "'a\\x00b': embedded null byte"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_opened_is_named(
    name: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TraceFileError) as caught:
        open_trace(name)
    assert str(caught.value) == f"{found}; {WRITER}"


def test_a_file_is_opened_and_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(TEXT)
    with open_trace(str(tmp_path / "a")) as file:
        assert list(TraceReader(file, "a")) == PLAIN
