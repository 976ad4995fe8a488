"""The parts of the commands that ask a cluster: which cluster, and the way to it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamparse.cli.output import note, warn
from streamparse.project import Environment, Project

if TYPE_CHECKING:
    from streamparse.cluster import Nimbus, StormUi

__all__ = ["environment_of", "nimbus_of", "ui_of"]


def environment_of(args: argparse.Namespace) -> tuple[Project, Environment]:
    """Return the project here, and the cluster of ``--environment``, which has a Nimbus.

    Raises:
        ProjectError: there is no such cluster, or its Nimbus is missing.
    """
    project = Project.find()
    warn(project.warnings)
    environment = project.environment(args.environment)
    environment.require("nimbus")
    return project, environment


@contextmanager
def nimbus_of(project: Project, environment: Environment) -> Iterator[Nimbus]:
    """Give a client of the cluster's Nimbus, through a tunnel if the environment asks for it."""
    from streamparse.cluster import connect_nimbus, nimbus_name, nimbus_tunnel

    with nimbus_tunnel(environment) as address:
        yield connect_nimbus(address, project, note, name=nimbus_name(environment))


@contextmanager
def ui_of(environment: Environment) -> Iterator[StormUi]:
    """Give a client of the cluster's UI, through a tunnel if the environment asks for it."""
    from streamparse.cluster import StormUi, ui_name, ui_tunnel

    with ui_tunnel(environment) as address:
        yield StormUi(address, name=ui_name(environment))
