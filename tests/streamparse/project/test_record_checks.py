"""What cannot be recorded is said in the same words, whoever asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamparse.multilang import RECORD, RECORD_COMPONENTS
from streamparse.project import is_record_asked_for, record_problem, redact_problem
from tests.support.built import SHUFFLE, bolt, spout, topology

JVM = replace(bolt("jvm", {}), command=None)
TOPOLOGY = topology(spout("words"), bolt("count", {"words": SHUFFLE}), JVM)


@pytest.mark.parametrize(
    ("name", "fed", "problem"),
    [
        ("count", (), ""),
        ("words", (), ""),
        ("words", ("words",), "'words' does not run, for its rows are given; expected a component that runs"),
        ("cuont", (), "there is no component 'cuont' (did you mean \"count\"?)"),
        ("count:many", (), "there is no component 'count:many'; 'many' is no number of tuples of 'count', which is "
         "from 1 to 10^18"),
        ("jvm", (), "'jvm' runs in Storm's JVM; expected a component that streamparse runs"),
    ],
)  # fmt: skip
def test_why_a_component_cannot_be_recorded(name: str, fed: tuple[str, ...], problem: str) -> None:
    assert record_problem(TOPOLOGY, name, fed) == problem


def test_why_a_field_cannot_be_taken_out() -> None:
    assert redact_problem("word", ["count"], ["word"]) == ""
    assert redact_problem("wrod", ["count", "jvm"], ["word", "n"]) == (
        'no stream of count, jvm has this field (did you mean "word"?); expected one of word, n'
    )
    assert redact_problem("word", ["count"], []) == (
        "no stream of count has this field; expected one of none"
    )


@pytest.mark.parametrize("key", [RECORD, RECORD_COMPONENTS])
def test_recordings_are_asked_for_by_any_settings(key: str) -> None:
    asks = {key: True}
    own = TOPOLOGY.replace("count", conf=asks)
    assert [
        is_record_asked_for(*each) for each in ((TOPOLOGY, {}), (TOPOLOGY, asks), (own, {}))
    ] == [
        False,
        True,
        True,
    ]
