"""What a component said in a recording and what it says now: the same, or the first difference, and how many."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.engine import last_line
from simulator.model import did_you_mean
from simulator.wire import Ack, Emit, Fail, protocol, storm_json
from streamparse.multilang import DEFAULT_STREAM, LOG_NAMES, cut
from streamparse.recordings import REDACTED
from streamparse.replaying.conversation import (
    TAKEN_TEXT,
    Conversation,
    ConversationError,
    Turn,
    has_redacted,
    numbers_by_id,
)
from streamparse.replaying.player import Ended, Played, Said

MOST_SHOWN: Final = 200  # inputs of one text of differences; the others have a digest
MOST_CHARS: Final = 300  # of one value, log or error
IGNORED: Final = "(ignored)"
Key = tuple[object, ...]


@dataclass(frozen=True)
class Tolerances:
    """What may differ without being a difference.

    Attributes:
        ignore: names of fields whose values do not count.
        any_order: the emits of one input may come in any order.
        any_tasks: the tasks of direct emits may be others.
        logs: whether log messages count.
    """

    ignore: frozenset[str] = frozenset()
    any_order: bool = False
    any_tasks: bool = False
    logs: bool = True

    def check(self, conversation: Conversation) -> None:
        """Refuse a field that the component does not emit.

        Raises:
            ConversationError: it names the field, and those that there are.
        """
        outputs = conversation.outputs
        if self.ignore and outputs is None:
            raise ConversationError(
                f"ignore={sorted(self.ignore)}: the Storm of the recording tells no fields (before 0.10); "
                "expected a recording of a later one"
            )
        known = sorted({name for fields in (outputs or {}).values() for name in fields})
        for name in sorted(self.ignore):
            if name not in known:
                near = did_you_mean(name, known) or f"; its fields are {', '.join(known) or 'none'}"
                raise ConversationError(
                    f"ignore={name!r}: {conversation.head.component} emits no such field{near}"
                )


@dataclass(frozen=True)
class Difference:
    """An input to which the component says something else now.

    Attributes:
        turn: of the recording.
        lines: what it was given, then what was said: unchanged, only in the recording (-) and only now (+).
    """

    turn: Turn
    lines: Sequence[str]


@dataclass
class Comparison:
    """What came of one replay.

    Attributes:
        name: of the component that was replayed.
        conversation: the recording.
        differences: the inputs that differ, at most ``MOST_SHOWN``.
        differing: the numbers of all inputs that differ.
        unplayed: a line for each input that could not be compared, since the component needs what a redaction took.
        not_started: why the component could not be started; "" where it could.
    """

    name: str
    conversation: Conversation
    differences: list[Difference] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)
    unplayed: list[str] = field(default_factory=list)
    _rest: Any = field(default_factory=hashlib.sha256)  # of the differences beyond ``MOST_SHOWN``

    @property
    def is_same(self) -> bool:
        """True when nothing differs."""
        return not self.differing

    def add(self, difference: Difference) -> None:
        """Note an input that differs."""
        self.differing.append(difference.turn.number)
        if len(self.differences) < MOST_SHOWN:
            self.differences.append(difference)
        else:
            self._rest.update("\n".join(difference.lines).encode())

    @property
    def title(self) -> str:
        """The component, the task and the file, in one line."""
        head = self.conversation.head
        return f"{self.name}, recorded as {head.component} (task {head.task}) of {head.topology}"

    @property
    def count(self) -> str:
        """How many inputs differ, of how many, and whether the recording ends behind them without an end."""
        of = f"{self.conversation.inputs:,} input{'s' * (self.conversation.inputs != 1)}"
        is_cut = self.conversation.why is None and not self.conversation.damage
        end = ", where the recording is cut off" if is_cut else ""
        if self.is_same:
            compared = self.conversation.inputs - len(self.unplayed)
            least = f"{compared:,} of " if self.unplayed else ""
            return f"the same for {least}{of}{end}"
        many = len(self.differing)
        return f"{many:,} of {of} differ{'s' * (many == 1)}{end}"

    def notes(self) -> Iterator[str]:
        """What limits this comparison, a line each."""
        head = self.conversation.head
        if self.conversation.damage:
            yield f"not read: {self.conversation.damage}"
        if head.part:
            yield f"part {head.part} of a ring: what the component was given before is not in it"
        if self.unplayed:
            yield self.unplayed[0]
            if len(self.unplayed) > 1:
                yield f"{len(self.unplayed):,} inputs in all need what the redaction took"

    def __str__(self) -> str:
        """What came of it: one line, or the first difference and how many there are."""
        lines = [f"{self.title}: {self.count}"]
        if self.differences:
            first = self.differences[0]
            lines[0] += f"; the first (- recorded, + now{self._code}):"
            lines += first.lines
            if len(self.differing) > 1:
                others = [f"{number:,}" for number in self.differing[1:6]]
                more = len(self.differing) - 1 - len(others)
                last = f" and {more:,} more" if more else ""
                lines.append(f"the others: input {', '.join(others)}{last}")
        return "\n".join([*lines, *self.notes()])

    @property
    def _code(self) -> str:
        version = self.conversation.head.code.get("git") or self.conversation.head.code.get("wheel")
        return f"; recorded with {version}" if version else ""

    def text(self) -> str:
        """Every difference, for a file that somebody reads and accepts."""
        lines = [f"{self.title}: {self.count} (- recorded, + now)"]
        for each in self.differences:
            lines += each.lines
        if (more := len(self.differing) - len(self.differences)) > 0:
            lines.append(f"and {more:,} more inputs, with the digest {self._rest.hexdigest()}")
        return "\n".join(lines) + "\n"


def compare(
    name: str,
    conversation: Conversation,
    played: Iterable[Played],
    tolerances: Tolerances = Tolerances(),
) -> Comparison:
    """Compare what a component says now with what it said in a recording.

    Args:
        name: of the component that is replayed.
        conversation: the recording.
        played: its turns, replayed.
        tolerances: what may differ.

    Raises:
        ConversationError: a field to ignore is none of the component's.
    """
    tolerances.check(conversation)
    made = Comparison(name, conversation)
    judge = _Judge(conversation, tolerances)
    for each in played:
        if each.turn.is_redacted and (why := judge.needs_redacted(each)) is not None:
            made.unplayed.append(why)
        elif not judge.is_same(each):
            made.add(Difference(each.turn, judge.lines(each)))
    return made


class _Judge:
    """Decides whether two things said are the same, and shows where they are not."""

    def __init__(self, conversation: Conversation, tolerances: Tolerances) -> None:
        self._conversation = conversation
        self._tolerances = tolerances
        self._outputs = conversation.outputs or {}
        self._numbers = numbers_by_id(conversation.turns)
        self._last = len(conversation.turns) - 1
        self._ignored: dict[str, list[int]] = {
            stream: [at for at, name in enumerate(fields) if name in tolerances.ignore]
            for stream, fields in self._outputs.items()
        }

    # -- judging

    def is_same(self, played: Played) -> bool:
        """Return whether a turn is as it was recorded."""
        turn, (recorded, now) = played.turn, self._both(played)
        if not turn.is_cut:
            return recorded == now
        if self._tolerances.any_order:
            return all(recorded.count(key) <= now.count(key) for key in recorded)
        return recorded == now[: len(recorded)]

    def _both(self, played: Played) -> tuple[list[Key], list[Key]]:
        """What was said in the recording, and now, as it is compared."""
        recorded, now = self._heard(played)
        one, other = [*map(self._key, recorded)], [*map(self._key, now)]
        if self._tolerances.any_order:
            return _with_sorted_emits(one), _with_sorted_emits(other)
        return one, other

    def _heard(self, played: Played) -> tuple[list[Said], list[Said]]:
        """What counts of what was said in the recording, and now."""
        turn = played.turn
        recorded: list[Said] = [each for each in turn.said if self._counts(each)]
        now = [each for each in played.said if self._counts(each)]
        if now and isinstance(now[-1], Ended) and self._has_ended(turn):
            now.pop()
        if self._conversation.is_redacted:
            now = _with_taken_out(recorded, now)
        return recorded, now

    def _counts(self, said: Said) -> bool:
        return self._tolerances.logs or not isinstance(said, protocol.Log)

    def _has_ended(self, turn: Turn) -> bool:
        """Return whether the recorded component has ended in this turn, too: the last thing known is an error."""
        return turn.number == self._last and any(
            isinstance(each, protocol.Error) for each in turn.said
        )

    def _key(self, said: Said) -> Key:
        if isinstance(said, Emit):
            task = "task" if self._tolerances.any_tasks and said.task is not None else said.task
            values = self._values(said)
            return ("emit", said.stream, _text(values), said.anchors, _text(said.id), task)
        if isinstance(said, (Ack, Fail)):
            return (type(said).__name__.lower(), said.id)
        if isinstance(said, protocol.Log):
            return ("log", said.level, said.message)
        if isinstance(said, protocol.Error):
            return ("error", last_line(said.message))
        if isinstance(said, Ended):
            return ("ended",)
        return (type(said).__name__, repr(said))

    def _values(self, emit: Emit) -> list[object]:
        places = self._ignored.get(emit.stream)
        if not places:
            return emit.values
        return [IGNORED if at in places else each for at, each in enumerate(emit.values)]

    def needs_redacted(self, played: Played) -> str | None:
        """Return one line where the component raises now, and did not then, since a value was taken out; else None."""
        had = any(isinstance(each, protocol.Error) for each in played.turn.said)
        error = next((each for each in played.said if isinstance(each, protocol.Error)), None)
        if error is None or had:
            return None
        given = played.turn.given
        fields = self._conversation.fields_of(given) or ()
        taken = [
            fields[at] if at < len(fields) else f"value {at + 1}"
            for at, value in enumerate(given.get("tuple", ()))
            if has_redacted(value)
        ]
        return (
            f"input {played.turn.number:,} is not compared: {self._conversation.head.component} needs "
            f"{', '.join(taken)}, which the redaction took: {cut(last_line(error.message), MOST_CHARS)}"
        )

    # -- showing

    def lines(self, played: Played) -> list[str]:
        """The input, and what was said to it: unchanged, only in the recording (-) and only now (+)."""
        turn = played.turn
        recorded, now = self._heard(played)
        one, other = [*map(self._key, recorded)], [*map(self._key, now)]
        lines = [f"  {self._given(turn)}"]
        if turn.is_cut:
            lines[0] += " (the recording ends in it)"
        matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                lines += [f"      {self._shown(each, turn)}" for each in recorded[a:b]]
                continue
            lines += [f"    - {self._shown(each, turn)}" for each in recorded[a:b]]
            lines += [f"    + {self._shown(each, turn)}" for each in now[c:d]]
            lines += self._fields(recorded[a:b], now[c:d])
        return lines

    def _fields(self, recorded: Sequence[Said], now: Sequence[Said]) -> Iterator[str]:
        """The fields that differ, where as many emits stand in the place of others."""
        one = [each for each in recorded if isinstance(each, Emit)]
        other = [each for each in now if isinstance(each, Emit)]
        if [each.stream for each in one] != [each.stream for each in other]:
            return
        for then, today in zip(one, other, strict=True):
            names = self._outputs.get(then.stream, ())
            pairs = zip(self._values(then), self._values(today), strict=False)
            for at, (value, new) in enumerate(pairs):
                if _text(value) != _text(new):
                    name = names[at] if at < len(names) else f"value {at + 1}"
                    yield f"    ? {name}: {_short(value)}, now {_short(new)}"

    def _given(self, turn: Turn) -> str:
        if not turn.number:
            return "start:"
        number = f"input {turn.number:,}"
        if turn.command:
            verb = turn.command
            more = f" {_short(turn.given.get('id'))}" if verb in ("ack", "fail") else ""
            often = f", {turn.times:,} times" if turn.times > 1 else ""
            return f"{number}: {verb}{more}{often}"
        if turn.is_tick:
            return f"{number}: tick"
        stream = turn.given.get("stream")
        on = "" if stream == DEFAULT_STREAM else f", stream {stream}"
        return f"{number}: {_short(turn.given.get('tuple'))} from {turn.given.get('comp')}{on}"

    def _shown(self, said: Said, turn: Turn) -> str:
        if isinstance(said, Emit):
            return self._emitted(said, turn)
        if isinstance(said, (Ack, Fail)):
            of = "" if said.id == turn.given.get("id") else f" of {self._named(said.id)}"
            return f"{type(said).__name__.lower()}{of}"
        if isinstance(said, protocol.Log):
            return f"log {LOG_NAMES[said.level]}: {cut(said.message, MOST_CHARS)}"
        if isinstance(said, protocol.Error):
            return f"error {cut(last_line(said.message), MOST_CHARS)}{_place(said.message)}"
        if isinstance(said, Ended):
            return f"it ends: {cut(said.reason, MOST_CHARS)}"
        if isinstance(said, protocol.Metrics):
            return f"metric {_short(said.name)}: {_short(said.params)}"
        if isinstance(said, protocol.Unknown):
            return f"a message with the command {_short(said.command)}"
        return cut(str(said), MOST_CHARS)

    def _emitted(self, emit: Emit, turn: Turn) -> str:
        parts = [f"emit {_short(self._values(emit))}"]
        if emit.stream != DEFAULT_STREAM:
            parts.append(f"on {emit.stream}")
        if emit.id is not None:
            parts.append(f"id {_short(emit.id)}")
        if emit.task is not None:
            parts.append(f"to task {emit.task}")
        if turn.given.get("id") and not turn.command and emit.anchors != (turn.given["id"],):
            named = [self._named(each) for each in emit.anchors]
            parts.append(f"anchored to {', '.join(named)}" if named else "not anchored")
        return ", ".join(parts)

    def _named(self, tuple_id: object) -> str:
        number = self._numbers.get(str(tuple_id))
        return f"tuple {tuple_id}" if number is None else f"input {number:,}"


def _with_sorted_emits(keys: Sequence[Key]) -> list[Key]:
    """The same with all emits first, in an order of their own."""
    emits = sorted((key for key in keys if key[0] == "emit"), key=repr)
    return [*emits, *(key for key in keys if key[0] != "emit")]


def _with_taken_out(recorded: Sequence[Said], now: Sequence[Said]) -> list[Said]:
    """What is said now without what a redaction has taken out of the recording, in the same places."""
    left: dict[object, deque[Said]] = {}
    for each in recorded:
        left.setdefault(_kind(each), deque()).append(each)
    found = []
    for each in now:
        pairs = left.get(_kind(each))
        found.append(_taken_out(pairs.popleft(), each) if pairs else each)
    return found


def _kind(said: Said) -> object:
    return ("emit", said.stream) if isinstance(said, Emit) else type(said)


def _taken_out(then: Said, now: Said) -> Said:
    if isinstance(then, Emit) and isinstance(now, Emit) and has_redacted(then.values):
        if len(then.values) != len(now.values):
            return now
        values = [_masked(*pair) for pair in zip(then.values, now.values, strict=True)]
        return Emit(values, now.stream, now.anchors, now.id, now.task, now.need_task_ids)
    if isinstance(then, protocol.Log) and isinstance(now, protocol.Log):
        return now._replace(message=TAKEN_TEXT) if then.message == TAKEN_TEXT else now
    if isinstance(then, protocol.Error) and isinstance(now, protocol.Error):
        # Its first words are kept: what was raised.
        return then if now.message.startswith(last_line(then.message)) else now
    if isinstance(then, protocol.Metrics) and isinstance(now, protocol.Metrics):
        return now._replace(params=_masked(then.params, now.params))
    return now


def _masked(then: object, now: object) -> object:
    if then == REDACTED:
        return REDACTED
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        return {key: _masked(then.get(key), each) for key, each in now.items()}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [_masked(*pair) for pair in zip(then, now, strict=True)]
    return now


_PLAIN: Final = frozenset({str, int, bool, type(None)})


def _text(value: object) -> object:
    """A value as it is compared: as text, but for what is only equal to its like."""
    if type(value) is list:
        if _PLAIN.issuperset(map(type, value)):
            return tuple((type(each), each) for each in value)
    elif type(value) in _PLAIN:
        return type(value), value
    return _sorted_text(value)


def _sorted_text(value: object) -> str:
    """The JSON of a value; Storm does not keep the order of objects."""
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError):
        return storm_json(value)


def _short(value: object) -> str:
    return cut(json.dumps(value, ensure_ascii=False, default=str), MOST_CHARS)


def _place(message: str) -> str:
    """The line of the innermost frame of a traceback, as " (file:line)"; "" without one."""
    frames = [line.strip() for line in message.splitlines() if line.strip().startswith('File "')]
    if not frames:
        return ""
    file, _, rest = frames[-1].removeprefix('File "').partition('", line ')
    name = file.rpartition("/")[2]
    return f" ({name}:{rest.partition(',')[0]})"
