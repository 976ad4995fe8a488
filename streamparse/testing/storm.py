"""The class Storm: what the ``storm`` fixture of pytest is, and how components are tested without pytest.

from streamparse.testing import Storm

with Storm() as storm:
    bolt = storm.bolt(WordCounter, inputs=["word"], outputs=["word", "count"])
    assert bolt.process(["dog"]).emitted == [["dog", 1]]
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from simulator import Mode, RunOptions, environment_of, refuse_what_cannot_run
from simulator.engine import (
    Choices,
    CustomGroupings,
    Feed,
    OnCrash,
    Trace,
    WorkError,
    faults,
    parse_work,
)
from simulator.exploring import (
    CHECK,
    COMMAND,
    EXPLORE,
    MOST_FAULTS,
    UNLIMITED_RUNS,
    USUAL_KINDS,
    USUALLY_VARIED,
    Caller,
    Explorer,
    HowToRun,
    Plan,
    Runs,
    Strategy,
    check_how,
    check_kinds,
    check_plan,
    check_variables,
    held_in,
)
from simulator.laws import Check, Guarantees, Subject, chosen_laws
from simulator.model import Problem, Topology, find_overridden, hinted
from simulator.testing import (
    MOST_LINES,
    AnyOrder,
    BoltHarness,
    HarnessError,
    LogKeeper,
    RunningTopology,
    SingleRun,
    SpoutHarness,
    check_golden,
    check_seconds,
    golden_path,
    is_test_error,
    violations,
)
from simulator.transports import Observer, Processes, hash_seed_environment
from streamparse import aliases
from streamparse.dsl import TopologyType
from streamparse.multilang import DEFAULT_STREAM
from streamparse.project import Project, may_read_clock
from streamparse.replaying import Recorded, Tolerances
from streamparse.testing import stubs
from streamparse.testing.adjustments import Adjustment, adjusted_class
from streamparse.testing.check import (
    FIRST,
    GuaranteeError,
    check_options,
    check_values,
    how_to_rerun,
    real_spouts,
    with_rows,
)
from streamparse.testing.checks import check_named, checked_cases, checked_seed
from streamparse.testing.first_tuples import only_first
from streamparse.testing.lookup import (
    is_local,
    remove_path,
    without_frames,
)
from streamparse.testing.mutations import Mutation
from streamparse.testing.output import Output, Terminal
from streamparse.testing.pages import page_of_accounts, page_of_guarantees, page_of_look
from streamparse.testing.reading import Reading, checked_conf
from streamparse.testing.recording import Record, UsualRecording, recorded
from streamparse.testing.replays import (
    Replay,
    check_accepted,
    chosen_conversations,
    recorded_component,
    replayed,
    write_incident,
)
from streamparse.testing.row_values import Rows, rows
from streamparse.testing.runtime import (
    Runtime,
    checked_mode,
    make_clock,
    patience,
    process_options,
)
from streamparse.testing.single import make_single_run
from streamparse.testing.stubs import Stub
from streamparse.testing.targets import Outputs, Target, make_target

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Found = TypeVar("Found")
AnyInvariant = TypeVar("AnyInvariant", bound=Callable[[RunningTopology], object])
AnyHarness = TypeVar("AnyHarness", BoltHarness, SpoutHarness)
HANG_SECONDS = 10.0
CASES = ".storm-cases"  # the directory of the cases of a test
OWN_CONF = "component_conf={id: {key: value}} sets it for the component alone"
MOST_MUTATED_WAVES = 20_000  # of one call; a mutation may have a topology go on for ever
EVENTS_SHOWN = 10  # the last of each bolt and spout, where a test has failed
LEAST_LINES = 6  # about each topology

any_order = AnyOrder


@hinted
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
        update_recordings: ``replay`` writes down the differences that it finds, as accepted, instead of failing.
        replay: a case file; ``explore`` then runs this case and nothing else.
        rerun_command: the command that runs this test; a failing ``explore`` shows it.
        cwd: the working directory of components, in either mode; None: the project's ``src``, as on Storm, or
            ``directory`` where there is no project.
        before_run: called before each run of ``explore``, with the number of runs before it.
        on_debugger: shows the line about a debugger that waits in a component process; None: on stderr.
        terminal: returns a context manager that surrounds a debugger of a component process, which is then at the
            terminal; None: there is no terminal, and the debugger needs remote_pdb.
        post_mortem: whether an exception in a component process stops in a debugger.
        looks_into: whether a failure of ``explore`` and ``check`` is looked into, for ``page``. It takes some hundred
            runs more.
        is_command: a command line asks, not a test: advice names its options.
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
        seed: int | str = 0,
        storm_version: str | None = None,
        strict: bool = True,
        hang_seconds: float = HANG_SECONDS,
        virtual_time: bool = False,
        update_golden: bool = False,
        update_recordings: bool = False,
        replay: str | Path | None = None,
        rerun_command: str | None = None,
        before_run: Callable[[int], object] | None = None,
        cwd: str | Path | None = None,
        on_debugger: Callable[[str], object] | None = None,
        terminal: Terminal | None = nullcontext,
        post_mortem: bool = False,
        looks_into: bool = False,
        is_command: bool = False,
        storm: str | None = None,
    ) -> None:
        if storm_version is not None and storm is not None:
            raise HarnessError(
                f"storm={storm!r} is the old name of storm_version={storm_version!r}; give one of them"
            )
        self.directory = Path(directory).resolve()
        self._reading = Reading(self.directory, storm_version or storm)
        self._hash_seed = 0  # of component processes
        self.cwd = None if cwd is None else Path(cwd).resolve()
        if self.cwd is not None and not self.cwd.is_dir():
            raise HarnessError(f"cwd={str(cwd)!r}: expected an existing directory")
        self.mode = checked_mode(mode)
        self.strict = strict
        self.seed = checked_seed(seed)
        self.hang_seconds = hang_seconds
        self.virtual_time = virtual_time
        self.update_golden = update_golden
        self.update_recordings = update_recordings
        self.case = None if replay is None else Path(replay)
        self.rerun_command = rerun_command
        self._looks_into = looks_into
        self._is_command = is_command
        self._report: Guarantees | None = None  # of the last check
        self._before_run = before_run
        self._explorers: list[Explorer] = []
        self._coverages: list[Callable[[], str]] = []  # of explorations, a line each
        self._has_shown_cases = False  # of a check
        self._has_checked = False
        self.usual_recording: UsualRecording | None = None
        self._is_exploring = False
        self.mutation: Mutation | None = None  # is made in each topology of its name
        self.on_built: Callable[[Topology, Collection[str]], object] | None = None
        self._adjustments: Mapping[str, Adjustment] = {}  # of components as they are made, by id
        self._stack = ExitStack()
        # It is closed at the end; what `renew` closes has a stack of its own.
        self._own_stack = self._stack
        self._output = Output(self._stack)
        if on_debugger is not None:
            self._output.on_debugger = on_debugger
        self._output.terminal, self._output.is_post_mortem = terminal, post_mortem
        self._is_closed = False
        self._invariants: list[Callable[[RunningTopology], object]] = []
        self._latest: RunningTopology | None = None
        project = self.project
        if project is not None and str(project.source_dir) not in sys.path:
            sys.path.insert(0, str(project.source_dir))
            self._stack.callback(remove_path, str(project.source_dir))
        if project is not None and project.aliases:
            aliases.install(project.aliases)
            self._stack.callback(aliases.install, {})
        self._stack = ExitStack()
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
            AssertionError: what ``sometimes`` names has never held.
        """
        for run in self.runs:
            run.check_faults()
        held = held_in([run.sometimes for run in self.runs])
        if never := [name for name, has_held in held.items() if not has_held]:
            raise AssertionError("\n".join(f"it never held: {name}" for name in never))

    def close(self) -> None:
        """End everything that was made."""
        self._is_closed = True
        self._stack.close()
        self._own_stack.close()

    def renew(self) -> None:
        """End everything that was made, and forget it and the invariants; what is made next begins anew.

        A test of Hypothesis does this before each example.
        """
        self._check_open()
        self._stack.close()
        self._stack = ExitStack()
        self.runs, self.harnesses = [], []
        self._explorers, self._coverages, self._invariants = [], [], []
        self._latest = None

    def _check_open(self) -> None:
        if self._is_closed:
            raise HarnessError("this Storm is closed, for its test is over; each test has its own")

    def unchecked(self) -> list[str]:
        """Return what the test has not looked at, a line each: topologies that never ran, failed and pending tuples."""
        return [line for run in self.runs for line in run.unchecked()]

    def summary(self) -> str:
        """Return what has happened in everything that was made, for the report of a failed test.

        It has ``MOST_LINES`` at most, unless very much was made.
        """
        parts = [(each.component.id, each.summary(EVENTS_SHOWN)) for each in self.harnesses]
        room = MOST_LINES - sum(2 + text.count("\n") for _, text in parts if text)
        driven = [run for run in self.runs if run.trace.size]
        each = max(LEAST_LINES, room // max(1, len(driven)) - 1)
        parts += [(run.topology.name, run.summary(each)) for run in driven]
        return "".join(f"{name}:\n{text}\n" for name, text in parts if text)

    @property
    def has_explored(self) -> bool:
        """True when ``explore`` or ``check`` was called."""
        return self._has_checked or bool(self._explorers)

    @property
    def explored(self) -> list[str]:
        """What each exploration that has ended has covered, a line each: runs, lives of roots, and single faults."""
        return [line for tell in self._coverages if (line := tell())]

    def page(self, title: str) -> str | None:
        """Return a page, as HTML, of what has failed.

        It shows a guarantee report, or an explored failure beside the fault-free run, or the topologies that were run.

        Args:
            title: of the page.

        Returns:
            None where no topology has done anything.
        """
        sources = str(self.directory if self.project is None else self.project.source_dir)
        if self._report is not None and not self._report.holds:
            return page_of_guarantees(title, self._report, sources)
        if looks := [each.look for each in self._explorers if each.look is not None]:
            return page_of_look(title, looks[-1], sources)
        accounts = [each.account() for each in self.runs if each.trace.size]
        return page_of_accounts(title, accounts, sources) if accounts else None

    @property
    def has_shown_rerun_command(self) -> bool:
        """True when a failing ``explore`` has shown the command that runs its case again."""
        return self._has_shown_cases or any(
            explorer.has_shown_rerun_command for explorer in self._explorers
        )

    @property
    def project(self) -> Project | None:
        """The nearest project at or above the directory."""
        return self._reading.project

    @property
    def version(self) -> str:
        """The Storm version that is simulated.

        Raises:
            HarnessError: project.clj has none that can be simulated.
        """
        return self._reading.version

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
            outputs: the fields of what it emits; a map of streams to fields for several. None: those that the class
                itself declares, as for a topology in Python.
            conf: its configuration, over the defaults of ``sparse run`` and, with "topology:component-id", over its
                ``:conf``. A class with ``outputs`` brings its ``config``, too.
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

    def replay(
        self,
        target: Callable[[], object] | str | None,
        recording: str | Path,
        *,
        command: Sequence[str] | None = None,
        component: str | None = None,
        task: int | None = None,
        ignore: Collection[str] = (),
        any_order: bool = False,
        any_tasks: bool = False,
        logs: bool = True,
        mode: Mode | None = None,
        check: bool = True,
    ) -> Replay:
        """Give a component the recorded inputs of a recording, and compare what it says with what was said.

        It sees the clock of the recording, if time-machine is installed.

        Args:
            target: as for ``bolt``; None: the class that the recording names.
            recording: the file, relative to the directory of the test.
            command: the argv of a component in any language, instead.
            component, task: replay only the conversations of this component, of this task.
            ignore: names of fields of what it emits, whose values do not count.
            any_order: the emits of one input may come in any order.
            any_tasks: the tasks of direct emits may be others.
            logs: whether log messages count.
            mode: "inprocess" (the default for Python) or "process".
            check: whether a difference that is not accepted fails the test.

        Raises:
            AssertionError: something differs, and is not accepted; with the first difference and how many there are.
            HarnessError: the file is no recording, or none of such a component, or the component cannot be started.
        """
        __tracebackhide__ = True
        self._check_open()
        if isinstance(ignore, str):
            raise HarnessError(
                f"ignore={ignore!r}: expected a list of fields, such as [{ignore!r}]"
            )
        path = self.directory / recording
        tolerances = Tolerances(frozenset(ignore), any_order, any_tasks, logs)
        has_clock = self.virtual_time or find_spec("time_machine") is not None
        chosen = chosen_conversations(path, component, task)
        made = Replay(path, [
            replayed(
                conversation, target, tolerances,
                command=command,
                mode=checked_mode(mode) or self.mode,
                options=RunOptions(storm_version=self.version, strict=self.strict, seed=self.seed),
                runtime=self._runtime(conversation.conf, has_clock=has_clock),
                read=self._read_with_options,
            )
            for conversation in chosen
        ], has_clock)  # fmt: skip
        if not has_clock and not made.is_same:
            names = [each.name for each in made.comparisons]
            reads_clock = any(may_read_clock(name, self._reading.source_dir) for name in names)
            made = replace(made, reads_clock=reads_clock)
        self._warn(made.warnings)
        if check:
            is_pytest = self.rerun_command is not None
            check_accepted(
                made,
                update=self.update_recordings,
                how_to_update="pytest --storm-update-recordings"
                if is_pytest
                else "Storm(..., update_recordings=True)",
            )
        return made

    def recorded(
        self, recording: str | Path, *, component: str | None = None, task: int | None = None
    ) -> Recorded:
        """Return what a recording tells of a component: ``rows()``, ``values()``, ``work()``, ``gaps()``, ``death()``.

        Args:
            recording: the file, relative to the directory of the test.
            component, task: whose, where the file has several.

        Raises:
            HarnessError: the file is no recording, or of several components.
        """
        return recorded_component(self.directory / recording, component, task)

    def incident(
        self, recording: str | Path, *, component: str | None = None, task: int | None = None
    ) -> Path:
        """Write the recorded death of a component as a case, and return its file, for ``explore(cases=[...])``.

        The component crashes as it takes the tuple at which it died; a spout, at that ``next``.

        Args:
            recording, component, task: as for ``recorded``.

        Raises:
            HarnessError: nothing has died in the recording.
        """
        found = recorded_component(self.directory / recording, component, task)
        return write_incident(found, self.directory / CASES)

    def fields_in(self, recording: str | Path) -> set[str]:
        """Return the names of all fields that the components of a recording emit.

        Args:
            recording: the file, relative to the directory of the test.

        Raises:
            HarnessError: the file is no recording.
        """
        chosen = chosen_conversations(self.directory / recording)
        streams = [fields for each in chosen for fields in (each.outputs or {}).values()]
        return {name for fields in streams for name in fields}

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
            conf={**self._reading.usual_conf(target.topology), **checked_conf(conf)},
            storm_version=self.version,
            seed=self.seed,
            strict=self.strict,
        )
        if target.python_class is None:
            without_frames(partial(check_named, [target.component], self._reading.source_dir))
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
        name: str | Path | TopologyType,
        *,
        spouts: Mapping[str, Any] | None = None,
        bolts: Mapping[str, Stub] | None = None,
        outputs: Mapping[str, Outputs] | None = None,
        parallelism: Mapping[str, int] | None = None,
        conf: Mapping[str, object] | None = None,
        component_conf: Mapping[str, Mapping[str, object]] | None = None,
        mode: Mode | None = None,
        seed: int | str | None = None,
        strict: bool | None = None,
        on_crash: OnCrash = "ordered",
        custom: CustomGroupings | None = None,
        choices: Choices | None = None,
        rules: Sequence[faults.Rule] = (),
        orders: Sequence[faults.Order] = (),
        allow_unstruck: bool = False,
        restart: float = 0,
        work: Mapping[str, object] | None = None,
        environment: str | None = None,
        record: Record = (),
        record_into: str | Path | None = None,
    ) -> RunningTopology:
        """Return a whole topology, ready to run.

        Args:
            name: the topology's name in the project, the path of a ``.clj`` or ``.py`` file, or a class that derives
                from ``streamparse.Topology``.
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
            allow_unstruck: a fault that never strikes is a warning; else it fails the test.
            restart: how long a worker that has died takes to come up again, in virtual seconds.
            work: how long components are busy, in virtual time: ``{"price": "30ms", "rows.next": "2ms"}``.
            environment: the one of ``envs`` in ``config.json`` whose ``par`` counts, for a Python class whose
                components have several; None: the only one there is.
            record: the ids of components that are recorded, or the settings of their recordings by id, such as
                ``{"count-bolt": {"redact": ["card"]}}``.
            record_into: the directory for the recordings.

        Raises:
            HarnessError: a name, a row, a stub, a time or a work does not fit.
            TopologyError: the file has mistakes.
        """
        self._check_open()
        check_seconds("restart", restart)
        read, whole = self._reading.topology(name, conf, environment)
        made = stubs.stub(
            read,
            spouts=spouts,
            bolts=bolts,
            outputs=outputs,
            parallelism=parallelism,
            component_conf=component_conf,
        )
        overridden = find_overridden(made.topology, conf or {}, OWN_CONF)
        self._warn((*read.warnings, *overridden))
        if self.on_built is not None:
            self.on_built(made.topology, {*made.classes, *made.feeds})
        mutation = self.mutation
        if mutation is None or mutation.topology != made.topology.name:
            mutation = None
        else:
            made = replace(made, topology=mutation.change(made.topology))
            mode = "inprocess"
            whole = {**whole, **mutation.conf}
            rules = [*rules, *([mutation.rule()] if mutation.rule else [])]
        if self.usual_recording and not self._is_exploring and not record and record_into is None:
            record, record_into = self.usual_recording.of(made.topology, made.feeds)
        recording = recorded(
            made.topology,
            record,
            record_into,
            self._stack,
            conf=whole,
            fed=made.feeds,
            is_explored=self._is_exploring,
        )
        whole = {**whole, **recording.conf}
        mode = checked_mode(mode) or self.mode or "process"
        classes: dict[str, Callable[[], object]] = {
            component: cls
            for component, cls in made.classes.items()
            if mode == "inprocess" or is_local(cls)
        }
        classes |= {
            component: adjusted_class(
                made.topology.components[component].python_class, classes.get(component), adjust
            )
            for component, adjust in self._adjustments_with(mutation).items()
        }
        options = RunOptions(
            conf=whole,
            storm_version=self.version,
            seed=self.seed if seed is None else checked_seed(seed),
            strict=self.strict if strict is None else strict,
            on_crash=on_crash,
            restart_ms=round(restart * 1000),
            turns=1,
            feeds=made.feeds,
            work=work or {},
            custom=custom or {},
            choices=choices,
            rules=rules,
            orders=orders,
        )
        refuse_what_cannot_run(made.topology, options)
        _check_work(made.topology, options)
        replaced = {*made.classes, *made.feeds}
        self._reading.check_components(made.topology, replaced)
        runtime = self._runtime(whole)
        make = partial(
            RunningTopology,
            made.topology,
            options,
            transport=runtime.transport(made.topology, mode, classes),
            pace=recording.pace(runtime.pace),
            trace=Trace(keep=True),
            logs=LogKeeper(),
            allow_unstruck=allow_unstruck,
            on_error=self._output.error,
            on_log=partial(self._output.log, expects_errors=lambda: on_crash == "restart"),
            invariants=tuple(self._invariants),
        )
        run = without_frames(make)
        if mutation is not None:
            run.driver.most_waves = MOST_MUTATED_WAVES
        self.runs.append(run)
        self._latest = run
        self._stack.callback(run.close)
        return run

    def _adjustments_with(self, mutation: Mutation | None) -> Mapping[str, Adjustment]:
        if mutation is None or mutation.adjust is None:
            return self._adjustments
        before, adjust = self._adjustments.get(mutation.component), mutation.adjust

        def both(made: Any) -> None:  # Any: a component of the user's
            adjust(made)
            if before is not None:
                before(made)

        return {**self._adjustments, mutation.component: both}

    def golden(self, name: str, run: RunningTopology | None = None, *, trace: bool = False) -> None:
        """Compare the trees of a topology with a text that somebody has read: ``golden/NAME.txt`` beside the test.

        Args:
            name: of the file.
            run: whose trees; by default those of the last topology that was made.
            trace: whether to keep the trace beside the file, as ``golden/NAME.jsonl``. The trace of a run that differs
                is then written beside it, as ``golden/NAME.now.jsonl``.

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
            trace=str(run.trace) if run is not None and trace else None,
        )  # fmt: skip

    def explore(
        self,
        n: int | None = None,
        *,
        faults: Sequence[str] = USUAL_KINDS,
        seed: int | str | None = None,
        strategy: Strategy = "mixed",
        cases: Sequence[str | Path] = (),
        most_faults: int = MOST_FAULTS,
        fork: bool | None = None,
        jobs: int = 1,
        within: str | None = None,
        vary: Sequence[str] = USUALLY_VARIED,
    ) -> Runs:
        """Return many runs of a loop's body, each with a schedule and faults of its own; see docs/exploring.md.

        The failure of a run is kept back, the run is repeated and made smaller, and the smallest fails the test, with
        a note that says what it takes and how to run it again. Only exceptions inside the ``with`` count as failures.

        Args:
            n: how many runs; 200, or as many as the sweep takes.
            faults: what may go wrong: names of the table "Faults" in docs/exploring.md, or "all".
            seed: another than the test's own.
            strategy: "mixed": single faults first, then what promises most. "sweep": every single fault once, and
                nothing else. "random": faults and schedules are drawn, whatever other runs have shown.
            cases: files of cases that are run first, beside the test.
            most_faults: in one run.
            fork: True: each run in a process of its own; False: all in this one; None: where that saves time.
            jobs: how many runs at the same time, each in a process of its own.
            within: begin no run after this time: ``"30s"``; with ``n`` whichever comes first.
            vary: what some runs have different from the test, since its result must not depend on it: "parallelism" of
                bolts, "workers", "hash seed" (of component processes), "tick phase", "storm version". What the test
                sets itself is left as it is.

        Raises:
            HarnessError: an argument does not fit.
            NotDeterministicError: a failing run did something else when it was repeated.
        """
        __tracebackhide__ = True
        self._check_open()
        how = self._how(fork, jobs, within, EXPLORE)
        plan = self._plan(
            _most_runs(n, within, strategy), faults, seed, strategy, cases, most_faults, vary
        )
        explorer = Explorer(
            self._make_explored,
            plan,
            self._before_run,
            how=how,
            on_warning=self._warn_of_runs,
        )
        self._explorers.append(explorer)
        self._coverages.append(lambda: str(explorer.coverage) if explorer.has_ended else "")
        self._stack.callback(explorer.close)
        return Runs(explorer)

    @staticmethod
    def _how(fork: bool | None, jobs: int, within: str | None, caller: Caller) -> HowToRun:
        seconds = check_how(fork, jobs, within, caller)
        return HowToRun(fork, jobs, seconds, time.monotonic, caller=caller)

    def _plan(
        self,
        runs: int | None,
        faults: Sequence[str],
        seed: int | str | None,
        strategy: Strategy = "mixed",
        cases: Sequence[str | Path] = (),
        most_faults: int = MOST_FAULTS,
        vary: Sequence[str] = (),
    ) -> Plan:
        self._reading.begin_exploring()
        plan = Plan(
            runs=runs,
            kinds=check_kinds(faults),
            seed=self.seed if seed is None else checked_seed(seed),
            strategy=strategy,
            cases=tuple(self.directory / case for case in checked_cases(cases)),
            most_faults=most_faults,
            vary=check_variables(vary),
            directory=self.directory / CASES,
            shrinks=self.mutation is None,
            looks_into=self._looks_into and self.mutation is None,
            replay=self.case,
            rerun_command=self.rerun_command,
        )
        check_plan(plan)
        return plan

    def check(
        self,
        name: str | Path | TopologyType,
        *,
        rows: Any = None,
        result: Callable[[RunningTopology], object] | None = None,
        reset: Callable[[], object] | None = None,
        drive: Callable[[RunningTopology], object] | None = None,
        exactly_once: bool = False,
        laws: Sequence[str] | None = None,
        runs: int | None = None,
        faults: Sequence[str] = USUAL_KINDS,
        seed: int | str | None = None,
        strategy: Strategy = "mixed",
        cases: Sequence[str | Path] = (),
        most_faults: int = MOST_FAULTS,
        fork: bool | None = None,
        jobs: int = 1,
        within: str | None = None,
        vary: Sequence[str] = USUALLY_VARIED,
        first: int = FIRST,
        must_hold: bool = True,
        **options: Any,
    ) -> Guarantees:
        """Explore a topology and judge every run by laws, without an assertion of the test's; see docs/guarantees.md.

        Args:
            name: as for ``topology``.
            rows: in place of the one spout; they are fed with retries.
            result: returns what is to be the same in every run, given the topology: the state of a store, say. By
                default it is what the last bolts emitted or, where they emit nothing, acked.
            reset: called before each run: empties what outlives a run.
            drive: called with the topology in each run, before it is run to its end: deactivates it for a while, say.
            exactly_once: after any fault the result equals that of the fault-free run.
            laws: names of laws: these and no others; "-name" leaves one of the usual ones out, "+name" adds one.
            runs: how many; 200, or as many as fit into ``within``.
            cases: files of cases that are run behind the fault-free run, beside the test: those kept as a test.
            faults, seed, strategy, most_faults, fork, jobs, within, vary: as for ``explore``.
            first: how many tuples each spout that runs itself may emit, in each of its lives.
            must_hold: whether a broken law fails the test; False: only the report tells.
            options: arguments of ``topology``, such as ``spouts`` or ``parallelism``.

        Returns:
            The guarantee report. It has ``report.holds``, and a table as its text.

        Raises:
            HarnessError: an argument does not fit, or the topology does not come to rest without a fault.
            GuaranteeError: a law is broken, and it must hold.
        """
        __tracebackhide__ = True
        self._check_open()
        self._has_checked = True
        check_options(options, type(self).topology, type(self).check)
        check_values(
            result=result, reset=reset, drive=drive, first=first, exactly_once=exactly_once
        )
        chosen = chosen_laws(laws, exactly_once=exactly_once)
        how = self._how(fork, jobs, within, COMMAND if self._is_command else CHECK)
        plan = self._plan(
            _most_runs(runs, within, strategy), faults, seed, strategy, cases, most_faults, vary
        )
        read, _ = self._reading.topology(name, options.get("conf"), options.get("environment"))
        spouts = with_rows(read, rows, options.pop("spouts", None))
        real = real_spouts(read, spouts)
        subject = Subject(
            name, {**options, "spouts": spouts}, result, reset, drive, dict.fromkeys(real, first)
        )
        self._adjustments = dict.fromkeys(real, only_first(first))
        try:
            checked = Check(
                subject,
                chosen,
                self._make_explored,
                plan,
                how,
                self._before_run,
                on_warning=self._warn_of_runs,
            )
            self._report = report = checked.report()
            self._coverages.append(lambda: f"{report.topology}: {report.coverage}")
        finally:
            self._adjustments = {}
        if must_hold and not report.holds:
            self._has_shown_cases = True
            raise GuaranteeError(report, how_to_rerun(report, self.rerun_command))
        return report

    def _make_explored(
        self, *args: Any, hash_seed: int = 0, storm_version: str | None = None, **options: Any
    ) -> RunningTopology:
        """A topology that its run closes: hundreds may come, so this Storm does not keep it."""
        options.setdefault("mode", self.mode or "inprocess")
        with ExitStack() as scope, self._reading.of_one_run(storm_version):
            kept = self._stack, self._hash_seed, self._is_exploring
            self._stack, self._hash_seed, self._is_exploring = scope, hash_seed, True
            try:
                made = self.topology(*args, **options)
            finally:
                self._stack, self._hash_seed, self._is_exploring = kept
            made.on_close = scope.pop_all().close
        self.runs.remove(made)
        return made

    # -- what has to hold

    def invariant(self, function: AnyInvariant) -> AnyInvariant:
        """Have a function of the topology called after every wave, in every topology that is made from now on.

        It asserts, or returns False where something does not hold; that fails the run::

            @storm.invariant
            def nobody_waits(topology):
                assert topology["count-bolt"].waiting < 100
        """
        if not callable(function):
            raise HarnessError(
                f"invariant({function!r}): expected a function of the topology, as in @storm.invariant"
            )
        self._invariants.append(function)
        return function

    def eventually(
        self, condition: Callable[[RunningTopology], object], seconds: float
    ) -> RunningTopology:
        """Run the topology that was made last until a condition holds.

        Args:
            condition: a function of the topology, asked after every wave.
            seconds: the most virtual seconds that this may take.

        Returns:
            The topology.

        Raises:
            AssertionError: it does not hold by then; with what is not finished.
            HarnessError: no topology was made.
        """
        __tracebackhide__ = True
        topology = self._last_made("eventually")
        if not callable(condition):
            raise HarnessError(f"eventually({condition!r}): expected a function of the topology")
        if topology.run_until(condition, seconds):
            return topology
        left = topology.left()
        name = getattr(condition, "__name__", "condition").replace("<lambda>", "condition")
        lines = [
            f"{name} does not hold within {seconds:g} virtual seconds",
            *left.pending,
            *left.held,
        ]
        raise AssertionError("\n".join(lines))

    def sometimes(self, name: str, condition: object = True) -> None:
        """State that a condition holds in some run of the exploration, or at some time in the test; else it fails.

        Args:
            name: what is to happen: ``"late tuple dropped"``.
            condition: whether it does now: a value, or a function of the topology that was made last.

        Raises:
            HarnessError: no topology was made, or the name is empty.
        """
        topology = self._last_made("sometimes")
        if not isinstance(name, str) or not name:
            raise HarnessError(
                f"sometimes({name!r}): expected a name, such as 'late tuple dropped'"
            )
        holds = bool(condition(topology) if callable(condition) else condition)
        topology.sometimes[name] = topology.sometimes.get(name, False) or holds

    def _last_made(self, method: str) -> RunningTopology:
        if self._latest is None:
            raise HarnessError(f"{method}(): no topology was made yet")
        return self._latest

    @staticmethod
    def rows(count: int | None = None, /, **fields: object) -> Rows:
        """Return rows made of the values that each field can have; see ``streamparse.testing.rows``."""
        return rows(count, **fields)

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
            HarnessError: the rows are none, or ``retries`` is negative.
        """
        return stubs.feed_of(rows, retries=retries, stream=stream)

    # -- what they are made of

    def _read_with_options(self, name: str, conf: Mapping[str, object]) -> Topology:
        topology, _ = self._reading.topology(name, conf)
        self._warn(topology.warnings)
        return topology

    def _warn(self, problems: Sequence[Problem | str]) -> None:
        self.warnings = list(dict.fromkeys((*self.warnings, *map(str, problems))))

    def _warn_of_runs(self, line: str) -> None:
        """Take what is suspicious in runs; a command shows it as it shows other warnings about components."""
        if self._is_command:
            warnings.warn(line, stacklevel=2)
        else:
            self._warn([line])

    def _runtime(self, conf: Mapping[str, object], *, has_clock: bool = False) -> Runtime:
        clock = make_clock(self._stack) if has_clock or self.virtual_time else None
        hang_seconds = patience(self.hang_seconds, conf)
        return Runtime(
            self.directory,
            hang_seconds,
            clock,
            self._stack,
            self.cwd or self._reading.source_dir,
            self._output,
            {**environment_of(conf), **hash_seed_environment(self._hash_seed)},
        )


def _most_runs(runs: int | None, within: str | None, strategy: Strategy) -> int | None:
    """How many runs an exploration may make: where only a time limits it, as many as it has time for."""
    is_limited_by_time = runs is None and within is not None and strategy != "sweep"
    return UNLIMITED_RUNS if is_limited_by_time else runs


def _check_work(topology: Topology, options: RunOptions) -> None:
    try:
        parse_work(options.work, topology, options.feeds)
    except WorkError as error:
        raise HarnessError(str(error)) from None
