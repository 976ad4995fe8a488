"""The work of a component, as a test sets it while it runs."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.engine import Simulation, WorkError
from simulator.model import Component
from simulator.testing.errors import HarnessError


def set_work(
    simulation: Simulation, component: Component, work: object, parts: Mapping[str, object]
) -> None:
    """Have the work of a component take virtual time from now on.

    Args:
        simulation: runs it.
        component: the component.
        work: of a bolt, with one tuple; of a spout, with one ``next_tuple``; None: as it is.
        parts: its other work, by part.

    Raises:
        HarnessError: it is no work, or rows stand in for the spout.
    """
    usual = "tuple" if component.kind == "bolt" else "next"
    whole = parts if work is None else {usual: work, **parts}
    try:
        simulation.set_work({component.id: whole})
    except WorkError as error:
        raise HarnessError(str(error)) from None
