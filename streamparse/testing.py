"""Testing components and topologies from Python: what the ``storm`` fixture is, without pytest.

from streamparse.testing import Storm

with Storm() as storm:
    bolt = storm.bolt(WordCounter, inputs=["word"], outputs=["word", "count"])
    assert bolt.process(["dog"]).emitted == [["dog", 1]]
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from simulator import faults
from simulator.clj import read_topology
from simulator.engine import OnCrash, Simulation
from simulator.feeds import Feed
from simulator.harness import BoltHarness, SpoutHarness, lone_topology
from simulator.profiles import NEWEST
from simulator.records import (
    ComponentError,
    HarnessError,
    LogKeeper,
    PendingError,
    Record,
    Records,
    Result,
)
from simulator.running import RunningTopology
from simulator.session import RUN_CONF, Mode, refuse_what_cannot_run
from simulator.topology import Component, Stream, Topology
from simulator.trace import Trace
from simulator.transports import InProcess, Processes
from streamparse.multilang import DEFAULT_STREAM
from streamparse.project import Project, ProjectError
from streamparse.storm import Bolt, Tuple

__all__ = [
    "BoltHarness",
    "ComponentError",
    "HarnessError",
    "PendingError",
    "Record",
    "Records",
    "Result",
    "RunningTopology",
    "SpoutHarness",
    "Storm",
    "any_order",
]

Outputs = Sequence[str] | Mapping[str, Sequence[str]]
Stub = type | str | Callable[[Tuple], Any]
HANG_SECONDS = 10.0


class Storm:
    """A Storm on a table top, for tests: makes bolts and spouts under a lamp, and whole topologies.

    Args:
        directory: where to look for a project (the nearest ``config.json`` at or above it).
        mode: how components run: "inprocess", "process", or None: a component under the lamp in this process, a
            topology's as processes.
        seed: decides every free choice.
        storm: the Storm version to behave like; None is the project's, or the newest.
        hang_seconds: how long a component may be silent; real time. 0: for ever (a debugger is on).
    """

    faults = faults

    def __init__(
        self,
        directory: str | Path = ".",
        *,
        mode: Mode | None = None,
        seed: object = 0,
        storm: str | None = None,
        hang_seconds: float = HANG_SECONDS,
    ) -> None:
        self.directory = Path(directory).resolve()
        self.mode = mode
        self.seed = seed
        self.hang_seconds = hang_seconds
        self._storm = storm
        self._stack = ExitStack()
        project = self.project
        if project is not None and str(project.source_dir) not in sys.path:
            sys.path.insert(0, str(project.source_dir))
            self._stack.callback(sys.path.remove, str(project.source_dir))
        self.runs: list[RunningTopology] = []

    def __enter__(self) -> Storm:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything that was made."""
        self._stack.close()

    @property
    def project(self) -> Project | None:
        """The nearest project at or above the directory."""
        for directory in (self.directory, *self.directory.parents):
            if (directory / "config.json").is_file():
                return Project.find(directory)
        return None

    @property
    def version(self) -> str:
        """The Storm version that is simulated."""
        project = self.project
        return self._storm or (project.storm_version() if project else None) or NEWEST

    # -- one component

    def bolt(
        self,
        target: type | str | None = None,
        *,
        command: Sequence[str] | None = None,
        inputs: Outputs | None = None,
        outputs: Outputs | None = None,
        conf: Mapping[str, object] | None = None,
        task: int = 0,
        tasks: int = 1,
        mode: Mode | None = None,
        name: str | None = None,
    ) -> BoltHarness:
        """A bolt under the lamp.

        Args:
            target: a class, the dotted name of one, or "topology:component-id", which brings inputs, outputs and
                configuration from the topology's file.
            command: the argv of a bolt in any language, instead.
            inputs: the fields of what it takes; a map of streams to fields for several.
            outputs: the fields of what it emits; a map of streams to fields for several.
            conf: its configuration, over the defaults of ``sparse run``.
            task, tasks: how many tasks the component has, and which of them (from 0) is looked at.
            mode: "inprocess" (the default for Python) or "process".

        Raises:
            HarnessError: the arguments do not fit.
        """
        component, sources, cls = self._lamp("bolt", target, command, inputs, outputs, tasks, name)
        args = self._lit(component, sources, cls, conf, task, tasks, mode)
        return BoltHarness(*args, inputs=_fields_of(sources, given=inputs is not None))

    def spout(
        self,
        target: type | str | None = None,
        *,
        command: Sequence[str] | None = None,
        outputs: Outputs | None = None,
        conf: Mapping[str, object] | None = None,
        task: int = 0,
        tasks: int = 1,
        mode: Mode | None = None,
        name: str | None = None,
    ) -> SpoutHarness:
        """A spout under the lamp; the arguments are those of ``bolt``."""
        component, sources, cls = self._lamp("spout", target, command, None, outputs, tasks, name)
        return SpoutHarness(*self._lit(component, sources, cls, conf, task, tasks, mode))

    def _lamp(
        self,
        kind: Literal["bolt", "spout"],
        target: type | str | None,
        command: Sequence[str] | None,
        inputs: Outputs | None,
        outputs: Outputs | None,
        tasks: int,
        name: str | None,
    ) -> tuple[Component, dict[str, dict[str, Stream]], type | None]:
        if (target is None) == (command is None):
            raise HarnessError(
                f"storm.{kind}() takes a class, a name or command=[...], and one of them only"
            )
        if isinstance(target, str) and ":" in target:
            return self._from_topology(kind, target, tasks)
        declared = _streams(outputs, "outputs")
        cls = target if isinstance(target, type) else None
        dotted = _dotted(target) if target is not None else None
        argv = tuple(command) if command else (sys.executable, "-m", "streamparse.run", str(dotted))
        component = Component(
            id=name or _name_of(target, command),
            kind=kind,
            command=argv,
            python_class=dotted,
            outputs=declared,
            parallelism=tasks,
        )
        sources = {"input": _streams(inputs, "inputs")} if kind == "bolt" else {}
        return component, sources, cls

    def _from_topology(
        self, kind: str, target: str, tasks: int
    ) -> tuple[Component, dict[str, dict[str, Stream]], type | None]:
        name, _, component_id = target.partition(":")
        topology = self._read(name, RUN_CONF)
        component = topology.components.get(component_id)
        if component is None or component.kind != kind:
            from simulator.topology import did_you_mean

            of_kind = topology.bolts if kind == "bolt" else topology.spouts
            raise HarnessError(
                f"topology {name!r} has no {kind} {component_id!r}{did_you_mean(component_id, of_kind)}"
            )
        if component.command is None:
            raise HarnessError(
                f"{component_id} of topology {name!r} needs a JVM, and cannot run here"
            )
        sources: dict[str, dict[str, Stream]] = {}
        for source, stream in component.inputs:
            declared = topology.components[source].outputs
            sources.setdefault(source, {})[stream] = declared[stream]
        return replace(component, inputs={}, parallelism=tasks), sources, None

    def _lit(
        self,
        component: Component,
        sources: Mapping[str, Mapping[str, Stream]],
        cls: type | None,
        conf: Mapping[str, object] | None,
        task: int,
        tasks: int,
        mode: Mode | None,
    ) -> tuple[Any, ...]:
        if not 0 <= task < tasks:
            raise HarnessError(f"task {task} of {tasks}; from 0 to {tasks - 1} would do")
        topology, feeds, sinks = lone_topology(component, sources)
        mode = mode or self.mode or ("process" if component.python_class is None else "inprocess")
        if mode == "process" and cls is not None:
            check_importable(cls)
        trace, logs = Trace(keep=True), LogKeeper()
        classes = {component.id: cls} if cls is not None and mode == "inprocess" else {}
        transport = self._transport(topology, mode, classes)
        simulation = Simulation(
            topology,
            transport=transport,
            conf={**RUN_CONF, **(conf or {})},
            storm=self.version,
            seed=self.seed,
            on_crash="always",
            trace=trace,
            listener=logs,
            feeds=feeds,
            sinks=sinks,
        )
        task_id = simulation.task_ids[component.id][task]
        self._stack.callback(transport.close)
        return simulation, component, task_id, trace, logs, transport

    # -- a whole topology

    def topology(
        self,
        name: str | Path,
        *,
        spouts: Mapping[str, Any] | None = None,
        bolts: Mapping[str, Stub] | None = None,
        parallelism: Mapping[str, int] | None = None,
        conf: Mapping[str, object] | None = None,
        mode: Mode | None = None,
        seed: object = None,
        on_crash: OnCrash = "ordered",
        custom: Any = None,
        choices: Any = None,
        rules: Sequence[faults.Rule] = (),
        orders: Sequence[faults.Order] = (),
    ) -> RunningTopology:
        """A whole topology.

        Args:
            name: the topology's name in the project, or the path of a ``.clj`` file.
            spouts: in place of spouts, by id: rows, ``storm.feed(rows, retries=...)``, a class or its dotted name.
            bolts: in place of bolts, by id: a class, its dotted name, or a function that is given a tuple and
                returns the rows to emit (or None).
            parallelism: other numbers than ``:p`` says, by id.
            conf: configuration, over the defaults of ``sparse run``.
            mode: "process" (the default) or "inprocess".
            seed: another than the test's own.

        Raises:
            HarnessError: a name, a row or a stub does not fit.
            TopologyError: the file has mistakes.
        """
        whole = {**RUN_CONF, "topology.python.path": sys.executable, **(conf or {})}
        topology = self._read(name, whole)
        feeds: dict[str, Feed] = {}
        classes: dict[str, type] = {}
        for component, stub in (spouts or {}).items():
            feed = stub if isinstance(stub, Feed) else _feed_of(stub)
            if feed is not None:
                feeds[component] = feed
            else:
                topology, cls = _stubbed(topology, component, stub)
                classes |= {component: cls} if cls else {}
        for component, stub in (bolts or {}).items():
            topology, cls = _stubbed(topology, component, stub)
            classes |= {component: cls} if cls else {}
        for component, number in (parallelism or {}).items():
            topology = _changed(topology, component, parallelism=number)
        mode = mode or self.mode or "process"
        inside = {
            name: cls for name, cls in classes.items() if mode == "inprocess" or _is_local(cls)
        }
        refuse_what_cannot_run(topology, feeds, custom or {})
        trace, logs = Trace(keep=True), LogKeeper()
        run = RunningTopology(
            topology,
            transport=self._transport(topology, mode, inside),
            conf=whole,
            feeds=feeds,
            trace=trace,
            logs=logs,
            storm=self.version,
            seed=self.seed if seed is None else seed,
            on_crash=on_crash,
            custom=custom,
            choices=choices,
            rules=rules,
            orders=orders,
        )
        self.runs.append(run)
        self._stack.callback(run.close)
        return run

    @staticmethod
    def feed(
        rows: Sequence[Sequence[Any]], *, retries: int = 0, stream: str = DEFAULT_STREAM
    ) -> Feed:
        """Rows for a spout's place: one is emitted a turn, its index is its id, and a failed one comes again."""
        if retries < 0:
            raise HarnessError(f"retries={retries}; from 0 would do")
        return Feed([list(row) for row in rows], retries, stream)

    def _read(self, name: str | Path, conf: Mapping[str, object]) -> Topology:
        path = Path(name)
        if path.suffix == ".clj":
            return read_topology(path if path.is_absolute() else self.directory / path, conf)
        project = self.project
        if project is None:
            raise HarnessError(
                f"topology {str(name)!r}: no config.json at or above {self.directory}; "
                "in a project a topology is known by its name, elsewhere by the path of its .clj file"
            )
        try:
            return read_topology(project.topology_path(str(name)), conf)
        except ProjectError as error:
            raise HarnessError(str(error)) from None

    def _transport(
        self, topology: Topology, mode: Mode, classes: Mapping[str, type]
    ) -> InProcess | Processes:
        project = self.project
        cwd = (
            self.directory
            if project is None or not project.source_dir.is_dir()
            else project.source_dir
        )
        needs_processes = mode == "process" or any(
            each.python_class is None for each in topology.components.values() if each.command
        )
        processes = None
        if needs_processes:
            # What this process can import, its components can: the test's own module among it.
            path = os.pathsep.join(entry for entry in [str(cwd), *sys.path] if entry)
            processes = Processes(
                cwd=str(cwd),
                env={"PYTHONPATH": path},
                hang_seconds=self.hang_seconds or 1e9,
            )
        if mode == "process" and not classes:
            assert processes is not None
            return processes
        return InProcess(processes, classes=classes, only_classes=mode == "process")


# -- what is given ----------------------------------------------------------------------------------------------


def _streams(outputs: Outputs | None, which: str) -> dict[str, Stream]:
    if outputs is None:
        return {}
    if isinstance(outputs, str):
        raise HarnessError(f"{which}={outputs!r}: a list of field names would do")
    if isinstance(outputs, Mapping):
        return {name: Stream(tuple(fields)) for name, fields in outputs.items()}
    return {DEFAULT_STREAM: Stream(tuple(outputs))}


def _fields_of(
    sources: Mapping[str, Mapping[str, Stream]], *, given: bool
) -> dict[str, dict[str, tuple[str, ...] | None]]:
    found: dict[str, dict[str, tuple[str, ...] | None]] = {}
    for source, streams in sources.items():
        found[source] = {name: stream.fields for name, stream in streams.items()}
        if not streams and not given:
            found[source] = {DEFAULT_STREAM: None}
    return found


def _dotted(target: type | str) -> str:
    return f"{target.__module__}.{target.__qualname__}" if isinstance(target, type) else target


def _is_local(cls: type) -> bool:
    """Whether only this process can have it: it is made inside a function, or by hand."""
    return "<locals>" in cls.__qualname__ or cls.__module__ == "__main__"


def check_importable(cls: type) -> None:
    """Refuse a class that no other process could import."""
    if _is_local(cls):
        raise HarnessError(
            f"{cls.__qualname__} is defined where no other process can import it; "
            "move it to the top of a module, or use mode='inprocess'"
        )


def _name_of(target: type | str | None, command: Sequence[str] | None) -> str:
    if command:
        return Path(command[-1]).stem
    dotted = _dotted(target) if target is not None else ""
    return dotted.rpartition(".")[2]


def _feed_of(stub: object) -> Feed | None:
    if isinstance(stub, (str, type)) or callable(stub):
        return None
    if isinstance(stub, Sequence) and all(
        isinstance(row, Sequence) and not isinstance(row, str) for row in stub
    ):
        return Feed([list(row) for row in stub])
    raise HarnessError(
        f"rows {stub!r}: a list of lists of values would do, such as [['dog'], ['cat']]"
    )


def _stubbed(topology: Topology, component: str, stub: Stub) -> tuple[Topology, type | None]:
    if isinstance(stub, str):
        return _changed(topology, component, python_class=stub), None
    cls = stub if inspect.isclass(stub) else _bolt_of(component, stub)
    return _changed(topology, component, python_class=_dotted(cls)), cls


def _bolt_of(component: str, function: Any) -> type:
    if not callable(function):
        raise HarnessError(
            f"the stub for {component!r} is {function!r}; a class or a function would do"
        )

    class Function(Bolt):
        """Emits the rows that a function returns."""

        def process(self, tup: Tuple) -> None:
            for row in function(tup) or ():
                self.emit(row)

    return Function


def _changed(topology: Topology, component: str, **changes: Any) -> Topology:
    try:
        return topology.replace(component, **changes)
    except ValueError as error:
        raise HarnessError(str(error)) from None


class any_order:
    """Equal to any sequence of the same rows, in whatever order."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = list(rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        missing, extra = self.difference(other)
        return not missing and not extra

    __hash__ = None  # type: ignore[assignment]  # like the lists it stands for

    def difference(self, other: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Rows that are missing in ``other``, and rows that are too many there."""
        missing = list(self.rows)
        extra = []
        for row in other:
            if row in missing:
                missing.remove(row)
            else:
                extra.append(row)
        return missing, extra

    def __repr__(self) -> str:
        return f"any_order({self.rows!r})"
