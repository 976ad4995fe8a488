"""The recordings that a test has made of a topology's components."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from simulator.engine import Pace
from simulator.model import Topology, did_you_mean
from simulator.testing import HarnessError
from simulator.transports import temporary_directory
from streamparse.multilang import RECORD_CLOCK, RECORD_COMPONENTS
from streamparse.recordings import SettingsError, record_settings
from streamparse.virtual_time import SharedClock

__all__ = ["Recorded", "recorded"]

Record = Collection[str] | Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Recorded:
    """What a run needs to be recorded.

    Attributes:
        conf: settings of the topology.
        clock: has the virtual time of the recordings; None: nothing is recorded.
    """

    conf: Mapping[str, object] = field(default_factory=dict)
    clock: SharedClock | None = None

    def pace(self, other: Pace | None) -> Pace | None:
        """Return a pace that sets the clock, too."""
        clock = self.clock
        if clock is None:
            return other

        def both(now_ms: int) -> int:
            clock.publish(now_ms)
            return other(now_ms) if other else now_ms

        return both


def recorded(
    topology: Topology, record: Record, into: str | Path | None, stack: ExitStack
) -> Recorded:
    """Return what the run of a topology needs to be recorded.

    Args:
        record: ids of components, or their settings by id.
        into: an existing directory.
        stack: closes the clock.

    Raises:
        HarnessError: there is no such component, setting or directory.
    """
    if not record:
        if into is not None:
            raise HarnessError("record_into= has no use; expected record= as well, with ids")
        return Recorded()
    if isinstance(record, str):
        raise HarnessError(f"record={record!r}: expected a list of ids, such as [{record!r}]")
    if into is None or not Path(into).is_dir():
        found = "" if into is None else f"={str(into)!r}"
        raise HarnessError(f"record_into{found}: expected an existing directory for the recordings")
    by_id: dict[str, object] = {
        name: dict(record[name]) if isinstance(record, Mapping) else True for name in record
    }
    for name in by_id:
        if name not in topology.components:
            near = did_you_mean(name, topology.components)
            raise HarnessError(f"record={name!r}: there is no such component{near}")
        try:
            record_settings({RECORD_COMPONENTS: by_id}, name)
        except SettingsError as error:
            raise HarnessError(str(error)) from None
    clock = SharedClock(temporary_directory())
    stack.callback(clock.close)
    conf = {
        RECORD_COMPONENTS: by_id,
        RECORD_CLOCK: clock.path,
        "streamparse.log.path": str(Path(into).absolute()),
    }
    return Recorded(conf, clock)
