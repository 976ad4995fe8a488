"""Many runs of a test: what each draws, how a failure is made small, what is told, and the bugs it has to find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted import components as planted
from simulator.engine import faults
from simulator.engine.chance import Choice, Drawn, Replayed, Step, choices_of, steps_of
from simulator.testing.cases import KINDS, POINTS, Case, Fault, read_case, to_text
from simulator.testing.explore import Run
from simulator.testing.shrinking import shrink
from streamparse import Bolt, Tuple
from streamparse.testing import (
    ComponentError,
    HarnessError,
    NotDeterministicError,
    RunningTopology,
    Storm,
)
from tests.support.paths import TESTS

PLANTED = TESTS / "support/components/planted"
WORDS = ["dog", "cat", "dog", "emu", "dog"]
ROWS = [[n, word] for n, word in enumerate(WORDS)]
SAVED = {"dog": {0, 2, 4}, "cat": {1}, "emu": {3}}
ALL = list(KINDS)


@pytest.fixture
def tabletop(tmp_path: Path) -> Iterator[Storm]:
    with Storm(tmp_path) as made:
        yield made


def store(run: Run, **options: Any) -> Any:
    """The topology store.clj of a run, with an empty database."""
    planted.DATABASE.clear()
    feed = Storm.feed(ROWS, retries=5)
    return run.topology(PLANTED / "store.clj", spouts={"rows": feed}, **options)


def traces(runs: Iterator[Run]) -> list[list[str]]:
    """What happened in each run of a test that passes."""
    found = []
    for run in runs:
        with store(run) as topology:
            topology.complete()
            found.append(topology.trace.lines)
    return found


def each(runs: Iterator[Run], body: Callable[[Run], object]) -> None:
    """The loop of a test."""
    for run in runs:
        body(run)


def failing(tabletop: Storm, fails: Callable[[Any], bool], **options: Any) -> tuple[str, list[str]]:
    """The failure of a test that fails where ``fails`` says so, and the lines of its note."""

    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            if fails(topology):
                raise AssertionError("as asked for")

    with pytest.raises(AssertionError) as raised:
        each(tabletop.explore(**options), body)
    # Python 3.10 has no notes: there it is all one message.
    text = "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    message, *note = text.splitlines()
    return message, note


def struck(topology: RunningTopology, verdict: str) -> int:
    """How often a fault struck."""
    return sum(event.get("verdict") == verdict for event in topology.trace.events())


def case_of(tabletop: Storm) -> Case:
    """The one case that was written."""
    (path,) = (tabletop.directory / ".storm-cases").iterdir()
    return read_case(path)


# -- what a run is


def test_the_first_run_is_a_good_day(tabletop: Storm) -> None:
    (first,) = traces(tabletop.explore(1))
    feed = tabletop.feed(ROWS, retries=5)
    planted.DATABASE.clear()
    plain = tabletop.topology(PLANTED / "store.clj", spouts={"rows": feed}, mode="inprocess")
    assert first == plain.complete().trace.lines


def test_runs_differ_and_are_the_same_every_time(tabletop: Storm) -> None:
    once, again = traces(tabletop.explore(50)), traces(tabletop.explore(50))
    assert once == again
    assert len(set(map(tuple, once))) > 40


def test_the_seed_decides_every_run_but_the_good_day(tabletop: Storm) -> None:
    tabletop.seed = 1
    by_storm = traces(tabletop.explore(10))
    tabletop.seed = 2
    assert traces(tabletop.explore(10, seed=1)) == by_storm
    other = traces(tabletop.explore(10))
    assert sum(one != two for one, two in zip(by_storm, other, strict=True)) >= 9


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_run_has_more_faults_than_asked_for(tabletop: Storm, most: int) -> None:
    counts: Counter[int] = Counter()
    for run in tabletop.explore(60, faults=ALL, most_faults=most):
        counts[len(run.case.faults)] += 1
        with store(run) as topology:
            topology.complete()
    assert set(counts) == set(range(most + 1))


def test_only_the_faults_asked_for_are_drawn_and_all_of_them(tabletop: Storm) -> None:
    def kinds(names: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for run in tabletop.explore(100, faults=names):
            found |= {fault.kind for fault in run.case.faults}
            with store(run) as topology:
                topology.complete()
        return found

    assert [kinds(ALL), kinds(["drop", "delay"]), kinds([])] == [set(ALL), {"drop", "delay"}, set()]


def test_faults_strike_where_something_happens(tabletop: Storm) -> None:
    seen: Counter[str] = Counter()
    for run in tabletop.explore(150, faults=ALL, most_faults=1):
        with store(run) as topology:
            topology.complete()
            events = list(topology.trace.events())
        verdicts = {event["verdict"] for event in events if event["event"] == "fault"}
        seen.update(verdicts)
        seen["crash"] += any(event["event"] == "died" for event in events)
        seen["planned"] += len(run.case.faults)
    assert sum(seen[kind] for kind in KINDS) > 0.6 * seen["planned"]
    assert all(seen[kind] > 5 for kind in KINDS)


def test_a_schedule_never_has_one_tuple_overtake_another_on_its_way(tabletop: Storm) -> None:
    late = 0
    for run in tabletop.explore(40, faults=[]):
        with store(run, parallelism={"store-bolt": 1}) as topology:
            topology.complete()
            assert topology["store-bolt"].received == ROWS
            late += sum(event["event"] == "late" for event in topology.trace.events())
    assert late > 20


def test_a_run_may_have_several_topologies(tabletop: Storm) -> None:
    where: set[int] = set()
    for run in tabletop.explore(60, faults=["drop"], most_faults=1):
        where |= {fault.topology for fault in run.case.faults}
        for nth in (0, 1):
            with store(run) as topology:
                topology.complete()
                wanted = sum(fault.topology == nth for fault in run.case.faults)
                assert struck(topology, "drop") <= wanted
    assert where == {0, 1}


def test_a_failure_in_the_second_topology_of_a_run_is_made_small_too(tabletop: Storm) -> None:
    def body(run: Run) -> None:
        for nth in (0, 1):
            with store(run) as topology:
                topology.complete()
                assert not (nth == 1 and struck(topology, "drop"))

    with pytest.raises(AssertionError):
        each(tabletop.explore(200, faults=["drop", "duplicate"]), body)
    assert case_of(tabletop).faults == (Fault("drop", "store-bolt", 1, topology=1),)


def test_explored_components_may_be_processes(tabletop: Storm) -> None:
    inside = [run.case for run in _ran(tabletop, 4, "inprocess")]
    assert [run.case for run in _ran(tabletop, 4, "process")] == inside


def _ran(tabletop: Storm, runs: int, mode: str) -> Iterator[Run]:
    for run in tabletop.explore(runs, seed=3):
        feed = tabletop.feed(ROWS, retries=5)
        with run.topology(PLANTED / "pass.clj", spouts={"rows": feed}, mode=mode) as topology:
            topology.complete()
            rows: Any = topology["rows"]
            assert rows.acked == [0, 1, 2, 3, 4]
        yield run


def test_two_hundred_runs_leave_nothing_behind(tabletop: Storm) -> None:
    traces(tabletop.explore(200))
    assert tabletop.runs == []
    assert not (tabletop.directory / ".storm-cases").exists()


def test_a_run_is_complete_when_the_last_late_tuple_has_come(tabletop: Storm) -> None:
    for run in tabletop.explore(1):
        after_its_timeout = faults.Nth(faults.Delay(200_000), "store-bolt", nth=5)
        with store(run, rules=[after_its_timeout]) as topology:
            topology.complete()
            assert topology["store-bolt"].received == [*ROWS, ROWS[4]]


# -- recorded and replayed


def test_what_was_drawn_replays_to_the_same_trace(tabletop: Storm) -> None:
    def trace(choices: Any) -> list[str]:
        feed = tabletop.feed(ROWS)
        planted.DATABASE.clear()
        topology = tabletop.topology(
            PLANTED / "store.clj", spouts={"rows": feed}, mode="inprocess", choices=choices
        )
        return topology.complete().trace.lines

    for seed in range(10):
        drawn = Drawn(seed, wild=0.6)
        once = trace(drawn)
        assert trace(Replayed(choices_of(steps_of(drawn.recorded)))) == once


recordings = st.lists(st.builds(Choice, st.sampled_from("abc"), st.just(9), st.integers(0, 8)))


@given(recordings)
def test_the_steps_of_a_record_are_all_it_takes_to_replay_it(recorded: list[Choice]) -> None:
    replayed = Replayed(choices_of(steps_of(recorded)))
    assert [replayed.choose(stream, limit) for stream, limit, _ in recorded] == [
        choice.value for choice in recorded
    ]


def test_a_record_keeps_the_choices_that_were_not_benign() -> None:
    recorded = [Choice("a", 4, 0), Choice("b", 4, 1), Choice("a", 4, 3), Choice("a", 4, 0)]
    assert steps_of(recorded) == [Step("b", 0, 1, 4), Step("a", 1, 3, 4)]


# -- the smallest case


def test_a_failing_run_is_made_as_small_as_it_can_be(tabletop: Storm) -> None:
    message, _ = failing(tabletop, lambda topology: struck(topology, "duplicate") > 0, faults=ALL)
    assert message == "as asked for"
    assert case_of(tabletop) == Case(0, (Fault("duplicate", "store-bolt", 1),))


def test_faults_that_are_both_needed_both_stay(tabletop: Storm) -> None:
    def both(topology: RunningTopology) -> bool:
        return struck(topology, "duplicate") > 0 and struck(topology, "drop") > 0

    failing(tabletop, both, faults=["duplicate", "drop", "crash"])
    assert {(fault.kind, fault.nth) for fault in case_of(tabletop).faults} <= {
        ("duplicate", 1), ("drop", 1), ("duplicate", 2), ("drop", 2),
    }  # fmt: skip
    assert len(case_of(tabletop).faults) == 2


def test_what_a_fault_brings_back_can_be_struck_too(tabletop: Storm) -> None:
    def lost_again(topology: Any) -> bool:
        trees = topology.trace.trees()
        return any(tree.attempt > 1 and tree.copies[0].state == "lost" for tree in trees)

    failing(tabletop, lost_again, faults=["drop"])
    first, again = case_of(tabletop).faults
    assert (first.nth <= len(ROWS), again.nth > len(ROWS)) == (True, True)


def test_a_schedule_that_is_to_blame_keeps_the_choice_that_is(tabletop: Storm) -> None:
    def out_of_order(topology: Any) -> bool:
        return [row[0] for row in topology["store-bolt"].received] != [0, 1, 2, 3, 4]

    failing(tabletop, out_of_order, faults=[])
    case = case_of(tabletop)
    assert (case.faults, [step.value for step in case.schedule]) == ((), [1])


def test_what_fails_on_a_good_day_needs_no_fault(tabletop: Storm) -> None:
    _, note = failing(tabletop, lambda topology: True)
    assert note[:2] == [
        "explore: run 0 failed; the smallest case (seed 0):",
        "  no fault is needed",
    ]
    assert case_of(tabletop) == Case(0)


def test_another_failure_on_the_way_is_not_mistaken_for_it(tabletop: Storm) -> None:
    both_failed = False

    def body(run: Run) -> None:
        nonlocal both_failed
        with store(run) as topology:
            topology.complete()
            found = [struck(topology, "drop") > 0, struck(topology, "duplicate") > 0]
            if all(found):
                both_failed = True
                raise AssertionError("both")
            if any(found) and both_failed:
                raise RuntimeError("one of them")

    with pytest.raises(AssertionError, match="both"):
        each(tabletop.explore(200, faults=["drop", "duplicate"]), body)
    assert sorted(fault.kind for fault in case_of(tabletop).faults) == ["drop", "duplicate"]


case_of_numbers = st.builds(
    Case,
    st.just("7/3"),
    st.lists(
        st.builds(Fault, st.sampled_from(KINDS), st.sampled_from("ab"), st.integers(1, 9)),
        max_size=3,
    ).map(tuple),
    st.lists(
        st.builds(Step, st.sampled_from("xyz"), st.integers(0, 9), st.integers(1, 8), st.just(9)),
        max_size=12,
    ).map(tuple),
)


def smallest(case: Case, fails: Callable[[Case], bool]) -> Case:
    """What shrinking comes to, against a test that is a function of the case."""
    shrinking = shrink(case, 7)
    try:
        proposed = next(shrinking)
        for _ in range(5000):
            proposed = shrinking.send(proposed if fails(proposed) else None)
    except StopIteration as stopped:
        found: Case = stopped.value
        return found
    raise AssertionError("it goes on for ever")


@given(case_of_numbers, st.data())
def test_shrinking_finds_exactly_what_is_needed(case: Case, data: st.DataObject) -> None:
    faults_needed = data.draw(st.sets(st.sampled_from(case.faults))) if case.faults else set()
    steps_needed = data.draw(st.sets(st.sampled_from(case.schedule))) if case.schedule else set()

    def fails(proposed: Case) -> bool:
        return faults_needed <= set(proposed.faults) and steps_needed <= set(proposed.schedule)

    found = smallest(case, fails)
    assert (found.seed, set(found.faults), set(found.schedule)) == (7, faults_needed, steps_needed)
    assert len(found.faults) == len(faults_needed)


@given(case_of_numbers)
def test_shrinking_makes_numbers_small(case: Case) -> None:
    def fails(proposed: Case) -> bool:
        return len(proposed.faults) == len(case.faults) and all(
            fault.nth >= min(3, before.nth)
            for fault, before in zip(proposed.faults, case.faults, strict=True)
        )

    found = smallest(case, fails)
    assert [fault.nth for fault in found.faults] == [min(3, fault.nth) for fault in case.faults]
    assert found.schedule == ()


# -- what the test is told


def test_a_failure_says_what_it_takes_and_how_to_see_it_again(tabletop: Storm) -> None:
    tabletop.rerun_command = "pytest test_store.py::test_it"
    message, note = failing(
        tabletop, lambda topology: struck(topology, "lost-ack") > 0, faults=["lost-ack"]
    )
    (path,) = (tabletop.directory / ".storm-cases").iterdir()
    assert message == "as asked for"
    first, *rest = note
    assert first.startswith("explore: run ")
    assert first.partition("; ")[2].startswith("the smallest case (seed 0, after ")
    assert rest == [
        "  the ack of the 1st tuple to store-bolt is lost",
        "what became of the tuples of store:",
        '  rows [0, "dog"] id 0: timeout',
        '    store-bolt [0, "dog"]: acked (its ack was lost)',
        '      -> [0, "dog"]',
        '  rows [0, "dog"] id 0, attempt 2: acked',
        '    store-bolt [0, "dog"]: acked',
        f"again: pytest test_store.py::test_it --storm-replay={path}",
        f'to keep it as a test: storm.explore(..., cases=[".storm-cases/{path.name}"])',
    ]


FAULTS_IN_WORDS = [
    (Fault("crash", "b", 1), "b crashes before its 1st tuple, and its worker with it"),
    (Fault("crash", "b", 2, "emit"), "b crashes before its 2nd emit, and its worker with it"),
    (Fault("lost-ack", "b", 3), "the ack of the 3rd tuple to b is lost"),
    (Fault("duplicate", "b", 11), "the 11th tuple to b comes twice"),
    (Fault("delay", "b", 21, ms=1500), "the 21st tuple to b comes 1.5 s late"),
    (Fault("drop", "b", 4, topology=1), "the 4th tuple to b is lost (topology 2 of the test)"),
    (Fault("fail", "b", 112), "the 112th tuple to b is failed on its way"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS_IN_WORDS)
def test_a_fault_is_told_in_words(fault: Fault, words: str) -> None:
    assert str(fault) == words


def test_the_failure_keeps_its_own_traceback_and_cause(tabletop: Storm) -> None:
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
        each(tabletop.explore(50), body)
    assert repr(raised.value.__cause__) == "KeyError('seen')"
    assert [entry.name for entry in raised.traceback][2:4] == ["body", "complete"]


def test_under_pytest_a_failing_loop_shows_the_assertion_and_the_note(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(UNDER_PYTEST.format(clj=str(PLANTED / "store.clj")))
    done = subprocess.run(
        # Without the plugin, which has its own words for rows that differ.
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:streamparse",
            "-q",
            "test_it.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PLANTED.parent), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = [
        "assert [[0, 'dog'], [0, 'dog']] == [[0, 'dog']]",
        "the 1st tuple to store-bolt comes twice",
        'rows [0, "dog"] id 0: acked',
        'store-bolt [0, "dog"]: acked (duplicate)',
        ".storm-cases/store-",
        "1 failed",
    ]
    assert [line for line in wanted if line not in done.stdout] == [], done.stdout


UNDER_PYTEST = """
from streamparse.testing import Storm

def test_it():
    with Storm() as storm:
        for run in storm.explore(60, faults=["duplicate"]):
            with run.topology({clj!r}, spouts={{"rows": [[0, "dog"]]}}) as topology:
                topology.complete()
                received = topology["store-bolt"].received
                assert received == [[0, "dog"]]
"""


# -- cases in files

cases = st.builds(
    Case,
    st.integers() | st.text(),
    st.lists(
        st.one_of(
            st.builds(Fault, st.just("crash"), st.text(), st.integers(1), st.sampled_from(POINTS)),
            st.builds(
                Fault,
                st.just("delay"),
                st.text(),
                st.integers(1),
                ms=st.integers(0),
                topology=st.integers(0),
            ),
            st.builds(Fault, st.sampled_from(["lost-ack", "drop"]), st.text(), st.integers(1)),
        )
    ).map(tuple),
    st.lists(
        st.tuples(st.text(), st.integers(0), st.integers(1)).map(
            lambda drawn: Step(drawn[0], drawn[1], drawn[2], drawn[2] + 1)
        )
    ).map(tuple),
)


@given(cases, st.text())
def test_a_case_can_be_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, case: Case, failure: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "case.json"
    path.write_text(to_text(case, failure), encoding="utf-8")
    assert read_case(path) == case


def test_a_case_file_has_one_fault_or_choice_a_line() -> None:
    case = Case(
        "5/17",
        (Fault("crash", "b", 2, "ack"), Fault("delay", "c", 1, ms=20)),
        (Step("order", 3, 1, 4),),
    )
    assert to_text(case, "AssertionError: x").splitlines() == [
        "{",
        ' "explore": 1,',
        ' "failure": "AssertionError: x",',
        ' "told": ["b crashes before its 2nd ack, and its worker with it", "the 1st tuple to c comes 0.02 s late",'
        ' "one choice is not first come, first served: order #4 takes 1"],',
        ' "seed": "5/17",',
        ' "faults": [',
        '  {"fault": "crash", "component": "b", "before": "ack", "nth": 2},',
        '  {"fault": "delay", "component": "c", "nth": 1, "ms": 20}',
        " ],",
        ' "schedule": [',
        '  {"choice": "order", "at": 3, "takes": 1, "of": 4}',
        " ]",
        "}",
    ]


def kept(tabletop: Storm) -> Path:
    """A case that was found and written."""
    failing(tabletop, lambda topology: struck(topology, "drop") > 0, faults=["drop"])
    (path,) = (tabletop.directory / ".storm-cases").iterdir()
    return path


def test_kept_cases_are_run_first(tabletop: Storm) -> None:
    path = kept(tabletop)
    ran = []
    for run in tabletop.explore(2, cases=[path.relative_to(tabletop.directory)], faults=[]):
        ran.append(run.case.faults)
        with store(run) as topology:
            topology.complete()
    assert ran == [(Fault("drop", "store-bolt", 1),), (), ()]


def test_a_kept_case_that_fails_again_fails_the_test(tabletop: Storm) -> None:
    path = kept(tabletop)
    message, note = failing(
        tabletop, lambda topology: struck(topology, "drop") > 0, cases=[path], n=1
    )
    assert (message, note[1]) == ("as asked for", "  the 1st tuple to store-bolt is lost")


def test_a_replayed_case_is_the_only_run(tabletop: Storm) -> None:
    tabletop.replay = kept(tabletop)
    ran = []
    for run in tabletop.explore(200):
        ran.append(run.case.faults)
        with store(run) as topology:
            topology.complete()
    assert ran == [(Fault("drop", "store-bolt", 1),)]


def test_a_replayed_case_that_fails_says_so_at_once(tabletop: Storm) -> None:
    path = tabletop.replay = kept(tabletop)
    message, note = failing(tabletop, lambda topology: True)
    assert message == "as asked for"
    assert [note[0], note[-1]] == [
        "explore: the case (seed 0):",
        f'again: Storm(..., replay="{path}")',
    ]


BROKEN = [
    ("{", ":1:2: Expecting property name enclosed in double quotes"),
    ("[]", ': no case of storm.explore: it does not say "explore": 1'),
    ('{"explore": 2}', ': no case of storm.explore: it does not say "explore": 1'),
    ('{"explore": 1}', ' has no "seed"'),
    ('{"explore": 1, "seed": true}', ': "seed" is true; a whole number or a string would do'),
    ('{"explore": 1, "seed": 0, "faults": 3}', ': "faults" is 3; a list would do'),
    ('{"explore": 1, "seed": 0, "faults": [3]}', ": faults[0] is 3; an object would do"),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crsh"}]}',
        ": faults[0]: no fault is called 'crsh'; there are crash, lost-ack, duplicate, delay, drop, fail",
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crash", "component": "b", "before": "x", "nth": 1}]}',
        ": faults[0]: \"before\" is 'x'; tuple, emit, ack would do",
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "drop", "component": "b", "nth": 0}]}',
        ': faults[0]: "nth" is 0; from 1 would do',
    ),
    (
        '{"explore": 1, "seed": 0, "schedule": [{"choice": "order", "at": 0, "takes": 2, "of": 2}]}',
        ': schedule[0]: "of" is 2; from 3 would do',
    ),
]


@pytest.mark.parametrize(("text", "finding"), BROKEN)
def test_a_broken_case_file_is_refused_with_its_place(
    tmp_path: Path, text: str, finding: str
) -> None:
    path = tmp_path / "case.json"
    path.write_text(text)
    with pytest.raises(HarnessError) as raised:
        read_case(path)
    assert str(raised.value) == f"{path}{finding}"


def test_a_case_file_that_is_not_there_is_named(tabletop: Storm) -> None:
    with pytest.raises(HarnessError, match=r"gone\.json: No such file or directory"):
        next(tabletop.explore(cases=["gone.json"]))


def test_a_case_for_a_bolt_that_is_gone_is_refused(tabletop: Storm) -> None:
    path = tabletop.directory / "old.json"
    path.write_text(to_text(Case(0, (Fault("drop", "stor-bolt", 1),))))
    run = next(tabletop.explore(cases=[path]))
    with pytest.raises(HarnessError) as raised:
        store(run)
    assert str(raised.value) == (
        "the case has a fault at 'stor-bolt', and topology 'store' has no such bolt (did you mean \"store-bolt\"?)"
    )


# -- a sweep


def test_a_sweep_crashes_at_every_point_once(tabletop: Storm) -> None:
    swept = []
    for run in tabletop.explore(strategy="sweep"):
        swept.append(run.case.faults)
        with store(run) as topology:
            topology.complete()
            assert topology["store-bolt"].restarts == len(run.case.faults)
    points = [
        (Fault("crash", "store-bolt", nth, before),)
        for before in POINTS
        for nth in range(1, len(ROWS) + 1)
    ]
    assert swept == [(), *points]


def test_a_sweep_finds_the_one_point_that_matters(tabletop: Storm) -> None:
    def body(run: Run) -> None:
        with store(run, bolts={"store-bolt": SavesLate}) as topology:
            topology.complete()
            assert planted.DATABASE == SAVED

    with pytest.raises(AssertionError):
        each(tabletop.explore(strategy="sweep"), body)
    assert case_of(tabletop).faults == (Fault("crash", "store-bolt", 1, "emit"),)


class SavesLate(Bolt):
    """Wrong: acks before it emits and saves."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        self.ack(tup)
        self.emit(tup.values, anchors=[])
        planted.save(tup.values[1], tup.values[0])


def test_too_few_runs_for_a_sweep_are_refused(tabletop: Storm) -> None:
    with pytest.raises(HarnessError) as raised:
        traces(tabletop.explore(5, strategy="sweep"))
    assert str(raised.value) == (
        "5 runs are too few for a sweep: there are 15 points to crash at, so n=16 would do, or no n"
    )


# -- what is not deterministic


def always_failing(run: Run, bolt: type) -> None:
    with store(run, bolts={"store-bolt": bolt}) as topology:
        topology.complete()
        raise AssertionError("always")


class Dice(Bolt):
    """Emits what no seed decides."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], os.urandom(8).hex()])


def test_a_component_that_is_not_deterministic_is_named(tabletop: Storm) -> None:
    with pytest.raises(NotDeterministicError) as raised:
        each(tabletop.explore(20), lambda run: always_failing(run, Dice))
    lines = str(raised.value).splitlines()
    assert [lines[0], lines[1].rstrip("0123456789 was")] == [
        "run 0 of explore failed (AssertionError: always), and when the same case was run again it failed with "
        "AssertionError: always.",
        "store-bolt is not deterministic: event",
    ]
    first, second = json.loads(lines[2]), json.loads(lines[4])
    assert (first["event"], second["event"], lines[3]) == ("emit", "emit", "and then")
    assert first["values"] != second["values"]
    assert "os.urandom" in lines[5]


def test_luck_that_is_seeded_is_deterministic(tabletop: Storm) -> None:
    import random

    class Seeded(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit([tup.values[0], random.random()])

    with pytest.raises(AssertionError, match="always"):
        each(tabletop.explore(3), lambda run: always_failing(run, Seeded))


def test_a_test_that_remembers_earlier_runs_is_told_so(tabletop: Storm) -> None:
    ran = []

    def body(run: Run) -> None:
        ran.append(run.number)
        with store(run) as topology:
            topology.complete()
            assert len(ran) != 3, "the third"

    with pytest.raises(NotDeterministicError) as raised:
        each(tabletop.explore(5), body)
    assert str(raised.value).splitlines() == [
        "run 2 of explore failed (AssertionError: the third), and when the same case was run again it passed.",
        "All components did the same both times, so the test itself is not deterministic: it may look at something "
        "that an earlier run has left behind. Make it new in each run.",
    ]


# -- the loop


def test_a_mistake_in_the_test_is_told_at_once(tabletop: Storm) -> None:
    ran = []

    def body(run: Run) -> None:
        ran.append(run.number)
        with store(run) as topology:
            topology["stor-bolt"].received.clear()

    with pytest.raises(HarnessError, match="has no component 'stor-bolt'"):
        each(tabletop.explore(20), body)
    assert ran == [0]


def test_whatever_exception_the_body_raises_is_a_failure(tabletop: Storm) -> None:
    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            assert {0: "once"}[struck(topology, "duplicate")] == "once"

    with pytest.raises(KeyError):
        each(tabletop.explore(60, faults=["duplicate"]), body)
    assert case_of(tabletop).faults == (Fault("duplicate", "store-bolt", 1),)


def test_pytest_fail_is_a_failure_like_any_other(tabletop: Storm) -> None:
    def body(run: Run) -> None:
        with store(run) as topology:
            topology.complete()
            if struck(topology, "duplicate"):
                pytest.fail("twice")

    with pytest.raises(pytest.fail.Exception, match="twice"):
        each(tabletop.explore(60, faults=["duplicate"]), body)
    assert case_of(tabletop).faults == (Fault("duplicate", "store-bolt", 1),)


def test_an_interrupt_is_not_kept_back(tabletop: Storm) -> None:
    def body(run: Run) -> None:
        with store(run):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        each(tabletop.explore(20), body)


def test_a_body_without_a_topology_is_refused(tabletop: Storm) -> None:
    with pytest.raises(HarnessError, match="the body of the loop never entered"):
        each(tabletop.explore(20), lambda run: run.number)


def test_a_topology_of_a_run_has_to_be_entered(tabletop: Storm) -> None:
    run = next(tabletop.explore(20))
    with pytest.raises(HarnessError, match=r"with run\.topology\(\.\.\.\) as topology:"):
        store(run).complete()


def test_the_body_may_have_rules_and_orders_of_its_own(tabletop: Storm) -> None:
    rule, order = faults.Nth(faults.Duplicate(), "store-bolt"), faults.CrashOrder("store-bolt")
    for run in tabletop.explore(1):
        with store(run, rules=[rule], orders=[order]) as topology:
            topology.complete()
            assert (struck(topology, "duplicate"), topology["store-bolt"].restarts) == (1, 1)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"n": 0}, "explore(0): from 1 run on would do"),
    (
        {"faults": ["crsh"]},
        "no fault is called 'crsh'; did you mean 'crash'? there are crash, lost-ack, duplicate, delay, drop, fail",
    ),
    (
        {"faults": "crash"},
        "faults='crash': a list of names would do, such as ['crash', 'lost-ack', 'duplicate', 'delay', 'drop', 'fail']",
    ),
    (
        {"strategy": "sweeep"},
        "strategy='sweeep' (did you mean \"sweep\"?); random or sweep would do",
    ),
    ({"most_faults": -1}, "most_faults=-1; from 0 would do"),
]


@pytest.mark.parametrize(("options", "finding"), REFUSED)
def test_what_cannot_be_explored_is_refused_before_the_first_run(
    tabletop: Storm, options: dict[str, Any], finding: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        tabletop.explore(**options)
    assert str(raised.value) == finding


# -- planted bugs


class Plant(NamedTuple):
    """A topology, what runs in it, and what has to hold."""

    clj: str
    bolts: dict[str, type]
    holds: Callable[[RunningTopology], bool]


def all_saved(topology: Any) -> bool:
    return topology["rows"].acked == [0, 1, 2, 3, 4] and planted.DATABASE == SAVED


def all_counted(topology: RunningTopology) -> bool:
    counted: dict[str, int] = topology["count-bolt"].emitted.last_by("word")
    return counted == {"dog": 3, "cat": 1, "emu": 1}


BUGS = {
    "forgets an ack on one branch": Plant("store", {"store-bolt": planted.ForgetsAnAck}, all_saved),
    "acks twice on a rare path": Plant("store", {"store-bolt": planted.AcksTwice}, all_saved),
    "acks before it emits": Plant("pass", {"pass-bolt": planted.AcksFirst}, all_saved),
    "emits without an anchor": Plant("pass", {"pass-bolt": planted.Unanchored}, all_saved),
    "shuffles what has to be grouped": Plant("shuffled", {}, all_counted),
    "loses its counts in a crash": Plant(
        "count", {"count-bolt": planted.CountsInMemory}, all_counted
    ),
    "counts a replay again": Plant("count", {"count-bolt": planted.CountsAgain}, all_counted),
}
TWINS = {
    "store": Plant("store", {"store-bolt": planted.SavesOnce}, all_saved),
    "pass": Plant("pass", {"pass-bolt": planted.Passes}, all_saved),
    "count": Plant("count", {"count-bolt": planted.Counts}, all_counted),
}


def hunt(tabletop: Storm, plant: Plant) -> int:
    """Two hundred runs, with every fault there is; how many passed."""
    passed = -1
    for run in tabletop.explore(200, faults=ALL):
        passed = run.number
        planted.DATABASE.clear()
        feed = tabletop.feed(ROWS, retries=5)
        path = PLANTED / f"{plant.clj}.clj"
        with run.topology(path, spouts={"rows": feed}, bolts=plant.bolts) as topology:
            topology.complete()
            assert plant.holds(topology)
    return passed + 1


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("plant", BUGS.values(), ids=list(BUGS))
def test_a_planted_bug_is_found_and_takes_two_faults_at_most(
    tabletop: Storm, plant: Plant, seed: int
) -> None:
    tabletop.seed = seed
    with pytest.raises(AssertionError) as raised:
        hunt(tabletop, plant)
    assert not isinstance(raised.value, NotDeterministicError)
    assert len(case_of(tabletop).faults) <= 2


@pytest.mark.parametrize("plant", TWINS.values(), ids=list(TWINS))
def test_the_twin_of_a_planted_bug_passes(tabletop: Storm, plant: Plant) -> None:
    assert hunt(tabletop, plant) == 200
