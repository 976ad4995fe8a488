"""The ways in which the packages of a topology's requirements get to the workers: ssh, Storm's blob store, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from streamparse.cluster.blob_packages import BlobPackages
from streamparse.cluster.nimbus import ThriftNimbus
from streamparse.cluster.storm_thrift import require_thriftpy2
from streamparse.cluster.tunnels import nimbus_name, nimbus_route, nimbus_tunnel
from streamparse.cluster.virtualenvs import (
    PlannedVirtualenv,
    check_virtualenvs,
    placeholder_python,
    plan_virtualenvs,
    virtualenv_steps,
)
from streamparse.project import CONFIG, Environment, OperationError, ProjectError, invalid_in_host

__all__ = ["Packages", "merged_steps", "packages_of", "update_packages"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

#: What is done, in order: the name of a place, and the steps there.
Steps = list[tuple[str, list[str]]]


class Packages(Protocol):
    """A way to give the workers what components import; methods are in the order of their calls."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The keys of the environment that have to be there."""

    def check(self) -> None:
        """Refuse the mistakes that can be found without a connection.

        Raises:
            ProjectError: there are some.
        """

    def check_tools(self) -> None:
        """Refuse a machine that lacks what the work needs.

        Raises:
            UsageError: it does.
        """

    @property
    def python(self) -> str | None:
        """The value of ``topology.python.path``, as far as it is known; None leaves it to Storm."""

    def in_conf(self, conf: Mapping[str, object]) -> dict[str, object]:
        """Return the configuration of a topology with what these packages add to it.

        Raises:
            ProjectError: it has settings beside which theirs have no place.
        """

    def meet(self, address: tuple[str, int], report: Report) -> Environment:
        """Ask Nimbus what is needed before any work is done; return the environment as it is known then.

        Raises:
            OperationError: this cluster cannot have them.
        """

    def plan(self, report: Report) -> None:
        """Ask the workers what is needed before any work is done.

        Raises:
            OperationError: one of them cannot be reached, or has no such Python.
        """

    def build(self, report: Report) -> None:
        """Have the packages where the workers find them; no running topology is touched.

        Raises:
            OperationError: something failed.
        """

    def switch(self, report: Report) -> None:
        """Remove what older submits of the topology have left and nothing uses.

        Raises:
            OperationError: something failed; the topology runs.
        """

    def summary(self) -> str:
        """Return what ``build`` builds, and where."""

    def asking(self) -> Steps:
        """Return the steps of ``meet`` and ``plan``."""

    def building(self) -> Steps:
        """Return the steps of ``build``."""

    def tidying(self) -> Steps:
        """Return the steps of ``switch``."""


def packages_of(
    environment: Environment, name: str, requirements: Path, *, by_thrift: bool
) -> Packages:
    """Return the way that an environment asks for.

    Args:
        environment: the cluster.
        name: of the topology.
        requirements: its requirements file.
        by_thrift: the submit is by Thrift, so that Nimbus can be asked for its supervisors.
    """
    if environment.has_blobs:
        return BlobPackages(environment, name, requirements)
    if environment.has_virtualenvs:
        return VirtualenvPackages(environment, name, requirements, by_thrift=by_thrift)
    return NoPackages(environment)


def merged_steps(steps: Iterable[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the same steps, with those at one place together where nothing is done elsewhere in between."""
    for place, group in groupby(steps, key=lambda each: each[0]):
        yield place, [step for _, steps_there in group for step in steps_there]


def update_packages(packages: Packages, environment: Environment, report: Report) -> None:
    """Have the packages where the workers of the next submit find them.

    Raises:
        ProjectError, UsageError, OperationError: as the methods of ``Packages``.
    """
    packages.check_tools()
    if "nimbus" in packages.needs:
        with nimbus_tunnel(environment) as address:
            packages.meet(address, report)
    packages.plan(report)
    packages.build(report)


class NoPackages:
    """The workers have what components import, and their own ``python`` runs them. It is a ``Packages``."""

    needs: tuple[str, ...] = ()
    python = None

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def check(self) -> None:
        if self._environment.virtualenv == "blobstore":
            raise ProjectError(
                [
                    f'{CONFIG}: envs.{self._environment.name}.use_virtualenv is false, and virtualenv is "blobstore"; '
                    "leave one out"
                ]
            )

    def check_tools(self) -> None:
        pass

    def in_conf(self, conf: Mapping[str, object]) -> dict[str, object]:
        return dict(conf)

    def meet(self, address: tuple[str, int], report: Report) -> Environment:
        return self._environment

    def plan(self, report: Report) -> None:
        pass

    def build(self, report: Report) -> None:
        pass

    def switch(self, report: Report) -> None:
        pass

    def summary(self) -> str:
        return "nothing"

    def asking(self) -> Steps:
        return []

    def building(self) -> Steps:
        return []

    def tidying(self) -> Steps:
        return []


class VirtualenvPackages:
    """A virtualenv on every worker, built over ssh. It is a ``Packages``.

    Args:
        environment, name, requirements, by_thrift: as of ``packages_of``.
    """

    def __init__(
        self, environment: Environment, name: str, requirements: Path, *, by_thrift: bool
    ) -> None:
        self._environment = environment
        self._name = name
        self._requirements = requirements
        self._asks_for_workers = by_thrift and not environment.workers
        self._planned: PlannedVirtualenv | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        return ("nimbus" if self._asks_for_workers else "workers", "virtualenv_root")

    def check(self) -> None:
        check_virtualenvs(
            self._environment,
            self._name,
            self._requirements,
            are_workers_known=not self._asks_for_workers,
        )

    def check_tools(self) -> None:
        if self._asks_for_workers:
            require_thriftpy2(f"to ask nimbus for the workers of {self._environment.name}, sparse")

    @property
    def python(self) -> str:
        if self._planned is None:
            return placeholder_python(self._environment, self._name)
        return self._planned.python

    def in_conf(self, conf: Mapping[str, object]) -> dict[str, object]:
        return dict(conf)

    def meet(self, address: tuple[str, int], report: Report) -> Environment:
        if self._asks_for_workers:
            hosts = _supervisors(address, self._environment)
            report(f"the workers are the supervisors of nimbus: {', '.join(hosts)}")
            self._environment = replace(self._environment, workers=tuple(hosts))
        return self._environment

    def plan(self, report: Report) -> None:
        self._planned = plan_virtualenvs(self._environment, self._name, self._requirements, report)

    def build(self, report: Report) -> None:
        assert self._planned is not None, "`plan` comes first"
        self._planned.build(report)

    def switch(self, report: Report) -> None:
        assert self._planned is not None, "`plan` comes first"
        self._planned.switch(report)

    def summary(self) -> str:
        workers = self._workers.removesuffix(", all at once")
        return f"the virtualenv of {self._name} on {workers}, unless it is there"

    def asking(self) -> Steps:
        first, *_ = self._steps()
        if not self._asks_for_workers:
            return [(self._workers, [first])]
        nimbus = f"nimbus, {nimbus_route(self._environment)}"
        return [
            (nimbus, ["ask for its supervisors, which are the workers"]),
            (self._workers, [first]),
        ]

    def building(self) -> Steps:
        _, *steps = self._steps()
        return [(self._workers, steps)]

    def tidying(self) -> Steps:
        return [
            (self._workers, [f"remove the virtualenvs of {self._name} that nothing uses any more"])
        ]

    def _steps(self) -> list[str]:
        return virtualenv_steps(
            self._environment,
            self._name,
            self._requirements,
            are_workers_known=not self._asks_for_workers,
        )

    @property
    def _workers(self) -> str:
        names = "the workers" if self._asks_for_workers else ", ".join(self._environment.workers)
        return f"{names}, all at once"


def _supervisors(address: tuple[str, int], environment: Environment) -> list[str]:
    """The hosts of a cluster's supervisors, as ssh is to reach them."""
    nimbus = nimbus_name(environment)
    hosts = ThriftNimbus(address, name=nimbus).supervisors()
    remedy = f"name the workers in envs.{environment.name}.workers"
    if not hosts:
        raise OperationError(f"nimbus {nimbus} knows no supervisor that runs; {remedy}")
    for host in hosts:
        if wrong := invalid_in_host(host):  # Nimbus may say anything, and ssh runs commands
            raise OperationError(f"nimbus {nimbus} has the supervisor {host!r}: {wrong}; {remedy}")
    return hosts
