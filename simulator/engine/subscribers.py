"""The subscribers of a task's streams: which tasks get a tuple that it emits, and which emits Storm refuses.

Source: ``SpoutOutputCollectorImpl``, ``BoltOutputCollectorImpl``, ``Task.getOutgoingTasks`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.model import Chooser, Profile
from simulator.wire import Emit, storm_json
from streamparse import multilang
from streamparse.multilang import ProtocolError

UNDECLARED_STREAM = "undeclared-stream"  # the kind of a ProtocolError


@dataclass(frozen=True)
class Subscriber:
    """One subscriber of a stream.

    Attributes:
        component: its id.
        tasks: its tasks.
        choose: picks those that get a tuple; None when an emit has to name the task (``:direct``).
    """

    component: str
    tasks: Sequence[int]
    choose: Chooser | None


@dataclass
class Subscribers:
    """The streams that a task may emit on, and their subscribers. The state of a grouping belongs to the emitting task.

    Attributes:
        component: the component that emits.
        fields: the fields of each stream that it declares.
        streams: the subscribers of each, in the order in which Storm serves them.
        profile: the Storm version.
        strict: whether to refuse mistakes that Storm drops or lets pass.
    """

    component: str
    fields: Mapping[str, tuple[str, ...]]
    streams: Mapping[str, Sequence[Subscriber]]
    profile: Profile
    strict: bool = True

    def __post_init__(self) -> None:
        # Most streams have one subscriber: of these, the number of values of a tuple, and the grouping.
        self._single = {
            stream: (len(self.fields[stream]), only[0].choose)
            for stream, only in self.streams.items()
            if len(only) == 1 and only[0].choose is not None
        }

    def choose(self, emit: Emit) -> Sequence[int]:
        """The tasks that get this tuple, in the order in which Storm names and serves them.

        Raises:
            ProtocolError: the worker dies of it on Storm, or (strictly) it is a mistake that Storm drops or lets pass.
        """
        single = self._single.get(emit.stream)
        if single is not None and emit.task is None and len(emit.values) == single[0]:
            try:
                return single[1](emit.values)
            except ValueError:
                pass  # refused below
        subscribers = self.streams.get(emit.stream)
        if subscribers is None:
            return self._undeclared(emit)
        if emit.task is not None:
            return self._direct(emit, emit.task, subscribers)
        fields = self.fields[emit.stream]
        if len(emit.values) != len(fields) and (subscribers or self.strict):
            raise self._wrong_width(emit, fields, is_received=bool(subscribers))
        try:
            return self._chosen(emit, subscribers)
        except ValueError as error:  # where Storm's grouping would throw
            raise ProtocolError(
                f'an emit on stream "{emit.stream}" that its grouping cannot place: {error}',
                storm=f"the worker dies: {error}",
                excerpt=multilang.excerpt(storm_json(emit.values)),
            ) from None

    @staticmethod
    def _chosen(emit: Emit, subscribers: Sequence[Subscriber]) -> Sequence[int]:
        chosen: list[int] = []
        for subscriber in subscribers:
            if subscriber.choose is None:
                raise ProtocolError(
                    f'a regular emit on stream "{emit.stream}", to which "{subscriber.component}" listens :direct; '
                    "name its task with direct_task=",
                    storm="the worker dies: Cannot do regular emit to direct stream",
                )
            chosen += subscriber.choose(emit.values)
        return chosen

    def _undeclared(self, emit: Emit) -> Sequence[int]:
        dies = self.profile.undeclared_stream_is_error
        if not (dies or self.strict):
            return ()
        near = difflib.get_close_matches(emit.stream, self.fields, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"it declares {_listed(self.fields)}"
        storm = (
            f"the worker dies: Unknown stream ID: {emit.stream}"
            if dies
            else "the tuple is dropped silently"
        )
        raise ProtocolError(
            f'an emit on stream "{emit.stream}", which "{self.component}" does not declare; {hint}',
            storm=storm,
            kind=UNDECLARED_STREAM,
        )

    def _wrong_width(
        self, emit: Emit, fields: Sequence[str], *, is_received: bool
    ) -> ProtocolError:
        counts = f"Expected {len(fields)} fields but got {len(emit.values)} fields"
        storm = f"the worker dies: Tuple created with wrong number of fields. {counts}"
        return ProtocolError(
            f'an emit of {len(emit.values)} values on stream "{emit.stream}", which declares '
            f"{len(fields)}: {_listed(fields)}",
            storm=storm if is_received else "nobody listens to the stream, so it passes unnoticed",
            excerpt=multilang.excerpt(storm_json(emit.values)),
        )

    def _direct(self, emit: Emit, task: int, subscribers: Sequence[Subscriber]) -> Sequence[int]:
        if not self.profile.direct_emit_works:
            raise ProtocolError(
                f"a direct emit to task {task}",
                storm="every direct emit of a component kills its worker from Storm 2.6 on (Integer cannot be "
                "cast to Long); it works up to 2.5",
            )
        for subscriber in subscribers:
            if task in subscriber.tasks:
                if subscriber.choose is None:
                    return (task,)
                raise ProtocolError(
                    f'a direct emit to task {task} of "{subscriber.component}", which does not listen :direct '
                    f'to stream "{emit.stream}"',
                    storm="the worker dies: Cannot emitDirect to a task expecting a regular grouping",
                )
        if not self.strict:
            return ()
        raise ProtocolError(
            f'a direct emit to task {task}, which does not listen to stream "{emit.stream}"',
            storm="the tuple is dropped silently",
        )


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    return "[" + " ".join(f'"{name}"' for name in names) + "]"
