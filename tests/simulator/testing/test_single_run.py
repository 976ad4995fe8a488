"""The topology around one component alone."""

from __future__ import annotations

from simulator.engine import Feed
from simulator.model import Component, Stream
from simulator.testing.single_run import SINK, SingleTopology, single_topology


def parts(single: SingleTopology) -> tuple[object, ...]:
    kinds = {name: each.kind for name, each in single.topology.components.items()}
    return kinds, dict(single.feeds), list(single.sinks)


def test_a_bolt_has_its_sources_and_a_feed_without_rows_for_each() -> None:
    bolt = Component(id="count", kind="bolt", outputs={"default": Stream(("word",))})
    sources = {"words": {"default": Stream(("word",))}, "other": {"x": Stream(("a", "b"))}}
    single = single_topology(bolt, sources)
    assert parts(single) == (
        {"words": "spout", "other": "spout", "count": "bolt"},
        {"words": Feed([]), "other": Feed([])},
        [],
    )
    assert single.topology.components["other"].outputs == sources["other"]


def test_a_spout_has_a_sink_that_listens_to_all_its_streams() -> None:
    outputs = {"default": Stream(("word",)), "named": Stream(("word",), direct=True)}
    single = single_topology(Component(id="words", kind="spout", outputs=outputs), {})
    assert parts(single) == ({"words": "spout", SINK: "bolt"}, {}, [SINK])
    inputs = single.topology.components[SINK].inputs
    assert {stream: grouping.kind for (_, stream), grouping in inputs.items()} == {
        "default": "shuffle",
        "named": "direct",
    }
