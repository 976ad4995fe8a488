"""What runs leave for each other in this process: attributes of the sources' modules and of the components' classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.exploring.plan import PlannedRun
from simulator.testing import RunningTopology
from simulator.transports import Attribute


class SharedState:
    """Compares the attributes at the first step of each run with those at the first step of the first.

    There the test has reset what it resets, and the components are initialized.

    Args:
        remedy: what is to be done about it.
        on_changed: called once for each attribute that has changed, with a line.

    Attributes:
        changed: what users call the attributes that have changed so far.
    """

    def __init__(self, remedy: str, on_changed: Callable[[str], object]) -> None:
        self.changed: list[str] = []
        self._remedy = remedy
        self._on_changed = on_changed
        self._at_first: Mapping[Attribute, object] | None = None

    def watch(self, made: RunningTopology) -> PlannedRun | None:
        """Have a topology compared at its first step."""

        def look() -> None:
            made.simulation.before_step = None
            self.compare(made)

        made.simulation.before_step = look
        return None

    def compare(self, made: RunningTopology) -> None:
        """Compare now."""
        now = made.shared_state()
        if self._at_first is None:
            self._at_first = now
            return
        for attribute, value in self._at_first.items():
            name, path = attribute
            if name not in self.changed and now.get(attribute, value) != value:
                self.changed.append(name)
                self._on_changed(
                    f"{name} ({path}) has outlived a run of explore: runs in one process share modules and classes; "
                    f"{self._remedy}"
                )
