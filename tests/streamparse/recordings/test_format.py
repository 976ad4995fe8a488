"""The lines of a recording say the same when they are read as when they were written."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from streamparse.recordings import (
    RECORDING_VERSION,
    Block,
    BlockReader,
    End,
    Head,
    Idle,
    RecordingError,
    Said,
    block_text,
    end_line,
    head_line,
    idle_line,
    parse_line,
    said_line,
)

HEAD = Head("t", "count", 4, 12, "bolts.Count", "bolt", {"git": "v1"}, tuples=10, redacted=["card"])


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (head_line(HEAD), HEAD),
        (said_line("<", 5, '{"id":"1"}'), Said("<", 5, '{"id":"1"}')),
        (said_line(">", None, '{"a": [1, "],]"]}'), Said(">", None, '{"a": [1, "],]"]}')),
        (said_line("<", 0, "[4]"), Said("<", 0, "[4]")),
        (said_line(">", 7, 'no "json"\n', is_json=False), Said(">", 7, 'no "json"\n', False)),
        (idle_line(9, 12), Idle(9, 12)),
        (end_line(9, "limit", 3), End(9, "limit", 3)),
    ],
)
def test_a_line_is_read_as_it_was_written(line: str, entry: object) -> None:
    assert (parse_line(line), line.count("\n"), line[-1]) == (entry, 1, "\n")


def test_a_message_has_a_value_where_its_text_is_json() -> None:
    assert [Said("<", 0, "[4]").message, Said("<", 0, "[4", False).message] == [[4], None]


def test_a_head_of_a_later_streamparse_is_read_as_far_as_it_is_known() -> None:
    value = {**json.loads(head_line(HEAD)), "more": 1}
    assert parse_line(json.dumps(value)) == HEAD


LINES = [
    "-",
    '<{"id":"1"}',
    '{"command": "log"}',
    "-",
    '"no json"',
    "@3",
    "[1]",
    "null",
    "[2]",
    "",
    '{"command": "ack"}',
    "",
    "",
    "-",
    "~12",
    "@0",
    "",
]
TIMES = [5000, 7000, 9000, 10_000, 11_000, 12_000, 15_000]
ENTRIES = [
    Said("<", 4, '{"id":"1"}'),
    Said(">", 6, '{"command": "log"}'),  # the next time
    Said(">", 6, "no json", False),
    Said("<", 8, "[1]"),
    Said(">", 9, '{"command": "ack"}'),
    Said("<", 10, "[2]"),  # null is read, and not taken
    Idle(11, 12),
]


@pytest.mark.parametrize("times", [TIMES, [time + (1 << 60) for time in TIMES]])
def test_a_block_is_read_as_it_was_written(times: Sequence[int]) -> None:
    zero = times[0] - 4000
    head, *rest = block_text(zero, list(LINES), times).split("\n")
    block = parse_line(head)
    assert block == Block(zero, tuple(times))
    reader = BlockReader()
    reader.begin(block)
    for line in rest[:-1]:
        assert reader.is_within
        reader.add(line)
    assert (reader.entries, reader.is_within, rest[-1]) == (ENTRIES, False, "")


@pytest.mark.parametrize("line", ["word", "@x", "~x", '"', "<word", "{", "[1]", "-"])
def test_what_is_no_line_of_a_block_is_refused(line: str) -> None:
    reader = BlockReader()
    reader.begin(Block(0, ()))
    with pytest.raises(RecordingError, match=r"is no line of a recording$"):
        reader.add(line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "'' is no line of a recording"),
        ("word", "'word' is no line of a recording"),
        ('["<",1]', "'[\"<\",1]' is no line of a recording"),
        ('["?",1,2]', "'[\"?\",1,2]' is no line of a recording"),
        ('["<","1",2]', '\'["<","1",2]\' is no line of a recording'),
        ('["#",1,"AAA"]', '\'["#",1,"AAA"]\' is no line of a recording'),
        ('["#",1,"AAAA"]', '\'["#",1,"AAAA"]\' is no line of a recording'),
        ('["~",1,"2"]', '\'["~",1,"2"]\' is no line of a recording'),
        ('{"a": 1}', "'{\"a\": 1}' is no line of a recording"),
        ('{"recording": 1}', "'{\"recording\": 1}' is no line of a recording"),
        (
            f'{{"recording": {RECORDING_VERSION + 1}}}',
            f"a recording of version {RECORDING_VERSION + 1}; expected at most {RECORDING_VERSION}: read it with the "
            "streamparse that wrote it, or a later one",
        ),
    ],
)
def test_what_is_no_line_of_a_recording_is_refused_in_one_line(line: str, words: str) -> None:
    with pytest.raises(RecordingError) as caught:
        parse_line(line)
    assert str(caught.value) == words
