"""A topology's way to a cluster, step by step, and how far it has come.

Nothing touches the cluster before the jar is built, Nimbus answers and the virtualenvs are good. From then on our
Clojure does it, in one JVM, and its lines say how far it is: a cluster can be left in three states, and whatever ends a
submission early tells which it is, with the command that finishes the work.
"""

from __future__ import annotations

import copy
import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from streamparse.cluster import hooks, nimbus, remote
from streamparse.jvm import lein
from streamparse.project import (
    Environment,
    OperationError,
    Project,
    ProjectError,
    environment_from,
)

__all__ = ["State", "Submission", "cluster_settings"]

Say = Callable[[str], None]

# Those in -ing while Nimbus has been asked and has not answered.
State = Literal["untouched", "killing", "killed", "submitting", "submitted"]

_STATES: Mapping[str, State] = {  # by the words of submit_topology.clj
    "killing": "killing",
    "killed": "killed",
    "submitting": "submitting",
    "submitted": "submitted",
}
_SAID = {
    "uploading": "uploading the jar",
    "killing": "killing the {name} that runs",
    "killed": "waiting until it is gone",
    "submitting": "submitting {name} to {environment}",
}

SECS_TO_ANSWER = 10  # for Nimbus, when somebody presses Ctrl-C while it is asked for a change
_KEPT = 400  # of the JVM's last lines, which has a few unless it fails


@dataclass
class Submission:
    """A submit.

    Attributes:
        project: what is submitted.
        path: of the topology file; its stem is the topology's name.
        environment: the cluster; hooks may change it on the way.
        conf: makes the topology's configuration for an environment.
        storm: the version that project.clj has.
        force: kill a running topology of this name first.
        wait_secs: what that one's spouts are silent before its workers end.
        state: what has become of the cluster so far.
    """

    project: Project
    path: Path
    environment: Environment
    conf: Callable[[Environment], Mapping[str, object]]
    storm: str
    force: bool = False
    wait_secs: int = 5
    simple_jar: bool = False
    debug: bool = False
    verbose: bool = False
    state: State = field(default="untouched", init=False)
    _before: State = field(default="untouched", init=False)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def requirements(self) -> Path:
        return self.project.virtualenv_specs / f"{self.name}.txt"

    def check(self) -> None:
        """Refuse what can be seen to be wrong before anything is connected to.

        Raises:
            ProjectError: a setting is missing, or the requirements are.
        """
        uses_virtualenv = self.environment.use_virtualenv
        keys = ("workers", "virtualenv_root") if uses_virtualenv else ()
        self.environment.require("nimbus", *keys)
        if uses_virtualenv:
            remote.check_virtualenvs(self.environment, self.name, self.requirements)

    def steps(self) -> Iterator[tuple[str, list[str]]]:
        """What ``run`` would do, in order: where, and what."""
        here = "this machine"
        hook = "{} of tasks.py, then of fabfile.py, where they have one"
        yield here, [f"{hook.format('pre_submit')}; it may change what follows"]
        yield here, lein.jar_steps(simple=self.simple_jar)
        nimbus_host = f"nimbus, {remote.nimbus_route(self.environment)}"
        yield nimbus_host, [f"ask whether {self.name} runs"]
        if self.environment.use_virtualenv:
            yield (
                f"{', '.join(self.environment.workers)}, all at once",
                remote.virtualenv_steps(self.environment, self.name, self.requirements),
            )
        waits = f"with {self.wait_secs} s to finish, and wait until it is gone"
        kill = [f"kill {self.name} if it runs, {waits}"] if self.force else []
        yield (
            nimbus_host,
            [
                f"see that the cluster runs Storm {self.storm}",
                "upload the jar",
                *kill,
                f"submit {self.name}",
            ],
        )
        yield here, [hook.format("post_submit")]

    def run(self, say: Say) -> None:
        """Do it all.

        Raises:
            ProjectError, UsageError: something is not as it should be; the cluster is untouched.
            OperationError: something failed; ``state`` has what became of the cluster.
        """
        lein.check_tools()
        settings = self._call_hooks("pre_submit")
        self.environment = environment_from(self.environment.name, settings)
        self._check_again()
        jvm = lein.find_jvm(self.project, say)
        jar = lein.build_jar(self.project, say, simple=self.simple_jar, verbose=self.verbose)
        with remote.nimbus_tunnel(self.environment) as address:
            self._look_for_a_running_one(address)
        if self.environment.use_virtualenv:
            workers = ", ".join(self.environment.workers)
            say(f"bringing the virtualenv of {self.name} up to date on {workers}")
            remote.update_virtualenvs(self.environment, self.name, self.requirements, say=say)
        with remote.nimbus_tunnel(self.environment) as address:
            self._submit(jvm, jar, address, say)
        self._call_hooks("post_submit")

    def _check_again(self) -> None:
        try:
            self.check()
        except ProjectError as error:
            raise ProjectError(
                f"as the hooks leave it, {each}" for each in error.problems
            ) from None

    def _call_hooks(self, when: Literal["pre_submit", "post_submit"]) -> dict[str, object]:
        """The settings of the environment, as the hooks leave them."""
        settings = copy.deepcopy(dict(self.environment.settings))
        hooks.run_hooks(
            when,
            self.name,
            self.environment.name,
            settings,
            self.project.directory,
            options=self.conf(self.environment),
        )
        return settings

    def _look_for_a_running_one(self, address: tuple[str, int]) -> None:
        found = nimbus.status(nimbus.connect(address, self.project), self.name)
        if found is not None and not self.force:
            finding = "is killed and not gone yet" if found == "KILLED" else "is running already"
            remedy = "waits for that" if found == "KILLED" else "kills it first"
            raise OperationError(f"topology {self.name} {finding}; `sparse submit -f` {remedy}")

    # -- the JVM that submits --------------------------------------------------------------------------------------

    def _submit(self, jvm: lein.Jvm, jar: Path, address: tuple[str, int], say: Say) -> None:
        last: deque[str] = deque(maxlen=_KEPT)
        with lein.running(self._argv(jvm, jar, address), cwd=self.project.directory) as process:
            try:
                for line in lein.process_lines(process):
                    last.append(line)
                    self._note(line, say)
                status = process.wait()
            except BaseException:  # Ctrl-C, or nobody reads what is said any more
                self._end(process)
                raise
        if status:
            self._look_what_became(address)
            raise lein.clojure_error(status, last, debug=self.debug)

    def _argv(self, jvm: lein.Jvm, jar: Path, address: tuple[str, int]) -> list[str]:
        host, port = address
        return lein.clojure_argv(
            jvm,
            "streamparse.commands.submit_topology",
            [
                os.path.relpath(self.path, self.project.directory),
                *("--host", host, "--port", str(port), "--storm", self.storm),
                *(["--force", "--wait", str(self.wait_secs)] if self.force else []),
                *(["--debug"] if self.debug else []),
                *lein.option_arguments(self.conf(self.environment)),
            ],
            options=[
                *lein.log_options(),
                f"-Dstorm.jar={jar}",
                # These keep it from looking for what Storm's own command would have put there.
                "-Dstorm.options=",
                "-Dstorm.conf.file=",
            ],
        )

    def _note(self, line: str, say: Say = lambda line: None) -> None:
        """Follow what the JVM says of the cluster."""
        word, _, name = line.partition(" ")
        if name != self.name:
            return
        if word in _STATES:
            self._before, self.state = self.state, _STATES[word]
        elif word == "refused":
            self.state = self._before
        if word in _SAID:
            say(_SAID[word].format(name=self.name, environment=self.environment.name))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the JVM, but not between a question to Nimbus and its answer: it is better to know."""
        overdue = threading.Timer(SECS_TO_ANSWER, process.kill)
        overdue.start()
        try:
            self._kill_unless_asking(process)
            for line in lein.process_lines(process):
                self._note(line)
                self._kill_unless_asking(process)
        finally:
            overdue.cancel()

    def _kill_unless_asking(self, process: subprocess.Popen[bytes]) -> None:
        if self.state not in ("killing", "submitting"):
            process.kill()

    def _look_what_became(self, address: tuple[str, int]) -> None:
        """Ask Nimbus what became of the change that it gave no answer to, if there is one."""
        if self.state not in ("killing", "submitting"):
            return
        try:
            found = nimbus.status(nimbus.connect(address, self.project), self.name)
        except OperationError:
            return  # then nobody knows, which is told
        is_done = (found in (None, "KILLED")) if self.state == "killing" else found is not None
        done: State = "killed" if self.state == "killing" else "submitted"
        self.state = done if is_done else self._before

    def outcome(self) -> str:
        """The state of the cluster, and what finishes the work."""
        again = f"sparse submit -n {self.name} -e {self.environment.name}"
        look = f"`sparse list -e {self.environment.name}` shows it"
        return {
            "untouched": f"no topology was touched; `{again}{' -f' * self.force}` begins again",
            "killing": f"the old {self.name} may or may not have been killed; {look} if it was not",
            "killed": f"the old {self.name} is killed and the new one is not submitted; `{again} -f` finishes it",
            "submitting": f"{self.name} may or may not have been submitted; {look} if it was",
            "submitted": f"{self.name} is submitted; {look}",
        }[self.state]


def cluster_settings(environment: Environment, name: str, *, debug: bool) -> dict[str, object]:
    """What a topology is given on a cluster: its virtualenv's Python, and where and how its components log."""
    log = environment.log
    settings: dict[str, object] = {
        "streamparse.log.path": log.path,
        "streamparse.log.max_bytes": log.max_bytes,
        "streamparse.log.backup_count": log.backup_count,
        "streamparse.log.level": "debug" if debug else log.level,
    }
    if environment.use_virtualenv:
        settings["topology.python.path"] = remote.virtualenv_python(environment, name)
    return {key: value for key, value in settings.items() if value is not None}
