"""Which events of a trace are looked at: by component, task, name and time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from simulator.engine import events

__all__ = ["Filter"]


@dataclass(frozen=True)
class Filter:
    """A choice of events; an event has to meet every condition, and an empty one is none.

    Attributes:
        components: ids of components.
        tasks: numbers of tasks.
        names: names of events.
        from_ms: the first instant, in virtual milliseconds.
        until_ms: the last instant, in virtual milliseconds; None: no end.
    """

    components: Collection[str] = ()
    tasks: Collection[int] = ()
    names: Collection[str] = ()
    from_ms: int = 0
    until_ms: int | None = None

    @property
    def is_empty(self) -> bool:
        """True when it lets every event pass."""
        return not (
            self.components or self.tasks or self.names or self.from_ms or self.until_ms is not None
        )

    def takes(self, event: events.Event) -> bool:
        """Return whether an event meets all conditions."""
        return (
            (not self.components or event.component in self.components)
            and (not self.tasks or event.task in self.tasks)
            and (not self.names or event.event in self.names)
            and event.at_ms >= self.from_ms
            and (self.until_ms is None or event.at_ms <= self.until_ms)
        )

    def of(self, happened: Iterable[events.Event]) -> Iterator[events.Event]:
        """Yield the events that meet all conditions."""
        return (event for event in happened if self.takes(event))
