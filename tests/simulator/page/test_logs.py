"""The tuple that a log line belongs to."""

from __future__ import annotations

from simulator.page.logs import tuples_of
from simulator.page.source import LogLine
from simulator.page.tables import make_tables
from tests.support.pages import events_of

EVENTS = events_of(
    '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"id":1,"to":[[3,"1"]]}',
    '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[2],"id":2,"to":[[3,"2"],[4,"3"]]}',
    '{"at":1,"event":"ack","component":"b","task":3,"tuple":"1"}',
    '{"at":1,"event":"emit","component":"b","task":3,"stream":"default","values":[2],"anchors":["2"],"to":[]}',
    '{"at":1,"event":"ack","component":"b","task":3,"tuple":"2"}',
)
TAKEN = {"1": 1, "2": 1, "3": 1}


def _log(task: int, after: int, at_ms: int = 1) -> LogLine:
    return LogLine(at_ms, "b", task, "info", "hello", after)


def test_a_line_belongs_to_what_its_task_settles_or_anchors_to_next() -> None:
    lines = [_log(3, 2), _log(3, 3), _log(3, 4)]
    assert tuples_of(lines, make_tables(EVENTS, TAKEN)) == [0, 1, 1]


def test_behind_all_that_a_task_said_a_line_belongs_to_the_only_tuple_that_it_took() -> None:
    lines = [_log(4, 5), _log(3, 5), _log(4, -1), _log(5, 0, at_ms=0), _log(4, 5, at_ms=2)]
    assert tuples_of(lines, make_tables(EVENTS, TAKEN)) == [2, -1, 2, -1, -1]
