"""A topology's way to a cluster, step by step, and how far it has come.

Nothing touches the cluster before the jar is built, Nimbus answers and the virtualenvs are good. From then on there are
three states that a cluster can be left in, and whatever ends a submission early tells which it is, with the command
that finishes the work.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from streamparse import hooks, lein, nimbus, remote
from streamparse.local_cluster import option_arguments
from streamparse.project import Environment, OperationError, Project, environment_from

__all__ = ["State", "Submission", "cluster_settings"]

State = Literal["untouched", "killed", "submitted", "unknown"]

QUIT_SECS = 60  # what a topology that is killed gets on top of --wait


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
        self.environment.require("nimbus")
        if self.environment.use_virtualenv:
            self.environment.require("workers", "virtualenv_root")
            remote.check_requirements(self.requirements)

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
        if self.force:
            waits = f"with {self.wait_secs} s to finish, and wait until it is gone"
            yield nimbus_host, [f"kill {self.name} if it runs, {waits}"]
        yield nimbus_host, [f"upload the jar, and submit {self.name}"]
        yield here, [hook.format("post_submit")]

    def run(self, say: Callable[[str], None]) -> None:
        """Do it all.

        Raises:
            ProjectError, UsageError: something is not as it should be; the cluster is untouched.
            OperationError: something failed; ``state`` has what became of the cluster.
        """
        self._call_hooks("pre_submit")
        self.check()
        jvm = lein.find_jvm(self.project, say)
        jar = lein.build_jar(self.project, say, simple=self.simple_jar, verbose=self.verbose)
        with remote.nimbus_tunnel(self.environment) as address:
            self._look_for_a_running_one(nimbus.connect(address, self.project))
        if self.environment.use_virtualenv:
            remote.update_virtualenvs(self.environment, self.name, self.requirements, say=say)
        with remote.nimbus_tunnel(self.environment) as address:
            if self.force:
                self._kill(nimbus.connect(address, self.project), say)
            say(f"submitting {self.name} to {self.environment.name}")
            self._submit(jvm, jar, address)
            self._call_hooks("post_submit")

    def _call_hooks(self, when: Literal["pre_submit", "post_submit"]) -> None:
        settings = copy.deepcopy(dict(self.environment.settings))
        hooks.run_hooks(
            when,
            self.name,
            self.environment.name,
            settings,
            self.project.directory,
            options=self.conf(self.environment),
        )
        self.environment = environment_from(self.environment.name, settings)

    def _look_for_a_running_one(self, cluster: nimbus.Nimbus) -> None:
        if not self.force and nimbus.status(cluster, self.name) is not None:
            raise OperationError(
                f"topology {self.name} is running already; `sparse submit -f` kills it first"
            )

    def _kill(self, cluster: nimbus.Nimbus, say: Callable[[str], None]) -> None:
        if nimbus.status(cluster, self.name) is None:
            return
        say(f"killing the {self.name} that runs")
        self.state = "killed"
        cluster.kill(self.name, self.wait_secs)
        nimbus.wait_until_gone(cluster, self.name, secs=self.wait_secs + QUIT_SECS, say=say)

    def _submit(self, jvm: lein.Jvm, jar: Path, address: tuple[str, int]) -> None:
        host, port = address
        before = self.state
        self.state = "unknown"  # until it is known what has come of it
        ended = lein.run_clojure(
            jvm,
            self.project,
            "streamparse.commands.submit_topology",
            [
                str(self.path.resolve()),
                *("--host", host, "--port", str(port), "--storm", self.storm),
                *(["--debug"] if self.debug else []),
                *option_arguments(self.conf(self.environment)),
            ],
            # The last two keep it from looking for what Storm's own command would have put there.
            options=[f"-Dstorm.jar={jar}", "-Dstorm.options=", "-Dstorm.conf.file="],
        )
        if ended.returncode:
            self.state = before
            raise lein.clojure_error(ended, debug=self.debug)
        self.state = "submitted"

    def outcome(self) -> str:
        """The state of the cluster, and what finishes the work."""
        again = f"sparse submit -n {self.name} -e {self.environment.name}"
        look = f"`sparse list -e {self.environment.name}` shows it"
        return {
            "untouched": f"no topology was touched; `{again}{' -f' * self.force}` begins again",
            "killed": f"the old {self.name} is killed and the new one is not submitted; `{again} -f` finishes it",
            "submitted": f"{self.name} is submitted; {look}",
            "unknown": f"{self.name} may or may not have been submitted; {look} if it was",
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
