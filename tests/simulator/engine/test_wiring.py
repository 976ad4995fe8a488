"""The wiring of a run: what follows from a topology, its options and a Storm version."""

from __future__ import annotations

import json

import pytest

from simulator import RUN_CONF, Feed, RunOptions, TopologyError, parse_topology
from simulator.engine.bolt_task import BoltTask
from simulator.engine.faults import CrashOrder, HangOrder
from simulator.engine.feeds import FeedTask, SinkTask
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.wiring import Wiring, wire
from simulator.wire import Dialect
from tests.support.engine import wiring_of
from tests.support.table_top import (
    bolt,
    one_bolt,
    run,
    run_both,
    spout,
    topology_text,
)

#: Spout s has three executors of one task; bolt b has five tasks in two executors.
SPREAD = topology_text(
    spout("[]", p=3) + spout("[]").replace('"s"', '"t"'),
    bolt("b", "Tells", outputs='["a"]', rest=':p 2 :conf {"topology.tasks" 5}')
    + bolt("Zed", "Tells", '{"b" :shuffle "t" :all "s" ["a"]}'),
)


def test_a_tick_that_kills_the_worker_is_refused_before_anything_runs() -> None:
    text = one_bolt('[["drop"]]', rest=':conf {"topology.tick.tuple.freq.secs" "soon"}')
    with pytest.raises(TopologyError) as caught:
        run(text)
    assert str(caught.value) == (
        '<string>:2:171: component "b": :conf "topology.tick.tuple.freq.secs" is "soon" (Storm: 2.8.3 accepts it, '
        'and the worker dies: For input string: "soon"); expected a whole number of seconds'
    )
    whole = {"topology.tick.tuple.freq.secs": 1.0}
    with pytest.raises(
        TopologyError, match=r'^<string>: option "topology\.tick\.tuple\.freq\.secs" is 1\.0 '
    ):
        run(one_bolt('[["drop"]]'), conf=whole)


def test_a_shuffle_to_a_bolt_without_tasks_is_refused_from_2_0_on_and_skipped_before() -> None:
    text = topology_text(
        spout("[[1]]"),
        bolt("b", "Tells", rest=':conf {"topology.tasks" 0}') + bolt("c", "Tells"),
    )
    with pytest.raises(TopologyError, match="component \"b\": it cannot be sent the tuples of 's'"):
        run(text)
    assert run_both(text, storm="1.2.4").said("s") == ["sent [1] to [3]", "acked 0"]


@pytest.mark.parametrize("seconds", [5.5, None, "5"])
def test_a_message_timeout_that_is_no_whole_number_is_refused(seconds: object) -> None:
    with pytest.raises(TopologyError) as refused:
        wiring_of(SPREAD, {"topology.message.timeout.secs": seconds})
    finding = {5.5: "5.5", None: "nil", "5": '"5"'}[seconds]  # type: ignore[index]  # all can be keys
    assert str(refused.value) == (
        f'<string>: option "topology.message.timeout.secs" is {finding}; expected a whole number of seconds'
    )


# -- numbers


def test_tasks_are_numbered_and_dealt_to_executors_and_workers() -> None:
    wiring = wiring_of(SPREAD)
    assert wiring.task_ids == {
        "Zed": (1,), "__acker": (2, 3), "b": (4, 5, 6, 7, 8), "s": (9, 10, 11), "t": (12,),
    }  # fmt: skip
    assert wiring.ackers == (2, 3)
    assert {task: name for name, ids in wiring.task_ids.items() for task in ids} == dict(
        wiring.component_of
    )
    assert wiring.executors == [(1,), (4, 5, 6), (7, 8), (9,), (10,), (11,), (12,)]
    # The executors are dealt to the two workers in turn, the ackers' among them.
    assert wiring.workers == {
        1: 0, 2: 1, 3: 0, 4: 1, 5: 1, 6: 1, 7: 0, 8: 0, 9: 1, 10: 0, 11: 1, 12: 0,
    }  # fmt: skip


def test_without_ackers_there_are_no_acker_tasks() -> None:
    wiring = wiring_of(SPREAD, {"topology.acker.executors": 0})
    assert (wiring.ackers, wiring.task_ids["b"]) == ((), (2, 3, 4, 5, 6))


@pytest.mark.parametrize(
    ("storm", "served"), [("0.9.5", ["Zed", "b"]), ("1.2.4", ["Zed", "b"]), ("2.8.3", ["b", "Zed"])]
)
def test_the_subscribers_of_a_stream_are_in_that_storms_order(
    storm: str, served: list[str]
) -> None:
    text = topology_text(
        spout("[]"), bolt("b", "Tells") + bolt("Zed", "Tells", '{"s" :all}', rest=":p 2")
    )
    wiring = wiring_of(text, storm=storm)
    (task,) = wiring.task_ids["s"]
    found = wiring.subscribers[task]
    assert [each.component for each in found.streams["default"]] == served
    assert (found.component, found.fields) == ("s", {"default": ("a",)})


def test_each_task_has_groupings_of_its_own() -> None:
    wiring = wiring_of(SPREAD)
    of_9, of_10 = (wiring.subscribers[task].streams["default"] for task in (9, 10))
    assert [each.component for each in of_9] == [each.component for each in of_10]
    assert all(mine.choose is not other.choose for mine, other in zip(of_9, of_10, strict=True))


def test_who_is_subscribed_directly_has_no_grouping() -> None:
    text = topology_text(
        spout("[]", outputs='{"default" (direct-stream ["a"])}'),
        bolt("b", "Tells", '{"s" :direct}'),
    )
    wiring = wiring_of(text)
    (only,) = wiring.subscribers[4].streams["default"]
    assert (only.component, only.tasks, only.choose) == ("b", (3,), None)


# -- settings


@pytest.mark.parametrize(
    ("own", "conf", "limit"),
    [
        ("", {"topology.max.spout.pending": 10}, 20),  # of two tasks in one executor
        ('"topology.max.spout.pending" 3', {"topology.max.spout.pending": 10}, 6),
        ("", {"topology.max.spout.pending": None}, None),
        ("", {"topology.max.spout.pending": 0}, None),
    ],
)
def test_the_limit_of_an_executor_is_that_of_its_component_times_its_tasks(
    own: str, conf: dict[str, object], limit: int | None
) -> None:
    text = topology_text(spout("[]", f'"topology.tasks" 2 {own}', p=1), bolt("b", "Tells"))
    wiring = wiring_of(text, conf)
    assert wiring.pending_limit(wiring.executors[-1]) == limit


@pytest.mark.parametrize(
    ("conf", "timeout_ms", "has_timeouts"),
    [
        ({}, 60_000, True),  # of RUN_CONF
        ({"topology.message.timeout.secs": 3}, 3000, True),
        ({"topology.acker.executors": 0}, 60_000, False),
        ({"topology.enable.message.timeouts": False}, 60_000, False),
        ({"topology.enable.message.timeouts": None}, 60_000, True),
    ],
)
def test_tuples_time_out_where_there_are_ackers_and_the_topology_says_so(
    conf: dict[str, object], timeout_ms: int, has_timeouts: bool
) -> None:
    wiring = wiring_of(SPREAD, conf)
    assert (wiring.message_timeout_ms, wiring.has_timeouts) == (timeout_ms, has_timeouts)


@pytest.mark.parametrize(
    ("own", "conf", "seconds"),
    [
        ("", {}, None),
        ("", {"topology.tick.tuple.freq.secs": 4}, 4),
        ('"topology.tick.tuple.freq.secs" 2', {"topology.tick.tuple.freq.secs": 4}, 2),
        ('"topology.tick.tuple.freq.secs" nil', {"topology.tick.tuple.freq.secs": 4}, None),
    ],
)
def test_the_period_of_ticks_is_the_bolts_own_else_the_topologys(
    own: str, conf: dict[str, object], seconds: float | None
) -> None:
    wiring = wiring_of(one_bolt("[]", rest=f":conf {{{own}}}"), conf)
    assert wiring.tick_seconds("b") == seconds


@pytest.mark.parametrize(
    ("storm", "conf", "without"),
    [
        ("2.8.3", {}, True),
        ("2.2.0", {}, False),
        ("2.8.3", {"topology.workers": 1}, False),
        ("2.8.3", {"topology.fall.back.on.java.serialization": True}, False),
        ("2.2.0", {"topology.fall.back.on.java.serialization": False}, True),
    ],
)
def test_java_serialization_is_missed_between_workers_only(
    storm: str, conf: dict[str, object], without: bool
) -> None:
    assert wiring_of(SPREAD, conf, storm=storm).without_java_serialization is without


def test_a_handshake_names_its_task_and_shows_the_conf_of_its_component() -> None:
    wiring = wiring_of(one_bolt("[]", rest=':conf {"mine" 1} :p 2'))
    handshake = wiring.handshakes("b", "/tmp/pids")
    shown = [json.loads(handshake(task).removesuffix(b"\nend\n")) for task in (3, 4)]
    assert [each["context"]["taskid"] for each in shown] == [3, 4]
    assert {each["pidDir"] for each in shown} == {"/tmp/pids"}
    assert shown[0]["conf"] == wiring.confs["b"]
    assert (shown[0]["conf"]["mine"], "mine" in wiring.confs["s"]) == (1, False)


# -- tasks


def make(wiring: Wiring, task: int, *, is_active: bool = True) -> Task:
    return wiring.make_task(task, lambda *_: None, wiring.options.orders, is_active=is_active)


def shown_conf(conf: dict[str, object]) -> str:
    """The configuration in the handshake of a topology's bolt."""
    handshake = wiring_of(SPREAD, conf=conf).handshakes("b", "/tmp/pids")(4).decode()
    return json.dumps(json.loads(handshake.removesuffix("\nend\n"))["conf"].get("mine"))


def test_runs_of_one_topology_share_what_does_not_change_and_no_more() -> None:
    one, same, other = (wiring_of(SPREAD, conf={"mine": mine}) for mine in (1, 1, 2))
    assert (one.task_ids is same.task_ids, one.confs is same.confs) == (True, True)
    assert one.subscribers[4] is not same.subscribers[4]
    assert one.workers is not same.workers
    assert one.confs is not other.confs


def test_settings_that_are_equal_and_print_otherwise_are_not_shared() -> None:
    assert [shown_conf({"mine": mine}) for mine in (1, True, 1.0, 1)] == ["1", "true", "1.0", "1"]


def test_a_task_is_of_the_kind_of_its_component() -> None:
    text = topology_text(
        spout("[]", p=2) + spout("[]").replace('"s"', '"t"'),
        bolt("b", "Tells") + bolt("c", "Tells"),
    )
    wiring = wiring_of(text, feeds={"t": Feed([["x"], ["y"]])}, sinks=["c"])
    kinds = {wiring.component_of[task]: type(make(wiring, task)) for task in wiring.subscribers}
    assert kinds == {"b": BoltTask, "c": SinkTask, "s": SpoutTask, "t": FeedTask}


def test_a_task_knows_its_place_and_the_orders_of_its_component() -> None:
    orders = [CrashOrder("b"), CrashOrder("other"), HangOrder("b")]
    wiring = wiring_of(SPREAD, orders=orders)
    task = make(wiring, 6)
    assert (task.id, task.component, task.index, task.worker) == (6, "b", 2, 1)
    assert task.orders == [orders[0], orders[2]]
    assert task.subscribers is wiring.subscribers[6]
    assert (task.single_threaded, task.dialect) == (True, Dialect(smart=True, strict=True))


def test_a_command_that_is_no_streamparse_component_is_not_trusted_to_be_single_threaded() -> None:
    text = topology_text(spout("[]"), '"b" (shell-bolt-spec {"s" :shuffle} ["node" "b.js"] [])')
    assert make(wiring_of(text), 3).single_threaded is False


@pytest.mark.parametrize(
    ("storm", "ackers", "flags"),
    [  # (activates, nested_ack, false_is_an_id, error_kills, acks_unreceived, JSON is json-smart)
        ("0.9.4", 2, (False, False, False, True, False, False)),
        ("0.10.2", 2, (False, False, False, False, True, False)),
        ("1.2.4", 2, (True, False, False, False, True, False)),
        ("2.5.0", 2, (True, False, True, False, False, False)),
        ("2.8.3", 2, (True, False, True, False, False, True)),
        ("2.8.3", 0, (True, True, True, False, False, True)),
    ],
)
def test_a_spout_task_follows_its_storm(storm: str, ackers: int, flags: tuple[bool, ...]) -> None:
    conf = {"topology.acker.executors": ackers}
    wiring = wiring_of(topology_text(spout("[]"), bolt("b", "Tells")), conf, storm=storm)
    (number,) = wiring.task_ids["s"]
    task = make(wiring, number)
    assert isinstance(task, SpoutTask)
    assert flags == (
        task.activates,
        task.nested_ack,
        task.false_is_an_id,
        task.error_kills,
        task.acks_unreceived,
        task.dialect.smart,
    )


def test_a_spout_that_is_started_while_the_topology_is_inactive_is_not_activated() -> None:
    wiring = wiring_of(topology_text(spout("[]"), bolt("b", "Tells")))
    task = make(wiring, 4, is_active=False)
    assert isinstance(task, SpoutTask)
    assert task.activates is False


def test_a_number_that_is_none_and_an_unknown_storm_are_refused() -> None:
    with pytest.raises(TopologyError, match=r"topology\.workers is 1\.5"):
        wire(parse_topology(SPREAD), RunOptions(conf={**RUN_CONF, "topology.workers": 1.5}))
    with pytest.raises(ValueError, match=r"Storm version '0\.8\.2'"):
        wiring_of(SPREAD, storm_version="0.8.2")


def test_a_whole_float_in_a_setting_means_its_number_before_storm_2() -> None:
    conf: dict[str, object] = {
        "topology.message.timeout.secs": 5.0,
        "topology.max.spout.pending": 10.0,
        "topology.workers": 2.0,
    }
    wiring = wiring_of(SPREAD, conf, storm_version="1.2.4")
    assert (wiring.message_timeout_ms, wiring.pending_limit(wiring.executors[0])) == (5000, 10)
    with pytest.raises(TopologyError, match=r"Don't know how to convert 10\.0 to int"):
        wiring_of(SPREAD, conf, storm_version="2.8.3")
