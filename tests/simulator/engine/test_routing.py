"""Where effects go, and which values cannot leave their worker (scenario S24 of docs/storm.md)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulator.engine import faults
from simulator.engine.effects import (
    Delivery,
    Effect,
    Emitted,
    Notified,
    Reported,
    Settled,
    Settlement,
    TimerSet,
    print_values,
)
from simulator.engine.routing import Counts
from simulator.engine.tracker import Pending
from simulator.wire import Emit
from streamparse.multilang import ProtocolError
from tests.support.engine import Engine, copy, engine_of
from tests.support.table_top import bolt, run_both, spout, topology_text

NOT_REGISTERED = "the worker dies: Class is not registered: "


def test_the_emits_of_a_component_are_those_on_all_streams() -> None:
    counts = Counts()
    assert counts.emits == 0
    counts.emitted.update(default=2, odd=3)
    assert counts.emits == 5


@pytest.mark.parametrize(
    ("row", "conf", "storm", "java_class"),
    [
        ("[1 2]", {}, "2.8.3", "org.apache.storm.shade.net.minidev.json.JSONArray"),
        ("[1 2]", {}, "1.2.4", "org.apache.storm.shade.org.json.simple.JSONArray"),
        ('{"a" 1}', {}, "2.8.3", "org.apache.storm.shade.net.minidev.json.JSONObject"),
        ("0.30000000000000004", {}, "2.8.3", "java.math.BigDecimal"),
        ("0.30000000000000004", {}, "1.2.4", ""),
        ("[1 2]", {}, "0.10.2", ""),
        ('"x"', {}, "2.8.3", ""),
        ("[1 2]", {"topology.workers": 1}, "2.8.3", ""),
        ("[1 2]", {"topology.fall.back.on.java.serialization": True}, "2.8.3", ""),
    ],
)
def test_values_that_kryo_does_not_know_kill_their_worker_on_the_way_to_another(
    row: str, conf: dict[str, object], storm: str, java_class: str
) -> None:
    text = topology_text(spout(f"[[{row}] [{row}]]"), bolt("b", "Tells", '{"s" :all}', rest=":p 3"))
    done = run_both(text, conf=conf, storm=storm)
    assert [failure.storm for failure in done.report.failures] == (
        [NOT_REGISTERED + java_class] if java_class else []
    )


# -- the router alone: ackers 1 and 2, bolt b 3, bolt c 4, spout s 5

TEXT = topology_text(
    spout("[]", outputs='{"default" ["a"] "unread" ["a"]}'),
    bolt("b", "Obeys", '{"s" :all}', '["a"]') + bolt("c", "Obeys", '{"s" :all "b" :shuffle}'),
)


def emitted(
    value: object,
    *targets: int,
    stream: str = "default",
    message_id: object = None,
    anchors: Sequence[Delivery] = (),
    offset_ms: int = 0,
) -> Emitted:
    """The emit of one value."""
    text, is_plain = print_values(emit := Emit([value], stream, id=message_id))
    return Emitted(emit, text, is_plain, targets, anchors, offset_ms)


def route(engine: Engine, task: int, *effects: Effect) -> None:
    """Route these effects of a task."""
    engine.tasks[task].effects += effects
    engine.router.route(engine.tasks[task])
    assert engine.tasks[task].effects == []


def taken(engine: Engine, task: int) -> list[Delivery]:
    """What waits for a bolt's task."""
    return list(engine.tasks.bolt(task).inbox)


def test_an_emit_with_an_id_begins_a_tree_with_an_edge_for_each_copy() -> None:
    engine = engine_of(TEXT)
    engine.agenda.now_ms = 40
    route(engine, 5, emitted("x", 4, 3, message_id=[7], offset_ms=2))
    (entry,) = engine.tracker.pending
    assert (entry.task, entry.message_id, entry.emitted_ms) == (5, [7], 42)
    copies = [*taken(engine, 4), *taken(engine, 3)]
    assert [list(each.roots or ()) for each in copies] == [[entry.root], [entry.root]]
    assert engine.trace.lines == [
        '{"at":42,"event":"emit","component":"s","task":5,"stream":"default","values":["x"],"id":[7],'
        '"to":[[4,"1"],[3,"2"]]}'
    ]
    for each in copies:
        engine.tracker.ack(each)
    assert engine.notices(5) == [Settlement("ack", [7], 42)]


def test_an_emit_without_an_id_is_in_no_tree() -> None:
    engine = engine_of(TEXT)
    route(engine, 5, emitted("x", 3))
    assert ([each.roots for each in taken(engine, 3)], engine.tracker.pending) == ([None], [])
    assert engine.trace.lines == [
        '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":["x"],"to":[[3,"1"]]}'
    ]


@pytest.mark.parametrize(
    ("storm", "notified"), [("2.8.3", [Settlement("ack", 7, 0)]), ("1.2.4", [])]
)
def test_a_reliable_emit_to_nobody_is_acked_by_the_acker_or_was_acked_inside_the_emit(
    storm: str, notified: list[Settlement]
) -> None:
    engine = engine_of(TEXT, storm=storm)
    route(engine, 5, emitted("x", stream="unread", message_id=7))
    assert (engine.notices(5), engine.tracker.pending) == (notified, [])


def test_without_ackers_nothing_is_tracked() -> None:
    engine = engine_of(TEXT, {"topology.acker.executors": 0})
    route(engine, 3, emitted("x", 1, message_id=7))
    assert ([each.roots for each in taken(engine, 1)], engine.tracker.pending) == ([None], [])


def test_a_copy_that_a_bolt_emits_is_in_all_trees_of_its_anchors() -> None:
    engine = engine_of(TEXT)
    anchors = [copy("a", 3, roots={1: 8}), copy("b", 3, roots={1: 16, 2: 32}), copy("c", 3)]
    route(engine, 3, emitted("x", 4, anchors=anchors))
    (sent,) = taken(engine, 4)
    first, second, third = (anchor.ackval for anchor in anchors)
    assert sent.roots == {1: first ^ second, 2: second}
    assert (first != second, third) == (True, 0)
    assert engine.trace.lines == [
        '{"at":0,"event":"emit","component":"b","task":3,"stream":"default","values":["x"],'
        '"anchors":["a","b","c"],"to":[[4,"1"]]}'
    ]


def test_each_copy_adds_an_edge_to_its_anchor() -> None:
    engine = engine_of(TEXT)
    anchor = copy("a", 3, roots={1: 8})
    route(engine, 3, emitted("x", 4, 4, anchors=[anchor]))
    edges = [(each.roots or {})[1] for each in taken(engine, 4)]
    assert anchor.ackval == edges[0] ^ edges[1] != 0


def test_of_a_stream_that_nobody_reads_the_last_values_are_kept() -> None:
    engine = engine_of(TEXT)
    for number in range(7):
        route(engine, 5, emitted(number, stream="unread"))
    assert list(engine.router.outputs["s", "unread"]) == ["[2]", "[3]", "[4]", "[5]", "[6]"]
    assert ("s", "default") not in engine.router.outputs


def test_what_happens_is_counted() -> None:
    engine = engine_of(TEXT)
    held = [copy(number, 3, roots={1: 8}) for number in "12"]
    route(engine, 3, emitted("x", 4), Settled("ack", held[0]), Settled("fail", held[1]))
    engine.agenda.now_ms = 100
    route(
        engine,
        5,
        emitted("x", 3, message_id=1),
        emitted("x", stream="unread"),
        Notified(Settlement("ack", 1, 40)),
        Notified(Settlement("ack", 2, 90)),
        Notified(Settlement("ack", 3, -1)),  # inside its emit: its latency is not known
        Notified(Settlement("fail", 4, 0)),
        Notified(Settlement("fail", 5, 0, "timeout")),
    )
    assert engine.router.counts["b"] == Counts(emitted={"default": 1}, acked=1, failed=1)
    assert engine.router.counts["s"] == Counts(
        emitted={"default": 1, "unread": 1},
        acked=3,
        failed=2,
        reliable=1,
        timeouts=1,
        timed=2,
        latency_ms=70,
        slowest_ms=60,
    )


def test_every_effect_but_a_timer_is_an_event_of_its_own() -> None:
    engine = engine_of(TEXT)
    held = copy("9", 3)
    engine.timers.lives[3] = 1
    route(
        engine,
        3,
        Settled("ack", held),
        Settled("fail", held),
        Reported("Traceback\n  line\nValueError: no\n"),
        Reported(" "),
        TimerSet(5),
    )
    route(
        engine,
        5,
        Notified(Settlement("ack", "a/b", 0)),
        Notified(Settlement("fail", 1, 0, "timeout")),
    )
    assert engine.trace.lines == [
        '{"at":0,"event":"ack","component":"b","task":3,"tuple":"9"}',
        '{"at":0,"event":"fail","component":"b","task":3,"tuple":"9"}',
        '{"at":0,"event":"error","component":"b","task":3,"message":"ValueError: no"}',
        '{"at":0,"event":"error","component":"b","task":3,"message":""}',
        '{"at":0,"event":"acked","component":"s","task":5,"id":"a\\/b"}',
        '{"at":0,"event":"failed","component":"s","task":5,"id":1,"reason":"timeout"}',
    ]
    assert engine.agenda.next_ms == 5


def test_a_settlement_reaches_the_tracker_unless_a_rule_has_the_ack_lost() -> None:
    engine = engine_of(TEXT, rules=[faults.Nth(faults.LostAck(), "b", nth=2)])
    for root in (1, 2, 3):
        engine.tracker.open(Pending(5, root, root, 0), 8)
    copies = [copy(str(root), 3, roots={root: 8}) for root in (1, 2, 3)]
    engine.network.send(copies)
    route(
        engine, 3, Settled("ack", copies[0]), Settled("ack", copies[1]), Settled("fail", copies[2])
    )
    assert engine.notices(5) == [Settlement("ack", 1, 0), Settlement("fail", 3, 0)]


def test_what_is_behind_a_value_that_cannot_leave_its_worker_never_happens() -> None:
    engine = engine_of(TEXT)  # b and s are in worker 0, c in worker 1
    assert [engine.tasks[task].worker for task in (3, 4, 5)] == [0, 1, 0]
    route(engine, 5, emitted([1], 3), emitted({"k": 1}, 4, message_id=7), emitted("x", 3))
    assert (engine.inbox(3), engine.inbox(4)) == (["1"], [])
    outcome = engine.tasks[5].outcome
    assert isinstance(outcome, ProtocolError)
    assert outcome.finding.startswith(
        'an emit of a map on stream "default" to a task in another worker; '
    )
    assert engine.router.counts["s"].emitted == {"default": 2}
