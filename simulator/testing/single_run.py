"""One component alone: the topology around it, and its run, which a harness drives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from simulator.engine import Feed, Simulation, Trace, Transport
from simulator.model import Component, Grouping, Stream, Topology
from simulator.testing.records import LogKeeper

SINK = "the-test"  # the bolt that receives what a spout emits


@dataclass(frozen=True)
class SingleTopology:
    """A topology with one component, and what runs in place of the others.

    Attributes:
        topology: the component and its neighbours.
        feeds: its sources, without rows: the test gives it tuples.
        sinks: where a spout's tuples end; they wait for the test to ack or fail them.
    """

    topology: Topology
    feeds: Mapping[str, Feed]
    sinks: Collection[str]


def single_topology(
    component: Component, sources: Mapping[str, Mapping[str, Stream]]
) -> SingleTopology:
    """Return a topology with nothing but this component, its sources and its sink.

    Args:
        component: without inputs.
        sources: what it takes: source id -> stream -> declaration.
    """
    components = {
        name: Component(id=name, kind="spout", outputs=streams) for name, streams in sources.items()
    }
    feeds = {name: Feed([]) for name in components}
    taken = {
        (name, stream): Grouping("direct" if declared.direct else "shuffle")
        for name, streams in sources.items()
        for stream, declared in streams.items()
    }
    components[component.id] = replace(component, inputs=taken)
    sinks = []
    if component.kind == "spout":
        inputs = {
            (component.id, stream): Grouping("direct" if declared.direct else "shuffle")
            for stream, declared in component.outputs.items()
        }
        components[SINK] = Component(id=SINK, kind="bolt", inputs=inputs)
        sinks.append(SINK)
    return SingleTopology(Topology(name=component.id, components=components), feeds, sinks)


@dataclass(frozen=True)
class SingleRun:
    """The run of one component alone.

    Attributes:
        simulation: of a topology around it.
        component: what is tested.
        task: the task id that is tested.
        trace: the events of the simulation.
        logs: what it logs.
        transport: runs it; a harness closes it.
    """

    simulation: Simulation
    component: Component
    task: int
    trace: Trace
    logs: LogKeeper
    transport: Transport
