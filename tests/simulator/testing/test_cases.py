"""Cases: in words, and in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Step
from simulator.testing.cases import POINTS, Case, Fault, read_case, to_text
from streamparse.testing import (
    HarnessError,
)

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
def test_a_fault_is_described_in_words(fault: Fault, words: str) -> None:
    assert str(fault) == words


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
        ' "description": ["b crashes before its 2nd ack, and its worker with it",'
        ' "the 1st tuple to c comes 0.02 s late",'
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


BROKEN = [
    ("{", ":1:2: Expecting property name enclosed in double quotes"),
    ("[]", ': not a case of storm.explore: expected "explore": 1'),
    ('{"explore": 2}', ': not a case of storm.explore: expected "explore": 1'),
    ('{"explore": 1}', ' has no "seed"'),
    ('{"explore": 1, "seed": true}', ': "seed" is true; expected a whole number or a string'),
    ('{"explore": 1, "seed": 0, "faults": 3}', ': "faults" is 3; expected a list'),
    ('{"explore": 1, "seed": 0, "faults": [3]}', ": faults[0] is 3; expected an object"),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crsh"}]}',
        ": faults[0]: no fault is called 'crsh'; expected crash, lost-ack, duplicate, delay, drop, fail",
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "crash", "component": "b", "before": "x", "nth": 1}]}',
        ": faults[0]: \"before\" is 'x'; expected tuple, emit, ack",
    ),
    (
        '{"explore": 1, "seed": 0, "faults": [{"fault": "drop", "component": "b", "nth": 0}]}',
        ': faults[0]: "nth" is 0; expected at least 1',
    ),
    (
        '{"explore": 1, "seed": 0, "schedule": [{"choice": "order", "at": 0, "takes": 2, "of": 2}]}',
        ': schedule[0]: "of" is 2; expected at least 3',
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
