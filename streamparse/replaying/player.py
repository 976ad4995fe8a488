"""Plays the inputs of a recorded conversation to a component of today, through the tasks of the engine and a transport.

The component gets the recorded handshake, tuples, ticks, commands and task ids, under the recorded ids. Nothing else of
a topology is there: no grouping, no acker, no network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from simulator.engine import (
    SYSTEM,
    BoltTask,
    Death,
    Delivery,
    Origin,
    Outcome,
    Settlement,
    SpoutTask,
    Start,
    Subscribers,
    Switch,
    TimerSet,
    Transport,
    system_tuple,
)
from simulator.model import Component, profile
from simulator.wire import Dialect, Emit, Message, plain_json, protocol, storm_json
from streamparse.multilang import SYSTEM_TASK, TIMER_STREAM, ProtocolError
from streamparse.replaying.conversation import (
    LOG_PATHS,
    UNHEARD,
    Conversation,
    Turn,
    names_in,
    numbers_by_id,
)

#: Of a silence of a spout, so many turns are replayed: a spout without work is asked a thousand times a second.
MOST_IDLE: Final = 1000


class Ended(NamedTuple):
    """The component has ended, or Storm would have ended it.

    Attributes:
        reason: what happened, in words.
    """

    reason: str


Said = Message | Ended


class Played(NamedTuple):
    """A turn that was replayed.

    Attributes:
        turn: of the recording.
        said: what the component said now.
        outcome: how it ended in this turn; None where it did not.
    """

    turn: Turn
    said: Sequence[Said]
    outcome: Outcome

    @property
    def reason(self) -> str:
        """How it ended, in words; "" where it did not."""
        return "" if self.outcome is None else _reason(self.outcome)


@dataclass
class _Answers(Subscribers):
    """Answers emits with the task ids of the recording, and refuses those that Storm would refuse.

    Attributes:
        is_known: whether Storm has told the streams that the component declares.
    """

    is_known: bool = True
    _left: dict[str, deque[Sequence[int]]] = field(default_factory=dict)
    _usual: dict[str, Sequence[int]] = field(default_factory=dict)

    def begin(self, turn: Turn) -> None:
        """Answer with the task ids of this turn from now on."""
        self._left = {stream: deque(found) for stream, found in turn.answers.items()}
        for stream, found in turn.answers.items():
            self._usual[stream] = found[-1]

    def choose(self, emit: Emit) -> Sequence[int]:
        """The recorded task ids; those of the latest emit on the stream, where the recording has no such emit.

        Raises:
            ProtocolError: Storm refuses the emit.
        """
        if self.is_known and (emit.task is None or emit.stream not in self.streams):
            super().choose(emit)
        if emit.task is not None:
            return [emit.task]
        if not emit.need_task_ids:
            return ()
        left = self._left.get(emit.stream)
        return left.popleft() if left else self._usual.get(emit.stream, ())


@dataclass
class _Bolt(BoltTask):
    """A bolt whose messages are kept in the order in which it sent them."""

    said: list[Said] = field(default_factory=list)

    def _take(self, message: Message) -> bytes:
        if not isinstance(message, UNHEARD):
            self.said.append(message)
        return super()._take(message)


@dataclass
class _Spout(SpoutTask):
    """A spout whose messages are kept in the order in which it sent them."""

    said: list[Said] = field(default_factory=list)

    def _take(self, message: Message) -> bytes:
        if not isinstance(message, UNHEARD):
            self.said.append(message)
        return super()._take(message)


class Player:
    """Plays a conversation.

    Args:
        conversation: the recording.
        component: the component of today; its outputs do not matter.
        transport: runs it; the caller closes it.
        seed: of its ``random`` module.
        storm_version: the Storm that reads its messages.
        strict: whether to refuse what some Storm lets pass.
        on_time: called before each input with the microseconds of the recording.

    """

    def __init__(
        self,
        conversation: Conversation,
        component: Component,
        transport: Transport,
        *,
        seed: str,
        storm_version: str,
        strict: bool = True,
    ) -> None:
        self._conversation = conversation
        self._component = component
        self._transport = transport
        self._seed = seed
        self.on_time: Callable[[int], object] = lambda us: None
        self._dialect = Dialect(smart=profile(storm_version).json == "smart", strict=strict)
        outputs = conversation.outputs
        streams: Mapping[str, Sequence[Any]] = dict.fromkeys(outputs or {}, ())
        self._answers = _Answers(
            component.id,
            outputs or {},
            streams,
            profile(storm_version),
            strict,
            is_known=outputs is not None,
        )
        self._turns = conversation.turns
        self._asks_for_timers = False
        self._timer_count = 0
        self._woken: dict[int, list[Said]] = {}  # said by timers, by the input behind which it was
        self._own: dict[
            str, object
        ] = {}  # a spout's message ids of today, by those of the recording
        self._theirs: dict[str, object] = {}  # the other way
        self._task: _Bolt | _Spout = self._make_task()

    def _make_task(self) -> _Bolt | _Spout:
        shared: dict[str, Any] = {
            "id": self._conversation.head.task,
            "component": self._component.id,
            "index": 0,
            "worker": 0,
            "single_threaded": self._component.python_class is not None,
            "subscribers": self._answers,
            "dialect": self._dialect,
            "on_log": lambda task, message: None,
        }
        if self._component.kind == "bolt":
            return _Bolt(**shared)
        spout = _Spout(**shared, activates=self._activates)
        spout.acks_unreceived = False  # the recording has the acks
        return spout

    @property
    def _activates(self) -> bool:
        return len(self._turns) > 1 and self._turns[1].command == "activate"

    # -- turns

    def play(self) -> Iterator[Played]:
        """Start the component, and give it one input after the other; where it ends, it is started again.

        A component that ends in its start ends the replay.
        """
        started = self._start(self._turns[0])
        begun = 1
        if self._component.kind == "spout" and len(self._turns) > 1 and started.outcome is None:
            started = self._first_turn(started)
            begun = 2
        yield started
        if started.turn.number == 0 and started.outcome is not None:
            return
        outcome = started.outcome
        for turn in self._turns[begun:]:
            if outcome is not None:
                self._start_again(turn)
            played = self._give(turn)
            outcome = played.outcome
            if outcome is None:
                outcome = self._wake(turn)
            said = [*played.said, *self._woken.pop(turn.number, ())]
            yield Played(turn, said, played.outcome or outcome)

    def _first_turn(self, started: Played) -> Played:
        """The start of a spout and its first command as one turn: nothing tells what it said in which of the two."""
        start, first = self._turns[:2]
        turn = replace(first, said=[*start.said, *first.said])
        if self._activates:  # the engine has sent the command
            return Played(turn, started.said, started.outcome)
        played = self._give(first)
        return Played(turn, [*started.said, *played.said], played.outcome)

    def _start(self, turn: Turn) -> Played:
        self._answers.begin(turn)
        self.on_time(turn.at_us)
        task = self._conversation.head.task
        self._transport.start([Start(task, self._component, 0, self._seed, self._seed)])
        self._task.begin(protocol.frame(storm_json(self._handshake())))
        return self._converse(turn)

    def _start_again(self, turn: Turn) -> None:
        self._transport.kill([self._conversation.head.task])
        self._task = self._make_task()
        self._start(Turn(0, at_us=turn.at_us))

    def _handshake(self) -> Mapping[str, Any]:
        conf = {key: each for key, each in self._conversation.conf.items() if key not in LOG_PATHS}
        pid_dir = self._transport.pid_dir
        return {**self._conversation.handshake, "pidDir": pid_dir, "conf": conf}

    def _give(self, turn: Turn) -> Played:
        self.on_time(turn.at_us)
        self._answers.begin(turn)
        said: list[Said] = []
        for _ in range(min(turn.times, MOST_IDLE)):
            if isinstance(self._task, _Bolt):
                self._task.inbox.append(_delivery(turn.given, self._task.id))
                self._task.work(1)
            else:
                self._command(self._task, turn)
            played = self._converse(turn)
            said += played.said
            if played.outcome is not None:
                break
        return Played(turn, self._named(turn, said), played.outcome)

    def _command(self, spout: _Spout, turn: Turn) -> None:
        verb = turn.command
        if verb in ("ack", "fail"):
            message_id = self._own.get(_text(turn.given.get("id")), turn.given.get("id"))
            spout.inbox.append(Settlement(verb, message_id, 0))  # type: ignore[arg-type]  # one of these
        elif verb in ("activate", "deactivate"):
            spout.inbox.append(Switch(verb))  # type: ignore[arg-type]  # one of these
        spout.work(turns=int(verb == "next"), room=None)

    def _converse(self, turn: Turn) -> Played:
        task = self._task
        task.said = []
        self._transport.run([task], lambda task: None, lambda: None)
        self._asks_for_timers |= any(isinstance(each, TimerSet) for each in task.effects)
        task.effects = []
        said, outcome = task.said, task.outcome
        if not self._conversation.has_logging:
            # What goes into a log file on the machine of the recording, a simulator is told.
            said = [each for each in said if not (isinstance(each, protocol.Log) and each.logger)]
        if outcome is not None:
            said.append(Ended(_reason(outcome)))
        return Played(turn, said, outcome)

    # -- message ids

    def _named(self, turn: Turn, said: list[Said]) -> list[Said]:
        """Have the emits of a spout named by the ids of the recording: to Storm, an id means nothing.

        An id of today is that of the recorded emit in the same place of the same stream, from its first time on.
        """
        if self._component.kind == "bolt":
            return said
        recorded: dict[str, deque[Emit]] = {}
        for each in turn.said:
            if isinstance(each, Emit):
                recorded.setdefault(each.stream, deque()).append(each)
        return [
            self._renamed(each, recorded.get(each.stream)) if isinstance(each, Emit) else each
            for each in said
        ]

    def _renamed(self, emit: Emit, recorded: deque[Emit] | None) -> Emit:
        pair = recorded.popleft() if recorded else None
        if emit.id is None:
            return emit
        own, theirs = _text(emit.id), None if pair is None else pair.id
        if own not in self._theirs and theirs is not None and _text(theirs) not in self._own:
            self._own[_text(theirs)], self._theirs[own] = emit.id, theirs
        named = self._theirs.get(own, emit.id)
        return Emit(emit.values, emit.stream, emit.anchors, named, emit.task, emit.need_task_ids)

    # -- timers

    def _wake(self, turn: Turn) -> Outcome:
        """Have a ``TicklessBatchingBolt`` process its batches where it has done so in the recording.

        There a thread has, and here a timer does: the recording says when. Return how it ended in that.
        """
        if not self._asks_for_timers or self._conversation.has_timers:
            return None
        bolt = self._task
        assert isinstance(bolt, _Bolt), "a spout has no timer"
        for number in self._rounds.get(turn.number, ()):
            self._timer_count += 1
            name = f"timer-{self._timer_count}"
            bolt.inbox.append(system_tuple(name, bolt.id, TIMER_STREAM, turn.at_us // 1000))
            bolt.work(1)
            played = self._converse(turn)
            self._woken.setdefault(number, []).extend(played.said)
            if played.outcome is not None:
                return played.outcome
        return None

    @cached_property
    def _rounds(self) -> Mapping[int, Sequence[int]]:
        """By the number of the input behind which a round of batches has begun: the inputs behind which it has spoken.

        A round has all tuples up to the last that it names: those after it came while it was at work.
        """
        numbers = numbers_by_id(self._turns)
        found: dict[int, list[int]] = {}
        for turn in self._turns[1:]:
            named = [numbers.get(each) for said in turn.said for each in names_in(said)]
            known = [each for each in named if each is not None]
            if known:
                found.setdefault(min(max(known), turn.number), []).append(turn.number)
        return found


def _delivery(given: Mapping[str, Any], target: int) -> Delivery:
    """A tuple of the recording, as the engine hands it over."""
    values: list[object] = given.get("tuple") or []
    text = plain_json(values)
    source = Origin(given.get("comp") or SYSTEM.component, given.get("task", SYSTEM_TASK))
    return Delivery(
        id=given["id"],
        target=target,
        source=SYSTEM if source == SYSTEM else source,
        stream=given["stream"],
        values=values,
        text=storm_json(values) if text is None else text,
        roots=None,
        is_plain=text is not None,
    )


def _text(value: object) -> str:
    return storm_json(value)


def _reason(outcome: Death | ProtocolError) -> str:
    if isinstance(outcome, ProtocolError):
        return f"{outcome.finding} (Storm: {outcome.storm})" if outcome.storm else outcome.finding
    return outcome.reason
