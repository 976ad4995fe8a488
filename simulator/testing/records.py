"""The values that tests compare: tuples that are equal to their values, lists of them, log messages, results of calls.

They are made of the events of the trace, so a test and its trace cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple, SupportsIndex, overload

from simulator.engine import ReportedError
from simulator.model import did_you_mean, hinted
from simulator.testing.errors import ComponentError, HarnessError, is_test_error
from streamparse.multilang import LOG_NAMES

__tracebackhide__ = is_test_error


@hinted
class Record(list[Any]):
    """A tuple that was emitted or received. It is the list of its values, and equal to any list of the same.

    Attributes:
        fields: the names of the values.
        stream: the stream it was emitted on.
        component, task: who emitted it.
        time_ms: when, in virtual milliseconds.
        id: a spout's message id, or None; of a tuple that was received, Storm's tuple id.
        anchors: the tuples it was anchored to.
        to: for a received tuple, the task that received it; else None.
    """

    fields: tuple[str, ...]
    stream: str
    component: str
    task: int
    time_ms: int
    id: Any
    anchors: list[Record]
    to: int | None

    def __init__(
        self,
        values: Iterable[Any],
        *,
        fields: Sequence[str],
        stream: str,
        component: str,
        task: int,
        time_ms: int,
        id: Any = None,
        anchors: Iterable[Record] = (),
        to: int | None = None,
    ) -> None:
        super().__init__(values)
        self.fields = tuple(fields)
        self.stream = stream
        self.component = component
        self.task = task
        self.time_ms = time_ms
        self.id = id
        self.anchors = list(anchors)
        self.to = to

    def _attribute_hint(self, name: str) -> str:
        return f"; it is a field: record[{name!r}]" if name in vars(self).get("fields", ()) else ""

    @property
    def values(self) -> list[Any]:
        """The values, as a plain list."""
        return list(self)

    @overload
    def __getitem__(self, key: str | SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> list[Any]: ...
    def __getitem__(self, key: str | SupportsIndex | slice) -> Any:
        """Return a value by its place, or by the name of its field."""
        if isinstance(key, str):
            return super().__getitem__(self.place_of(key))
        return super().__getitem__(key)

    def place_of(self, field: str) -> int:
        """Return the place of a field among the values.

        Raises:
            HarnessError: the tuple has no such field.
        """
        if field in self.fields:
            return self.fields.index(field)
        near = did_you_mean(field, self.fields) or f"; its fields are {list(self.fields)}"
        raise HarnessError(
            f"stream {self.stream!r} of {self.component!r} has no field {field!r}{near}"
        )


@hinted
class Records(list[Record]):
    """Tuples in the order in which they were emitted or received.

    Attributes:
        whose: who emitted or took them; errors name it.
        streams: those that there can be tuples on; None when that is not known.
    """

    def __init__(
        self,
        records: Iterable[Record] = (),
        *,
        whose: str = "",
        streams: Collection[str] | None = None,
    ) -> None:
        super().__init__(records)
        self.whose = whose
        self.streams = streams

    def on(self, stream: str) -> Records:
        """Return those on one stream.

        Raises:
            HarnessError: there is no such stream.
        """
        if self.streams is not None and stream not in self.streams:
            near = did_you_mean(stream, self.streams) or f"; its streams are {list(self.streams)}"
            raise HarnessError(f"{self.whose} has no stream {stream!r}{near}")
        mine = (record for record in self if record.stream == stream)
        return Records(mine, whose=self.whose, streams=self.streams)

    def last_by(self, field: str) -> dict[Any, Any]:
        """Return the last value of the other field, by the value of ``field``; a tuple where there are several."""
        found = {}
        for record in self:
            place = record.place_of(field)
            rest = [value for at, value in enumerate(record) if at != place]
            found[_key(record[place])] = rest[0] if len(rest) == 1 else tuple(rest)
        return found

    def tasks_by(self, field: str) -> dict[Any, set[int]]:
        """Return the tasks that had each value of ``field``: those that received it, else those that emitted it."""
        found: dict[Any, set[int]] = {}
        for record in self:
            task = record.task if record.to is None else record.to
            found.setdefault(_key(record[record.place_of(field)]), set()).add(task)
        return found


class AnyOrder:
    """Equal to any sequence of the same rows, in whatever order."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = list(rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return self.difference(other) == ([], [])

    __hash__ = None  # type: ignore[assignment]  # like the lists it stands for

    def difference(self, other: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Return the rows that are missing in ``other``, and the rows that it has too many."""
        missing, extra = list(self.rows), []
        for row in other:
            if row in missing:
                missing.remove(row)
            else:
                extra.append(row)
        return missing, extra

    def __repr__(self) -> str:
        return f"any_order({self.rows!r})"


def _key(value: Any) -> Any:
    """A JSON value as the key of a dict: lists become tuples."""
    if isinstance(value, list):
        return tuple(map(_key, value))
    if isinstance(value, dict):
        return tuple((name, _key(item)) for name, item in sorted(value.items()))
    return value


@hinted
class Logged(NamedTuple):
    """A message to Storm's log, or a tick that a bolt was handed.

    Attributes:
        message: the text.
        level: trace, debug, info, warn or error; "system" for a tick.
        component, task: who logged it.
        time_ms: when, in virtual milliseconds.
    """

    message: str
    level: str
    component: str
    task: int
    time_ms: int


@hinted
class Result(NamedTuple):
    """The result of one call of a harness.

    Attributes:
        emitted: the tuples that it emitted.
        acked, failed: tuples that a bolt has settled, or ids that a spout was notified of.
        error: how it failed, where the call was not to raise it (``check=False``).
        log: what it logged.
        tuple: the tuple that the call has given to it, or None.
        errors: what it reported to Storm as errors (``raise_exception``); each has ``message`` and ``text``.
    """

    emitted: Records
    acked: list[Any]
    failed: list[Any]
    error: ComponentError | None
    log: list[Logged]
    tuple: Record | None = None
    errors: Sequence[ReportedError] = ()


class LogKeeper:
    """A listener that keeps what components log, with the virtual time.

    Attributes:
        logged: all of it, in order.
        on_wave: called at the end of each wave.
        expects_errors: whether the test expects that a component fails.
    """

    def __init__(self) -> None:
        self.expects_errors = False
        self.logged: list[Logged] = []
        self.on_wave: Callable[[], object] | None = None
        self._now_ms = 0

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self.add(message, LOG_NAMES[level], component, task, self._now_ms)

    def add(self, message: str, level: str, component: str, task: int, time_ms: int) -> None:
        self.logged.append(Logged(message, level, component, task, time_ms))

    def progress(self, now_ms: int) -> None:
        self._now_ms = now_ms
        if self.on_wave is not None:
            self.on_wave()
