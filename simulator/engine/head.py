"""The head of a trace file: whose trace it is, and where each task belongs.

Events name a task that gets a copy by its number alone, and a bolt that never says anything has no event. So a file
begins with one line that has the topology: then every view of the file is a function of the file. The head is no event:
the digest of a trace, and the events that tests compare, are without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from msgspec import field

from simulator.engine.events import HEAD_BEGINNING, TraceError
from simulator.engine.wiring import Wiring

__all__ = ["Head", "HeadComponent", "HeadInput", "head_of"]

FORMAT: Final = 1


class HeadInput(msgspec.Struct, frozen=True):
    """A subscription of a bolt.

    Attributes:
        component: the component that emits.
        stream: its stream.
        grouping: the grouping, as a topology file has it: ``["word"]``, ``shuffle``.
    """

    component: str
    stream: str
    grouping: str


class HeadComponent(msgspec.Struct, frozen=True):
    """A component.

    Attributes:
        id: its id.
        kind: which of the two it is.
        tasks: the numbers of its tasks.
        streams: the names of the fields of each stream that it declares.
        inputs: the subscriptions of a bolt.
        has_work: whether its work takes virtual time.
    """

    id: str
    kind: Literal["spout", "bolt"] = field(name="type")
    tasks: tuple[int, ...]
    streams: dict[str, tuple[str, ...]]
    inputs: tuple[HeadInput, ...]
    has_work: bool = field(name="work")


class Head(msgspec.Struct, frozen=True):
    """The first line of a trace file. What a later version adds to it is ignored.

    Attributes:
        format: the version of the file's format.
        topology: the name of the topology.
        storm: the version of Storm that was simulated.
        seed: the seed of the run, as text.
        timeout_ms: the message timeout, in milliseconds.
        components: the components, in the order of the topology file.
        workers: the tasks of each worker, by the workers' order; tasks of Storm's own are left out.
    """

    format: int = field(name="trace")
    topology: str
    storm: str
    seed: str
    timeout_ms: int
    components: tuple[HeadComponent, ...]
    workers: tuple[tuple[int, ...], ...]

    @property
    def component_of(self) -> Mapping[int, str]:
        """The component of each task."""
        return {task: each.id for each in self.components for task in each.tasks}

    @property
    def worker_of(self) -> Mapping[int, int]:
        """The worker of each task, from 1."""
        return {task: number for number, tasks in enumerate(self.workers, 1) for task in tasks}

    def to_line(self) -> str:
        """Print the head as one JSON object, without a line break."""
        return msgspec.json.encode(self).decode()

    @staticmethod
    def is_line(line: str) -> bool:
        """Return whether a line is a head, and no event."""
        return line.startswith(HEAD_BEGINNING)

    @staticmethod
    def from_line(line: str) -> Head:
        """Read a head.

        Raises:
            TraceError: a key is missing or of another type, or the format is of a later version.
        """
        try:
            head = _DECODE(line.encode("utf-8", "replace"))
        except msgspec.MsgspecError as error:
            raise TraceError(f"not the head of a trace ({error})") from None
        if head.format != FORMAT:
            raise TraceError(f"a trace of format {head.format}; this version reads {FORMAT}")
        return head


_DECODE: Final = msgspec.json.Decoder(Head).decode


def head_of(wiring: Wiring) -> Head:
    """Return the head of the trace of a run."""
    topology = wiring.topology
    workers: dict[int, list[int]] = {}
    for task, worker in sorted(wiring.workers.items()):
        if wiring.component_of[task] in topology.components:
            workers.setdefault(worker, []).append(task)
    return Head(
        format=FORMAT,
        topology=topology.name,
        storm=wiring.profile.version,
        seed=str(wiring.options.seed),
        timeout_ms=wiring.message_timeout_ms,
        components=tuple(
            HeadComponent(
                id=name,
                kind=component.kind,
                tasks=wiring.task_ids[name],
                streams={stream: each.fields for stream, each in component.outputs.items()},
                inputs=tuple(
                    HeadInput(source, stream, str(grouping))
                    for (source, stream), grouping in component.inputs.items()
                ),
                has_work=name in wiring.works,
            )
            for name, component in topology.components.items()
        ),
        workers=tuple(tuple(tasks) for _, tasks in sorted(workers.items())),
    )
