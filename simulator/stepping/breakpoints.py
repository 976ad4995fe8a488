"""Breakpoints of a run: an instant, ``30s``, or an event of a component, ``count-bolt:tuple@3``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.engine import events
from simulator.model import Topology, did_you_mean
from simulator.traces import InstantError, parse_instant, shown_ms

__all__ = ["Breakpoint", "BreakpointError", "EventBreakpoint", "TimeBreakpoint", "parse_breakpoint"]

#: What a breakpoint can wait for: a tuple that is handed to a bolt, and the events of a trace.
POINTS: Final[Sequence[str]] = ("tuple", *events.EVENTS)
_NTH: Final = re.compile(r"0*[1-9][0-9]{0,17}")
_TIME: Final = re.compile(r"[0-9.].*")
EXPECTED: Final = (
    "expected a time, such as 30s, or COMPONENT:EVENT, such as count-bolt:tuple@3 or spout:failed"
)


class BreakpointError(ValueError):
    """A text that is no breakpoint; one line that says what was expected, with the nearest name."""


@dataclass(frozen=True)
class TimeBreakpoint:
    """Stops a run after the first wave that begins at an instant or later.

    Attributes:
        at_ms: the instant, in virtual milliseconds.
    """

    at_ms: int

    def __str__(self) -> str:
        return shown_ms(self.at_ms).replace(" ", "")


@dataclass(frozen=True)
class EventBreakpoint:
    """Stops a run after the wave in which a component has so many events of a kind.

    Attributes:
        component: the component.
        event: "tuple" for a tuple that is handed to a bolt, without ticks; or the name of an event of a trace.
        nth: the number of the event, from 1, over all tasks and lives; None: each.
    """

    component: str
    event: str
    nth: int | None

    def __str__(self) -> str:
        return f"{self.component}:{self.event}{'' if self.nth is None else f'@{self.nth}'}"

    def is_hit(
        self, before: Mapping[tuple[str, str], int], after: Counter[tuple[str, str]]
    ) -> bool:
        """Return whether it lies in a wave.

        Args:
            before: how many events there were before the wave, by component and event.
            after: how many there are after it.
        """
        key = (self.component, self.event)
        if self.nth is None:
            return after[key] > before.get(key, 0)
        return before.get(key, 0) < self.nth <= after[key]


Breakpoint = TimeBreakpoint | EventBreakpoint


def parse_breakpoint(text: str, topology: Topology) -> Breakpoint:
    """Return the breakpoint that a user has typed.

    Raises:
        BreakpointError: it is none, or the topology has no such component.
    """
    component, colon, rest = text.strip().rpartition(":")
    if not colon:
        if not _TIME.fullmatch(rest):
            raise BreakpointError(f"{rest[:80]!r} is no breakpoint; {EXPECTED}")
        try:
            return TimeBreakpoint(parse_instant(rest))
        except InstantError as error:
            raise BreakpointError(str(error)) from None
    if component not in topology.components:
        near = did_you_mean(component, topology.components)
        raise BreakpointError(
            f"there is no component {component!r}{near or '; there are ' + ', '.join(topology.components)}"
        )
    event, at, nth = rest.partition("@")
    if event not in POINTS:
        near = did_you_mean(event, POINTS)
        raise BreakpointError(
            f"there is no event {event!r}{near or '; there are ' + ', '.join(POINTS)}"
        )
    if event == "tuple" and topology.components[component].kind == "spout":
        raise BreakpointError(
            f"{component!r} is a spout, which takes no tuples; emit, acked and failed are its events"
        )
    if at and not _NTH.fullmatch(nth):
        raise BreakpointError(f"{text.strip()!r}: expected a number from 1 to 10^18 behind the @")
    return EventBreakpoint(component, event, int(nth) if at else None)
