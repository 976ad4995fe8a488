"""Groupings, inputs and fields are read, or refused at their place."""

import pytest

from simulator.model import Grouping
from tests.support.clojure import SHUFFLE, SPOUT, bolt_of, problems, text_of


@pytest.mark.parametrize(
    ("written", "grouping"),
    [
        (":shuffle", SHUFFLE),
        (":local-or-shuffle", Grouping("local-or-shuffle")),
        (":all", Grouping("all")),
        (":global", Grouping("global")),
        (":none", Grouping("none")),
        ("nil", Grouping("none")),
        (":direct", Grouping("direct")),
        ('["word"]', Grouping("fields", ("word",))),
        ('(list "word")', Grouping("fields", ("word",))),
        ("[]", Grouping("global")),
        ("(PartialKeyGrouping.)", Grouping("partial-key")),
        ('(PartialKeyGrouping. ["word"])', Grouping("partial-key", ("word",))),
        (
            '(new org.apache.storm.grouping.PartialKeyGrouping (Fields. ["word"]))',
            Grouping("partial-key", ("word",)),
        ),
        ("(my.Grouping. 1)", Grouping("custom", java_class="my.Grouping", java_arguments=(1,))),
        (
            '(JavaObject. "my.Grouping" [])',
            Grouping("custom", java_class="my.Grouping", java_arguments=None),
        ),
    ],
)
def test_every_grouping_of_storm_is_read(written: str, grouping: Grouping) -> None:
    bolt = bolt_of(f'(python-bolt-spec options {{"s" {written}}} "b.B" [])')
    assert bolt.inputs == {("s", "default"): grouping}


def test_inputs_name_a_component_or_one_of_its_streams() -> None:
    spouts = (
        '"s" (python-spout-spec options "s.S" {"default" ["a"] "x" ["a"]})'
        '"r" (python-spout-spec options "s.R" ["a"])'
    )
    bolt = bolt_of(
        '(python-bolt-spec options {"s" :all, ["s" "x"] ["a"], ["r"] :global} "b.B" [])', spouts
    )
    assert bolt.inputs == {
        ("s", "default"): Grouping("all"),
        ("s", "x"): Grouping("fields", ("a",)),
        ("r", "default"): Grouping("global"),
    }


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            '(python-spout-spec options "s.S" "word")',
            't.clj:2:41: component "s": python-spout-spec: the fields of a stream are "word" '
            "(Storm: ClassCastException); "
            'expected ["word"]',
        ),
        (
            '(python-spout-spec options "s.S" nil)',
            't.clj:2:41: component "s": python-spout-spec: the fields of a stream are nil '
            "(Storm: NullPointerException); "
            'expected ["field"]',
        ),
        (
            '(python-spout-spec options "s.S" [:word])',
            't.clj:2:42: component "s": python-spout-spec: a field of a stream is :word (Storm: ClassCastException); '
            'expected "word"',
        ),
    ],
)
def test_wrong_fields_are_refused(form: str, message: str) -> None:
    assert problems(text_of(f'"s" {form}', "")) == [message]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            '{"s" "shuffle"}',
            't.clj:3:39: component "b": python-bolt-spec: "shuffle" is not a valid grouping (did you mean :shuffle?) '
            "(Storm: shuffle is not a valid grouping); "
            "expected :shuffle, :local-or-shuffle, :all, :global, :none, :direct or a vector of fields",
        ),
        (
            "{:s :shuffle}",
            't.clj:3:35: component "b": python-bolt-spec: :s names no stream; '
            'expected "source" or ["source" "stream"]',
        ),
    ],
)
def test_wrong_inputs_are_refused_by_their_place(inputs: str, message: str) -> None:
    assert problems(text_of(SPOUT, f'"b" (python-bolt-spec options {inputs} "b.B" [])')) == [
        message
    ]
