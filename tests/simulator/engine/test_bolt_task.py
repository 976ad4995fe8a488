"""Storm's half of the conversation with a bolt (scenarios S7 and S15 to S18 of docs/storm.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pytest

from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import (
    Delivery,
    Emitted,
    Reported,
    Settled,
    TimerSet,
    system_tuple,
)
from simulator.engine.faults import Crash, CrashOrder, HangOrder, Order
from simulator.wire import protocol
from streamparse.multilang import ProtocolError
from tests.support.engine import copy, engine_of
from tests.support.table_top import bolt, one_bolt, run, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


# -- refusals


MISTAKES = [  # (what the bolt does, the finding, what Storm does)
    ("ack-twice", "ack of tuple 1, which it has settled already", "Acked a non-existent"),
    ("fail-after-ack", "fail of tuple 1, which it has settled already", "Failed a non-existent"),
    ("ack-unknown", "ack of tuple 123", "Acked a non-existent"),
    ("anchor-after-ack", "an emit anchored to tuple 1", "Anchored onto 1 after ack/fail"),
    (
        "undeclared",
        'an emit on stream "defualt", which "b" does not declare; did you mean "default"?',
        "Unknown stream ID: defualt",
    ),
    ("too-wide", "an emit of 3 values on stream", "Expected 1 fields but got 3 fields"),
    ("no-command", "a message without a command", "NullPointerException"),
    ("frobnicate", 'the unknown command "frobnicate"', "ignored silently"),
    ("metric", "a value for the metric 'm'", "Could not find metric by name[m]"),
    ("not-a-number", "NaN is not JSON", "unable to parse"),
    ("garbage", "bytes on stdout that are no message", "ClassCastException"),
    ("list-message", "a message that is no JSON object", "ClassCastException"),
    ("deep", "JSON nested more than 400 deep", "non natural depths"),
    ("huge", "a message of more than", "worker's memory"),
    ("regular-on-direct", "a regular emit on stream", "Cannot do regular emit to direct stream"),
]


@pytest.mark.parametrize(("order", "finding", "storm"), MISTAKES)
def test_a_broken_rule_is_named_with_what_storm_does(order: str, finding: str, storm: str) -> None:
    text = topology_text(
        spout(f'[["{order}"]]'),
        bolt("b", "Obeys", outputs='{"default" ["a"] "dir" (direct-stream ["a"])}')
        + bolt("sink", "Obeys", '{"b" :shuffle ["b" "dir"] :direct}'),
    )
    done = run_both(text)
    assert finding in done.finding
    assert storm in done.finding
    assert done.finding.startswith("b[3]: ")


# -- orders


def test_an_order_to_crash_at_an_ack_does_not_count_those_of_ticks() -> None:
    text = topology_text(
        spout('[["dog"] ["dog"]]'),
        bolt(
            "b",
            "TimedCounts",
            outputs='["w" "n"]',
            rest=':conf {"topology.tick.tuple.freq.secs" 1}',
        ),
    )
    order = CrashOrder("b", before="ack", nth=1)
    done = run(text, conf=T3, orders=[order], on_crash="ordered", seconds=5)
    assert [event["at"] for event in done.events("died", "b")] == [1500]


def test_a_hung_tuple_is_failed_by_timeout() -> None:
    order = HangOrder("b")
    done = run(one_bolt('[["ack-it"] ["ack-it"]]'), conf=T3, orders=[order])
    assert done.said("s")[2:] == ["acked 1", "failed 0"]
    assert done.report.warnings == [
        "1 tuples of s failed by timeout (3 s); held by b (1)",
    ]


# -- the conversation, byte for byte

PID, SYNC = b'{"pid":7}', b'{"command":"sync"}'


def beat(number: int) -> bytes:
    return protocol.heartbeat(str(-number))


def opened(
    storm: str = "2.8.3", orders: Sequence[Order] = (), *, strict: bool = True, ours: bool = True
) -> BoltTask:
    """Bolt b, task 3, with one subscriber, task 4; its handshake has been answered."""
    own = bolt("b", "Tells", outputs='["a"]')
    if not ours:
        own = '"b" (shell-bolt-spec {"s" :shuffle} ["node" "b.js"] ["a"])'
    text = topology_text(spout("[]"), own + bolt("c", "Tells", '{"b" :shuffle}'))
    task = engine_of(text, storm=storm, orders=orders, strict=strict).tasks.bolt(3)
    task.begin(b"hello\nend\n")
    assert (task.receive(PID), task.done) == (beat(1), False)
    assert (task.receive(SYNC), task.done) == (b"", True)
    return task


def handed(*deliveries: Delivery, **how: Any) -> BoltTask:
    """The same bolt, which has been handed these tuples."""
    task = opened(**how)
    task.inbox += deliveries
    task.work()
    return task


def test_a_bolt_is_written_its_tuples_and_a_heartbeat_behind_them() -> None:
    first, second = copy("1", 3, ["dog"]), copy("2", 3, ["cat"], stream="a/b")
    task = handed(first, second)
    assert task.whole_opening() == (
        b'{"comp":"s","tuple":["dog"],"task":9,"stream":"default","id":"1"}\nend\n'
        b'{"comp":"s","tuple":["cat"],"task":9,"stream":"a\\/b","id":"2"}\nend\n' + beat(2)
    )
    assert (task.batch, list(task.held), task.done) == ([first, second], ["1", "2"], False)
    task.receive(SYNC)
    assert task.done


def test_a_bolt_may_be_handed_a_part_of_what_waits_for_it() -> None:
    task = opened()
    task.inbox += [copy(number, 3) for number in "123"]
    task.work(2)
    assert ([each.id for each in task.batch], [each.id for each in task.inbox]) == (
        ["1", "2"],
        ["3"],
    )


def test_what_a_bolt_does_becomes_effects_in_the_order_of_its_messages() -> None:
    first, second = copy("1", 3), copy("2", 3)
    task = handed(first, second)
    replies = [
        task.receive(message)
        for message in (
            b'{"command":"emit","tuple":["x"],"anchors":["2","1"]}',
            b'{"command":"emit","tuple":["y"],"need_task_ids":false}',
            b'{"command":"ack","id":"1"}',
            b'{"command":"fail","id":"2"}',
            b'{"command":"timer","after_ms":5}',
            b'{"command":"error","msg":"no"}',
        )
    ]
    beat = protocol.heartbeat(
        "-3"
    )  # an error that user code sends by hand may bring a sync, or not
    assert replies == [b"[4]\nend\n", b"", b"", b"", b"", beat]
    emits, rest = task.effects[:2], task.effects[2:]
    assert [
        (each.text, each.targets, each.anchors) for each in emits if isinstance(each, Emitted)
    ] == [('["x"]', (4,), [second, first]), ('["y"]', (4,), [])]
    assert rest == [
        Settled("ack", first), Settled("fail", second), TimerSet(5), Reported("no"),
    ]  # fmt: skip
    assert (task.held, task.last_failed, task.in_hand) == ({}, second, [second])


def test_a_failure_names_the_tuples_that_the_bolt_says_it_was_working_on() -> None:
    first, second, third = copy("1", 3), copy("2", 3), copy("3", 3)
    task = handed(first, second, third)
    error = b'{"command":"error","msg":"no","sync_follows":true,"held":["1","3"]}'
    assert task.receive(error) == b""  # the sync behind it is certain
    for each in (b"1", b"2", b"3"):
        task.receive(b'{"command":"fail","id":"%b"}' % each)
    assert task.in_hand == [first, third]


def test_acks_and_fails_of_ticks_have_no_effect() -> None:
    task = handed(system_tuple("1", 3, "__tick", 1), system_tuple("2", 3, "__tick", 1))
    assert (task.holds_data, task.in_hand) == (0, [])
    task.receive(b'{"command":"ack","id":"1"}')
    task.receive(b'{"command":"fail","id":"2"}')
    assert (task.effects, task.held, task.last_failed) == ([], {}, None)


def test_a_timer_is_not_held() -> None:
    task = handed(system_tuple("1", 3, "__timer", 1500))
    assert (task.held, task.whole_opening().startswith(b'{"comp":"__system"')) == ({}, True)


def test_a_hang_order_keeps_its_tuple_from_the_bolt() -> None:
    task = handed(copy("1", 3), copy("2", 3), orders=[HangOrder("b")])
    assert (list(task.held), b'"id":"1"' in task.whole_opening()) == (["1", "2"], False)
    assert b'"id":"2"' in task.whole_opening()


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("ack", b'{"command":"ack","id":"1"}'),
        ("emit", b'{"command":"emit","tuple":["x"]}'),
    ],
)
def test_an_order_strikes_at_its_message_which_is_lost(
    before: Literal["ack", "emit"], message: bytes
) -> None:
    order = CrashOrder("b", before=before)
    task = handed(copy("1", 3), orders=[order])
    with pytest.raises(Crash) as crash:
        task.receive(message)
    assert (crash.value.order, task.effects, list(task.held)) == (order, [], ["1"])


def test_another_bolt_that_may_act_on_task_ids_is_asked_once_more() -> None:
    ours, other = handed(copy("1", 3)), handed(copy("1", 3), ours=False)
    emit = b'{"command":"emit","tuple":["x"]}'
    assert [ours.receive(emit), ours.receive(SYNC), ours.done] == [b"[4]\nend\n", b"", True]
    assert [other.receive(emit), other.receive(SYNC), other.done] == [b"[4]\nend\n", beat(3), False]
    assert [other.receive(SYNC), other.done] == [b"", True]


REFUSED = [  # (what the bolt sends of tuple 1, the finding, what Storm does)
    (
        b'{"command":"ack","id":"2"}',
        "ack of tuple 2, which it has settled already or never had",
        "the worker dies: Acked a non-existent or already acked/failed id: 2",
    ),
    (
        b'{"command":"fail","id":"2"}',
        "fail of tuple 2, which it has settled already or never had",
        "the worker dies: Failed a non-existent or already acked/failed id: 2",
    ),
    (
        b'{"command":"ack","id":1}',
        "ack of '1', which is no tuple id: ids are texts",
        "the worker dies: Acked a non-existent or already acked/failed id: 1",
    ),
    (
        b'{"command":"emit","tuple":["x"],"anchors":["1","2"]}',
        "an emit anchored to tuple 2, which it has settled already or never had",
        "the worker dies: Anchored onto 2 after ack/fail",
    ),
    (
        b'{"command":"bogus"}',
        'the unknown command "bogus"',
        "a message to a ShellBolt with an unknown command is ignored silently",
    ),
    (
        b'{"command":"metrics","name":"m","params":1}',
        "a value for the metric 'm', which no topology file can register",
        "the worker dies: Could not find metric by name[m]",
    ),
]


@pytest.mark.parametrize(("message", "finding", "storm"), REFUSED)
def test_what_no_bolt_sends_is_refused_with_what_storm_does(
    message: bytes, finding: str, storm: str
) -> None:
    task = handed(copy("1", 3))
    with pytest.raises(ProtocolError) as refused:
        task.receive(message)
    assert (refused.value.finding, refused.value.storm) == (finding, storm)


def test_leniently_an_unknown_command_is_ignored_and_an_id_is_taken_as_text() -> None:
    task = handed(copy("1", 3), strict=False)
    assert [task.receive(b'{"command":"bogus"}'), task.effects] == [b"", []]
    task.receive(b'{"command":"ack","id":1}')
    assert task.held == {}
