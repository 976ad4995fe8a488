"""Fault injection: rules that judge deliveries, and orders that strike at the n-th of something."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simulator.engine.effects import Delivery, Origin
from simulator.engine.faults import (
    Crash,
    CrashOrder,
    Delay,
    Drop,
    Fail,
    FaultError,
    HangOrder,
    LostAck,
    Nth,
    OutageOrder,
    Replay,
    Rule,
    Verdict,
    check_fault,
    judge,
    unstruck,
)
from simulator.model import Component, Grouping, Stream, Topology


def delivery(
    target: int = 4, stream: str = "default", values: list[object] | None = None
) -> Delivery:
    return Delivery(
        "1", target, Origin("word-spout", 6), stream, values or ["dog"], '["dog"]', None
    )


def verdicts(rule: Rule, *deliveries: tuple[str, Delivery]) -> list[Verdict | None]:
    return [rule.judge(component, each) for component, each in deliveries]


# -- rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [Drop(), Delay(250), Replay(), Fail()], ids=repr)
def test_the_nth_delivery_to_a_component_gets_the_verdict(verdict: Verdict) -> None:
    rule = Nth(verdict, "count-bolt", nth=3)
    found = verdicts(rule, *[("count-bolt", delivery())] * 5)
    assert found == [None, None, verdict, None, None]


def test_without_a_number_it_is_the_first() -> None:
    assert verdicts(Nth(Drop(), "b"), *[("b", delivery())] * 3) == [Drop(), None, None]


def test_with_no_number_it_is_every_delivery() -> None:
    assert verdicts(Nth(Drop(), "b", nth=None), *[("b", delivery())] * 3) == [Drop()] * 3


def test_only_deliveries_that_match_are_counted() -> None:
    rule = Nth(Fail(), "count-bolt", nth=2, stream="errors", task=5)
    found = verdicts(
        rule,
        ("count-bolt", delivery(5, "errors")),  # the first
        ("log-bolt", delivery(5, "errors")),
        ("count-bolt", delivery(4, "errors")),
        ("count-bolt", delivery(5, "default")),
        ("count-bolt", delivery(5, "errors")),  # the second
    )
    assert found == [None, None, None, None, Fail()]


def test_deliveries_are_counted_over_all_tasks_of_a_component() -> None:
    rule = Nth(Drop(), "count-bolt", nth=3)
    deliveries = [("count-bolt", delivery(task)) for task in (4, 5, 6, 4)]
    assert verdicts(rule, *deliveries) == [None, None, Drop(), None]


def test_the_first_verdict_holds_and_every_rule_has_counted() -> None:
    rules = [Nth(Drop(), "b", nth=1), Nth(Fail(), "b", nth=1), Nth(Delay(9), "b", nth=2)]
    judged = [judge(rules, "b", delivery()) for _ in range(3)]
    assert judged == [(rules[0], Drop()), (rules[2], Delay(9)), None]


def test_any_object_that_judges_is_a_rule_and_sees_the_values() -> None:
    class EveryDog:
        def judge(self, component: str, delivery: object) -> Verdict | None:
            assert isinstance(delivery, Delivery)
            return Replay() if delivery.values == ["dog"] else None

    rule = EveryDog()
    seen = [judge([rule], "b", delivery(values=[word])) for word in ("cat", "dog")]
    assert seen == [None, (rule, Replay())]


def test_without_rules_everything_passes() -> None:
    assert judge([], "b", delivery()) is None


# -- orders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["tuple", "emit", "ack"])
def test_a_crash_order_strikes_at_the_nth_of_its_kind_and_once(before: str) -> None:
    order = CrashOrder("count-bolt", before, nth=2)  # type: ignore[arg-type]  # one of the three
    points = ["tuple", "emit", "ack"] * 4
    struck = [at for at, point in enumerate(points) if order.strikes(4, point)]
    assert struck == [3 + points.index(before)]


def test_a_crash_order_counts_over_all_tasks_unless_one_is_named() -> None:
    any_task, one_task = CrashOrder("b", nth=2), CrashOrder("b", nth=2, task=5)
    tasks = [4, 5, 4, 5, 5]
    assert [any_task.strikes(task, "tuple") for task in tasks] == [False, True, False, False, False]
    assert [one_task.strikes(task, "tuple") for task in tasks] == [False, False, False, True, False]


def test_a_hang_order_takes_the_next_tuples_and_no_more() -> None:
    order = HangOrder("b", tuples=2)
    assert [order.takes(task) for task in (4, 5, 4, 5)] == [True, True, False, False]


def test_a_hang_order_for_one_task_leaves_the_others_alone() -> None:
    order = HangOrder("b", tuples=2, task=5)
    assert [order.takes(task) for task in (4, 5, 4, 5, 5)] == [False, True, False, True, False]


def test_a_crash_takes_the_whole_worker_unless_its_scope_is_the_task() -> None:
    assert [CrashOrder("b").scope, CrashOrder("b", scope="task").scope] == ["worker", "task"]


def test_a_crash_is_not_stopped_by_a_component_that_catches_every_exception() -> None:
    order = CrashOrder("b")

    def careless() -> None:
        try:
            raise Crash(order)
        except Exception:  # what a component might write
            return

    with pytest.raises(Crash) as crashed:
        careless()
    assert crashed.value.order is order


def as_any(value: object) -> Any:
    """A value of a type that is not allowed there."""
    return value


# -- faults that test nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CrashOrder("b", nth=0), "CrashOrder(nth=0): expected at least 1"),
        (lambda: CrashOrder("b", nth=as_any("2")), "CrashOrder(nth='2'): expected a whole number"),
        (
            lambda: CrashOrder("b", before=as_any("akc")),
            "CrashOrder(before='akc'): expected tuple, next, emit, ack, fail, tick or initialize "
            '(did you mean "ack"?)',
        ),
        (
            lambda: CrashOrder("b", scope=as_any("wroker")),
            "CrashOrder(scope='wroker'): expected worker or task (did you mean \"worker\"?)",
        ),
        (lambda: HangOrder("b", tuples=0), "HangOrder(tuples=0): expected at least 1"),
        (lambda: Nth(Drop(), "b", nth=0), "Nth(nth=0): expected at least 1"),
        (
            lambda: Nth(as_any("drop"), "b"),
            "Nth(verdict='drop'): expected one of Drop(), Delay(), Reorder(), Replay(), Duplicate(), Fail(), "
            "LostAck()",
        ),
        (lambda: Delay(-1), "Delay(ms=-1): expected at least 0"),
    ],
)
def test_a_fault_that_can_never_strike_is_refused_where_it_is_made(make: Any, message: str) -> None:
    with pytest.raises(FaultError, match=f"^{re.escape(message)}$"):
        make()


CHAIN = Topology(
    "chain",
    {
        "s": Component("s", "spout", outputs={"default": Stream(("word",))}),
        "fed": Component("fed", "spout", outputs={"default": Stream(("word",))}),
        "sink": Component("sink", "bolt", inputs={("s", "default"): Grouping("shuffle")}),
    },
)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            CrashOrder("snik"),
            "CrashOrder(component='snik'): topology 'chain' has no such component (did you mean \"sink\"?)",
        ),
        (
            CrashOrder("s", before="tuple"),
            "CrashOrder(before='tuple'): s is a spout; expected next, emit, ack, fail, initialize",
        ),
        (
            CrashOrder("sink", after="next"),
            "CrashOrder(after='next'): sink is a bolt; expected tuple, emit, ack, fail, tick, initialize",
        ),
        (
            OutageOrder("fed", 1),
            "OutageOrder(component='fed'): it has no process that could die, its rows come from a stub",
        ),
        (HangOrder("s"), "HangOrder(component='s'): that is a spout; expected a bolt: sink"),
        (Nth(Drop(), "sink", task=9), "Nth(task=9): the tasks of sink are [2]"),
        (
            Nth(Drop(), "sink", stream="defualt"),
            "Nth(stream='defualt'): sink gets no such stream (did you mean \"default\"?)",
        ),
        (
            "crash",
            "'crash' is no fault: expected CrashOrder, HangOrder, OutageOrder, Nth, or an object with "
            "judge(component, delivery)",
        ),
    ],
)
def test_a_fault_that_a_topology_has_no_place_for_is_refused(fault: Any, message: str) -> None:
    with pytest.raises(FaultError, match=f"^{re.escape(message)}$"):
        check_fault(fault, CHAIN, {"s": [3], "sink": [2]}, ["fed"])


def test_a_fault_that_never_struck_is_told_with_how_often_its_point_was_reached() -> None:
    crash, hang, drop = CrashOrder("b", nth=50), HangOrder("b", tuples=5), Nth(Drop(), "b", nth=50)
    late = Nth(LostAck(), "b", nth=1, task=4)
    crash.strikes(4, "tuple")
    for task in (4, 5):
        hang.takes(task)
    verdicts(late, ("b", delivery()))
    assert unstruck([crash, hang, drop, late]) == [
        "crash before tuple 50 of b never struck: 1 tuple was seen",
        "hang at 5 tuples of b never struck in full: 2 tuples were seen",
        "drop of tuple 50 to b never struck: 0 tuples were sent there",
        "lost-ack of tuple 1 to b[4] never struck: that tuple was never acked (1 tuple was sent there)",
    ]
