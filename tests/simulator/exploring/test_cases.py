"""Cases: in words, and in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Step
from simulator.exploring.cases import (
    ALL_KINDS,
    ON_TOPOLOGY,
    POINTS,
    Case,
    Fault,
    read_case,
    to_text,
)
from streamparse.testing import (
    HarnessError,
    Storm,
)
from tests.support.paths import EXAMPLES

FAULTS_IN_WORDS = [
    (Fault("crash", "b", 1), "b crashes before its 1st tuple, and its worker with it"),
    (Fault("crash", "b", 2, "emit"), "b crashes before its 2nd emit, and its worker with it"),
    (
        Fault("crash", "b", 2, "initialize", step=3, place="b.py:7"),
        "b crashes inside its 2nd initialize, before step 3 (b.py:7), and its worker with it",
    ),
    (Fault("lost-ack", "b", 3), "the ack of the 3rd tuple to b is lost"),
    (Fault("duplicate", "b", 11), "the 11th tuple to b comes twice"),
    (Fault("delay", "b", 21, ms=1500), "the 21st tuple to b comes 1.5 s late"),
    (Fault("drop", "b", 4, topology=1), "the 4th tuple to b is lost (topology 2 of the test)"),
    (Fault("fail", "b", 112), "the 112th tuple to b is failed on its way"),
    (Fault("crash", "b", 1, after="ack"), "b crashes after its 1st ack, and its worker with it"),
    (
        Fault("crash", "b", 2, after="tuple", ms=5000),
        "b crashes while it is idle, after its 2nd tuple, and its worker with it, for 5 s",
    ),
    (Fault("replay", "b", 1), "the root of the 1st tuple to b fails behind it, and comes again"),
    (Fault("lost-fail", "b", 1), "the 1st fail of b is lost"),
    (Fault("outage", "b", 2, ms=9000), "b crashes at every tuple for 9 s, from its 2nd on"),
    (
        Fault("reorder", "b", 1, ms=20),
        "the 1st tuple to b comes 0.02 s late, and others overtake it",
    ),
    (Fault("worker", "", 3, number=1), "worker 1 crashes before the 3rd tuple of all bolts"),
    (
        Fault("worker", "", 3, number=1, ms=5000),
        "worker 1 crashes before the 3rd tuple of all bolts, for 5 s",
    ),
    (
        Fault("acker", "", 1, number=0),
        "acker 0 loses what it knows before the 1st tuple of all bolts",
    ),
    (
        Fault("rebalance", "", 1, number=3, ms=1000),
        "a rebalance begins before the 1st tuple of all bolts, and waits for 1 s, to 3 workers",
    ),
    (
        Fault("deactivate", "", 1, ms=1000),
        "the topology is deactivated before the 1st tuple of all bolts, for 1 s",
    ),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS_IN_WORDS)
def test_a_fault_is_described_in_words(fault: Fault, words: str) -> None:
    assert str(fault) == words


CHOICES_IN_WORDS = [
    (Step("b/1/late", 0, 1, 4), "the 1st tuple to b/1 is 2 ms on its way"),
    (Step("b/0/batch", 1, 2, 4), "b/0 is given all but 2 of what waits for it, the 2nd time"),
    (Step("in/0/loaded", 0, 1, 2), "a shuffle of in/0 sends to all tasks, as under load"),
    (Step("b/0/phase", 0, 4, 8), "the ticks of b/0 begin 4/8 of their period later"),
    (Step("b/0/drift", 2, 3, 6), "the 3rd tick of b/0 comes 3 ms late"),
    (Step("order", 5, 2, 3), "at the 6th choice between tasks the 3rd of them comes first"),
]


@pytest.mark.parametrize(("step", "words"), CHOICES_IN_WORDS)
def test_a_choice_is_described_in_words(step: Step, words: str) -> None:
    assert Case(0, schedule=(step,)).in_words() == ["no fault is needed", words]


def test_many_choices_are_counted() -> None:
    (_, words) = Case(0, schedule=(CHOICES_IN_WORDS[0][0],) * 7).in_words()
    assert words.endswith(", and 2 more choices that are not first come, first served")


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
            st.builds(
                Fault,
                st.sampled_from(["lost-ack", "drop", "replay", "lost-fail", "duplicate"]),
                st.text(),
                st.integers(1),
            ),
            st.builds(
                Fault,
                st.just("crash"),
                st.text(),
                st.integers(1),
                after=st.sampled_from(POINTS),
                ms=st.integers(0),
            ),
            st.builds(Fault, st.just("outage"), st.text(), st.integers(1), ms=st.integers(1)),
            st.builds(
                Fault,
                st.sampled_from(ON_TOPOLOGY),
                st.just(""),
                st.integers(1),
                ms=st.integers(0),
                number=st.integers(0),
            ),
        )
    ).map(tuple),
    st.lists(
        st.tuples(st.text(), st.integers(0), st.integers(1)).map(
            lambda drawn: Step(drawn[0], drawn[1], drawn[2], drawn[2] + 1)
        )
    ).map(tuple),
)


@given(cases, st.text(), st.text())
def test_a_case_can_be_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, case: Case, failure: str, topology: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "case.json"
    path.write_text(to_text(case, failure, topology), encoding="utf-8")
    found = read_case(path)
    assert (found, found.topology) == (case, topology)


def test_a_case_file_has_one_fault_or_choice_a_line() -> None:
    case = Case(
        "5/17",
        (Fault("crash", "b", 2, "ack"), Fault("delay", "c", 1, ms=20)),
        (Step("order", 3, 1, 4),),
    )
    assert to_text(case, "AssertionError: x", "words").splitlines() == [
        "{",
        ' "explore": 1,',
        ' "topology": "words",',
        ' "failure": "AssertionError: x",',
        ' "description": ["b crashes before its 2nd ack, and its worker with it",'
        ' "the 1st tuple to c comes 0.02 s late",'
        ' "at the 4th choice between tasks the 2nd of them comes first"],',
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


BROKEN = [
    (
        '{"explore": 1,\n "explore": 1}',
        ':2:2: the key "explore" stands twice, and only the last would count; leave one out',
    ),
    ("{", ":1:2: no JSON: expecting property name enclosed in double quotes"),
    ("[]", ': not a case of storm.explore: expected "explore": 1'),
    ('{"explore": 2}', ': not a case of storm.explore: expected "explore": 1'),
    ('{"explore": 1}', ' has no "seed"'),
    ('{"explore": 1, "seed": true}', ': "seed" is true; expected a whole number or a string'),
    ('{"explore": 1, "seed": 0, "faults": 3}', ': "faults" is 3; expected a list'),
    ('{"explore": 1, "seed": 0, "faults": [3]}', ": faults[0] is 3; expected an object"),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crsh"}]}',
        f": faults[0]: no fault is called 'crsh' (did you mean \"crash\"?); expected {', '.join(ALL_KINDS)}",
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crash", "component": "b", "before": "x", "nth": 1}]}',
        ": faults[0]: \"before\" is 'x'; expected tuple, next, emit, ack, fail, tick, initialize",
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crash", "component": "b", "nth": 1}]}',
        ': faults[0] has no side; expected "before" or "after"',
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "outage", "component": "b", "nth": 1}]}',
        ': faults[0] has no "ms"',
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "drop", "component": "b", "nth": 0}]}',
        ': faults[0]: "nth" is 0; expected at least 1',
    ),
    (
        '{"explore": 1, "seed": 0, "schedule": [{"choice": "order", "at": 0, "takes": 2, "of": 2}]}',
        ': schedule[0]: "of" is 2; expected at least 3',
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "drop", "component": "b", "nth": 1, "topolgy": 2}]}',
        ': faults[0] has an unknown key "topolgy" (did you mean "topology"?); expected fault, component, before, '
        "after, nth, step, place, ms, topology",
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


def test_in_an_outage_a_worker_dies_as_often_as_it_can_come_up_again() -> None:
    outage = Fault("outage", "charge-bolt", 1, ms=15_000).order()
    assert outage is not None
    with Storm(EXAMPLES / "retries", seed=0, mode="inprocess") as storm:
        topology = storm.topology("retries", orders=[outage])
        topology.complete()
        assert len(topology.restarts) == 15 * 2  # both tasks of it, in workers of their own
