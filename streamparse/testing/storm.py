"""The class Storm: what the ``storm`` fixture of pytest is, and how components are tested without pytest.

from streamparse.testing import Storm

with Storm() as storm:
    bolt = storm.bolt(WordCounter, inputs=["word"], outputs=["word", "count"])
    assert bolt.process(["dog"]).emitted == [["dog", 1]]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from simulator import RUN_CONF, Mode, RunOptions, refuse_what_cannot_run
from simulator.engine import Choices, CustomGroupings, Feed, OnCrash, Trace, faults
from simulator.model import NEWEST, Problem, Topology, find_overridden, profile, unsimulated
from simulator.testing import (
    MOST_FAULTS,
    AnyOrder,
    BoltHarness,
    Explorer,
    HarnessError,
    LogKeeper,
    Plan,
    Run,
    RunningTopology,
    SingleRun,
    SpoutHarness,
    Strategy,
    check_golden,
    check_kinds,
    check_plan,
    golden_path,
    is_test_error,
    violations,
)
from simulator.transports import Observer, Processes
from streamparse.multilang import DEFAULT_STREAM
from streamparse.project import Project, ProjectError, log_setting_problems
from streamparse.testing import stubs
from streamparse.testing.checks import check_named, check_topology
from streamparse.testing.lookup import (
    find_project,
    find_topology,
    is_local,
    remove_path,
    without_frames,
)
from streamparse.testing.output import Output
from streamparse.testing.runtime import (
    Runtime,
    checked_mode,
    make_clock,
    patience,
    process_options,
    source_directory,
)
from streamparse.testing.single import make_single_run
from streamparse.testing.stubs import Stub
from streamparse.testing.targets import Outputs, Target, make_target

__tracebackhide__ = is_test_error  # pytest then shows the test's line
AnyHarness = TypeVar("AnyHarness", BoltHarness, SpoutHarness)
HANG_SECONDS = 10.0
OWN_CONF = "component_conf={id: {key: value}} sets it for the component alone"
EVENTS_SHOWN = 10  # the last of each bolt, spout and topology, where a test has failed

any_order = AnyOrder


class Storm:
    """An in-process simulator of Storm for tests: it makes harnesses for bolts and spouts, and whole topologies.

    Args:
        directory: where to look for a project (the nearest ``config.json`` at or above it).
        mode: how components run: "inprocess", "process", or None: a single bolt or spout in this process, the
            components of a topology as processes.
        seed: decides every free choice.
        storm_version: the Storm version to behave like; None is the project's, or the newest.
        strict: whether to refuse the mistakes that some Storm lets pass; False gives the leniency of this version.
        hang_seconds: how long a component may be silent: real seconds, without those in which it waits for a
            processor. 0: without a limit (for a debugger).
        virtual_time: user code sees the simulator's clock too (see ``streamparse.virtual_time``); it may be
            set on the Storm before something is made.
        update_golden: ``golden`` writes its files instead of comparing with them.
        replay: a case file; ``explore`` then runs this case and nothing else.
        rerun_command: the command that runs this test; a failing ``explore`` shows it.
        cwd: the working directory of components, in either mode; None: the project's ``src``, as on Storm, or
            ``directory`` where there is no project.
        before_run: called before each run of ``explore``, with the number of runs before it.
        on_debugger: shows the line about a debugger that waits in a component process; None: on stderr.
        storm: the old name of ``storm_version``.

    Raises:
        HarnessError: both ``storm_version`` and ``storm`` are given, or ``cwd`` is no directory.
    """

    faults = faults
    any_order = AnyOrder

    def __init__(
        self,
        directory: str | Path = ".",
        *,
        mode: Mode | None = None,
        seed: object = 0,
        storm_version: str | None = None,
        strict: bool = True,
        hang_seconds: float = HANG_SECONDS,
        virtual_time: bool = False,
        update_golden: bool = False,
        replay: str | Path | None = None,
        rerun_command: str | None = None,
        before_run: Callable[[int], object] | None = None,
        cwd: str | Path | None = None,
        on_debugger: Callable[[str], object] | None = None,
        storm: str | None = None,
    ) -> None:
        if storm_version is not None and storm is not None:
            raise HarnessError(
                f"storm={storm!r} is the old name of storm_version={storm_version!r}; give one of them"
            )
        given = storm_version or storm
        try:
            self._storm_version = None if given is None else profile(given).version
        except ValueError as error:
            raise HarnessError(str(error)) from None
        self.directory = Path(directory).resolve()
        self.cwd = None if cwd is None else Path(cwd).resolve()
        if self.cwd is not None and not self.cwd.is_dir():
            raise HarnessError(f"cwd={str(cwd)!r}: expected an existing directory")
        self.mode = checked_mode(mode)
        self.strict = strict
        self.seed = seed
        self.hang_seconds = hang_seconds
        self.virtual_time = virtual_time
        self.update_golden = update_golden
        self.replay = None if replay is None else Path(replay)
        self.rerun_command = rerun_command
        self._before_run = before_run
        self._explorers: list[Explorer] = []
        self._stack = ExitStack()
        self._output = Output(self._stack)
        if on_debugger is not None:
            self._output.on_debugger = on_debugger
        self._is_closed = False
        project = self.project
        if project is not None and str(project.source_dir) not in sys.path:
            sys.path.insert(0, str(project.source_dir))
            self._stack.callback(remove_path, str(project.source_dir))
        self.runs: list[RunningTopology] = []
        self.harnesses: list[BoltHarness | SpoutHarness] = []
        #: What is suspicious in config.json, in the topology files that were read, and in the settings of the test.
        self.warnings: list[str] = [] if project is None else list(project.warnings)

    def __enter__(self) -> Storm:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()
        if error is None:
            self.check_faults()

    def check_faults(self) -> None:
        """Refuse faults that were ordered and never struck; the end of a test calls it.

        Raises:
            HarnessError: with a line for each, and how often its point was reached.
        """
        for run in self.runs:
            run.check_faults()

    def close(self) -> None:
        """End everything that was made."""
        self._is_closed = True
        self._stack.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise HarnessError("this Storm is closed, for its test is over; each test has its own")

    def unchecked(self) -> list[str]:
        """Return what the test has not looked at, a line each: topologies that never ran, failed and pending tuples."""
        return [line for run in self.runs for line in run.unchecked()]

    def summary(self) -> str:
        """Return the last events of everything that was made, for the report of a failed test."""
        parts = [(each.component.id, each.summary(EVENTS_SHOWN)) for each in self.harnesses]
        parts += [(run.topology.name, run.summary(EVENTS_SHOWN)) for run in self.runs]
        return "".join(f"{name}:\n{text}\n" for name, text in parts if text)

    @property
    def has_shown_rerun_command(self) -> bool:
        """True when a failing ``explore`` has shown the command that runs its case again."""
        return any(explorer.has_shown_rerun_command for explorer in self._explorers)

    @property
    def project(self) -> Project | None:
        """The nearest project at or above the directory."""
        return find_project(self.directory)

    @property
    def version(self) -> str:
        """The Storm version that is simulated.

        Raises:
            HarnessError: project.clj has none that can be simulated.
        """
        if self._storm_version is not None:
            return self._storm_version
        project = self.project
        try:
            found = (project.storm_version() if project else None) or NEWEST
            return profile(found).version
        except ProjectError as error:
            raise HarnessError(str(error)) from None
        except ValueError as error:
            where = "project.clj" if project is None else project.directory / "project.clj"
            raise HarnessError(f"{where}: {error}; storm_version= chooses another") from None

    # -- one component

    def bolt(
        self,
        target: Callable[[], object] | str | None = None,
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
        """Return a harness with one bolt.

        Args:
            target: a class, a function that makes the bolt, the dotted name of one, or "topology:component-id", which
                brings inputs, outputs and configuration from the topology's file.
            command: the argv of a bolt in any language, instead.
            inputs: the fields of what it takes; a map of streams to fields for several.
            outputs: the fields of what it emits; a map of streams to fields for several.
            conf: its configuration, over the defaults of ``sparse run`` and, with "topology:component-id", over its
                ``:conf``.
            task, tasks: how many tasks the component has, and which of them (from 0) is tested.
            mode: "inprocess" (the default for Python) or "process".
            name: its component id; by default the name of its class or program.

        Raises:
            HarnessError: the arguments do not fit.
        """
        self._check_open()
        found = make_target(
            "bolt", target, command=command, inputs=inputs, outputs=outputs, tasks=tasks, name=name, conf=conf,
            read=self._read_with_options,
        )  # fmt: skip
        fields = found.input_fields(given=inputs is not None)

        def fresh(observer: Observer) -> tuple[BoltHarness, Processes]:
            options = process_options(self.directory, self.hang_seconds, cwd=self.cwd)
            processes = Processes(**options, observer=observer)
            run = self._single(found, conf, task, tasks, "process", processes)
            return BoltHarness(run, inputs=fields), processes

        run = self._single(found, conf, task, tasks, mode)
        return self._keep(BoltHarness(run, inputs=fields, probe=partial(violations, fresh)))

    def spout(
        self,
        target: Callable[[], object] | str | None = None,
        *,
        command: Sequence[str] | None = None,
        outputs: Outputs | None = None,
        conf: Mapping[str, object] | None = None,
        task: int = 0,
        tasks: int = 1,
        mode: Mode | None = None,
        name: str | None = None,
    ) -> SpoutHarness:
        """Return a harness with one spout; the arguments are those of ``bolt``."""
        self._check_open()
        found = make_target(
            "spout", target, command=command, inputs=None, outputs=outputs, tasks=tasks, name=name, conf=conf,
            read=self._read_with_options,
        )  # fmt: skip
        return self._keep(SpoutHarness(self._single(found, conf, task, tasks, mode)))

    def _keep(self, harness: AnyHarness) -> AnyHarness:
        self.harnesses.append(harness)
        self._stack.callback(harness.close)
        return harness

    def _single(
        self,
        target: Target,
        conf: Mapping[str, object] | None,
        task: int,
        tasks: int,
        mode: Mode | None,
        transport: Processes | None = None,
    ) -> SingleRun:
        options = RunOptions(
            conf={**RUN_CONF, **_checked(conf)},
            storm_version=self.version,
            seed=self.seed,
            strict=self.strict,
        )
        if target.python_class is None:
            without_frames(partial(check_named, [target.component], self._source_dir))
        return make_single_run(
            target,
            options,
            task=task,
            tasks=tasks,
            mode=checked_mode(mode) or self.mode,
            runtime=self._runtime(options.conf),
            transport=transport,
        )

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
        component_conf: Mapping[str, Mapping[str, object]] | None = None,
        mode: Mode | None = None,
        seed: object = None,
        strict: bool | None = None,
        on_crash: OnCrash = "ordered",
        custom: CustomGroupings | None = None,
        choices: Choices | None = None,
        rules: Sequence[faults.Rule] = (),
        orders: Sequence[faults.Order] = (),
        lenient_faults: bool = False,
    ) -> RunningTopology:
        """Return a whole topology, ready to run.

        Args:
            name: the topology's name in the project, or the path of a ``.clj`` file.
            spouts: in place of spouts, by id: rows, ``storm.feed(rows, retries=...)``, a class or its dotted name.
            bolts: in place of bolts, by id: a class, its dotted name, or a function that is given a tuple and
                returns the rows to emit (or None).
            outputs: what stands in for a JVM component emits, by id: the file does not say it.
            parallelism: other numbers than ``:p`` says, by id.
            conf: configuration, over the defaults of ``sparse run``. The ``:conf`` of a component wins over it.
            component_conf: settings of single components by id, over their ``:conf``.
            mode: "process" (the default) or "inprocess".
            seed: another than the test's own.
            strict: another than the test's own, see ``Storm``.
            on_crash, custom, choices, rules, orders: as in ``simulator.RunOptions``.
            lenient_faults: a fault that never strikes is a warning; else it fails the test.

        Raises:
            HarnessError: a name, a row or a stub does not fit.
            TopologyError: the file has mistakes.
        """
        self._check_open()
        whole = self._whole(conf)
        read = self._read(name, whole)
        made = stubs.stub(
            read,
            spouts=spouts,
            bolts=bolts,
            outputs=outputs,
            parallelism=parallelism,
            component_conf=component_conf,
        )
        overridden = find_overridden(made.topology, conf or {}, OWN_CONF)
        self._warn((*read.warnings, *overridden, *unsimulated(whole)))
        mode = checked_mode(mode) or self.mode or "process"
        classes = {
            component: cls
            for component, cls in made.classes.items()
            if mode == "inprocess" or is_local(cls)
        }
        options = RunOptions(
            conf=whole,
            storm_version=self.version,
            seed=self.seed if seed is None else seed,
            strict=self.strict if strict is None else strict,
            on_crash=on_crash,
            turns=1,
            feeds=made.feeds,
            custom=custom or {},
            choices=choices,
            rules=rules,
            orders=orders,
        )
        refuse_what_cannot_run(made.topology, options)
        replaced = {*made.classes, *made.feeds}
        without_frames(partial(check_topology, made.topology, replaced, self._source_dir))
        runtime = self._runtime(whole)
        make = partial(
            RunningTopology,
            made.topology,
            options,
            transport=runtime.transport(made.topology, mode, classes),
            pace=runtime.pace,
            trace=Trace(keep=True),
            logs=LogKeeper(),
            lenient_faults=lenient_faults,
            on_log=self._output.log,
        )
        run = without_frames(make)
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
        is_pytest = self.rerun_command is not None
        check_golden(
            golden_path(self.directory, name),
            trees,
            update=self.update_golden,
            how_to_update="pytest --storm-update-golden" if is_pytest else "Storm(..., update_golden=True)",
        )  # fmt: skip

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
        """Return many runs of a loop's body, each with a schedule and faults of its own; see docs/exploring.md.

        The failure of a run is kept back, the run is repeated and made smaller, and the smallest fails the test, with
        a note that says what it takes and how to run it again. Only exceptions inside the ``with`` count as failures.

        Args:
            n: how many runs; 200, or as many as the sweep takes.
            faults: what may go wrong: crash, lost-ack, duplicate, delay, drop, fail.
            seed: another than the test's own.
            strategy: "random", or "sweep": a crash before every tuple, emit and ack once, and nothing else.
            cases: files of cases that are run first, beside the test.
            most_faults: in one run.

        Raises:
            HarnessError: an argument does not fit.
            NotDeterministicError: a failing run did something else when it was repeated.
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
            rerun_command=self.rerun_command,
        )
        check_plan(plan)
        explorer = Explorer(self._make_explored, plan, self._before_run)
        self._explorers.append(explorer)
        self._stack.callback(explorer.close)
        return iter(explorer)

    def _make_explored(self, *args: Any, **options: Any) -> RunningTopology:
        """A topology that its run closes: hundreds may come, so this Storm does not keep it."""
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
        """Return rows for a spout's place: one is emitted a turn, its index is its id.

        Args:
            rows: lists of values.
            retries: how often a failed row is emitted again, under the same id.
            stream: the stream that they are emitted on.

        Raises:
            HarnessError: ``retries`` is negative.
        """
        return stubs.feed_of(rows, retries=retries, stream=stream)

    # -- what they are made of

    def _read(self, name: str | Path, whole: Mapping[str, object]) -> Topology:
        return find_topology(name, whole, directory=self.directory, storm_version=self.version)

    def _read_with_options(self, name: str, conf: Mapping[str, object]) -> Topology:
        topology = self._read(name, self._whole(conf))
        self._warn(topology.warnings)
        return topology

    @staticmethod
    def _whole(conf: Mapping[str, object] | None) -> dict[str, object]:
        """Return the whole configuration of a topology that is submitted with these settings."""
        return {**RUN_CONF, "topology.python.path": sys.executable, **_checked(conf)}

    def _warn(self, problems: Sequence[Problem | str]) -> None:
        self.warnings = list(dict.fromkeys((*self.warnings, *map(str, problems))))

    @property
    def _source_dir(self) -> Path:
        return Path(source_directory(self.directory))

    def _runtime(self, conf: Mapping[str, object]) -> Runtime:
        clock = make_clock(self._stack) if self.virtual_time else None
        hang_seconds = patience(self.hang_seconds, conf)
        return Runtime(self.directory, hang_seconds, clock, self._stack, self.cwd, self._output)


def _checked(conf: Mapping[str, object] | None) -> Mapping[str, object]:
    """Return the settings that a test gives.

    Raises:
        HarnessError: a setting of the logs has no use.
    """
    for problem in log_setting_problems(conf or {}):
        raise HarnessError(f"conf: {problem}")
    return conf or {}
