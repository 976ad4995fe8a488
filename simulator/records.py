"""What tests look at: tuples that compare as their values, lists of them with questions, and how things go wrong.

Built from the trace, so that a test and a trace can never disagree.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, SupportsIndex, overload

from simulator.engine import Failure

__all__ = [
    "ComponentError",
    "HarnessError",
    "Logged",
    "PendingError",
    "Record",
    "Records",
    "Result",
]


class HarnessError(ValueError):
    """A mistake in the test itself: a name that is not there, a row that does not fit. One line."""


class ComponentError(AssertionError):
    """A component failed, and the test had not asked for that. ``failure`` has all that is known."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(_told(failure))


class PendingError(AssertionError):
    """Rows that cannot be settled any more, or whose time is up."""


def _told(failure: Failure) -> str:
    parts = [str(failure)]
    # An exception of this process is there as __cause__, with its own traceback.
    if failure.error and failure.cause is None:
        parts.append(failure.error.rstrip())
    if failure.stack:
        parts.append(failure.stack.rstrip())
    if failure.stderr and not failure.error:
        parts.append(f"its stderr ended:\n{failure.stderr.rstrip()}")
    return "\n".join(parts)


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

    @property
    def values(self) -> list[Any]:
        """The values, as a plain list."""
        return list(self)

    @overload
    def __getitem__(self, key: str | SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> list[Any]: ...
    def __getitem__(self, key: str | SupportsIndex | slice) -> Any:
        """A value by its place, or by the name of its field."""
        if isinstance(key, str):
            return super().__getitem__(self.place_of(key))
        return super().__getitem__(key)

    def place_of(self, field: str) -> int:
        """Where a field is among the values.

        Raises:
            HarnessError: the tuple has no such field.
        """
        if field in self.fields:
            return self.fields.index(field)
        near = difflib.get_close_matches(field, self.fields, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {list(self.fields)}"
        raise HarnessError(
            f"stream {self.stream!r} of {self.component!r} has no field {field!r}; {hint}"
        )


class Records(list[Record]):
    """Tuples in the order in which it happened."""

    def on(self, stream: str) -> Records:
        """Those on one stream."""
        return Records(record for record in self if record.stream == stream)

    def last_by(self, field: str) -> dict[Any, Any]:
        """For each value of ``field`` what the other field had last; a tuple of them where there are several."""
        found = {}
        for record in self:
            place = record.place_of(field)
            rest = [value for at, value in enumerate(record) if at != place]
            found[_key(record[place])] = rest[0] if len(rest) == 1 else tuple(rest)
        return found

    def tasks_by(self, field: str) -> dict[Any, set[int]]:
        """For each value of ``field`` the tasks that had it: the receiving ones, or those that emitted it."""
        found: dict[Any, set[int]] = {}
        for record in self:
            task = record.task if record.to is None else record.to
            found.setdefault(_key(record[record.place_of(field)]), set()).add(task)
        return found


def _key(value: Any) -> Any:
    """A JSON value as a dict's key: lists become tuples."""
    if isinstance(value, list):
        return tuple(map(_key, value))
    if isinstance(value, dict):
        return tuple((name, _key(item)) for name, item in sorted(value.items()))
    return value


class Logged(NamedTuple):
    """A message to Storm's log, or (level "system") a tick that was handed over."""

    message: str
    level: str  # trace, debug, info, warn, error, or system
    component: str
    task: int
    time_ms: int


class Result(NamedTuple):
    """What one call to a component under the lamp led to.

    ``acked`` and ``failed`` are tuples a bolt settled, or ids a spout was told about.
    """

    emitted: Records
    acked: list[Any]
    failed: list[Any]
    error: ComponentError | None
    log: list[Logged]
    tuple: Record | None = None  # what was processed


LEVELS = ("trace", "debug", "info", "warn", "error")  # Storm's numbers for log levels


class LogKeeper:
    """A listener that keeps what components log, with the virtual time."""

    def __init__(self) -> None:
        self.logged: list[Logged] = []
        self._now_ms = 0

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self.add(message, LEVELS[level], component, task, self._now_ms)

    def add(self, message: str, level: str, component: str, task: int, time_ms: int) -> None:
        self.logged.append(Logged(message, level, component, task, time_ms))

    def progress(self, now_ms: int) -> None:
        self._now_ms = now_ms
