"""The trace: one JSON object a line, one digest however it is read, kept or handed on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.events import Ack, Died, Error
from simulator.engine.trace import Trace
from tests.support.recorded import HEAD

EVENTS = [Ack(n, "b", 4, str(n)) for n in range(1300)]
LINES = [f'{{"at":{n},"event":"ack","component":"b","task":4,"tuple":"{n}"}}' for n in range(1300)]


def digest(lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


WHOLE = digest(LINES)


@pytest.mark.parametrize("count", [0, 1, 2, 511, 512, 513, 1024, 1300])
def test_the_digest_is_that_of_the_lines_with_their_line_breaks(count: int) -> None:
    trace = Trace()
    for event in EVENTS[:count]:
        trace.add(event)
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
    for n, event in enumerate(EVENTS):
        trace.add(event)
        if n in at:
            at[n](trace)
    assert trace.sha256 == WHOLE


def test_lines_are_kept_when_asked_for_and_not_otherwise() -> None:
    kept, dropped = Trace(keep=True), Trace()
    for event in EVENTS:
        kept.add(event)
        dropped.add(event)
    assert [kept.lines, dropped.lines] == [LINES, []]
    assert [str(kept), str(dropped)] == ["".join(f"{line}\n" for line in LINES), ""]


def test_the_lines_handed_out_are_a_copy() -> None:
    trace = Trace(keep=True)
    trace.add(EVENTS[0])
    trace.lines.clear()
    assert trace.lines == LINES[:1]


def test_the_sink_gets_every_line_once_and_in_order_by_the_flush() -> None:
    pieces: list[str] = []
    trace = Trace(sink=pieces.append)
    for event in EVENTS:
        trace.add(event)
    trace.flush()
    trace.flush()
    assert "".join(pieces) == "".join(f"{line}\n" for line in LINES)


def test_events_are_counted_whether_they_are_kept_or_not() -> None:
    trace, counts = Trace(), []
    for event in EVENTS:
        trace.add(event)
        counts.append(trace.count)
        trace.catch_up()
    assert (counts, trace.size) == ([*range(1, 1301)], 0)


def test_a_file_that_the_sink_wrote_has_the_digest_of_the_trace(tmp_path: Path) -> None:
    written = tmp_path / "out.jsonl"
    with written.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        trace = Trace(sink=file.write)
        trace.add(Error(0, "b", 4, "é \U0001f600 \ud83d \u2028 \x7f \x00"))
        trace.flush()
    assert hashlib.sha256(written.read_bytes()).hexdigest() == trace.sha256
    assert len(written.read_text(encoding="utf-8").splitlines()) == 1


def test_what_is_kept_is_there_as_events_as_lines_and_as_dicts() -> None:
    trace = Trace(keep=True)
    trace.add(EVENTS[3])
    trace.add(EVENTS[4])
    assert trace.events_from(0) == EVENTS[3:5]
    assert trace.events_from(1) == EVENTS[4:5]
    assert trace.lines == LINES[3:5]
    assert list(trace.events()) == [json.loads(line) for line in LINES[3:5]]


def test_events_of_a_trace_that_keeps_nothing_are_none() -> None:
    trace = Trace()
    trace.add(Died(1, "b", 4, "killed"))
    assert list(trace.events()) == []
    assert trace.sha256 != Trace().sha256


@pytest.mark.parametrize("count", [0, 1, 600])
def test_a_sink_may_be_given_the_head_first_and_the_digest_is_without_it(count: int) -> None:
    texts: list[str] = []
    trace = Trace(sink=texts.append, with_head=True)
    trace.head = HEAD
    for event in EVENTS[:count]:
        trace.add(event)
        trace.catch_up()
    trace.flush()
    trace.flush()
    assert "".join(texts).splitlines() == [HEAD.to_line(), *LINES[:count]]
    assert trace.sha256 == digest(LINES[:count])
