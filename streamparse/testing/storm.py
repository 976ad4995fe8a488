"""The class Storm: what the ``storm`` fixture of pytest is, and how components are tested without pytest.

from streamparse.testing import Storm

with Storm() as storm:
    bolt = storm.bolt(WordCounter, inputs=["word"], outputs=["word", "count"])
    assert bolt.process(["dog"]).emitted == [["dog", 1]]
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from simulator import Mode
from simulator.engine import (
    Choices,
    CustomGroupings,
    Feed,
    OnCrash,
    faults,
)
from simulator.exploring import (
    CHECK,
    COMMAND,
    EXPLORE,
    MOST_FAULTS,
    USUAL_KINDS,
    USUALLY_VARIED,
    Explorer,
    Maker,
    Plan,
    Runs,
    Strategy,
    held_in,
)
from simulator.laws import Check, Guarantees, chosen_laws
from simulator.model import Problem, Topology, hinted
from simulator.testing import (
    AnyOrder,
    BoltHarness,
    HarnessError,
    RunningTopology,
    SpoutHarness,
    check_golden,
    golden_path,
    is_test_error,
)
from streamparse import aliases
from streamparse.dsl import TopologyType
from streamparse.multilang import DEFAULT_STREAM
from streamparse.project import Project
from streamparse.replaying import Recorded
from streamparse.testing import stubs
from streamparse.testing.accepted import check_accepted
from streamparse.testing.adjustments import Adjustment
from streamparse.testing.check import (
    FIRST,
    GuaranteeError,
    check_options,
    check_values,
    how_to_rerun,
    subject_of,
)
from streamparse.testing.checks import checked_seed
from streamparse.testing.explored import CASES, Explored, ExploreOptions
from streamparse.testing.first_tuples import only_first
from streamparse.testing.lookup import remove_path
from streamparse.testing.mutations import Mutation
from streamparse.testing.output import Output, Terminal
from streamparse.testing.pages import page_of_accounts, page_of_guarantees, page_of_look
from streamparse.testing.reading import Reading
from streamparse.testing.recording import Record, UsualRecording
from streamparse.testing.replays import (
    Replay,
    fields_in,
    recorded_component,
    replay_of,
    write_incident,
)
from streamparse.testing.row_values import Rows, rows
from streamparse.testing.runtime import checked_mode
from streamparse.testing.setup import Scope, Setup
from streamparse.testing.single import bolt_harness, spout_harness
from streamparse.testing.stubs import Stub
from streamparse.testing.summary import summary_of
from streamparse.testing.targets import Outputs, make_target
from streamparse.testing.whole import Interventions, TopologyOptions, make_run

__tracebackhide__ = is_test_error  # pytest then shows the test's line
AnyInvariant = TypeVar("AnyInvariant", bound=Callable[[RunningTopology], object])
AnyHarness = TypeVar("AnyHarness", BoltHarness, SpoutHarness)
HANG_SECONDS = 10.0

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
        self._before_run = before_run
        self.usual_recording: UsualRecording | None = None
        self.mutation: Mutation | None = None  # is made in each topology of its name
        self.on_built: Callable[[Topology, Collection[str]], object] | None = None
        self._explored = Explored()
        self._own_stack = ExitStack()  # is closed at the end, and not by `renew`
        self._scope = Scope(ExitStack())
        self._output = Output(self._own_stack)
        if on_debugger is not None:
            self._output.on_debugger = on_debugger
        self._output.terminal, self._output.is_post_mortem = terminal, post_mortem
        self._is_closed = False
        self._invariants: list[Callable[[RunningTopology], object]] = []
        self._latest: RunningTopology | None = None
        project = self.project
        if project is not None and str(project.source_dir) not in sys.path:
            sys.path.insert(0, str(project.source_dir))
            self._own_stack.callback(remove_path, str(project.source_dir))
        if project is not None and project.aliases:
            aliases.install(project.aliases)
            self._own_stack.callback(aliases.install, {})
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
        self._scope.stack.close()
        self._own_stack.close()

    def renew(self) -> None:
        """End everything that was made, and forget it and the invariants; what is made next begins anew.

        A test of Hypothesis does this before each example.
        """
        self._check_open()
        self._scope.stack.close()
        self._scope = Scope(ExitStack())
        self._explored.renew()
        self.runs, self.harnesses, self._invariants = [], [], []
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
        return summary_of(self.harnesses, self.runs)

    @property
    def has_explored(self) -> bool:
        """True when ``explore`` or ``check`` was called."""
        return self._explored.is_any

    @property
    def explored(self) -> list[str]:
        """What each exploration that has ended has covered, a line each: runs, lives of roots, and single faults."""
        return self._explored.coverage

    def page(self, title: str) -> str | None:
        """Return a page, as HTML, of what has failed.

        It shows a guarantee report, or an explored failure beside the fault-free run, or the topologies that were run.

        Args:
            title: of the page.

        Returns:
            None where no topology has done anything.
        """
        sources = str(self.directory if self.project is None else self.project.source_dir)
        report, look = self._explored.report, self._explored.look
        if report is not None and not report.holds:
            return page_of_guarantees(title, report, sources)
        if look is not None:
            return page_of_look(title, look, sources)
        accounts = [each.account() for each in self.runs if each.trace.size]
        return page_of_accounts(title, accounts, sources) if accounts else None

    @property
    def has_shown_rerun_command(self) -> bool:
        """True when a failing ``explore`` has shown the command that runs its case again."""
        return self._explored.has_shown_rerun_command

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
        setup = self._setup()
        found = make_target(
            "bolt", target, command=command, inputs=inputs, outputs=outputs, tasks=tasks, name=name, conf=conf,
            read=setup.read,
        )  # fmt: skip
        has_inputs = inputs is not None
        return self._keep(
            bolt_harness(found, conf, task, tasks, mode, setup, has_inputs=has_inputs)
        )

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
        setup = self._setup()
        found = make_target(
            "spout", target, command=command, inputs=None, outputs=outputs, tasks=tasks, name=name, conf=conf,
            read=setup.read,
        )  # fmt: skip
        return self._keep(spout_harness(found, conf, task, tasks, mode, setup))

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
        made = replay_of(
            self.directory / recording, target, self._setup(),
            command=command, component=component, task=task, ignore=ignore, any_order=any_order,
            any_tasks=any_tasks, logs=logs, mode=mode,
        )  # fmt: skip
        self._warn(made.warnings)
        if check:
            check_accepted(
                made,
                update=self.update_recordings,
                how_to_update=self._how_to("update_recordings"),
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
        return fields_in(self.directory / recording)

    def _keep(self, harness: AnyHarness) -> AnyHarness:
        self.harnesses.append(harness)
        self._scope.stack.callback(harness.close)
        return harness

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
        asked = TopologyOptions(
            spouts=spouts, bolts=bolts, outputs=outputs, parallelism=parallelism, conf=conf,
            component_conf=component_conf, mode=mode, seed=seed, strict=strict, on_crash=on_crash, custom=custom,
            choices=choices, rules=rules, orders=orders, allow_unstruck=allow_unstruck, restart=restart, work=work,
            environment=environment, record=record, record_into=record_into,
        )  # fmt: skip
        interventions = Interventions(self.mutation, self.usual_recording, self.on_built)
        run = make_run(name, asked, self._setup(), interventions, self._invariants)
        self.runs.append(run)
        self._latest = run
        self._scope.stack.callback(run.close)
        return run

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
        check_golden(
            golden_path(self.directory, name),
            trees,
            update=self.update_golden,
            how_to_update=self._how_to("update_golden"),
            trace=str(run.trace) if run is not None and trace else None,
        )

    def _how_to(self, option: str) -> str:
        """How to run the test with an option that is off."""
        if self.rerun_command is None:
            return f"Storm(..., {option}=True)"
        return f"pytest --storm-{option.replace('_', '-')}"

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
        asked = ExploreOptions(
            n, faults, seed, strategy, cases, most_faults, fork, jobs, within, vary
        )
        how = asked.how(EXPLORE)
        explorer = Explorer(
            self._maker(),
            self._plan(asked),
            self._before_run,
            how=how,
            on_warning=self._warn_of_runs,
        )
        self._explored.begin(explorer)
        self._scope.stack.callback(explorer.close)
        return Runs(explorer)

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
        self._explored.has_checked = True
        check_options(options, type(self).topology, type(self).check)
        check_values(
            result=result, reset=reset, drive=drive, first=first, exactly_once=exactly_once
        )
        chosen = chosen_laws(laws, exactly_once=exactly_once)
        asked = ExploreOptions(
            runs, faults, seed, strategy, cases, most_faults, fork, jobs, within, vary
        )
        how = asked.how(COMMAND if self._is_command else CHECK)
        plan = self._plan(asked)
        read, _ = self._reading.topology(name, options.get("conf"), options.get("environment"))
        subject = subject_of(name, read, options, rows, result, reset, drive, first)
        adjustments = {spout: only_first(most) for spout, most in subject.first.items()}
        report = Check(
            subject,
            chosen,
            self._maker(adjustments),
            plan,
            how,
            self._before_run,
            on_warning=self._warn_of_runs,
        ).report()
        self._explored.end_check(report)
        if must_hold and not report.holds:
            self._explored.show_cases()
            raise GuaranteeError(report, how_to_rerun(report, self.rerun_command))
        return report

    def _plan(self, asked: ExploreOptions) -> Plan:
        self._reading.begin_exploring()
        is_mutated = self.mutation is not None
        return asked.plan(
            self.directory,
            self.seed,
            replay=self.case,
            rerun_command=self.rerun_command,
            shrinks=not is_mutated,
            looks_into=self._looks_into and not is_mutated,
        )

    def _maker(self, adjustments: Mapping[str, Adjustment] | None = None) -> Maker:
        """What makes the topologies of explored runs. A run closes its own: hundreds may come, so none is kept here."""

        def make(
            *args: Any, hash_seed: int = 0, storm_version: str | None = None, **options: Any
        ) -> RunningTopology:
            options.setdefault("mode", self.mode or "inprocess")
            with ExitStack() as stack, self._reading.of_one_run(storm_version):
                kept, self._scope = self._scope, Scope(stack, hash_seed, True, adjustments or {})
                try:
                    made = self.topology(*args, **options)
                finally:
                    self._scope = kept
                made.on_close = stack.pop_all().close
            self.runs.remove(made)
            return made

        return make

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

    # -- what they are made with

    def _setup(self) -> Setup:
        return Setup(
            self._reading,
            self._output,
            self._scope,
            self._warn,
            self.mode,
            self.seed,
            self.strict,
            self.hang_seconds,
            self.virtual_time,
            self.cwd,
        )

    def _warn(self, problems: Sequence[Problem | str]) -> None:
        self.warnings = list(dict.fromkeys((*self.warnings, *map(str, problems))))

    def _warn_of_runs(self, line: str) -> None:
        """Take what is suspicious in runs; a command shows it as it shows other warnings about components."""
        if self._is_command:
            warnings.warn(line, stacklevel=2)
        else:
            self._warn([line])
