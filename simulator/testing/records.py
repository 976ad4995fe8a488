"""What tests look at: tuples that compare as their values, lists of them with questions, and how things go wrong.

Built from the trace, so that a test and a trace can never disagree.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, SupportsIndex, overload

from simulator.engine import Failure, events
from simulator.model import TopologyError, did_you_mean
from streamparse import multilang
from streamparse.multilang import LOG_NAMES

__all__ = [
    "AnyOrder",
    "ComponentError",
    "HarnessError",
    "Logged",
    "NoSuchAttributeError",
    "PendingError",
    "Record",
    "Records",
    "Result",
    "check_json",
    "is_for_the_test",
    "recent",
]


def is_for_the_test(excinfo: Any) -> bool:
    """Whether an error tells of the test and its components, not of us: then our frames say nothing.

    The value of ``__tracebackhide__`` in modules that tests call; pytest hands over what it has caught.
    """
    errors = (HarnessError, ComponentError, PendingError, TopologyError)
    return excinfo is not None and isinstance(excinfo.value, errors)


__tracebackhide__ = is_for_the_test


class HarnessError(ValueError):
    """A mistake in the test itself: a name that is not there, a row that does not fit. One line."""


class NoSuchAttributeError(HarnessError, AttributeError):
    """An attribute that a component does not have; ``hasattr`` and ``getattr`` take it for what it is."""


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
        parts.append(without_our_frames(failure.error.rstrip()))
    if failure.stack:
        parts.append(f"its stack, most recent call first:\n{users_stack(failure.stack)}")
    if failure.stderr and not failure.error:
        parts.append(f"its stderr ended:\n{failure.stderr.rstrip()}")
    return "\n".join(parts)


OURS = {Path(multilang.__file__).resolve().parent, Path(__file__).resolve().parents[1]}
# A frame of a printed traceback: its line, then the source and the marks under it.
_FRAME = re.compile(
    r'^  File "(?P<file>[^"\n]*)", line \d+, in .*\n(?:    .*(?:\n|\Z))*', re.MULTILINE
)


def without_our_frames(text: str) -> str:
    """A printed traceback with the frames of streamparse left out, unless there are no others."""
    frames = list(_FRAME.finditer(text))
    ours = [frame for frame in frames if _is_scaffold(frame["file"])]
    if len(ours) == len(frames):
        return text
    for frame in reversed(ours):
        text = text[: frame.start()] + text[frame.end() :]
    return text


def users_stack(dump: str) -> str:
    """What faulthandler has printed of a process of ours, down to the frames of the user's code."""
    threads = [
        [frame for frame in _DUMPED.finditer(thread) if not _is_scaffold(frame["file"])]
        for thread in dump.split("\n\n")
    ]
    theirs = [frames for frames in threads if frames]
    if not theirs:
        return dump.rstrip()
    return "\n\n".join("\n".join(frame[0] for frame in frames) for frames in theirs)


_DUMPED = re.compile(r'^  File "(?P<file>[^"\n]*)", line \d+ in .*', re.MULTILINE)


def _is_scaffold(file: str) -> bool:
    """Whether a frame is ours, or Python's on the way from ours to the user's: a thread's start, an import."""
    path = Path(file)
    return (
        not OURS.isdisjoint(path.parents)
        or path.name == "threading.py"
        or path.parts[-2:] == ("importlib", "__init__.py")
        or file.startswith("<frozen ")
    )


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
    """Tuples in the order in which it happened.

    Attributes:
        whose: who emitted or took them, for what an error says.
        streams: those that there can be tuples on; None: nobody knows.
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
        """Those on one stream.

        Raises:
            HarnessError: there is no such stream.
        """
        if self.streams is not None and stream not in self.streams:
            near = did_you_mean(stream, self.streams) or f"; there are {list(self.streams)}"
            raise HarnessError(f"{self.whose} has no stream {stream!r}{near}")
        mine = (record for record in self if record.stream == stream)
        return Records(mine, whose=self.whose, streams=self.streams)

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
        """Rows that are missing in ``other``, and rows that are too many there."""
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
    """A JSON value as a dict's key: lists become tuples."""
    if isinstance(value, list):
        return tuple(map(_key, value))
    if isinstance(value, dict):
        return tuple((name, _key(item)) for name, item in sorted(value.items()))
    return value


def check_json(row: object, whose: str) -> None:
    """Refuse what cannot be put on the wire.

    Raises:
        HarnessError: it is no JSON.
    """
    try:
        json.dumps(row, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise HarnessError(f"{whose} {row!r}, which is no JSON: {error}") from None


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


class LogKeeper:
    """A listener that keeps what components log, with the virtual time."""

    def __init__(self) -> None:
        self.logged: list[Logged] = []
        self._now_ms = 0

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self.add(message, LOG_NAMES[level], component, task, self._now_ms)

    def add(self, message: str, level: str, component: str, task: int, time_ms: int) -> None:
        self.logged.append(Logged(message, level, component, task, time_ms))

    def progress(self, now_ms: int) -> None:
        self._now_ms = now_ms


# -- the last events, in words ----------------------------------------------------------------------------------

MOST_CHARS = 100  # of a tuple's values


def recent(
    happened: Sequence[events.Event], count: int, given: Mapping[str, Record] | None = None
) -> str:
    """The last events in words, one a line; ``given`` are tuples that came from outside."""
    known = {tuple_id: _short(record) for tuple_id, record in (given or {}).items()}
    known |= {
        tuple_id: _short(event.values)
        for event in happened
        if isinstance(event, events.Emit)
        for _, tuple_id in event.to
    }
    shown = [_in_words(event, known) for event in happened[-count:]]
    if len(happened) > count:
        shown.insert(0, f"  ({len(happened) - count} events before these)")
    return "\n".join(shown)


def _short(values: Any) -> str:
    text = json.dumps(values, ensure_ascii=False)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}..."


def _in_words(event: events.Event, known: Mapping[str, str]) -> str:
    return f"  {event.at_ms:>6} ms  {event.component}[{event.task}] {_deed(event, known)}"


def _deed(event: events.Event, known: Mapping[str, str]) -> str:
    """What an event says of its component, in words."""
    if isinstance(event, events.Emit):
        on = "" if event.stream == multilang.DEFAULT_STREAM else f" on {event.stream}"
        under = "" if event.id_json is None else f" with id {json.dumps(event.id)}"
        anchors = [known.get(each, f"tuple {each}") for each in event.anchors or ()]
        after = f", anchored to {', '.join(anchors)}" if anchors else ""
        return f"emits {_short(event.values)}{on}{under}{after}"
    if isinstance(event, events.Acked):
        return f"is told that {json.dumps(event.id)} is acked"
    if isinstance(event, events.Failed):
        reason = " by timeout" if event.reason == "timeout" else ""
        return f"is told that {json.dumps(event.id)} is failed{reason}"
    if isinstance(event, (events.Ack, events.Fail)):
        return f"{event.event}s {known.get(event.tuple_id, f'tuple {event.tuple_id}')}"
    if isinstance(event, events.Died):
        return f"dies: {event.reason}" if event.reason else "dies"
    if isinstance(event, events.Restart):
        return "is started again"
    if isinstance(event, events.Error):
        return f"reports {event.message}"
    if isinstance(event, events.Fault):
        return f"{event.verdict}: {known.get(event.tuple_id, f'tuple {event.tuple_id}')}"
    return f"{event.event}s"  # a tick, a timer
