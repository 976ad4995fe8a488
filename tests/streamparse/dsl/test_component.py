"""Specs: what their arguments mean. Their mistakes are looked at in topologies/test_draft.py, with their places."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse import Bolt, Component, Grouping, Spout, Stream
from streamparse.dsl import ComponentSpec, GlobalStreamId


class Words(Spout):
    """A spout with values of its own."""

    outputs = ("word", Stream(["late"], name="late"))
    par = 3
    config = {"a": 1}  # noqa: RUF012


class Count(Bolt):
    """A bolt whose attributes are methods."""

    def config(self) -> None: ...
    def par(self) -> None: ...


def test_what_no_argument_says_is_that_of_the_class() -> None:
    spec = Words.spec()
    declared = {name: each.fields for name, each in spec.outputs.items()}
    assert (spec.par, spec.config, declared, spec.outputs_owner) == (
        3,
        {"a": 1},
        {"late": ["late"], "default": ["word"]},
        Words,
    )


def test_arguments_replace_what_the_class_says() -> None:
    spec = Words.spec(name="w", par={"prod": 1}, config={}, outputs=[])
    assert (spec.id, spec.par, spec.config, spec.outputs, spec.mistakes) == (
        "w",
        {"prod": 1},
        {},
        {},
        [],
    )


def test_methods_of_these_names_are_no_values() -> None:
    spec = Count.spec(inputs=[Words.spec()])
    assert (spec.par, spec.config, spec.mistakes) == (None, None, [])


@pytest.mark.parametrize("make", [lambda spec: spec, lambda spec: [spec], lambda spec: (spec,)])
def test_a_spec_a_list_and_a_tuple_are_subscribed_by_a_shuffle(make: Any) -> None:
    words = Words.spec()
    found = Count.spec(inputs=make(words)).inputs
    assert found == [(GlobalStreamId(words), Grouping.SHUFFLE)]


def test_a_direct_stream_is_subscribed_directly_by_a_list() -> None:
    direct = Words.spec(outputs=[Stream(["a"], direct=True), Stream(["a"], "other", direct=True)])
    inputs = Count.spec(inputs=[direct, direct["other"]]).inputs
    assert [grouping for _, grouping in inputs] == [Grouping.DIRECT, Grouping.SHUFFLE]


def test_the_line_of_a_spec_is_the_users() -> None:
    spec = Words.spec()
    file, line = spec.line
    assert (file, line > 0, isinstance(spec, ComponentSpec)) == (__file__, True, True)


def test_a_component_that_is_neither_has_no_spec() -> None:
    class Neither(Component):
        pass

    with pytest.raises(TypeError, match="Neither has no spec; expected a class that derives from"):
        Neither.spec()


def test_a_class_in_a_function_is_refused_where_it_has_to_be_imported() -> None:
    class Local(Spout):
        pass

    assert [each.finding for each in Local.spec().mistakes] == ["Local is defined in a function"]
