"""The submission of a topology to a cluster, step by step, and the state that it leaves the cluster in.

What is quick to find out comes first: whether the name is taken, whether all workers answer, whether Storm accepts the
topology. Then come the jar and the virtualenvs, beside what runs. The cluster is not changed before all of it is good.
From then on our Clojure does the work, in one JVM, and prints every step. A submission that ends early leaves the
cluster in one of several states; ``Submission.outcome`` tells which, with the command that finishes the work.
"""

from __future__ import annotations

import copy
import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from streamparse.cluster.hooks import run_hooks
from streamparse.cluster.nimbus import Nimbus, connect_nimbus, topology_status
from streamparse.cluster.tunnels import nimbus_name, nimbus_route, nimbus_tunnel
from streamparse.cluster.virtualenvs import (
    PlannedVirtualenv,
    check_virtualenvs,
    placeholder_python,
    plan_virtualenvs,
    virtualenv_steps,
)
from streamparse.jvm import (
    Jvm,
    build_jar,
    check_simple_jar,
    check_sources,
    check_tools,
    clojure_argv,
    clojure_error,
    find_jvm,
    find_step,
    jar_steps,
    log_options,
    option_file,
    process_lines,
    project_lock,
    running,
)
from streamparse.project import (
    Environment,
    OperationError,
    Project,
    ProjectError,
    environment_from,
    read_hook_files,
)

__all__ = ["State", "Submission", "cluster_settings"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

#: The states in -ing last from a request to Nimbus until its answer.
State = Literal["untouched", "killing", "killed", "submitting", "submitted"]

_STATES: Mapping[str, State] = {  # by the step of submit_topology.clj
    "killing": "killing",
    "killed": "killed",
    "submitting": "submitting",
    "submitted": "submitted",
}
_PROGRESS = {  # by the step, too
    "checking": "Storm's Clojure reads {name}",
    "uploading": "uploading the jar",
    "killing": "killing the {name} that runs",
    "killed": "waiting until it is gone",
    "submitting": "submitting {name} to {environment}",
}

SECS_TO_ANSWER = 10  # for Nimbus, at Ctrl-C while it is asked for a change
_KEPT_LINES = 400  # of the JVM's last ones, which prints few unless it fails


@dataclass
class Submission:
    """A submission of a topology.

    Attributes:
        project: the project of the topology.
        path: of the topology file; its stem is the topology's name.
        environment: the cluster; hooks may change it on the way.
        conf: returns the topology's configuration for an environment, and for the Python of its virtualenv once that is
            known.
        storm_version: the version in project.clj.
        force: kill a running topology of this name first.
        wait_secs: between the end of that one's spouts and the end of its workers.
        simple_jar: submit a jar without what the project depends on.
        debug: set topology.debug, and show errors of the JVM with their stack.
        verbose: report every line of Leiningen's output.
        unchecked: do not look for what the workers need in the jar.
        state: of the cluster, so far.
    """

    project: Project
    path: Path
    environment: Environment
    conf: Callable[[Environment, str | None], Mapping[str, object]]
    storm_version: str
    force: bool = False
    wait_secs: int = 5
    simple_jar: bool = False
    debug: bool = False
    verbose: bool = False
    unchecked: bool = False
    state: State = field(default="untouched", init=False)
    _before: State = field(default="untouched", init=False)
    _virtualenv: PlannedVirtualenv | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def requirements(self) -> Path:
        return self.project.virtualenv_specs / f"{self.name}.txt"

    def check(self) -> None:
        """Refuse the mistakes that can be found without a connection.

        Raises:
            ProjectError: a setting is missing, or the requirements are, or a file cannot be shipped.
            UsageError: a simple jar is not enough.
        """
        uses_virtualenv = self.environment.use_virtualenv
        keys = ("workers", "virtualenv_root") if uses_virtualenv else ()
        self.environment.require("nimbus", *keys)
        findings = (
            each for file in read_hook_files(self.project.directory) for each in file.findings
        )
        if mistakes := [str(each) for each in findings if each.severity == "error"]:
            raise ProjectError(mistakes)
        if self.simple_jar and not self.unchecked:
            check_simple_jar(self.storm_version)
        check_sources(self.project)
        if uses_virtualenv:
            check_virtualenvs(self.environment, self.name, self.requirements)

    def steps(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what ``run`` does, in order: the place, and the steps there."""
        here = "this machine"
        nimbus_host = f"nimbus, {nimbus_route(self.environment)}"
        workers = f"{', '.join(self.environment.workers)}, all at once"
        virtualenv: list[str] = []
        yield here, [self._hook_step("pre_submit", "; it may change what follows")]
        yield nimbus_host, [f"ask whether {self.name} runs"]
        if self.environment.use_virtualenv:
            first, *virtualenv = virtualenv_steps(self.environment, self.name, self.requirements)
            yield workers, [first]
        yield here, [f"have Storm's Clojure read {self.name}"]
        yield nimbus_host, [f"see that the cluster runs Storm {self.storm_version}"]
        yield here, jar_steps(simple=self.simple_jar)
        if self.environment.use_virtualenv:
            yield workers, virtualenv
        waits = f"with {self.wait_secs} s to finish, and wait until it is gone"
        kill = [f"kill {self.name} if it runs, {waits}"] if self.force else []
        yield nimbus_host, ["upload the jar", *kill, f"submit {self.name}"]
        if self.environment.use_virtualenv:
            yield workers, [f"remove the virtualenvs of {self.name} that nothing uses any more"]
        yield here, [self._hook_step("post_submit")]

    def _hook_step(self, when: str, more: str = "") -> str:
        files = [
            each.name for each in read_hook_files(self.project.directory) if when in each.hooks
        ]
        if not files:
            return f"no {when}: neither tasks.py nor fabfile.py has one"
        return f"{when} of {', then of '.join(files)}{more}"

    def run(self, report: Report) -> None:
        """Submit the topology.

        Args:
            report: called with one line of progress at a time.

        Raises:
            ProjectError, UsageError: there is a mistake in the project; the cluster is untouched.
            OperationError: something failed; ``outcome`` tells the state of the cluster.
        """
        check_tools()
        settings = self._call_hooks("pre_submit")
        self.environment = environment_from(self.environment.name, settings)
        self._check_again()
        with nimbus_tunnel(self.environment) as address:
            self._look_for_a_running_one(address, report)
        if self.environment.use_virtualenv:
            self._virtualenv = plan_virtualenvs(
                self.environment, self.name, self.requirements, report
            )
        jvm = find_jvm(self.project, report)
        with nimbus_tunnel(self.environment) as address:
            report(f"starting the JVM of {self.name}")
            self._run_clojure(jvm, ["--check"], address, report)
        with project_lock(self.project, report) as lock:
            jar = build_jar(
                self.project,
                report,
                simple=self.simple_jar,
                verbose=self.verbose,
                storm_version=None if self.unchecked else self.storm_version,
                lock=lock,
            )
            if self._virtualenv is not None:
                self._virtualenv.build(report)
            with nimbus_tunnel(self.environment) as address:
                self._submit(jvm, jar, address, report)
        self._switch_virtualenvs(report)
        self._call_hooks("post_submit")

    def _check_again(self) -> None:
        try:
            self.check()
        except ProjectError as error:
            raise ProjectError(
                f"as the hooks leave it, {each}" for each in error.problems
            ) from None

    def _call_hooks(self, when: Literal["pre_submit", "post_submit"]) -> dict[str, object]:
        """Call the hooks; return the settings of the environment as they leave them."""
        settings = copy.deepcopy(dict(self.environment.settings))
        run_hooks(
            when,
            self.name,
            self.environment.name,
            settings,
            self.project.directory,
            options=self._conf(),
        )
        return settings

    def _nimbus(self, address: tuple[str, int], report: Report = lambda line: None) -> Nimbus:
        return connect_nimbus(address, self.project, report, name=nimbus_name(self.environment))

    def _conf(self) -> Mapping[str, object]:
        virtualenv = self._virtualenv
        return self.conf(self.environment, None if virtualenv is None else virtualenv.python)

    def _switch_virtualenvs(self, report: Report) -> None:
        if self._virtualenv is None:
            return
        try:
            self._virtualenv.switch(report)
        except OperationError as error:  # the topology runs, and the next submit does it
            report(f"warning: older virtualenvs stay where they are: {error}")

    def _look_for_a_running_one(self, address: tuple[str, int], report: Report) -> None:
        found = topology_status(self._nimbus(address, report), self.name)
        if found is not None and not self.force:
            finding = "is killed and not gone yet" if found == "KILLED" else "is running already"
            remedy = "waits for that" if found == "KILLED" else "kills it first"
            raise OperationError(f"topology {self.name} {finding}; `sparse submit -f` {remedy}")

    # -- the JVM that submits --------------------------------------------------------------------------------------

    def _submit(self, jvm: Jvm, jar: Path, address: tuple[str, int], report: Report) -> None:
        megabytes = jar.stat().st_size / 1e6
        report(
            f"starting the JVM that uploads the jar, {megabytes:.1f} MB, and submits {self.name}"
        )
        force = ["--force", "--wait", str(self.wait_secs)] if self.force else []
        self._run_clojure(jvm, force, address, report, jar)

    def _run_clojure(
        self,
        jvm: Jvm,
        arguments: Sequence[str],
        address: tuple[str, int],
        report: Report,
        jar: Path | None = None,
    ) -> None:
        last: deque[str] = deque(maxlen=_KEPT_LINES)
        with (
            option_file(self._conf()) as options,
            running(
                self._argv(jvm, [*arguments, *options.arguments], address, jar),
                cwd=self.project.directory,
                pass_fds=options.descriptors,
            ) as process,
        ):
            try:
                for line in process_lines(process):
                    last.append(line)
                    self._follow(line, report)
                status = process.wait()
            except BaseException:  # Ctrl-C, or a reader of our output that has gone
                self._end(process)
                raise
        if status:
            self._find_state(address)
            raise clojure_error(status, last, debug=self.debug)

    def _argv(
        self, jvm: Jvm, arguments: Sequence[str], address: tuple[str, int], jar: Path | None
    ) -> list[str]:
        host, port = address
        return clojure_argv(
            jvm,
            "streamparse.commands.submit_topology",
            [
                os.path.relpath(self.path, self.project.directory),
                *("--host", host, "--port", str(port), "--storm-version", self.storm_version),
                *("--nimbus", nimbus_name(self.environment)),
                *(["--debug"] if self.debug else []),
                *arguments,
            ],
            options=[
                *log_options(),
                *([] if jar is None else [f"-Dstorm.jar={jar}"]),
                # With these Storm's client does not look for what Storm's own command provides.
                "-Dstorm.options=",
                "-Dstorm.conf.file=",
            ],
        )

    def _follow(self, line: str, report: Report = lambda line: None) -> None:
        """Follow the state of the cluster by the steps that the JVM prints."""
        step = find_step(line)
        if step is None:
            return
        if step.word in _STATES:
            self._before, self.state = self.state, _STATES[step.word]
        elif step.word == "refused":
            self.state = self._before
        if step.word in _PROGRESS:
            words = _PROGRESS[step.word]
            report(words.format(name=self.name, environment=self.environment.name))
        elif step.word == "uploaded":
            report(f"uploaded {step.detail}")

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the JVM, but not between a request to Nimbus and its answer, which tells the cluster's state."""
        overdue = threading.Timer(SECS_TO_ANSWER, process.kill)
        overdue.start()
        try:
            self._kill_unless_asking(process)
            for line in process_lines(process):
                self._follow(line)
                self._kill_unless_asking(process)
        finally:
            overdue.cancel()

    def _kill_unless_asking(self, process: subprocess.Popen[bytes]) -> None:
        if self.state not in ("killing", "submitting"):
            process.kill()

    def _find_state(self, address: tuple[str, int]) -> None:
        """Ask Nimbus whether a change without an answer was made, if there is one."""
        if self.state not in ("killing", "submitting"):
            return
        try:
            found = topology_status(self._nimbus(address), self.name)
        except OperationError:
            return  # then the state is not known, and the outcome says so
        is_done = (found in (None, "KILLED")) if self.state == "killing" else found is not None
        done: State = "killed" if self.state == "killing" else "submitted"
        self.state = done if is_done else self._before

    def outcome(self) -> str:
        """Return the state of the cluster in words, and the command that finishes the work."""
        again = f"sparse submit -n {self.name} -e {self.environment.name}"
        look = f"`sparse list -e {self.environment.name}` shows it"
        return {
            "untouched": f"no topology was touched; `{again}{' -f' * self.force}` begins again",
            "killing": f"the old {self.name} may or may not have been killed; {look} if it was not",
            "killed": f"the old {self.name} is killed and the new one is not submitted; `{again} -f` finishes it",
            "submitting": f"{self.name} may or may not have been submitted; {look} if it was",
            "submitted": f"{self.name} is submitted; {look}",
        }[self.state]


def cluster_settings(
    environment: Environment, name: str, python: str | None, *, debug: bool
) -> dict[str, object]:
    """Return the settings of a topology on a cluster: its virtualenv's Python, and the logging of its components.

    Args:
        name: of the topology.
        python: of its virtualenv; None while it is not known, which has a path in its place.
        debug: log at debug level, whatever the environment says.
    """
    log = environment.log
    settings: dict[str, object] = {
        **environment.options,
        "streamparse.log.path": log.path,
        "streamparse.log.max_bytes": log.max_bytes,
        "streamparse.log.backup_count": log.backup_count,
        "streamparse.log.level": "debug" if debug else log.level,
    }
    if environment.use_virtualenv:
        settings["topology.python.path"] = python or placeholder_python(environment, name)
    return {key: value for key, value in settings.items() if value is not None}
