"""A submit with Leiningen: it builds the jar, and our Clojure reads the topology and submits it, in the JVM.

Every step that our Clojure takes is a line of the JVM's output, which tells the state of the cluster.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streamparse.cluster.cluster_state import PROGRESS, ClusterState, State
from streamparse.cluster.nimbus import connect_nimbus, topology_status
from streamparse.cluster.submit_request import SubmitRequest
from streamparse.cluster.tunnels import nimbus_name, nimbus_tunnel
from streamparse.jvm import (
    Jvm,
    Output,
    build_jar,
    check_simple_jar,
    check_tools,
    clojure_argv,
    clojure_error,
    find_jvm,
    find_step,
    jar_steps,
    log_options,
    option_file,
    project_lock,
    running,
)
from streamparse.project import Environment, OperationError, wait_secs

__all__ = ["SECS_TO_ANSWER", "LeinSubmitter"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

_STATES: Mapping[str, State] = {  # by the step of submit_topology.clj
    "killing": "killing",
    "killed": "killed",
    "submitting": "submitting",
    "submitted": "submitted",
}

SECS_TO_ANSWER = 10  # for Nimbus, at Ctrl-C while it is asked for a change
_KEPT_LINES = 400  # of the JVM's last ones, which prints few unless it fails


@dataclass
class LeinSubmitter:
    """Submits a topology file with Leiningen. It is a ``Submitter``.

    Attributes:
        request: what is asked for.
        state: of the cluster, which is kept up to date.
    """

    request: SubmitRequest
    state: ClusterState
    _jvm: Jvm | None = field(default=None, init=False)

    def check(self, conf: Mapping[str, object]) -> None:
        if self.request.simple_jar and not self.request.unchecked:
            check_simple_jar(self.request.project, self.request.storm_version)

    def check_tools(self) -> None:
        check_tools()

    def first_question(self) -> str:
        return f"ask whether {self.request.name} runs"

    def read_steps(self) -> tuple[list[str], list[str]]:
        return (
            [f"have Storm's Clojure read {self.request.name}"],
            [f"see that the cluster runs Storm {self.request.storm_version}"],
        )

    def jar_steps(self) -> list[str]:
        return jar_steps(simple=self.request.simple_jar)

    def meet(self, address: tuple[str, int], environment: Environment) -> None:
        pass  # our Clojure asks for the version itself

    def read(self, environment: Environment, conf: Mapping[str, object], report: Report) -> None:
        self._jvm = find_jvm(self.request.project, report)
        with nimbus_tunnel(environment) as address:
            report(f"starting the JVM of {self.request.name}")
            self._run_clojure(["--check"], environment, address, conf, report)

    @contextmanager
    def jar(self, report: Report) -> Iterator[Path]:
        assert self._jvm is not None, "`read` comes first"
        # Only what storm-clojure makes of a topology needs it on the workers.
        is_checked = self._jvm.has_storm_clojure and not self.request.unchecked
        with project_lock(self.request.project, report) as lock:
            yield build_jar(
                self.request.project,
                report,
                simple=self.request.simple_jar,
                verbose=self.request.verbose,
                storm_version=self.request.storm_version if is_checked else None,
                lock=lock,
            )

    def submit(
        self, jar: Path, environment: Environment, conf: Mapping[str, object], report: Report
    ) -> None:
        with nimbus_tunnel(environment) as address:
            megabytes = jar.stat().st_size / 1e6
            report(
                f"starting the JVM that uploads the jar, {megabytes:.1f} MB, and submits {self.request.name}"
            )
            force = ["--force", "--wait", str(self.request.wait_secs)] if self.request.force else []
            self._run_clojure(force, environment, address, conf, report, jar)

    # -- the JVM that submits --------------------------------------------------------------------------------------

    def _run_clojure(
        self,
        arguments: Sequence[str],
        environment: Environment,
        address: tuple[str, int],
        conf: Mapping[str, object],
        report: Report,
        jar: Path | None = None,
    ) -> None:
        last: deque[str] = deque(maxlen=_KEPT_LINES)
        with (
            option_file(conf) as options,
            running(
                self._argv([*arguments, *options.arguments], environment, address, jar),
                cwd=self.request.project.directory,
                pass_fds=options.descriptors,
            ) as process,
        ):
            output = Output(process, self._note)
            try:
                for line in output.lines():
                    last.append(line)
                    self._report(line, environment, report)
                status = process.wait()
            except BaseException:  # Ctrl-C, or a reader of our output that has gone
                self._end(process, output)
                raise
        if status:
            self._find_state(environment, address)
            raise clojure_error(status, last, debug=self.request.debug)

    def _argv(
        self,
        arguments: Sequence[str],
        environment: Environment,
        address: tuple[str, int],
        jar: Path | None,
    ) -> list[str]:
        host, port = address
        assert self._jvm is not None, "`read` comes first"
        return clojure_argv(
            self._jvm,
            "streamparse.commands.submit_topology",
            [
                os.path.relpath(self.request.path, self.request.project.directory),
                *(
                    "--host",
                    host,
                    "--port",
                    str(port),
                    "--storm-version",
                    self.request.storm_version,
                ),
                *("--nimbus", nimbus_name(environment)),
                *(["--debug"] if self.request.debug else []),
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

    def _note(self, line: str) -> None:
        """Follow the state of the cluster by the steps that the JVM prints."""
        step = find_step(line)
        if step is None:
            return
        if step.word in _STATES:
            self.state.enter(_STATES[step.word])
        elif step.word == "refused":
            self.state.refuse()

    def _report(self, line: str, environment: Environment, report: Report) -> None:
        step = find_step(line)
        if step is None:
            return
        if step.word in PROGRESS:
            words = PROGRESS[step.word]
            report(words.format(name=self.request.name, environment=environment.name))
        elif step.word == "uploaded":
            report(f"uploaded {step.detail}")

    def _end(self, process: subprocess.Popen[bytes], output: Output) -> None:
        """End the JVM, but not between a request to Nimbus and its answer, which tells the cluster's state."""
        overdue = threading.Timer(wait_secs(SECS_TO_ANSWER), process.kill)
        overdue.start()
        try:
            self._kill_unless_asking(process)
            for _ in output.lines():
                self._kill_unless_asking(process)
        finally:
            overdue.cancel()

    def _kill_unless_asking(self, process: subprocess.Popen[bytes]) -> None:
        if not self.state.is_asking:
            process.kill()

    def _find_state(self, environment: Environment, address: tuple[str, int]) -> None:
        """Ask Nimbus whether a change without an answer was made, if there is one."""
        if not self.state.is_asking:
            return
        nimbus = connect_nimbus(address, self.request.project, name=nimbus_name(environment))
        try:
            self.state.settle(topology_status(nimbus, self.request.name))
        except OperationError:
            return  # then the state is not known, and the outcome says so
