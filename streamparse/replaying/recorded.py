"""What recordings of a component tell besides a replay: rows, the values of fields, service times, rates, and a death.

Each is a value that tests and simulations take elsewhere: the rows of a feed, ``rows(...)``, work, a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from simulator.model import did_you_mean
from simulator.wire import Emit
from streamparse.multilang import DEFAULT_STREAM
from streamparse.replaying.conversation import Conversation, ConversationError, Turn, has_redacted

MOST_SAMPLES: Final = (
    200  # of durations, and of the values of a field: evenly over all, the ends among them
)
FEW_INTEGERS: Final = 1000  # in a range that stands for the integers of a field
TUPLE, TICK = "tuple", "tick"


@dataclass(frozen=True)
class Death:
    """How a recorded component has died.

    Attributes:
        component: its id.
        point: at what: "tuple" or, of a spout, "next".
        nth: at which of them, from 1, in the life of this task that was recorded.
        has_raised: whether an exception ended it; else its process was killed, as far as the recording tells.
        words: the exception, or what is known.
    """

    component: str
    point: str
    nth: int
    has_raised: bool
    words: str


@dataclass(frozen=True)
class Recorded:
    """The recordings of one component: of one task or several, of one life or several.

    Attributes:
        component: its id.
        conversations: the recordings.
    """

    component: str
    conversations: Sequence[Conversation]

    @property
    def kind(self) -> str:
        """ "bolt" or "spout"."""
        found = [each.kind for each in self.conversations if each.kind is not None]
        return found[0] if found else "bolt"

    # -- rows

    def rows(self, stream: str = DEFAULT_STREAM, source: str | None = None) -> list[list[Any]]:
        """Return tuples, in the order of the recording: those that a spout has emitted, or a bolt was given.

        Args:
            stream: the stream that they were emitted on.
            source: of a bolt, the component that has emitted them; None: any.

        Raises:
            HarnessError: there are none, or values were taken out of them.
        """
        found = [values for _, values in self._tuples(stream, source)]
        if not found:
            there = sorted({name for each in self.conversations for name in _streams(each)})
            raise ConversationError(
                f"the recording of {self.component} has no tuples on stream {stream!r}"
                f"{did_you_mean(stream, there) or f'; it has {there}'}"
            )
        taken = sum(map(has_redacted, found))
        if taken:
            raise ConversationError(
                f"{taken:,} of {len(found):,} recorded tuples of {self.component} have redacted values; "
                "values(...) leaves these fields out"
            )
        return found

    def values(
        self, stream: str = DEFAULT_STREAM, source: str | None = None
    ) -> dict[str, Sequence[Any]]:
        """Return the values that each field had, for ``rows(**values)``: a range of integers, or values that were seen.

        Of many different values there are some, evenly over all of them in their order: the least and the greatest are
        among them. Fields with redacted values are left out.

        Raises:
            HarnessError: there are no tuples on the stream, or Storm does not tell its fields.
        """
        fields: tuple[str, ...] | None = None
        columns: list[list[Any]] = []
        for conversation, row in self._tuples(stream, source):
            if fields is None:
                fields = _fields(conversation, stream, source)
                columns = [[] for _ in fields or ()]
            for column, value in zip(columns, row, strict=False):
                column.append(value)
        if not fields:
            raise ConversationError(
                f"the recording of {self.component} tells no fields of stream {stream!r}; "
                "expected tuples on it, recorded on Storm 0.10 or later"
            )
        named = zip(fields, columns, strict=True)
        return {name: _seen(column) for name, column in named if not has_redacted(column)}

    def _tuples(self, stream: str, source: str | None) -> Iterator[tuple[Conversation, list[Any]]]:
        for conversation in self.conversations:
            for turn in conversation.turns:
                if conversation.kind == "spout":
                    yield from (
                        (conversation, each.values)
                        for each in turn.said
                        if isinstance(each, Emit) and each.stream == stream
                    )
                elif (
                    turn.is_tuple
                    and turn.given.get("stream") == stream
                    and source in (None, turn.given.get("comp"))
                ):
                    yield conversation, turn.given["tuple"]

    # -- times

    def work(self) -> dict[str, list[str]]:
        """Return the times that it took, as ``--work`` takes them: ``{"price": ["1.2ms", ...], "price.tick": [...]}``.

        The time of an input is that up to the last that was said to it: to a tuple its ack, to a command its sync. An
        input to which nothing was said, as a bolt that gathers does, tells no time; nor does a simulation, which
        notes what is said to an input with the time at which it was given.
        """
        found: dict[str, list[int]] = {}
        for conversation in self.conversations:
            for turn in conversation.turns[1:]:
                part = _part(turn)
                if part is not None and turn.end_us is not None and not turn.is_cut:
                    found.setdefault(part, []).append(turn.end_us - turn.at_us)
        usual = "next" if self.kind == "spout" else TUPLE
        return {
            self.component if part == usual else f"{self.component}.{part}": [
                f"{us}us" for us in sampled(times)
            ]
            for part, times in sorted(found.items())
            if any(times)
        }

    def gaps(self, stream: str = DEFAULT_STREAM) -> list[str]:
        """Return the times between two emits of a spout's task on a stream, as ``Feed.every`` takes them."""
        found: list[int] = []
        for conversation in self.conversations:
            times = [
                turn.at_us
                for turn in conversation.turns
                for each in turn.said
                if isinstance(each, Emit) and each.stream == stream
            ]
            found += [later - sooner for sooner, later in pairwise(times)]
        return [f"{us}us" for us in sampled(found)] if any(found) else []

    # -- a death

    def death(self) -> Death | None:
        """Return how it has died; None where each recording ends as Storm or its limit ended it."""
        for conversation in self.conversations:
            if conversation.why in ("exception", None):
                return self._death(conversation)
        return None

    def _death(self, conversation: Conversation) -> Death:
        point = "next" if self.kind == "spout" else TUPLE
        nth = sum(
            turn.times
            for turn in conversation.turns
            if (turn.command == "next" if self.kind == "spout" else turn.is_tuple)
        )
        has_raised = conversation.why == "exception"
        words = conversation.last_error or "it was cut off, as by kill -9"
        return Death(self.component, point, max(1, nth), has_raised, words)


def _streams(conversation: Conversation) -> set[str]:
    if conversation.kind == "spout":
        return {
            each.stream
            for turn in conversation.turns
            for each in turn.said
            if isinstance(each, Emit)
        }
    return {str(turn.given.get("stream")) for turn in conversation.turns if turn.is_tuple}


def _fields(conversation: Conversation, stream: str, source: str | None) -> tuple[str, ...] | None:
    if conversation.kind == "spout":
        return (conversation.outputs or {}).get(stream)
    for turn in conversation.turns:
        if (
            turn.is_tuple
            and turn.given.get("stream") == stream
            and source in (None, turn.given.get("comp"))
        ):
            return conversation.fields_of(turn.given)
    return None


def _part(turn: Turn) -> str | None:
    """The part of its component's work that a turn is; None for none."""
    if turn.command:
        return turn.command if turn.command in ("next", "ack", "fail") and turn.times == 1 else None
    if turn.is_tick:
        return TICK
    return TUPLE if turn.is_tuple else None


def sampled(values: Iterable[Any]) -> list[Any]:
    """Return values in their order; of more than ``MOST_SAMPLES``, so many evenly over all, with both ends."""
    ordered = sorted(values)
    if len(ordered) <= MOST_SAMPLES:
        return ordered
    last = len(ordered) - 1
    return [ordered[round(at * last / (MOST_SAMPLES - 1))] for at in range(MOST_SAMPLES)]


def _seen(column: Sequence[Any]) -> Sequence[Any]:
    kinds = {type(value) for value in column}
    if kinds == {int} and max(column) - min(column) < FEW_INTEGERS:
        return range(min(column), max(column) + 1)
    distinct: dict[str, Any] = {repr(value): value for value in column}
    if len(distinct) <= MOST_SAMPLES:
        return [*distinct.values()]
    if kinds <= {int, float} or kinds == {str}:
        return sampled(distinct.values())
    return [*distinct.values()][:MOST_SAMPLES]


def by_component(conversations: Iterable[Conversation]) -> Mapping[str, Recorded]:
    """Return the recordings of each component, by its id."""
    found: dict[str, list[Conversation]] = {}
    for each in conversations:
        found.setdefault(each.head.component, []).append(each)
    return {name: Recorded(name, several) for name, several in found.items()}
