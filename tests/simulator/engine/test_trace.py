"""The trace: one JSON object a line, one digest however it is read, kept or handed on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.trace import Trace

LINES = [f'{{"at":{n},"event":"ack","component":"b","task":4,"tuple":"{n}"}}' for n in range(1300)]


def digest(lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


WHOLE = digest(LINES)


@pytest.mark.parametrize("count", [0, 1, 2, 511, 512, 513, 1024, 1300])
def test_the_digest_is_that_of_the_lines_with_their_line_breaks(count: int) -> None:
    trace = Trace()
    for line in LINES[:count]:
        trace.add(line)
    assert trace.sha256 == digest(LINES[:count])


LOOKS: list[Callable[[Trace], object]] = [
    Trace.flush,
    lambda trace: trace.sha256,
    lambda trace: trace.lines,
    str,
]


@given(
    looks=st.lists(st.tuples(st.integers(0, 1299), st.sampled_from(LOOKS))),
    keep=st.booleans(),
    handed_on=st.booleans(),
)
def test_nobody_changes_the_digest_by_looking(
    looks: list[tuple[int, Callable[[Trace], object]]], keep: bool, handed_on: bool
) -> None:
    trace = Trace(keep=keep, sink=(lambda text: None) if handed_on else None)
    at: dict[int, Callable[[Trace], object]] = dict(looks)
    for n, line in enumerate(LINES):
        trace.add(line)
        if n in at:
            at[n](trace)
    assert trace.sha256 == WHOLE


def test_lines_are_kept_when_asked_for_and_not_otherwise() -> None:
    kept, dropped = Trace(keep=True), Trace()
    for line in LINES:
        kept.add(line)
        dropped.add(line)
    assert [kept.lines, dropped.lines] == [LINES, []]
    assert [str(kept), str(dropped)] == ["".join(f"{line}\n" for line in LINES), ""]


def test_the_lines_handed_out_are_a_copy() -> None:
    trace = Trace(keep=True)
    trace.add(LINES[0])
    trace.lines.clear()
    assert trace.lines == LINES[:1]


def test_the_sink_gets_every_line_once_and_in_order_by_the_flush() -> None:
    pieces: list[str] = []
    trace = Trace(sink=pieces.append)
    for line in LINES:
        trace.add(line)
    trace.flush()
    trace.flush()
    assert "".join(pieces) == "".join(f"{line}\n" for line in LINES)


def test_a_file_that_the_sink_wrote_has_the_digest_of_the_trace(tmp_path: Path) -> None:
    written = tmp_path / "out.jsonl"
    with written.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        trace = Trace(sink=file.write)
        trace.event(0, "error", "b", 4, error="é \U0001f600 \ud83d \u2028 \x7f \x00")
        trace.flush()
    assert hashlib.sha256(written.read_bytes()).hexdigest() == trace.sha256
    assert len(written.read_text(encoding="utf-8").splitlines()) == 1


def test_an_event_is_one_json_object_with_its_parts_in_the_order_given() -> None:
    trace = Trace(keep=True)
    trace.event(1500, "fault", 'a "quoted" / bolt', 4, tuple="7", verdict="delay", ms=250)
    trace.event(1501, "failed", "spout", 6, id={"n": [1, None, 2.5]}, reason="timeout")
    assert trace.lines == [
        '{"at":1500,"event":"fault","component":"a \\"quoted\\" \\/ bolt","task":4,'
        '"tuple":"7","verdict":"delay","ms":250}',
        '{"at":1501,"event":"failed","component":"spout","task":6,"id":{"n":[1,null,2.5]},"reason":"timeout"}',
    ]
    assert list(trace.events()) == [
        {
            "at": 1500,
            "event": "fault",
            "component": 'a "quoted" / bolt',
            "task": 4,
            "tuple": "7",
            "verdict": "delay",
            "ms": 250,
        },
        {
            "at": 1501,
            "event": "failed",
            "component": "spout",
            "task": 6,
            "id": {"n": [1, None, 2.5]},
            "reason": "timeout",
        },
    ]


@given(
    component=st.text(),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_whatever_is_traced_reads_back_from_its_line(component: str, value: object) -> None:
    trace = Trace(keep=True)
    trace.event(1, "acked", component, 3, id=value)
    (line,) = str(trace).splitlines()
    assert json.loads(line) == {
        "at": 1,
        "event": "acked",
        "component": component,
        "task": 3,
        "id": value,
    }


def test_events_of_a_trace_that_keeps_nothing_are_none() -> None:
    trace = Trace()
    trace.event(1, "died", "b", 4, reason="killed")
    assert list(trace.events()) == []
    assert trace.sha256 != Trace().sha256
