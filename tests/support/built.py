"""Topologies that are built in Python."""

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.model import Component, Grouping, Stream, Topology, TopologyError, validate

SHUFFLE = Grouping("shuffle")
ARGV = ("python", "component.py")


def spout(name: str, *, outputs: Mapping[str, Stream] | None = None, **more: Any) -> Component:
    declared = {"default": Stream(("word",))} if outputs is None else outputs
    return Component(name, "spout", command=ARGV, outputs=declared, **more)


def bolt(
    name: str,
    inputs: Mapping[Any, Grouping],
    *,
    outputs: Mapping[str, Stream] | None = None,
    **more: Any,
) -> Component:
    keyed = {
        source if isinstance(source, tuple) else (source, "default"): how
        for source, how in inputs.items()
    }
    declared = {"default": Stream(("word",))} if outputs is None else outputs
    return Component(name, "bolt", command=ARGV, inputs=keyed, outputs=declared, **more)


def topology(*components: Component, name: str = "t") -> Topology:
    return Topology(name, {component.id: component for component in components})


def found(
    *components: Component, conf: Mapping[Any, object] | None = None, name: str = "t"
) -> list[str]:
    """What is wrong, a line each."""
    with pytest.raises(TopologyError) as caught:
        validate(topology(*components, name=name), conf)
    return str(caught.value).splitlines()


SPOUT = spout("s")
BOLT = bolt("b", {"s": SHUFFLE})
