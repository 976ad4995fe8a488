"""The head of a trace file: whose trace it is, in one line that is no event."""

from __future__ import annotations

import pytest

from simulator.engine import RunOptions, TraceError, head_of
from simulator.engine.events import from_lines
from simulator.engine.head import Head, HeadComponent, HeadInput
from tests.support.engine import wiring_of
from tests.support.recorded import HEAD, PLAIN, text_of
from tests.support.sparse import TOPOLOGY


def test_the_head_has_the_topology_its_tasks_and_its_workers() -> None:
    wiring = wiring_of(TOPOLOGY, seed=7, work={"count-bolt": "30ms"})
    assert head_of(wiring) == Head(
        format=1,
        topology="words",
        storm=RunOptions().storm_version,
        seed="7",
        timeout_ms=60_000,
        components=(
            HeadComponent("word-spout", "spout", (5,), {"default": ("word",)}, (), False),
            HeadComponent(
                "count-bolt",
                "bolt",
                (3, 4),
                {"default": ("word", "count")},
                (HeadInput("word-spout", "default", '["word"]'),),
                True,
            ),
        ),
        workers=((3, 5), (4,)),
    )


def test_what_is_printed_is_read_back() -> None:
    line = HEAD.to_line()
    assert (Head.is_line(line), Head.from_line(line)) == (True, HEAD)


def test_it_knows_where_each_task_belongs() -> None:
    assert (dict(HEAD.component_of), dict(HEAD.worker_of)) == (
        {5: "words", 3: "count", 4: "count", 6: "store"},
        {3: 1, 5: 1, 4: 2, 6: 2},
    )


def test_what_a_later_version_adds_is_ignored() -> None:
    line = HEAD.to_line().replace('{"trace":1,', '{"trace":1,"colour":"red",')
    assert Head.from_line(line) == HEAD


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            HEAD.to_line().replace('"trace":1', '"trace":2'),
            "a trace of format 2; this version reads 1",
        ),
        ('{"trace":1}', "not the head of a trace .*missing required field `topology`"),
        ('{"trace":', "not the head of a trace .*truncated"),
    ],
)
def test_what_is_no_head_is_refused_with_what_was_found(line: str, error: str) -> None:
    with pytest.raises(TraceError, match=error):
        Head.from_line(line)


def test_the_events_of_a_file_are_read_without_its_head() -> None:
    assert from_lines(text_of(PLAIN).splitlines()) == PLAIN
