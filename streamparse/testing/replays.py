"""Replays for tests: the conversations of a file, the component that they are given to, and accepted differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator import Mode, RunOptions
from simulator.engine import Death, faults, last_line
from simulator.exploring import Case, Fault, to_text
from simulator.model import Topology, TopologyError, did_you_mean
from simulator.testing import HarnessError, is_test_error
from simulator.wire import Error
from streamparse.multilang import name_in_file
from streamparse.project import may_read_clock
from streamparse.recordings import Head, RecordingError, read_recordings
from streamparse.replaying import (
    Comparison,
    Conversation,
    ConversationError,
    Played,
    Player,
    Recorded,
    Tolerances,
    by_component,
    compare,
    read_conversation,
)
from streamparse.testing.adjustments import adjusted_class
from streamparse.testing.lookup import check_importable
from streamparse.testing.runtime import Runtime, checked_mode
from streamparse.testing.setup import Setup
from streamparse.testing.targets import Target, make_target
from streamparse.virtual_time import EPOCH

__tracebackhide__ = is_test_error  # pytest then shows the test's line


@dataclass(frozen=True)
class Replay:
    """What came of a recording that was replayed.

    Attributes:
        path: the file.
        comparisons: one for each conversation in it.
        has_clock: whether the component saw the clock of the recording; else that of today.
        reads_clock: whether a component can know the time, by what its modules import.
    """

    path: Path
    comparisons: Sequence[Comparison]
    has_clock: bool = True
    reads_clock: bool = True

    @property
    def is_same(self) -> bool:
        """True when nothing differs."""
        return all(each.is_same for each in self.comparisons)

    @property
    def differing(self) -> int:
        """The number of inputs that differ."""
        return sum(len(each.differing) for each in self.comparisons)

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return sum(each.conversation.inputs for each in self.comparisons)

    @property
    def warnings(self) -> list[str]:
        """What limits the comparison, a line each."""
        return [
            f"{self.path}: {line.removeprefix(f'{self.path}: ')}"
            for each in self.comparisons
            for line in each.notes()
        ]

    def text(self) -> str:
        """Every difference; "" for none."""
        return "".join(each.text() for each in self.comparisons if not each.is_same)

    def __str__(self) -> str:
        lines = [f"{self.path}:", *map(str, self.comparisons)]
        if self.reads_clock and not (self.is_same or self.has_clock):
            lines.append(
                "the component saw the clock of today; with time-machine it sees that of the recording: "
                "pip install time-machine"
            )
        return "\n".join(lines)


def chosen_conversations(
    path: Path, component: str | None = None, task: int | None = None
) -> list[Conversation]:
    """Return the conversations of a file, or those of one component or one task in it.

    Raises:
        HarnessError: it is no recording, cannot be read, or has no such conversation.
    """
    try:
        found = read_recordings(path)
        heads = [each.head for each in found]
        chosen = [
            read_conversation(each)
            for each in found
            if component in (None, each.head.component) and task in (None, each.head.task)
        ]
    except OSError as error:
        raise HarnessError(f"{path}: {error.strerror}; expected a recording") from None
    except (RecordingError, ConversationError) as error:
        raise HarnessError(_with_path(path, error)) from None
    if not chosen:
        there = sorted({f"{head.component} (task {head.task})" for head in heads})
        near = (
            did_you_mean(component or "", {head.component for head in heads}) if component else ""
        )
        wanted = " ".join(
            part
            for part in (
                f"component {component!r}" if component is not None else "",
                f"task {task!r}" if task is not None else "",
            )
            if part
        )
        raise HarnessError(f"{path}: no recording of {wanted}{near}; it has {', '.join(there)}")
    return chosen


def recorded_component(
    path: Path, component: str | None = None, task: int | None = None
) -> Recorded:
    """Return what a file tells of one component.

    Raises:
        HarnessError: it is no recording, or has several components, of which none is named.
    """
    found = by_component(chosen_conversations(path, component, task))
    if len(found) > 1:
        raise HarnessError(
            f"{path}: recordings of {', '.join(sorted(found))}; name one of them with component="
        )
    return next(iter(found.values()))


def fields_in(path: Path) -> set[str]:
    """Return the names of all fields that the components of a recording emit.

    Raises:
        HarnessError: the file is no recording.
    """
    streams = [
        fields for each in chosen_conversations(path) for fields in (each.outputs or {}).values()
    ]
    return {name for fields in streams for name in fields}


def write_incident(recorded: Recorded, directory: Path) -> Path:
    """Write the recorded death of a component as a case of ``explore``; return its file.

    Raises:
        HarnessError: it has not died, or the file cannot be written.
    """
    death = recorded.death()
    head = recorded.conversations[0].head
    if death is None:
        raise HarnessError(
            f"{recorded.component} has not died in its recording; expected one that ends with an exception, "
            "or is cut off"
        )
    point: faults.Point = "next" if death.point == "next" else "tuple"
    case = Case(0, (Fault("crash", death.component, death.nth, point),))
    plain = re.sub(
        r"[^A-Za-z0-9_.-]+",
        "-",
        f"incident-{name_in_file(head.topology)}-{name_in_file(death.component)}-{death.nth}",
    )
    path = directory / f"{plain}.json"
    try:
        directory.mkdir(exist_ok=True)
        path.write_text(to_text(case, death.words, head.topology), encoding="utf-8")
    except OSError as error:
        raise HarnessError(f"{path}: {error.strerror}") from None
    return path


def _with_path(path: Path, error: Exception) -> str:
    text = str(error)
    return text if text.startswith(str(path)) else f"{path}: {text}"


def replay_of(
    path: Path,
    target: Callable[[], object] | str | None,
    setup: Setup,
    *,
    command: Sequence[str] | None,
    component: str | None,
    task: int | None,
    ignore: Collection[str],
    any_order: bool,
    any_tasks: bool,
    logs: bool,
    mode: Mode | None,
) -> Replay:
    """Return what comes of a recording that is replayed.

    Args:
        path: of the recording.
        setup: what the component is made with.
        target, command, component, task, ignore, any_order, any_tasks, logs, mode: as for ``storm.replay``.

    Raises:
        HarnessError: as for ``storm.replay``.
    """
    if isinstance(ignore, str):
        raise HarnessError(f"ignore={ignore!r}: expected a list of fields, such as [{ignore!r}]")
    tolerances = Tolerances(frozenset(ignore), any_order, any_tasks, logs)
    has_clock = setup.virtual_time or find_spec("time_machine") is not None
    comparisons = [
        _replayed(
            conversation,
            target,
            tolerances,
            command,
            checked_mode(mode) or setup.mode,
            setup,
            has_clock=has_clock,
        )
        for conversation in chosen_conversations(path, component, task)
    ]
    made = Replay(path, comparisons, has_clock)
    if not has_clock and not made.is_same:
        names = [each.name for each in made.comparisons]
        reads_clock = any(may_read_clock(name, setup.reading.source_dir) for name in names)
        made = replace(made, reads_clock=reads_clock)
    return made


def _replayed(
    conversation: Conversation,
    target: Callable[[], object] | str | None,
    tolerances: Tolerances,
    command: Sequence[str] | None,
    mode: Mode | None,
    setup: Setup,
    *,
    has_clock: bool,
) -> Comparison:
    options = setup.options({})
    runtime = setup.runtime(conversation.conf, has_clock=has_clock)
    head = conversation.head
    whose = f"the recording of {head.component} (task {head.task})"
    kind = conversation.kind
    if kind is None:
        raise HarnessError(f"{whose} has no input; there is nothing to replay")
    if target is None and command is None:
        if not head.name:
            raise HarnessError(f"{whose} names no class; give one: storm.replay(CLASS, FILE)")
        target = _class_of_today(head, setup.read)
    is_of_topology = isinstance(target, str) and ":" in target
    made = make_target(
        kind, target, command=command, inputs=None, outputs=None, tasks=1,
        name=None if is_of_topology else head.component, conf=None, read=setup.read,
    )  # fmt: skip
    name = made.component.python_class or " ".join(command or made.component.command or ())
    player, clock = _player(made, conversation, mode, options, runtime), runtime.clock
    began_ms = 0 if head.began is None else max(0, round((head.began - EPOCH) * 1000))
    if clock is not None:
        player.on_time = lambda us: clock.publish(began_ms + us // 1000)
    try:
        return compare(name, conversation, _started(player.play(), name), tolerances)
    except ConversationError as error:
        raise HarnessError(str(error)) from None


def _class_of_today(head: Head, read: Callable[[str, Mapping[str, object]], Topology]) -> str:
    """Return the name of the class of the recording; where it is gone, of that which the component has today."""
    if not _is_gone(head.name):
        return head.name
    try:
        component = read(head.topology, {}).components.get(head.component)
    except (HarnessError, TopologyError):
        return head.name
    return (component and component.python_class) or head.name


def _is_gone(name: str) -> bool:
    """Return whether there is no such class: its module is gone, or has none of this name."""
    module, _, attribute = name.rpartition(".")
    try:
        return not hasattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        return f"{module}.".startswith(f"{error.name}.")
    except Exception:  # of the user's module: whoever starts the component tells it
        return False


def _started(played: Iterator[Played], name: str) -> Iterator[Played]:
    """The same, refused where the component ends in its start and did not in the recording."""
    for each in played:
        if each.turn.number == 0 and each.outcome is not None and not each.turn.said:
            errors = [said for said in each.said if isinstance(said, Error)]
            why = last_line(errors[0].message) if errors else each.reason
            raise HarnessError(
                f"{name} cannot be started with the configuration of the recording: {why}"
            ) from (each.outcome.cause if isinstance(each.outcome, Death) else None)
        yield each


def _player(
    target: Target,
    conversation: Conversation,
    mode: Mode | None,
    options: RunOptions,
    runtime: Runtime,
) -> Player:
    component, cls = target.component, target.python_class
    mode = mode or ("process" if component.python_class is None else "inprocess")
    if mode == "process" and cls is not None:
        check_importable(cls)
    classes: dict[str, Callable[[], object]] = {}
    if mode == "inprocess" and component.python_class is not None:
        if conversation.is_redacted:
            # What it makes of a value that was taken out is no behaviour of today: it goes on behind that.
            classes[component.id] = adjusted_class(component.python_class, cls, _goes_on)
        elif cls is not None:
            classes[component.id] = cls
    topology = Topology(name=conversation.head.topology, components={component.id: component})
    return Player(
        conversation,
        component,
        runtime.transport(topology, mode, classes, hears_logs=conversation.has_logging),
        seed=conversation.head.seed or f"{options.seed}/{conversation.head.component}",
        storm_version=options.storm_version,
        strict=options.strict,
    )


def _goes_on(made: Any) -> None:  # Any: a component of the user's
    made.exit_on_exception = False
