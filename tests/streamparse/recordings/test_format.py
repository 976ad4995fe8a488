"""The lines of a recording say the same when they are read as when they were written."""

from __future__ import annotations

import json

import pytest

from streamparse.recordings import (
    RECORDING_VERSION,
    End,
    Head,
    Idle,
    RecordingError,
    Said,
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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "'' is no line of a recording"),
        ("word", "'word' is no line of a recording"),
        ('["<",1]', "'[\"<\",1]' is no line of a recording"),
        ('["?",1,2]', "'[\"?\",1,2]' is no line of a recording"),
        ('["<","1",2]', '\'["<","1",2]\' is no line of a recording'),
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
