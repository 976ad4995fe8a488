"""A recorded conversation of Storm with one component, cut into turns: what it was given, and what it said to that.

A streamparse component reads one message after the other, so what it says between two of them belongs to the first.
Heartbeats, syncs and the pid are no behaviour and are left out.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from simulator.engine import last_line
from simulator.testing import HarnessError
from simulator.wire import Ack, Emit, Fail, Message, Sync, parse, protocol
from streamparse.multilang import (
    CLASS_TOPOLOGY,
    CRASH_AT,
    DEFAULT_STREAM,
    HEARTBEAT_STREAM,
    SYSTEM_TASK,
    TICK_STREAM,
    TIMER_STREAM,
    ProtocolError,
)
from streamparse.recordings import FROM_STORM, REDACTED, Head, Idle, Recording, Said

#: What a component tells a simulator only, or what no test of behaviour is about.
UNHEARD: Final = (
    Sync,
    protocol.Timer,
    protocol.Debugger,
    protocol.Threads,
    protocol.Clock,
    protocol.Steps,
)
#: The text of a log message or an error that a redaction has taken.
TAKEN_TEXT: Final = "(redacted)"
#: The settings that name directories of logs, on the machine of the recording.
LOG_PATHS: Final = ("streamparse.log.path", "pystorm.log.path")
NEXT: Final[Mapping[str, Any]] = {"command": "next", "id": ""}


class ConversationError(HarnessError):
    """A recording has no conversation that can be replayed; the message says what was found, and what is expected."""


@dataclass
class Turn:
    """One input of a component, and what it said until the next one.

    Attributes:
        number: 0 for its start, with ``initialize``; then from 1 on.
        given: the tuple or the command; an empty map at the start.
        at_us: when it was given, in microseconds since the recording began.
        times: how often it was given: more than once only for a spout's turns in which it said nothing.
        said: its emits, acks, fails, logs and errors.
        answers: the task ids that its emits were answered with, by stream.
        end_us: when it said the last of it, in microseconds; None where it said nothing, not even a sync.
        is_redacted: whether values were taken out of what it was given.
        is_cut: whether the recording may have ended before all was said.
    """

    number: int
    given: Mapping[str, Any] = field(default_factory=dict)
    at_us: int = 0
    times: int = 1
    said: list[Message] = field(default_factory=list)
    answers: dict[str, deque[Sequence[int]]] = field(default_factory=dict)
    end_us: int | None = None
    is_redacted: bool = False
    is_cut: bool = False

    @property
    def command(self) -> str:
        """The command of a spout: next, ack, fail, activate or deactivate; "" for a tuple."""
        return str(self.given.get("command", ""))

    @property
    def is_tick(self) -> bool:
        """True for a tick of Storm's clock."""
        return self.given.get("stream") == TICK_STREAM

    @property
    def is_timer(self) -> bool:
        """True for a timer of a simulator's clock."""
        return self.given.get("stream") == TIMER_STREAM

    @property
    def is_tuple(self) -> bool:
        """True for a tuple of a component: no tick, and nothing else of the system's."""
        return "tuple" in self.given and self.given.get("task") != SYSTEM_TASK


@dataclass
class Conversation:
    """The recorded conversation of one life of a task.

    Attributes:
        head: whose it is.
        handshake: Storm's first message.
        turns: the start, then one for each input.
        why: how the recording ended, one of ``ENDS``; None: it was cut off.
        damage: one line about what could not be read behind it; "" for nothing.
    """

    head: Head
    handshake: Mapping[str, Any]
    turns: list[Turn]
    why: str | None = None
    damage: str = ""

    @property
    def last_error(self) -> str:
        """The last line of the last error that it has reported in its last turn; "" for none."""
        errors = [each for each in self.turns[-1].said if isinstance(each, protocol.Error)]
        return last_line(errors[-1].message) if errors else ""

    @property
    def kind(self) -> Literal["bolt", "spout"] | None:
        """Whose inputs these are; None where nothing tells it."""
        if self.head.kind in ("bolt", "spout"):
            return self.head.kind  # type: ignore[return-value]  # one of these
        for turn in self.turns[1:]:
            return "spout" if turn.command else "bolt"
        return "bolt" if self.context.get("source->stream->grouping") else None

    @property
    def context(self) -> Mapping[str, Any]:
        """The place in the topology, as the handshake tells it."""
        found: Mapping[str, Any] = self.handshake["context"]
        return found

    @property
    def conf(self) -> Mapping[str, Any]:
        """The configuration, as the handshake tells it."""
        found: Mapping[str, Any] = self.handshake["conf"]
        return found

    @property
    def outputs(self) -> dict[str, tuple[str, ...]] | None:
        """The fields of each stream that it declares; None where Storm does not tell them (before 0.10)."""
        found = self.context.get("stream->outputfields")
        if found is None:
            return None
        return {stream: tuple(fields) for stream, fields in found.items()}

    def fields_of(self, given: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Return the names of the values of a tuple that it was given; None where Storm does not tell them."""
        sources = self.context.get("source->stream->fields") or {}
        found = sources.get(given.get("comp"), {}).get(given.get("stream"))
        return None if found is None else tuple(found)

    @property
    def inputs(self) -> int:
        """The number of its inputs."""
        return sum(turn.times for turn in self.turns[1:])

    @property
    def is_redacted(self) -> bool:
        """True when values were taken out of it."""
        return bool(self.head.redacted or self.head.function)

    @property
    def has_timers(self) -> bool:
        """True when a simulator's clock has woken it: the timers are inputs of the recording."""
        return any(turn.is_timer for turn in self.turns)

    @property
    def has_logging(self) -> bool:
        """True when what it has logged by ``logging`` and printed went to Storm, and so into the recording.

        A simulation shows it, too, and no Storm would: then it is in no recording.
        """
        has_file = any(name in self.conf for name in LOG_PATHS)
        is_virtual = self.head.clock == "virtual"
        return self.conf.get(CLASS_TOPOLOGY) is True and not has_file and not is_virtual


def read_conversation(recording: Recording) -> Conversation:
    """Cut a recording into turns.

    Raises:
        ConversationError: it does not begin with a handshake, or a message in it is none.
    """
    entries = iter(recording.said)
    first = next(entries, None)
    handshake: Any = None
    if isinstance(first, Said) and first.mark == FROM_STORM:
        handshake = first.message
    if not _is_handshake(handshake):
        raise ConversationError(
            f"{recording.path}: there is no handshake; expected Storm's first message, with conf and context"
        )
    turn = Turn(0)
    turns = [turn]
    waiting: deque[tuple[Turn, str]] = deque()  # emits that wait for task ids
    now_us = 0
    for entry in entries:
        now_us = now_us if entry.us is None else entry.us
        if isinstance(entry, Idle):
            turn = Turn(len(turns), NEXT, now_us, entry.turns)
            turns.append(turn)
        elif entry.mark == FROM_STORM:
            message = entry.message
            if isinstance(message, list):
                answered, stream = waiting.popleft() if waiting else (turn, DEFAULT_STREAM)
                answered.answers.setdefault(stream, deque()).append(message)
            elif _is_input(message):
                is_redacted = has_redacted(message.get("tuple"))
                turn = Turn(len(turns), message, now_us, is_redacted=is_redacted)
                turns.append(turn)
        elif (said := _said(recording, entry.text)) is not None:
            turn.end_us = now_us
            if not isinstance(said, UNHEARD):
                turn.said.append(said)
            if isinstance(said, Emit) and said.need_task_ids and said.task is None:
                waiting.append((turn, said.stream))
    # Whoever kills a process, or stops to record, does it in the middle of a turn.
    why = None if recording.end is None else recording.end.why
    turn.is_cut = why not in ("closed", "exception")
    was_outside = isinstance(first, Said) and first.us is None
    if was_outside and not any(each.command for each in turns):
        _attribute_by_names(turns)
    return Conversation(recording.head, handshake, turns, why, recording.damage)


def _attribute_by_names(turns: Sequence[Turn]) -> None:
    """Attribute what a bolt said to the inputs that it names: whoever listens at its pipe does not see when it reads.

    It takes one input after the other. What names none belongs to what is named next: an ack comes last.
    """
    numbers = numbers_by_id(turns)
    said = [each for turn in turns for each in turn.said]
    answers: dict[str, deque[Sequence[int]]] = {}
    for turn in turns:
        for stream, found in turn.answers.items():
            answers.setdefault(stream, deque()).extend(found)
        turn.said, turn.answers = [], {}
    current, unnamed = 0, list[Message]()
    for each in said:
        unnamed.append(each)
        named = [numbers[name] for name in names_in(each) if name in numbers]
        if named:
            current = max(current, *named)
            turns[current].said += unnamed
            unnamed = []
    turns[current].said += unnamed
    for turn in turns:
        for each in turn.said:
            if isinstance(each, Emit) and each.need_task_ids and answers.get(each.stream):
                turn.answers.setdefault(each.stream, deque()).append(answers[each.stream].popleft())


def numbers_by_id(turns: Sequence[Turn]) -> dict[str, int]:
    """Return the number of the input by the id of its tuple."""
    return {turn.given["id"]: turn.number for turn in turns if "tuple" in turn.given}


def names_in(said: object) -> Sequence[str]:
    """Return the ids of tuples that a message of a bolt names."""
    if isinstance(said, Emit):
        return said.anchors
    # An id of another type is a mistake, and names nothing.
    return [said.id] if isinstance(said, (Ack, Fail)) and isinstance(said.id, str) else []


def _is_handshake(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and isinstance(message.get("conf"), dict)
        and isinstance(message.get("context"), dict)
    )


def _is_input(message: Any) -> bool:
    """True for a tuple or a command; not for heartbeats, and for what only a simulator orders."""
    if not isinstance(message, dict) or message.get("command") == CRASH_AT:
        return False
    return message.get("stream") != HEARTBEAT_STREAM


def has_redacted(value: object) -> bool:
    """Return whether something was taken out of a value."""
    if isinstance(value, dict):
        return value == REDACTED or any(map(has_redacted, value.values()))
    return isinstance(value, list) and any(map(has_redacted, value))


def _said(recording: Recording, text: str) -> Message | None:
    """Read what a component said; None for its pid, and for a text that a redaction has taken whole.

    Raises:
        ConversationError: it is no message of a component.
    """
    data = text.encode("utf-8", "surrogatepass")
    try:
        return parse(data)
    except ProtocolError as error:
        message = _object(text)
        if "pid" in message and "command" not in message:
            return None
        if message.get("msg") == REDACTED:
            return parse(json.dumps({**message, "msg": TAKEN_TEXT}).encode())
        raise ConversationError(
            f"{recording.path}: {error.finding}; expected a message of a component"
        ) from None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
