"""The numbers of a run: of its components, tasks, streams, messages and faults."""

from __future__ import annotations

from simulator.engine.events import EVENTS
from simulator.page.graph import graph_of_events
from simulator.page.tables import make_tables
from simulator.page.totals import totals_json
from tests.support.pages import events_of

# Message 1 times out, as task 3 loses it when it dies, and its second attempt is acked; message 2 is acked late and its
# word goes to both tasks of c; message 3 is pending.
RUN = events_of(
    '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":["a"],"id":1,"to":[[3,"1"]]}',
    '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":["b"],"id":2,"to":[[3,"2"]]}',
    '{"at":1,"event":"emit","component":"b","task":3,"stream":"words","values":["b"],"anchors":["2"],"to":[[6,"3"],[7,"4"]]}',
    '{"at":1,"event":"ack","component":"b","task":3,"tuple":"2"}',
    '{"at":1,"event":"fault","component":"c","task":7,"verdict":"delay","tuple":"4","due":8}',
    '{"at":2,"event":"died","component":"b","task":3,"reason":""}',
    '{"at":2,"event":"restart","component":"b","task":3}',
    '{"at":3,"event":"ack","component":"c","task":6,"tuple":"3"}',
    '{"at":8,"event":"ack","component":"c","task":7,"tuple":"4"}',
    '{"at":9,"event":"acked","component":"s","task":5,"id":2}',
    '{"at":10,"event":"failed","component":"s","task":5,"id":1,"reason":"timeout"}',
    '{"at":11,"event":"emit","component":"s","task":5,"stream":"default","values":["a"],"id":1,"to":[[3,"5"]]}',
    '{"at":11,"event":"emit","component":"s","task":5,"stream":"default","values":["d"],"id":3,"to":[[3,"6"]]}',
    '{"at":15,"event":"ack","component":"b","task":3,"tuple":"5"}',
    '{"at":16,"event":"acked","component":"s","task":5,"id":1}',
    '{"at":17,"event":"error","component":"b","task":3,"message":"KeyError: d"}',
)  # fmt: skip
GRAPH = graph_of_events(RUN)


def test_the_numbers_are_those_of_components_tasks_streams_messages_and_faults() -> None:
    assert [node.name for node in GRAPH.nodes] == ["s", "b", "c"]
    assert [(link.source, link.stream, link.target) for link in GRAPH.links] == [
        ("b", "words", "c"),
        ("s", "default", "b"),
    ]
    found = totals_json(GRAPH, make_tables(RUN))
    kinds = dict(zip(EVENTS, found.pop("kinds"), strict=True))
    assert {name: count for name, count in kinds.items() if count} == {
        "emit": 5, "ack": 4, "acked": 2, "failed": 1, "error": 1, "fault": 1, "died": 1, "restart": 1,
    }  # fmt: skip
    none = dict.fromkeys(("failed", "died", "restarts", "errors", "pending", "queue", "queueAt"), 0)
    assert found == {
        "events": 16,
        "outcomes": [1, 2, 0, 1, 0, 0],
        "messages": {
            "all": 3, "unusual": 2, "timeout": 1, "failed": 0, "pending": 1, "forgotten": 0, "again": 1,
            "againAcked": 1,
        },
        "faults": {"delay": 1},
        "components": [
            none | {"emitted": 4, "acked": 2, "failed": 1, "pending": 1, "taken": 0, "queueTask": 5},
            none | {
                "emitted": 1, "acked": 2, "died": 1, "restarts": 1, "errors": 1, "pending": 1, "taken": 4,
                "queue": 1, "queueAt": 1, "queueTask": 3,
            },
            none | {"emitted": 0, "acked": 2, "taken": 2, "queueTask": 6},
        ],
        "tasks": [
            {"taken": 0, "queue": 0, "queueAt": 0},
            {"taken": 4, "queue": 1, "queueAt": 1},
            {"taken": 1, "queue": 0, "queueAt": 0},
            {"taken": 1, "queue": 0, "queueAt": 0},
        ],
        "flows": [2, 4],
    }  # fmt: skip


def test_a_queue_is_what_came_and_was_not_taken_and_what_is_taken_makes_room_first() -> None:
    emits = [
        f'{{"at":{at},"event":"emit","component":"s","task":5,"stream":"default","values":[],"to":[[3,"{at}"]]}}'
        for at in (0, 1, 2, 9)
    ]
    acks = [
        f'{{"at":{10 + at},"event":"ack","component":"b","task":3,"tuple":"{at}"}}'
        for at in (0, 1, 2, 9)
    ]
    events = events_of(*emits, *acks)
    graph = graph_of_events(events)
    numbers = [
        totals_json(graph, make_tables(events, taken))["tasks"][1]
        for taken in (
            {"0": 3, "1": 3, "2": 4, "9": 12},
            {"0": 1, "1": 2, "2": 3, "9": 10},
            {"0": 1, "1": 12, "2": 12, "9": 10},
        )
    ]
    assert [(each["queue"], each["queueAt"]) for each in numbers] == [(2, 2), (0, 0), (2, 3)]
