"""The recordings that a test has made of a topology's components."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from simulator.engine import Pace
from simulator.model import Topology
from simulator.testing import HarnessError, is_test_error
from streamparse.multilang import RECORD_CLOCK, RECORD_COMPONENTS, RECORD_INTO
from streamparse.project import is_record_asked_for, record_problem
from streamparse.recordings import SettingsError, nothing_recorded, record_settings
from streamparse.testing.runtime import open_clock
from streamparse.virtual_time import SharedClock

__all__ = ["Recorded", "UsualRecording", "recorded"]

__tracebackhide__ = is_test_error  # pytest then shows the test's line

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


@dataclass
class UsualRecording:
    """What is recorded of each topology of a test that does not say it itself: ``pytest --storm-record``.

    Args:
        settings: of the recordings, by component id.
        directory: for the recordings; it is made when there is one. What is recorded there already is removed then.
        on_topology: called with each topology, and the ids of those of its components that are recorded.
    """

    settings: Mapping[str, Mapping[str, object]]
    directory: Path
    on_topology: Callable[[Topology, Collection[str]], object] = lambda topology, recorded: None
    _is_ready: bool = False

    def of(self, topology: Topology, fed: Collection[str]) -> tuple[Record, Path | None]:
        """Return what is recorded of a topology, and the directory; nothing where it has none of the components.

        Args:
            fed: the spouts whose rows come from a stub.

        Raises:
            HarnessError: the directory cannot be made.
        """
        chosen = {
            name: settings
            for name, settings in self.settings.items()
            if not record_problem(topology, name, fed)
        }
        self.on_topology(topology, chosen)
        if not chosen:
            return (), None
        if not self._is_ready:
            try:
                self.directory.mkdir(parents=True, exist_ok=True)
                for old in self.directory.glob("streamparse_*.jsonl*"):
                    old.unlink()
            except OSError as error:
                raise HarnessError(f"{self.directory}: {error.strerror}") from None
            self._is_ready = True
        return chosen, self.directory


def recorded(
    topology: Topology,
    record: Record,
    into: str | Path | None,
    stack: ExitStack,
    *,
    conf: Mapping[str, object],
    fed: Collection[str],
    is_explored: bool,
) -> Recorded:
    """Return what the run of a topology needs to be recorded.

    Args:
        record: ids of components, or their settings by id.
        into: an existing directory.
        stack: closes the clock.
        conf: of the topology.
        fed: the spouts whose rows come from a stub.
        is_explored: whether this is one run of hundreds: then settings of the topology have nothing recorded.

    Raises:
        HarnessError: there is no such component, setting or directory.
    """
    if not record:
        if into is not None:
            raise HarnessError("record_into= has no use; expected record= as well, with ids")
        return _recorded_by_settings(topology, conf, stack, is_explored=is_explored)
    if isinstance(record, str):
        raise HarnessError(f"record={record!r}: expected a list of ids, such as [{record!r}]")
    if into is None or not Path(into).is_dir():
        found = "" if into is None else f"={str(into)!r}"
        raise HarnessError(f"record_into{found}: expected an existing directory for the recordings")
    by_id: dict[str, object] = {
        name: dict(record[name]) if isinstance(record, Mapping) else True for name in record
    }
    for name in by_id:
        if problem := record_problem(topology, name, fed):
            raise HarnessError(f"record={name!r}: {problem}")
        try:
            record_settings({RECORD_COMPONENTS: by_id}, name)
        except SettingsError as error:
            raise HarnessError(str(error)) from None
    return _with_clock({RECORD_COMPONENTS: by_id, RECORD_INTO: str(Path(into).absolute())}, stack)


def _recorded_by_settings(
    topology: Topology, conf: Mapping[str, object], stack: ExitStack, *, is_explored: bool
) -> Recorded:
    """The same for what settings of the topology, or of its components, ask for."""
    if not is_record_asked_for(topology, conf):
        return Recorded()
    return (
        Recorded(nothing_recorded(topology.components)) if is_explored else _with_clock({}, stack)
    )


def _with_clock(conf: Mapping[str, object], stack: ExitStack) -> Recorded:
    clock = open_clock(stack)
    return Recorded({**conf, RECORD_CLOCK: clock.path}, clock)
