"""Mutations: each does to a topology what it says, and those that could make no difference are left out."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.model import Component, Grouping, Stream, Topology
from streamparse.testing import HarnessError, Mutation, Storm, mutations_of
from streamparse.testing.mutations import MUTATION_KINDS, check_mutation_kinds
from tests.support.chain_project import chain

TICK = "topology.tick.tuple.freq.secs"
TOPOLOGY = Topology(
    "t",
    {
        "spout": Component(
            "spout", "spout", ("x",), "made.Numbers",
            outputs={"default": Stream(("n", "word")), "more": Stream(("n",))},
        ),
        "keyed": Component(
            "keyed", "bolt", ("x",), "made.Counts",
            inputs={("spout", "default"): Grouping("fields", ("word",))},
            outputs={"default": Stream(("word", "count"))},
            conf={TICK: 2}, parallelism=2,
        ),
        "spread": Component(
            "spread", "bolt", ("x",), "made.Pass",
            inputs={("keyed", "default"): Grouping("shuffle")}, parallelism=2,
        ),
        "alone": Component(
            "alone", "bolt", ("node", "x.js"), inputs={("keyed", "default"): Grouping("shuffle")},
        ),
    },
)  # fmt: skip


def kinds_of(component: str, **options: Any) -> set[str]:
    return {each.kind for each in mutations_of(TOPOLOGY, **options) if each.component == component}


def one(kind: str, component: str) -> Mutation:
    (found,) = (
        each for each in mutations_of(TOPOLOGY) if (each.kind, each.component) == (kind, component)
    )
    return found


def test_each_component_has_the_mutations_that_can_matter() -> None:
    anywhere = {"duplicate", "reorder"}
    bolt = {"ack-first", "no-ack", "fail-swallowed"}
    assert kinds_of("spout") == {"no-id", "deaf"}
    assert kinds_of("keyed") == anywhere | bolt | {
        "shuffle", "other-field", "swap-streams", "no-tick", "short-timeout", "no-output", "twice", "no-anchor",
    }  # fmt: skip
    assert kinds_of("spread") == anywhere | bolt | {"to-all"}
    assert kinds_of("alone") == anywhere | {"three-tasks"}
    assert {each.kind for each in mutations_of(TOPOLOGY)} == {*MUTATION_KINDS}


def test_what_a_test_has_replaced_is_left_as_it_is() -> None:
    assert kinds_of("spout", replaced=["spout"]) == set()


def test_kinds_are_chosen_by_name() -> None:
    assert kinds_of("keyed", kinds=["shuffle"]) == {"shuffle"}
    assert check_mutation_kinds("shuffle, no-ack") == ("shuffle", "no-ack")
    assert check_mutation_kinds("all") == (*MUTATION_KINDS,)
    with pytest.raises(
        HarnessError, match=r"no mutation is called 'shufle' \(did you mean \"shuffle\"\?\)"
    ):
        check_mutation_kinds("shufle")


def changed(kind: str, component: str) -> Component:
    return one(kind, component).change(TOPOLOGY).components[component]


def test_a_topology_is_changed_in_one_place() -> None:
    assert changed("shuffle", "keyed").inputs == {("spout", "default"): Grouping("shuffle")}
    assert changed("other-field", "keyed").inputs == {
        ("spout", "default"): Grouping("fields", ("n",))
    }
    assert changed("to-all", "spread").inputs == {("keyed", "default"): Grouping("all")}
    assert changed("swap-streams", "keyed").inputs == {("spout", "more"): Grouping("shuffle")}
    assert changed("three-tasks", "alone").parallelism == 3
    assert changed("no-tick", "keyed").conf == {}
    assert changed("short-timeout", "keyed").conf == {TICK: 6}
    assert one("short-timeout", "keyed").conf == {"topology.message.timeout.secs": 2}
    assert one("shuffle", "keyed").conf == {"topology.disable.loadaware.messaging": True}


# -- in a run


def mutated(storm: Storm, kind: str, component: str, *, fails: bool = False) -> Any:
    """The topology rows -> pass -> count with a mutation, run for two minutes."""
    built: list[Mutation] = []
    storm.on_built = lambda topology, replaced: built.extend(mutations_of(topology, replaced))
    bolts = {"count": "made.FailsOnce"} if fails else {}
    chain(storm, [[0, "dog"], [1, "cat"], [2, "dog"]], bolts=bolts)
    (storm.mutation,) = (each for each in built if (each.kind, each.component) == (kind, component))
    storm.on_built = None
    return chain(storm, [[0, "dog"], [1, "cat"], [2, "dog"]], bolts=bolts).advance(120)


def outcomes(run: Any) -> tuple[int, int]:
    return len(run["rows"].acked), len(run["rows"].failed)


def test_components_make_the_mistake(storm: Storm) -> None:
    assert outcomes(mutated(storm, "no-ack", "count")) == (0, 3)
    assert outcomes(mutated(storm, "fail-swallowed", "count", fails=True)) == (3, 0)
    assert mutated(storm, "no-output", "pass")["count"].received == []
    assert len(mutated(storm, "twice", "pass")["count"].received) == 6
    assert {len(each.anchors) for each in mutated(storm, "no-anchor", "pass")["pass"].emitted} == {
        0
    }


def test_what_is_acked_first_is_processed_all_the_same(storm: Storm) -> None:
    run = mutated(storm, "ack-first", "pass")
    assert len(run["count"].received) == len(run["rows"].acked) == 3
    first = [event["event"] for event in run.trace.events() if event["component"] == "pass"][:2]
    assert first == ["ack", "emit"]


def test_spouts_make_the_mistake(storm: Storm) -> None:
    def numbers(kind: str) -> Any:
        (storm.mutation,) = (
            each
            for each in mutations_of(storm.topology("numbers.clj").topology)
            if each.kind == kind
        )
        run = storm.topology("numbers.clj", bolts={"last": "made.FailsOnce"}).advance(120)
        storm.mutation = None
        return run["numbers"]

    assert {each.id for each in numbers("no-id").emitted} == {None}
    assert len(numbers("deaf").emitted) == 3


def test_tuples_are_doubled_or_overtaken(storm: Storm) -> None:
    assert len(mutated(storm, "duplicate", "count")["count"].received) == 6
    rows = [each["n"] for each in mutated(storm, "reorder", "pass")["pass"].received]
    assert rows == [0, 2, 1]


def test_another_topology_is_left_alone(storm: Storm) -> None:
    mutated(storm, "no-ack", "count")
    other = storm.topology("numbers.clj", spouts={"numbers": [[1]]}).complete()
    assert other["numbers"].acked == [0]
