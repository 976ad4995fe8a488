"""The words of both forms are in the messages of the model."""

from __future__ import annotations

from simulator.model import CLOJURE, PYTHON, Component, Topology, find_problems


def test_a_problem_is_told_in_the_words_of_the_form() -> None:
    def told(component: Component) -> list[str]:
        return [each.remedy for each in find_problems(Topology("t", {"b": component}), {})]

    assert told(Component("b", "bolt", command=("x",), notation=CLOJURE)) == [
        'subscribe it: {"source" :shuffle}'
    ]
    assert told(Component("b", "bolt", command=("x",), notation=PYTHON)) == [
        "subscribe it: inputs={source: Grouping.SHUFFLE}"
    ]


def test_the_form_is_no_part_of_what_a_component_is() -> None:
    assert Component("b", "bolt", notation=PYTHON) == Component("b", "bolt", notation=CLOJURE)
