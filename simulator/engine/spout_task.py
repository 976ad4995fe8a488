"""Storm's half of the conversation with a spout: one command at a time, each answered with ``sync``.

Source: ``ShellSpout.querySubprocess``, ``SpoutOutputCollectorImpl`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from simulator.engine.effects import (
    Emitted,
    Notified,
    Settlement,
    Switch,
    bounded,
    last_line,
    print_values,
)
from simulator.engine.task import Task
from simulator.wire import Emit, Message, Sync, protocol, storm_json
from streamparse.multilang import ProtocolError

MOST_TURNS = (
    128  # of a spout in one wave: they hide the round trip, and more would only delay its acks
)
#: In virtual time, how long a spout may pause before it emits again what has failed, and how soon it is asked whether
#: the pause is over. storm-kafka waits for a minute at most (SpoutConfig.retryDelayMaxMs, v1.2.4).
LONGEST_PAUSE_MS = 300_000
SHORTEST_PAUSE_MS = 10

_COMMON = (
    protocol.Log,
    protocol.Error,
    protocol.Metrics,
    protocol.Debugger,
    protocol.Threads,
    protocol.Clock,
    protocol.Steps,
)


@dataclass
class SpoutTask(Task):
    """A spout's task. Its emits are answered while it works on a command.

    Attributes:
        activates: whether it is sent ``activate`` before its first ``next``.
        nested_ack: whether a reliable emit is acked inside the emit, since there are no ackers.
        false_is_an_id: whether ``false`` is a message id.
        error_kills: whether an ``error`` message kills the worker.
        inbox: the settlements that it is to be notified of, and commands to activate and deactivate.
        silent_turns: the number of turns in a row without an emit.
        turns_taken: the number of turns in this wave.
        asked_ms: when it was sent a command last, in virtual milliseconds.
        is_watched: whether it is full, and Storm looks each second how long it has been silent.
        sees_clock: whether it sees virtual time, and so may wait before it emits again what has failed.
    """

    activates: bool = True
    nested_ack: bool = False
    false_is_an_id: bool = True
    error_kills: bool = False
    inbox: deque[Settlement | Switch] = field(default_factory=deque)
    silent_turns: int = 0
    turns_taken: int = 0
    asked_ms: int = 0
    is_watched: bool = False
    sees_clock: bool = False
    #: When it heard that an id (as JSON) has failed which it has not emitted again; the last one is the latest.
    _failed_ms: dict[str, int] = field(default_factory=dict)
    _burst: int = 1  # at most so many turns in a wave; each turn with an emit doubles it, a silent one resets it
    _to_notify: deque[Settlement | Switch] = field(default_factory=deque)  # in this wave
    _turns: int = 0  # that it is asked for in this wave
    _notifying: int = 0  # acks and fails written and not yet synced
    _outstanding: int = 0  # commands written and not yet synced
    _nested: int = 0  # acks written inside an emit
    _emitted: bool = False  # in this turn
    _is_counted: bool = False  # its commands in this wave are
    _told: str = ""  # the command that it is at work on

    def __post_init__(self) -> None:
        super().__post_init__()
        #: Whether a reliable emit that no task gets is acked inside the emit.
        self.acks_unreceived = self.subscribers.profile.unreceived == "nested"
        # A streamparse component reads one command after the other, however many are in the pipe; another may not. An
        # ack inside an emit has to be written before the next command.
        self._takes_all = self.single_threaded and not (self.nested_ack or self.acks_unreceived)

    def work(self, *, turns: int, room: int | None) -> None:
        """Hand over everything in the inbox, then ask for the next tuple.

        Args:
            turns: how often to ask, at most.
            room: how many reliable tuples it may emit before ``topology.max.spout.pending``; None: any number.
        """
        turns = min(turns, self._burst)
        self._turns = turns if room is None else min(turns, max(room, 0))
        # What is routed during this wave is for the next one, whatever the task's place in the wave.
        self._to_notify, self.inbox = self.inbox, deque()
        self.turns_taken = self.turn_from = 0
        self._is_counted = False
        self._emitted = False
        self.done = False
        if self.orders and self.has_orders:
            # One command after the other, so that each can be counted.
            self._turns = min(self._turns, 1)
            self._is_counted = True
        all_at_once = self._takes_all and not self._is_counted
        self.opening = self._all() if all_at_once else self._continue()

    @property
    def unnotified(self) -> int:
        """The number of acks and fails that are on their way to it: no longer pending, and not counted yet."""
        notified = [each for each in self.effects if isinstance(each, Notified)]
        # The ack inside an emit is of a tuple that was never pending.
        awaited = [each for each in notified if each.settlement.emitted_ms >= 0]
        waiting = [each for each in (*self.inbox, *self._to_notify) if isinstance(each, Settlement)]
        return len(waiting) + len(awaited)

    def asked_again_ms(self, now_ms: int) -> int | None:
        """Return when it is asked again, since it may wait to emit again what has failed; None: it does not wait.

        It is asked each time after another quarter of the time that it has waited: so a pause of any length ends about
        when the spout has it end, and takes few turns.
        """
        heard_ms = next(reversed(self._failed_ms.values()), None)
        if heard_ms is None or now_ms - heard_ms >= LONGEST_PAUSE_MS:
            return None
        return now_ms + max(SHORTEST_PAUSE_MS, (now_ms - heard_ms) // 4)

    def _begun(self) -> bytes:
        if self.activates:
            self._notifying = self._outstanding = 1
            return protocol.command("activate")
        self.done = True
        return b""

    def _all(self) -> bytes:
        """Every command of this wave."""
        commands = [self._notify(settlement) for settlement in self._to_notify]
        self._to_notify.clear()
        self._notifying = len(commands)
        self._outstanding = self._notifying + self._turns
        self.done = not self._outstanding
        return b"".join(commands) + protocol.NEXT * self._turns

    def _continue(self) -> bytes:
        """The next command, once the last one has been answered."""
        if self._to_notify:
            self._notifying = self._outstanding = 1
            return self._notify(self._to_notify.popleft())
        if self._turns > self.turns_taken:
            self._outstanding = 1
            if self._is_counted:
                self._told = "next"
                self._strike("next")
            return protocol.NEXT
        self.done = True
        return b""

    def _synced(self) -> bytes:
        self._strike_started()
        self._outstanding -= 1
        self.turn_from = len(self.effects)
        if self._nested:
            # As in Storm the first syncs end the acks inside the emit, and the last one ends the command.
            self._nested -= 1
        elif self._notifying:
            self._notifying -= 1
        else:
            self._end_turn()
        if self._outstanding > 0:
            return b""
        if self._is_counted:
            self._strike(self._told, after=True)
        elif self._takes_all:
            self.done = True
            return b""
        return self._continue()

    def _end_turn(self) -> None:
        self.turns_taken += 1
        if self._emitted:
            self.silent_turns = 0
            self._burst = min(self._burst * 2, MOST_TURNS)
        else:
            self.silent_turns += 1
            self._burst = 1
            if not self._takes_all or self._is_counted:
                self._turns = (
                    0  # Storm waits after a silent turn, so this spout takes no more in this wave
                )
        self._emitted = False

    def _notify(self, settlement: Settlement | Switch) -> bytes:
        if isinstance(settlement, Switch):
            self._told = settlement.command
            return protocol.command(settlement.command)
        self._told = settlement.verb
        if self.sees_clock and settlement.verb == "fail":
            failed = storm_json(settlement.message_id)
            self._failed_ms.pop(failed, None)
            while self._failed_ms:
                oldest, heard_ms = next(iter(self._failed_ms.items()))
                if self.asked_ms - heard_ms < LONGEST_PAUSE_MS:
                    break
                del self._failed_ms[oldest]  # it is not awaited any more
            self._failed_ms[failed] = self.asked_ms
        if self._is_counted:
            self._strike(settlement.verb)
        self.effects.append(Notified(settlement))
        return protocol.command(settlement.verb, settlement.message_id)

    def _take(self, message: Message) -> bytes:
        if type(message) is Emit:
            return self._take_emit(message)
        if type(message) is Sync:
            return self._synced()
        if isinstance(message, protocol.Error) and self.error_kills:
            self.last_error = bounded(
                message.message
            )  # for the report; this Storm never hears of it
            raise ProtocolError(
                f"reported {last_line(message.message)}",
                storm="the worker dies: Unknown command received: error",
            )
        if isinstance(message, _COMMON):
            return self._common(message)
        name = (
            message.command
            if isinstance(message, protocol.Unknown)
            else type(message).__name__.lower()
        )
        raise ProtocolError(
            f'the command "{name}" from a spout',
            storm=f"the worker dies: Unknown command received: {name}",
        )

    def _take_emit(self, emit: Emit) -> bytes:
        if self.orders:
            self._strike("emit")
        text, is_plain = print_values(emit)
        targets = self.subscribers.choose(emit)
        if self._failed_ms:
            self._failed_ms.pop(storm_json(emit.id), None)
        self._emitted = not self._notifying  # an emit at an ack or a fail belongs to no turn
        self.effects.append(Emitted(emit, text, is_plain, targets, (), self.turns_taken))
        if self.orders:
            self._strike("emit", after=True)
        if self.is_reliable(emit) and (self.nested_ack or (not targets and self.acks_unreceived)):
            return self._ack_inside(emit)
        if emit.need_task_ids and emit.task is None:
            return protocol.task_ids(targets)
        return b""

    def is_reliable(self, emit: Emit) -> bool:
        """Return whether a tuple has a message id, so that Storm tracks it (``false`` is an id since 2.0)."""
        return emit.id is not None and (emit.id is not False or self.false_is_an_id)

    def _ack_inside(self, emit: Emit) -> bytes:
        """Ack a tuple before its emit returns, as SpoutOutputCollectorImpl does without ackers."""
        if emit.need_task_ids and emit.task is None:
            raise ProtocolError(
                f"a reliable emit (id {storm_json(emit.id)}) that waits for task ids where nothing "
                "tracks it; use need_task_ids=False, or have ackers and a subscriber",
                storm="both sides wait for each other until the heartbeat timeout, then the worker dies",
            )
        self._outstanding += 1
        self._nested += 1
        return self._notify(Settlement("ack", emit.id, -1))
