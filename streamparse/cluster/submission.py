"""The submission of a topology to a cluster, step by step, and the state that it leaves the cluster in.

What is quick to find out comes first: whether the name is taken, whether all workers answer, whether Storm accepts the
topology. Then come the jar and the virtualenvs, beside what runs. The cluster is not changed before all of it is good.
From then on a *submitter* does the work: ``LeinSubmitter``, in one JVM, or ``ThriftSubmitter``, without any. A
submission that ends early leaves the cluster in one of several states; ``Submission.outcome`` tells which, with the
command that finishes the work.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from streamparse.cluster.cluster_state import ClusterState, State
from streamparse.cluster.hooks import run_hooks
from streamparse.cluster.lein_submitter import LeinSubmitter
from streamparse.cluster.nimbus import connect_nimbus, topology_status
from streamparse.cluster.packages import Packages, merged_steps, packages_of
from streamparse.cluster.submit_request import SubmitRequest
from streamparse.cluster.thrift_submitter import ThriftSubmitter, TopologyReader
from streamparse.cluster.tunnels import nimbus_name, nimbus_route, nimbus_tunnel
from streamparse.jvm import check_sources
from streamparse.project import (
    CONFIG,
    Environment,
    OperationError,
    ProjectError,
    as_json,
    environment_from,
    read_hook_files,
)

if TYPE_CHECKING:
    from simulator.model import Topology

__all__ = ["State", "Submission", "cluster_settings"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]


class Submitter(Protocol):
    """The way in which a topology and its jar are made and get to Nimbus; methods are in the order of their calls."""

    def check(self, conf: Mapping[str, object]) -> None:
        """Refuse the mistakes that can be found without a connection.

        Raises:
            ProjectError, UsageError, TopologyError: there are some.
        """

    def first_question(self) -> str:
        """Return what Nimbus is asked first."""

    def read_steps(self) -> tuple[list[str], list[str]]:
        """Return the steps of ``read``: on this machine, and at Nimbus."""

    def jar_steps(self) -> list[str]:
        """Return the steps of ``jar``, on this machine."""

    def check_tools(self) -> None:
        """Refuse a machine that lacks what the work needs.

        Raises:
            UsageError, OperationError: it does.
        """

    def meet(self, address: tuple[str, int], environment: Environment) -> None:
        """Ask Nimbus what is needed before any work is done."""

    def read(self, environment: Environment, conf: Mapping[str, object], report: Report) -> None:
        """Read the topology; nothing is changed, and what is refused is refused here.

        Raises:
            TopologyError, OperationError: it cannot be submitted to this cluster.
        """

    def jar(self, report: Report) -> AbstractContextManager[Path]:
        """Build the jar and give its path."""

    def submit(
        self, jar: Path, environment: Environment, conf: Mapping[str, object], report: Report
    ) -> None:
        """Upload the jar, kill the running topology if that is asked for, and submit the new one.

        Raises:
            OperationError: something failed; the state tells how far it came.
        """


@dataclass
class Submission:
    """A submission of a topology.

    Attributes:
        request: what is asked for.
        environment: the cluster; hooks may change it on the way.
        conf: returns the topology's configuration for an environment, and for the Python of its packages, as
            ``cluster_settings`` takes it.
        topology: returns the topology and its whole configuration, to submit it by Thrift; None submits the file with
            Leiningen.
    """

    request: SubmitRequest
    environment: Environment
    conf: Callable[[Environment, str | None], Mapping[str, object]]
    topology: TopologyReader | None = None
    _packages: Packages = field(init=False)
    _state: ClusterState = field(default_factory=ClusterState, init=False)

    def __post_init__(self) -> None:
        self._packages = self._packages_of_environment()

    @property
    def name(self) -> str:
        return self.request.name

    @property
    def state(self) -> State:
        """The state of the cluster, so far."""
        return self._state.now

    @property
    def asks_for_workers(self) -> bool:
        """Whether Nimbus is going to be asked for the workers, of which config.json has none."""
        environment = self.environment
        return self.topology is not None and environment.has_virtualenvs and not environment.workers

    @cached_property
    def _submitter(self) -> Submitter:
        if self.topology is not None:
            return ThriftSubmitter(self.request, self._read, self._state)
        return LeinSubmitter(self.request, self._state)

    def _read(
        self, conf: Mapping[str, object], storm_version: str
    ) -> tuple[Topology, Mapping[str, object]]:
        """The topology and its whole configuration, to which the packages are added last."""
        assert self.topology is not None, "by Thrift"
        topology, whole = self.topology(conf, storm_version)
        return topology, self._packages.in_conf(whole)

    def _packages_of_environment(self) -> Packages:
        return packages_of(
            self.environment,
            self.name,
            self.request.requirements,
            by_thrift=self.topology is not None,
        )

    def check(self) -> None:
        """Refuse the mistakes that can be found without a connection.

        Raises:
            ProjectError: a setting is missing, or the requirements are, or a file cannot be shipped.
            UsageError: a simple jar is not enough.
            TopologyError: by Thrift: the topology cannot be submitted.
        """
        self.environment.require(*dict.fromkeys(("nimbus", *self._packages.needs)))
        findings = (
            each
            for file in read_hook_files(self.request.project.directory)
            for each in file.findings
        )
        if mistakes := [str(each) for each in findings if each.severity == "error"]:
            raise ProjectError(mistakes)
        self._submitter.check(self.settings())
        check_sources(self.request.project)
        self._packages.check()

    def steps(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what ``run`` does, in order: the place, and the steps there."""
        yield from merged_steps(self._steps())

    def _steps(self) -> Iterator[tuple[str, list[str]]]:
        here = "this machine"
        nimbus_host = f"nimbus, {nimbus_route(self.environment)}"
        yield here, [self._hook_step("pre_submit", "; it may change what follows")]
        yield nimbus_host, [self._submitter.first_question()]
        yield from self._packages.asking()
        steps_here, steps_there = self._submitter.read_steps()
        yield here, steps_here
        if steps_there:
            yield nimbus_host, steps_there
        yield here, self._submitter.jar_steps()
        yield from self._packages.building()
        waits = f"with {self.request.wait_secs} s to finish, and wait until it is gone"
        kill = [f"kill {self.name} if it runs, {waits}"] if self.request.force else []
        yield nimbus_host, ["upload the jar", *kill, f"submit {self.name}"]
        yield from self._packages.tidying()
        yield here, [self._hook_step("post_submit")]

    def _hook_step(self, when: str, more: str = "") -> str:
        files = [
            each.name
            for each in read_hook_files(self.request.project.directory)
            if when in each.hooks
        ]
        if not files:
            return f"no {when}: neither tasks.py nor fabfile.py has one"
        return f"{when} of {', then of '.join(files)}{more}"

    def run(self, report: Report) -> None:
        """Submit the topology.

        Args:
            report: called with one line of progress at a time.

        Raises:
            ProjectError, UsageError, TopologyError: there is a mistake in the project; the cluster is untouched.
            OperationError: something failed; ``outcome`` tells the state of the cluster.
        """
        self._submitter.check_tools()
        self._packages.check_tools()
        settings = self._call_hooks("pre_submit")
        self._change_environment(environment_from(self.environment.name, settings))
        with nimbus_tunnel(self.environment) as address:
            self._look_for_a_running_one(address, report)
            self._submitter.meet(address, self.environment)
            self.environment = self._packages.meet(address, report)
        self._packages.plan(report)
        self._submitter.read(self.environment, self.settings(), report)
        with self._submitter.jar(report) as jar:
            self._packages.build(report)
            self._submitter.submit(jar, self.environment, self.settings(), report)
        self._switch_packages(report)
        self._call_hooks("post_submit")

    def _change_environment(self, changed: Environment) -> None:
        """Go on with the environment that the hooks leave.

        Raises:
            ProjectError: they leave a mistake in it, or another way to submit, which is chosen before they are called.
        """
        if changed.submit != self.environment.submit:
            raise ProjectError(
                [
                    f"as the hooks leave it, envs.{changed.name}.submit is {as_json(changed.submit)}, and it was "
                    f"{as_json(self.environment.submit)} when the submit began; set it in {CONFIG}"
                ]
            )
        self.environment = changed
        self._packages = self._packages_of_environment()
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
            self.request.project.directory,
            options=self.settings(),
        )
        return settings

    def settings(self) -> Mapping[str, object]:
        """Return the configuration of the topology, as far as it is known without the topology itself.

        Raises:
            ProjectError: it cannot be made of what the environment and the command line have.
        """
        return self._packages.in_conf(self.conf(self.environment, self._packages.python))

    def _switch_packages(self, report: Report) -> None:
        try:
            self._packages.switch(report)
        except OperationError as error:  # the topology runs, and the next submit does it
            report(f"warning: packages of older submits stay where they are: {error}")

    def _look_for_a_running_one(self, address: tuple[str, int], report: Report) -> None:
        nimbus = connect_nimbus(
            address, self.request.project, report, name=nimbus_name(self.environment)
        )
        found = topology_status(nimbus, self.name)
        if found is not None and not self.request.force:
            finding = "is killed and not gone yet" if found == "KILLED" else "is running already"
            remedy = "waits for that" if found == "KILLED" else "kills it first"
            raise OperationError(f"topology {self.name} {finding}; `sparse submit -f` {remedy}")

    def outcome(self) -> str:
        """Return the state of the cluster in words, and the command that finishes the work."""
        again = f"sparse submit -n {self.request.path.stem} -e {self.environment.name}"
        if self.request.own_name is not None:
            again += f" -N {self.name}"
        is_asked_for = self.topology is not None and self.request.path.suffix == ".clj"
        if is_asked_for and self.environment.submit != "thrift":
            again += " --thrift"
        return self._state.outcome(
            self.name, self.environment.name, again, force=self.request.force
        )


def cluster_settings(
    environment: Environment, python: str | None, *, debug: bool
) -> dict[str, object]:
    """Return the settings of a topology on a cluster: the Python and the logging of its components.

    Args:
        python: the value of ``topology.python.path``; None leaves it to Storm.
        debug: log at debug level, whatever the environment says.
    """
    log = environment.log
    settings: dict[str, object] = {
        **environment.options,
        **({} if python is None else {"topology.python.path": python}),
        "streamparse.log.path": log.path,
        "streamparse.log.max_bytes": log.max_bytes,
        "streamparse.log.backup_count": log.backup_count,
        "streamparse.log.level": "debug" if debug else log.level,
    }
    return {key: value for key, value in settings.items() if value is not None}
