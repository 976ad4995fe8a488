"""The graph of a page: from a topology, or from events alone."""

from __future__ import annotations

from dataclasses import replace

from simulator import RUN_CONF, RunOptions, parse_topology
from simulator.engine.head import head_of
from simulator.engine.wiring import wire
from simulator.page.graph import (
    Graph,
    Link,
    Node,
    graph_json,
    graph_of,
    graph_of_events,
    graph_of_head,
)
from tests.support.pages import events_of
from tests.support.sparse import TOPOLOGY

CONF = {**RUN_CONF, "topology.workers": 2}


def test_the_graph_of_a_topology_has_its_tasks_streams_and_workers() -> None:
    assert graph_of(parse_topology(TOPOLOGY, options=CONF), CONF) == Graph(
        [
            Node("word-spout", "spout", (5,), "spouts.WordSpout"),
            Node("count-bolt", "bolt", (3, 4), "bolts.CountBolt"),
        ],
        [Link("word-spout", "default", "count-bolt", ("word",), '["word"]')],
        {1: 1, 2: 2, 3: 1, 4: 2, 5: 1},
    )


def test_the_graph_of_events_has_the_tasks_that_did_something_and_the_streams_that_carried_something() -> (
    None
):
    events = events_of(
        '{"at":0,"event":"emit","component":"s","task":9,"stream":"x","values":[1],"id":1,"to":[[3,"1"],[4,"2"]]}',
        '{"at":1,"event":"emit","component":"b","task":3,"stream":"default","values":[1],"anchors":["1"],"to":[[3,"3"]]}',
        '{"at":1,"event":"tick","component":"c","task":7,"tuple":"4"}',
    )
    assert graph_of_events(events) == Graph(
        [
            Node("s", "spout", (9,)),
            Node("b", "bolt", (3,)),
            Node("task 4", "bolt", (4,)),
            Node("c", "bolt", (7,)),
        ],
        [Link("b", "default", "b"), Link("s", "x", "b"), Link("s", "x", "task 4")],
    )


def test_a_graph_has_a_layout_and_a_loop_to_itself_has_no_arrow() -> None:
    nodes = [Node("s", "spout", (1,)), Node("b", "bolt", (2,))]
    made = graph_json(
        Graph(nodes, [Link("s", "default", "b", ("a",), "shuffle"), Link("b", "x", "b")])
    )
    first, loop = made["links"]
    assert (first["label"], first["path"][0], "path" in loop) == (["a", "shuffle"], "M", False)
    (x, _, width, _), (other, *_) = (node["box"] for node in made["nodes"])
    assert x + width < first["x"] < other < made["width"]
    assert made["workers"] is None


def test_the_graph_of_a_head_is_that_of_its_topology() -> None:
    topology = parse_topology(TOPOLOGY, options=CONF)
    head = head_of(wire(topology, RunOptions(conf=CONF)))
    known = graph_of(topology, CONF)
    assert graph_of_head(head) == Graph(
        [replace(node, runs="") for node in known.nodes],
        known.links,
        {task: worker for task, worker in (known.workers or {}).items() if task > 2},
    )
