"""The class statement of a topology: what it takes from its body, and the mistakes that it raises."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse import Bolt, Grouping, Spout, Topology
from streamparse.dsl import ClassMistakes


class Words(Spout):
    """A spout."""

    outputs = ("word",)


class Count(Bolt):
    """A bolt."""


def test_the_specs_of_the_body_are_kept_in_its_order() -> None:
    class Two(Topology):
        config = {"a": 1}  # noqa: RUF012
        number = 3
        count_bolt_later = None
        words = Words.spec()
        count = Count.spec(name="count-bolt", inputs={words: Grouping.SHUFFLE})

    assert [(each.name, each.id, each.kind, each.attribute) for each in Two.specs] == [
        ("words", "words", "spout", "words"),
        ("count-bolt", "count-bolt", "bolt", "count"),
    ]
    assert Topology.specs == []


def test_all_mistakes_are_raised_at_once_by_the_class_statement() -> None:
    with pytest.raises(ClassMistakes) as caught:

        class Wrong(Topology):
            words = Words.spec(par=0)
            again = words
            count = Count.spec(inputs=3)
            instance: Any = Count.__new__(Count)

    findings = [each.finding for each in caught.value.mistakes]
    assert findings == [
        "again and words are the same component",
        "instance is an instance of Count",
        "par is 0",
        "inputs is 3",
    ]
    assert isinstance(caught.value, (ValueError, TypeError))
    assert len(str(caught.value).splitlines()) == 4
    assert f"{__file__}:" in str(caught.value)


def test_what_is_inherited_is_no_component() -> None:
    class Base(Topology):
        words = Words.spec()

    class Derived(Base):
        count = Count.spec(inputs=[])

    assert [each.id for each in Derived.specs] == ["count"]
    with pytest.raises(ClassMistakes, match="only what stands in the body of the class itself"):

        class Wrong(Base):
            count = Count.spec(inputs=[Base.words])


def test_what_is_probably_forgotten_is_kept_aside() -> None:
    class Forgetful(Topology):
        words = Words.spec()
        count = Count
        again = Count.spec
        _private = Count
        more = [words]  # noqa: RUF012
        by_name = {"words": words}  # noqa: RUF012

    assert [each.finding for each in Forgetful.suspicious] == [
        "count is the class Count, and so no component of the topology",
        "again is the method Count.spec, which is not called, and so no component of the topology",
        "more is a list of specs, which are no components of the topology",
        "by_name is a dict of specs, which are no components of the topology",
    ]


def test_a_component_whose_attribute_is_set_again_is_kept_aside() -> None:
    class Twice(Topology):
        words = Words.spec()
        count = Count.spec(inputs=[words])
        count = Count.spec(inputs=[words], par=2)  # noqa: PIE794  # the mistake

    assert [(each.id, each.par) for each in Twice.specs] == [("words", None), ("count", 2)]
    assert [each.finding for each in Twice.suspicious] == [
        "count is set again below, so this Count is no component of the topology"
    ]
