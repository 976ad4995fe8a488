"""The source of a page that is made from events alone."""

from __future__ import annotations

from simulator.page.graph import Graph, Node
from simulator.page.source import source_of_events
from tests.support.pages import events_of

EVENTS = events_of('{"at":0,"event":"tick","component":"b","task":3,"tuple":"1"}')


def test_without_a_topology_the_graph_is_that_of_the_events() -> None:
    source = source_of_events("run.jsonl", EVENTS, notes=["half of it"])
    assert (source.graph.nodes, source.taken, source.notes) == (
        [Node("b", "bolt", (3,))],
        None,
        ["half of it"],
    )


def test_a_graph_that_is_known_is_taken() -> None:
    graph = Graph([Node("b", "bolt", (3, 4))], [])
    assert source_of_events("run.jsonl", EVENTS, graph=graph).graph == graph
