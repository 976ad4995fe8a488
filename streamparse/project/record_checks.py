"""What can be recorded of a topology: the checks of every option and argument that asks for a recording."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from streamparse.multilang import RECORD, RECORD_COMPONENTS

if TYPE_CHECKING:
    from simulator.model import Topology

__all__ = ["is_record_asked_for", "record_problem", "redact_problem"]


def record_problem(topology: Topology, name: str, fed: Collection[str]) -> str:
    """Return why a component cannot be recorded; "" where it can.

    Args:
        name: what was given for its id.
        fed: the spouts whose rows come from a file or a stub.
    """
    from simulator.model import did_you_mean

    component = topology.components.get(name)
    if component is None:
        near = did_you_mean(name, topology.components)
        head, colon, number = name.rpartition(":")
        if colon and head in topology.components:
            near = f"; {number!r} is no number of tuples of {head!r}, which is from 1 to 10^18"
        return f"there is no component {name!r}{near}"
    if name in fed:
        return f"{name!r} does not run, for its rows are given; expected a component that runs"
    if component.command is None:
        return f"{name!r} runs in Storm's JVM; expected a component that streamparse runs"
    return ""


def redact_problem(field: str, names: Collection[str], fields: Collection[str]) -> str:
    """Return why a field cannot be taken out of recordings; "" where it can.

    Args:
        names: of the components that are recorded.
        fields: those of their streams.
    """
    from simulator.model import did_you_mean

    if field in fields:
        return ""
    near = did_you_mean(field, fields)
    return f"no stream of {', '.join(names)} has this field{near}; expected one of {', '.join(fields) or 'none'}"


def is_record_asked_for(topology: Topology, conf: Mapping[str, object]) -> bool:
    """Return whether settings of a topology, or of its components, ask for recordings."""
    own = (each.conf for each in topology.components.values())
    return any(RECORD in each or RECORD_COMPONENTS in each for each in (conf, topology.conf, *own))
