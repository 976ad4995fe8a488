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
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

from simulator import RUN_CONF, Mode, RunOptions, refuse_what_cannot_run
from simulator.clj import read_topology
from simulator.engine import Feed, OnCrash, Simulation, Trace, faults
from simulator.model import NEWEST, Component, Stream, Topology, TopologyError, did_you_mean
from simulator.testing import (
    MOST_FAULTS,
    AnyOrder,
    BoltHarness,
    Explorer,
    HarnessError,
    Listening,
    LogKeeper,
    Plan,
    Run,
    RunningTopology,
    SpoutHarness,
    Strategy,
    check_golden,
    check_kinds,
    check_plan,
    golden_path,
    is_for_the_test,
    lone_topology,
    violations,
)
from simulator.transports import InProcess, Processes
from streamparse import virtual_time
from streamparse.multilang import DEFAULT_STREAM
from streamparse.project import Project, ProjectError
from streamparse.storm import Bolt, Tuple
from streamparse.virtual_time import SharedClock, VirtualTime

__tracebackhide__ = is_for_the_test  # pytest then shows the test's line
AnyLamp = TypeVar("AnyLamp", BoltHarness, SpoutHarness)
Made = TypeVar("Made")
Outputs = Sequence[str] | Mapping[str, Sequence[str]]
Stub = type | str | Callable[[Tuple], Any]
HANG_SECONDS = 10.0
FOR_EVER_SECONDS = 1e6  # eleven days; epoll cannot wait for a hundred
EVENTS_SHOWN = 10  # the last of each bolt, spout and topology, where a test has failed

any_order = AnyOrder


def project_directory(start: Path) -> Path | None:
    """The nearest directory with a ``config.json`` at or above an absolute path; None when there is none."""
    above = (start, *start.parents)
    return next((each for each in above if (each / "config.json").is_file()), None)


class Storm:
    """A Storm on a table top, for tests: makes bolts and spouts under a lamp, and whole topologies.

    Args:
        directory: where to look for a project (the nearest ``config.json`` at or above it).
        mode: how components run: "inprocess", "process", or None: a component under the lamp in this process, a
            topology's as processes.
        seed: decides every free choice.
        storm: the Storm version to behave like; None is the project's, or the newest.
        hang_seconds: how long a component may be silent; real time. 0: for ever (a debugger is on).
        virtual_time: whether user code sees the simulator's clock too (see ``streamparse.virtual_time``); it may be
            set on the Storm before something is made.
        update_golden: have ``golden`` write its files instead of comparing with them.
        replay: a case file; ``explore`` then runs this case and nothing else.
        again: the command that runs this test, for what a failing ``explore`` says.
        before_run: called before each run of ``explore``, with how many there were before it.
    """

    faults = faults
    any_order = AnyOrder

    def __init__(
        self,
        directory: str | Path = ".",
        *,
        mode: Mode | None = None,
        seed: object = 0,
        storm: str | None = None,
        hang_seconds: float = HANG_SECONDS,
        virtual_time: bool = False,
        update_golden: bool = False,
        replay: str | Path | None = None,
        again: str | None = None,
        before_run: Callable[[int], object] | None = None,
    ) -> None:
        self.directory = Path(directory).resolve()
        self.mode = mode
        self.seed = seed
        self.hang_seconds = hang_seconds
        self.virtual_time = virtual_time
        self.update_golden = update_golden
        self.replay = None if replay is None else Path(replay)
        self.again = again
        self._before_run = before_run
        self._explorers: list[Explorer] = []
        self._storm = storm
        self._stack = ExitStack()
        self._is_closed = False
        project = self.project
        if project is not None and str(project.source_dir) not in sys.path:
            sys.path.insert(0, str(project.source_dir))
            self._stack.callback(_forget_path, str(project.source_dir))
        self.runs: list[RunningTopology] = []
        self.lamps: list[BoltHarness | SpoutHarness] = []

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
        self._is_closed = True
        self._stack.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise HarnessError("this Storm is closed, for its test is over; each test has its own")

    def unseen(self) -> list[str]:
        """What a test that ends now has not looked at: topologies that never ran, failed and pending tuples."""
        return [line for run in self.runs for line in run.unseen()]

    def story(self) -> str:
        """What happened last in everything that was made, for somebody who wonders why a test fails."""
        told = [(lamp.component.id, lamp.story(EVENTS_SHOWN)) for lamp in self.lamps]
        told += [(run.topology.name, run.story(EVENTS_SHOWN)) for run in self.runs]
        return "".join(f"{name}:\n{text}\n" for name, text in told if text)

    @property
    def has_said_again(self) -> bool:
        """Whether a failure of ``explore`` has said itself how to run its case again."""
        return any(explorer.has_said_again for explorer in self._explorers)

    @property
    def project(self) -> Project | None:
        """The nearest project at or above the directory."""
        found = project_directory(self.directory)
        return None if found is None else Project.find(found)

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
        self._check_open()
        component, sources, cls = self._lamp("bolt", target, command, inputs, outputs, tasks, name)
        fields = _fields_of(sources, given=inputs is not None)

        def fresh() -> tuple[BoltHarness, Listening]:
            listening = Listening(**self._process_options())
            args = self._lit(component, sources, cls, conf, task, tasks, "process", listening)
            return BoltHarness(*args, inputs=fields), listening

        args = self._lit(component, sources, cls, conf, task, tasks, mode)
        return self._keep(BoltHarness(*args, inputs=fields, probe=partial(violations, fresh)))

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
        self._check_open()
        component, sources, cls = self._lamp("spout", target, command, None, outputs, tasks, name)
        return self._keep(
            SpoutHarness(*self._lit(component, sources, cls, conf, task, tasks, mode))
        )

    def _keep(self, lamp: AnyLamp) -> AnyLamp:
        self.lamps.append(lamp)
        self._stack.callback(lamp.close)
        return lamp

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
        if isinstance(target, str):
            _check_dotted(target, f'storm.{kind}("TOPOLOGY:{target}") is a component of a topology')
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
        topology = self._read(name, {**RUN_CONF, "topology.python.path": sys.executable})
        component = topology.components.get(component_id)
        if component is None or component.kind != kind:
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
        transport: Processes | None = None,
    ) -> tuple[Any, ...]:
        if not 0 <= task < tasks:
            raise HarnessError(f"task {task} of {tasks}; from 0 to {tasks - 1} would do")
        topology, feeds, sinks = lone_topology(component, sources)
        mode = mode or self.mode or ("process" if component.python_class is None else "inprocess")
        if mode == "process" and cls is not None:
            check_importable(cls)
        trace, logs = Trace(keep=True), LogKeeper()
        classes = {component.id: cls} if cls is not None and mode == "inprocess" else {}
        clock = self._clock()
        chosen = transport or self._transport(topology, mode, classes, clock)
        make = partial(
            Simulation,
            topology,
            transport=chosen,
            pace=None if clock is None else clock.publish,
            conf={**RUN_CONF, **(conf or {})},
            storm=self.version,
            seed=self.seed,
            on_crash="restart",
            turns=1,
            asks_spouts=component.kind == "bolt",
            trace=trace,
            listener=logs,
            feeds=feeds,
            sinks=sinks,
        )
        simulation = _told_alone(make)
        task_id = simulation.wiring.task_ids[component.id][task]
        return simulation, component, task_id, trace, logs, chosen

    # -- a whole topology

    def topology(
        self,
        name: str | Path,
        *,
        spouts: Mapping[str, Any] | None = None,
        bolts: Mapping[str, Stub] | None = None,
        outputs: Mapping[str, Outputs] | None = None,
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
            outputs: what stands in for a JVM component emits, by id: the file does not say it.
            parallelism: other numbers than ``:p`` says, by id.
            conf: configuration, over the defaults of ``sparse run``.
            mode: "process" (the default) or "inprocess".
            seed: another than the test's own.

        Raises:
            HarnessError: a name, a row or a stub does not fit.
            TopologyError: the file has mistakes.
        """
        self._check_open()
        whole = {**RUN_CONF, "topology.python.path": sys.executable, **(conf or {})}
        topology = self._read(name, whole)
        feeds: dict[str, Feed] = {}
        classes: dict[str, type] = {}
        for component, fields in (outputs or {}).items():
            topology = _changed(topology, component, outputs=_streams(fields, "outputs"))
        for component, stub in (spouts or {}).items():
            _check_kind(topology, component, "spout")
            feed = stub if isinstance(stub, Feed) else _feed_of(stub)
            if feed is not None:
                feeds[component] = feed
            else:
                topology, cls = _stubbed(topology, component, stub)
                classes |= {component: cls} if cls else {}
        for component, stub in (bolts or {}).items():
            _check_kind(topology, component, "bolt")
            topology, cls = _stubbed(topology, component, stub)
            classes |= {component: cls} if cls else {}
        for component, number in (parallelism or {}).items():
            topology = _changed(topology, component, parallelism=number)
        mode = mode or self.mode or "process"
        inside = {
            name: cls for name, cls in classes.items() if mode == "inprocess" or _is_local(cls)
        }
        _check_stubs(topology, feeds)
        options = RunOptions(feeds=feeds, custom=custom or {})
        refuse_what_cannot_run(topology, options)
        trace, logs = Trace(keep=True), LogKeeper()
        clock = self._clock()
        make = partial(
            RunningTopology,
            topology,
            transport=self._transport(topology, mode, inside, clock),
            pace=None if clock is None else clock.publish,
            conf=whole,
            feeds=feeds,
            trace=trace,
            logs=logs,
            storm=self.version,
            seed=self.seed if seed is None else seed,
            on_crash=on_crash,
            custom=custom or {},
            turns=1,
            choices=choices,
            rules=rules,
            orders=orders,
        )
        run = _told_alone(make)
        self.runs.append(run)
        self._stack.callback(run.close)
        return run

    def golden(self, name: str, run: RunningTopology | None = None) -> None:
        """Compare the trees of a topology with a text that somebody has read: ``golden/NAME.txt`` beside the test.

        Args:
            name: of the file.
            run: whose trees; by default those of the last topology that was made.

        Raises:
            AssertionError: they differ, or there is no such file yet.
            HarnessError: no topology has run, or the name is none for a file.
        """
        __tracebackhide__ = True
        run = run or (self.runs[-1] if self.runs else None)
        trees = "" if run is None else str(run.trace.trees())
        if not trees:
            raise HarnessError(f"golden({name!r}): no tuple was emitted yet; run a topology first")
        how = "pytest --storm-update-golden" if self.again else "Storm(..., update_golden=True)"
        check_golden(
            golden_path(self.directory, name),
            trees,
            update=self.update_golden,
            how_to_update=how,
        )

    def explore(
        self,
        n: int | None = None,
        *,
        faults: Sequence[str] = ("crash", "lost-ack", "duplicate", "delay"),
        seed: object = None,
        strategy: Strategy = "random",
        cases: Sequence[str | Path] = (),
        most_faults: int = MOST_FAULTS,
    ) -> Iterator[Run]:
        """Many runs of a loop's body, each with a schedule and faults of its own; see docs/exploring.md.

        The failure of a run is kept back, the run is repeated and made smaller, and the smallest fails the test, with
        a note that says what it takes and how to run it again. Only what is raised inside the ``with`` is looked at so.

        Args:
            n: how many runs; 200, or as many as the sweep takes.
            faults: what may go wrong: crash, lost-ack, duplicate, delay, drop, fail.
            seed: another than the test's own.
            strategy: "random", or "sweep": a crash before every tuple, emit and ack once, and nothing else.
            cases: files of cases that are run first, beside the test.
            most_faults: in one run.

        Raises:
            HarnessError: an argument does not fit.
            NotDeterministicError: a failing run went another way when it was repeated.
        """
        __tracebackhide__ = True
        self._check_open()
        base = self.seed if seed is None else seed
        plan = Plan(
            runs=n,
            kinds=check_kinds(faults),
            seed=base if isinstance(base, int) else str(base),
            strategy=strategy,
            cases=tuple(self.directory / case for case in cases),
            most_faults=most_faults,
            directory=self.directory / ".storm-cases",
            replay=self.replay,
            again=self.again,
        )
        check_plan(plan)
        explorer = Explorer(self._made, plan, self._before_run)
        self._explorers.append(explorer)
        self._stack.callback(explorer.close)
        return iter(explorer)

    def _made(self, *args: Any, **options: Any) -> RunningTopology:
        """A topology that its run closes; only the last is kept, for hundreds may come."""
        options.setdefault("mode", self.mode or "inprocess")
        with ExitStack() as scope:
            kept, self._stack = self._stack, scope
            try:
                made = self.topology(*args, **options)
            finally:
                self._stack = kept
            scope.pop_all()
        self.runs.remove(made)
        return made

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
            path = self.directory / path
        elif (project := self.project) is not None:
            try:
                path = project.topology_path(str(name))
            except ProjectError as error:
                raise HarnessError(str(error)) from None
        else:
            raise HarnessError(
                f"topology {str(name)!r}: no config.json at or above {self.directory}; "
                "in a project a topology is known by its name, elsewhere by the path of its .clj file"
            )
        return _told_alone(partial(read_topology, path, conf, storm=self.version))

    def _clock(self) -> SharedClock | None:
        """The clock that user code is to see, if it is to."""
        if not self.virtual_time:
            return None
        if find_spec("time_machine") is None:
            raise HarnessError(
                "virtual_time needs time-machine, which is not installed: pip install 'streamparse[time]'"
            )
        clock = SharedClock()
        self._stack.callback(clock.close)
        return clock

    def _transport(
        self,
        topology: Topology,
        mode: Mode,
        classes: Mapping[str, type],
        clock: SharedClock | None = None,
    ) -> InProcess | Processes:
        needs_processes = mode == "process" or any(
            each.python_class is None for each in topology.components.values() if each.command
        )
        processes = None
        if needs_processes:
            processes = Processes(**self._process_options(clock))
            self._stack.callback(processes.close)
        if mode == "process" and not classes:
            assert processes is not None
            return processes
        inside = InProcess(
            processes,
            classes=classes,
            only_classes=mode == "process",
            around=None if clock is None else partial(_in_time, clock, {}),
        )
        self._stack.callback(inside.close)
        return inside

    def _process_options(self, clock: SharedClock | None = None) -> dict[str, Any]:
        project = self.project
        has_sources = project is not None and project.source_dir.is_dir()
        cwd = str(project.source_dir if project is not None and has_sources else self.directory)
        # What this process can import, its components can: the test's own module among it.
        path = os.pathsep.join([cwd, *filter(_is_own_entry, sys.path)])
        told = {} if clock is None else {virtual_time.VARIABLE: clock.path}
        return {
            "cwd": cwd,
            "env": {"PYTHONPATH": path, **told},
            "hang_seconds": self.hang_seconds or FOR_EVER_SECONDS,
        }


def _told_alone(make: Callable[[], Made]) -> Made:
    """What is made, or the mistakes in the topology without the frames in which they were found."""
    try:
        return make()
    except TopologyError as error:
        raise error.with_traceback(None) from None


def _is_own_entry(entry: str) -> bool:
    """Whether an entry of sys.path is ours to hand on: another Python would not survive this one's library."""
    own = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    path = Path(entry)
    return bool(entry) and not (
        entry in own
        or path.suffix == ".zip"
        or path.name in ("lib-dynload", "site-packages", "dist-packages")
    )


def _in_time(clock: SharedClock, clocks: dict[int, VirtualTime], task: int) -> VirtualTime:
    """The clock of a task in this process: each has its own, for each may sleep."""
    if task not in clocks:
        clocks[task] = VirtualTime(lambda: clock.now_ms)
    return clocks[task]


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


def _forget_path(entry: str) -> None:
    if entry in sys.path:  # a test may have seen to it
        sys.path.remove(entry)


def _check_dotted(name: str, remark: str) -> None:
    if "." not in name.strip("."):
        raise HarnessError(f"{name!r} names no class; package.module.Class would, and {remark}")


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
        _check_dotted(stub, f"{component!r} can be run by any class")
        return _changed(topology, component, python_class=stub), None
    cls = stub if inspect.isclass(stub) else _bolt_of(component, stub)
    return _changed(topology, component, python_class=_dotted(cls)), cls


def _check_kind(topology: Topology, component: str, kind: Literal["spout", "bolt"]) -> None:
    there = topology.spouts if kind == "spout" else topology.bolts
    if component not in there:
        near = did_you_mean(component, there) or f"; its {kind}s are {list(there)}"
        raise HarnessError(f"topology {topology.name!r} has no {kind} {component!r}{near}")


def _check_stubs(topology: Topology, feeds: Mapping[str, Feed]) -> None:
    for component in topology.components.values():
        if component.command is None and component.id not in feeds:
            what = "rows" if component.kind == "spout" else "a class or a function"
            raise HarnessError(
                f"{component.id} ({component.jvm_class}) needs a JVM, and cannot run here; give {what} in its "
                f"place: {component.kind}s={{{component.id!r}: ...}}, and what that emits: "
                f"outputs={{{component.id!r}: [fields]}}"
            )


def _bolt_of(component: str, function: Any) -> type:
    if not callable(function):
        raise HarnessError(
            f"the stub for {component!r} is {function!r}; a class or a function would do"
        )

    class Function(Bolt):
        """Emits the rows that a function returns."""

        def process(self, tup: Tuple) -> None:
            for row in _rows_of(component, function(tup)):
                self.emit(row)

    return Function


def _rows_of(component: str, returned: Any) -> Iterator[Sequence[Any]]:
    if not returned:
        return
    whose = f"the function in place of {component!r}"
    would = "a list of rows would do, such as [['dog', 1]], or None"
    if isinstance(returned, (str, bytes, Mapping)) or not isinstance(returned, Iterable):
        raise HarnessError(f"{whose} returned {returned!r}; {would}")
    for row in returned:
        if not isinstance(row, (list, tuple)):
            raise HarnessError(f"{whose} returned {returned!r}, where {row!r} is no row; {would}")
        yield row


def _changed(topology: Topology, component: str, **changes: Any) -> Topology:
    try:
        return topology.replace(component, **changes)
    except ValueError as error:
        raise HarnessError(str(error)) from None
