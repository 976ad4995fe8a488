"""One run of an exploration: its topologies, its schedule, and which exceptions are failures."""

from __future__ import annotations

from typing import Any

import pytest

from planted import components as planted
from simulator.engine import Drawn, Replayed, Step, choices_of, faults, steps_of
from simulator.exploring.cases import Case, Fault, to_text
from simulator.exploring.explored_run import Run
from streamparse import Bolt, Tuple
from streamparse.testing import (
    ComponentError,
    HarnessError,
    Storm,
)
from tests.support.explored_store import (
    PLANTED,
    ROWS,
    case_of,
    each,
    store,
    struck,
)


def test_a_schedule_never_has_one_tuple_overtake_another_on_its_way(empty_storm: Storm) -> None:
    late = 0
    for run in empty_storm.explore(40, faults=[]):
        with store(run, parallelism={"store-bolt": 1}) as topology:
            topology.complete()
            assert topology["store-bolt"].received == ROWS
            late += sum(event["event"] == "late" for event in topology.trace.events())
    assert late > 20


def test_what_was_drawn_replays_to_the_same_trace(empty_storm: Storm) -> None:
    def trace(choices: Any) -> list[str]:
        feed = empty_storm.feed(ROWS)
        planted.DATABASE.clear()
        topology = empty_storm.topology(
            PLANTED / "store.clj", spouts={"rows": feed}, mode="inprocess", choices=choices
        )
        return topology.complete().trace.lines

    for seed in range(10):
        drawn = Drawn(seed, wild=0.6)
        once = trace(drawn)
        assert trace(Replayed(choices_of(steps_of(drawn.recorded)))) == once


def test_a_run_may_have_several_topologies(empty_storm: Storm) -> None:
    where: set[int] = set()
    for run in empty_storm.explore(60, faults=["drop"], most_faults=1):
        where |= {fault.topology for fault in run.case.faults}
        for nth in (0, 1):
            with store(run) as topology:
                topology.complete()
                wanted = sum(fault.topology == nth for fault in run.case.faults)
                assert struck(topology, "drop") <= wanted
    assert where == {0, 1}


def test_a_failure_in_the_second_topology_of_a_run_is_made_small_too(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        for nth in (0, 1):
            with store(run) as topology:
                topology.complete()
                assert not (nth == 1 and struck(topology, "drop"))

    with pytest.raises(AssertionError):
        each(empty_storm.explore(200, faults=["drop", "duplicate"]), body)
    assert case_of(empty_storm).faults == (Fault("drop", "store-bolt", 1, topology=1),)


def test_the_body_may_have_rules_and_orders_of_its_own(empty_storm: Storm) -> None:
    rule, order = faults.Nth(faults.Duplicate(), "store-bolt"), faults.CrashOrder("store-bolt")
    for run in empty_storm.explore(1):
        with store(run, rules=[rule], orders=[order]) as topology:
            topology.complete()
            assert (struck(topology, "duplicate"), topology["store-bolt"].restarts) == (1, 1)


def test_a_case_for_a_bolt_that_is_gone_is_refused(empty_storm: Storm) -> None:
    path = empty_storm.directory / "old.json"
    path.write_text(to_text(Case(0, (Fault("drop", "stor-bolt", 1),))))
    run = next(empty_storm.explore(cases=[path]))
    with pytest.raises(HarnessError) as raised:
        store(run)
    assert str(raised.value) == (
        f"{path}: the case has a fault at 'stor-bolt', and topology 'store' has no such bolt "
        '(did you mean "store-bolt"?)'
    )


def test_a_case_of_another_topology_is_refused(empty_storm: Storm) -> None:
    path = empty_storm.directory / "other.json"
    path.write_text(to_text(Case(0), topology="shop"))
    run = next(empty_storm.explore(cases=[path]))
    with pytest.raises(HarnessError) as raised:
        store(run)
    assert str(raised.value) == (
        f"{path}: the case is of topology 'shop', and this run makes 'store'"
    )


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            Case(0, (Fault("drop", "store-bolt", 99),)),
            "topology 'store': drop of tuple 99 to store-bolt never struck: 5 tuples were sent there",
        ),
        (
            Case(0, (Fault("crash", "store-bolt", 1, topology=1),)),
            "store-bolt crashes before its 1st tuple, and its worker with it (topology 2 of the test): "
            "never struck, for the run made 1 topology",
        ),
        (
            Case(0, schedule=(Step("stor-bolt/0/late", 0, 1, 4),)),
            "the choice 'stor-bolt/0/late' is none of topology 'store' (did you mean \"store-bolt\"?)",
        ),
    ],
    ids=["fault", "topology", "choice"],
)
def test_a_kept_case_that_tests_nothing_any_more_fails(
    case: Case, message: str, empty_storm: Storm
) -> None:
    path = empty_storm.directory / "old.json"
    path.write_text(to_text(case))

    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()

    with pytest.raises(HarnessError) as raised:
        each(empty_storm.explore(1, cases=[path]), body)
    assert str(raised.value).splitlines()[0] == f"{path}: {message}"


# -- exceptions


def test_the_failure_keeps_its_own_traceback_and_cause(empty_storm: Storm) -> None:
    seen: list[Any] = []

    class Fussy(Bolt):
        def process(self, tup: Tuple) -> None:
            if tup.values in seen:
                raise KeyError("seen")
            seen.append(tup.values)

    def body(run: Run) -> None:
        seen.clear()
        with store(run, bolts={"store-bolt": Fussy}) as topology:
            topology.complete()

    with pytest.raises(ComponentError) as raised:
        each(empty_storm.explore(50), body)
    assert repr(raised.value.__cause__) == "KeyError('seen')"
    names = [entry.name for entry in raised.traceback]
    assert names[2:5] == ["body", "checked", "complete"]  # checked: the names of the arguments


def test_a_mistake_in_the_test_fails_it_at_once(empty_storm: Storm) -> None:
    ran = []

    def body(run: Run) -> None:
        ran.append(run.number)
        with store(run) as topology:
            topology["stor-bolt"].received.clear()

    with pytest.raises(HarnessError, match="has no component 'stor-bolt'"):
        each(empty_storm.explore(20), body)
    assert ran == [0]


def test_whatever_exception_the_body_raises_is_a_failure(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            assert {0: "once"}[struck(topology, "duplicate")] == "once"

    with pytest.raises(KeyError):
        each(empty_storm.explore(60, faults=["duplicate"]), body)
    assert case_of(empty_storm).faults == (Fault("duplicate", "store-bolt", 1),)


def test_pytest_fail_is_a_failure_like_any_other(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            if struck(topology, "duplicate"):
                pytest.fail("twice")

    with pytest.raises(pytest.fail.Exception, match="twice"):
        each(empty_storm.explore(60, faults=["duplicate"]), body)
    assert case_of(empty_storm).faults == (Fault("duplicate", "store-bolt", 1),)


def test_an_interrupt_is_not_kept_back(empty_storm: Storm) -> None:
    def body(run: Run) -> None:
        with store(run):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        each(empty_storm.explore(20), body)


def test_a_body_without_a_topology_is_refused(empty_storm: Storm) -> None:
    with pytest.raises(HarnessError, match="the body of the loop never entered"):
        each(empty_storm.explore(20), lambda run: run.number)


def test_a_topology_of_a_run_has_to_be_entered(empty_storm: Storm) -> None:
    run = next(empty_storm.explore(20))
    with pytest.raises(HarnessError, match=r"with run\.topology\(\.\.\.\) as topology:"):
        store(run).complete()
