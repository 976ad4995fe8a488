"""What follows from a topology: subscribers, the graph, loops, and a topology with a stub."""

import subprocess
import sys
from typing import Any

import pytest

from simulator.model import (
    Component,
    Grouping,
    Stream,
    Topology,
    validate,
)
from tests.support.built import ARGV, BOLT, SHUFFLE, SPOUT, bolt, spout, topology


def diamond() -> Topology:
    return topology(
        spout("s", outputs={"default": Stream(("word",)), "odd": Stream(("n",), direct=True)}),
        bolt("left", {"s": SHUFFLE, ("s", "odd"): Grouping("direct")}),
        bolt("right", {"s": Grouping("fields", ("word",)), "left": Grouping("all")}, parallelism=2),
    )


def test_subscribers_come_in_the_order_of_the_file() -> None:
    built = diamond()
    streams = [
        ("s", "default"),
        ("s", "odd"),
        ("left", "default"),
        ("right", "default"),
        ("nope", "default"),
    ]
    assert {stream: list(built.subscribers(*stream)) for stream in streams} == {
        ("s", "default"): [("left", SHUFFLE), ("right", Grouping("fields", ("word",)))],
        ("s", "odd"): [("left", Grouping("direct"))],
        ("left", "default"): [("right", Grouping("all"))],
        ("right", "default"): [],
        ("nope", "default"): [],
    }


def test_the_graph_has_an_edge_for_every_subscription() -> None:
    graph = diamond().graph
    edges = {(source, to, key): data for source, to, key, data in graph.edges(keys=True, data=True)}
    assert edges == {
        ("s", "left", "default"): {
            "stream": "default",
            "fields": ("word",),
            "direct": False,
            "grouping": SHUFFLE,
        },
        ("s", "left", "odd"): {
            "stream": "odd",
            "fields": ("n",),
            "direct": True,
            "grouping": Grouping("direct"),
        },
        ("s", "right", "default"): {
            "stream": "default",
            "fields": ("word",),
            "direct": False,
            "grouping": Grouping("fields", ("word",)),
        },
        ("left", "right", "default"): {
            "stream": "default",
            "fields": ("word",),
            "direct": False,
            "grouping": Grouping("all"),
        },
    }


def test_a_node_of_the_graph_carries_its_component() -> None:
    assert diamond().graph.nodes["right"] == {
        "kind": "bolt",
        "command": ARGV,
        "python_class": None,
        "jvm_class": None,
        "outputs": {"default": Stream(("word",))},
        "conf": {},
        "parallelism": 2,
    }


def test_spouts_and_bolts_are_told_apart() -> None:
    built = diamond()
    assert (list(built.spouts), list(built.bolts)) == (["s"], ["left", "right"])


@pytest.mark.parametrize(
    ("inputs", "cycles"),
    [
        ({"a": ["s"], "b": ["a"]}, ()),
        ({"a": ["s", "a"]}, (("a",),)),
        ({"a": ["s", "b"], "b": ["a"]}, (("a", "b"),)),
        ({"c": ["a"], "a": ["s", "b"], "b": ["c"]}, (("c", "b", "a"),)),
        ({"a": ["s", "b", "c"], "b": ["a"], "c": ["b"], "x": ["x", "a"]}, (("a", "b"), ("x",))),
    ],
)
def test_loops_are_legal_and_shown(
    inputs: dict[str, list[str]], cycles: tuple[tuple[str, ...], ...]
) -> None:
    built = topology(
        spout("s"),
        *(bolt(name, dict.fromkeys(sources, SHUFFLE)) for name, sources in inputs.items()),
    )
    validate(built)
    assert built.cycles() == cycles


def test_a_topology_without_loops_needs_no_networkx() -> None:
    script = (
        "import sys; from simulator.model import *; t = Topology('t', {'s': Component('s', 'spout')}); "
        "t.cycles(); assign_workers(executors(t, number_tasks(t, {})), {}); print('networkx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("old", "changes", "now"),
    [
        (SPOUT, {"parallelism": 3}, spout("s", parallelism=3)),
        (
            SPOUT,
            {"command": ["bash", "x.sh"]},
            Component("s", "spout", ("bash", "x.sh"), outputs=SPOUT.outputs),
        ),
        (
            Component("s", "spout", ("py3", "-m", "streamparse.run", "a.B"), "a.B"),
            {"python_class": "c.D"},
            Component("s", "spout", ("py3", "-m", "streamparse.run", "c.D"), "c.D"),
        ),
        (
            Component("s", "spout", jvm_class="my.Spout"),
            {"python_class": "c.D", "outputs": {"default": Stream(("word",))}},
            Component(
                "s",
                "spout",
                ("python", "-m", "streamparse.run", "c.D"),
                "c.D",
                outputs=SPOUT.outputs,
            ),
        ),
    ],
)
def test_a_component_can_be_replaced_by_a_stub(
    old: Component, changes: dict[str, Any], now: Component
) -> None:
    assert topology(old, BOLT).replace("s", **changes) == topology(now, BOLT)


def test_replacing_leaves_the_topology_as_it_was() -> None:
    before = topology(SPOUT, BOLT)
    before.replace("b", parallelism=7)
    assert before == topology(SPOUT, BOLT)


@pytest.mark.parametrize(
    ("component", "parallelism", "message"),
    [
        (
            "word-spuot",
            1,
            'topology "t" has no component "word-spuot" (did you mean "word-spout"?)',
        ),
        ("zzz", 1, 'topology "t" has no component "zzz"; there are "word-spout"'),
        ("word-spout", 0, 'component "word-spout": parallelism 0: expected at least 1'),
    ],
)
def test_a_wrong_replacement_is_refused_in_one_line(
    component: str, parallelism: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match="component") as caught:
        topology(spout("word-spout")).replace(component, parallelism=parallelism)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("price=30ms", ("price", "=", "30ms")),
        ("price.tick=30ms", ("price.tick", "=", "30ms")),
        ("a=b=30ms", ("a=b", "=", "30ms")),
        ("a=b.tick=30ms", ("a=b.tick", "=", "30ms")),
        ("a=bc=30ms", ("a", "=", "bc=30ms")),
        ("a=b", ("a", "=", "b")),
        ("x=y=z", ("x", "=", "y=z")),
        ("a.b=c=1", ("a.b=c", "=", "1")),
        ("price", ("price", "", "")),
    ],
)
def test_of_the_ids_in_front_of_an_equals_sign_the_longest_is_meant(
    text: str, parts: tuple[str, str, str]
) -> None:
    ids = [bolt(name, {}) for name in ("price", "a", "a=b", "a.b=c")]
    assert topology(*ids).split_assignment(text) == parts
