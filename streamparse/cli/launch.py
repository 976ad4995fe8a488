"""The parts of ``simulate``, ``run`` and ``submit``: the settings of a topology, and the checks before slow work."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.arguments import check_at_least
from streamparse.cli.output import warn
from streamparse.cli.record_options import check_record_setting, check_records, record_conf
from streamparse.project import (
    Environment,
    Project,
    UsageError,
    log_setting_problems,
    look_at_classes,
    problems_of,
)

if TYPE_CHECKING:
    from simulator.model import Topology

LOG_LEVEL = "streamparse.log.level"
LOG_LEVELS = "streamparse.log.levels"  # by component id

__all__ = [
    "ANOTHER_STORM",
    "check",
    "check_classes",
    "check_programs",
    "check_storm_version",
    "chosen_environment",
    "local_settings",
    "read_topology",
    "settings_of",
    "swept_temporary_files",
    "topology_conf",
    "whole_conf",
]


#: The remedy for a version in project.clj that cannot be simulated.
ANOTHER_STORM = "--storm-version chooses another"


def topology_conf(
    args: argparse.Namespace,
    project: Project,
    settings: Mapping[str, object],
    environment: Environment | None = None,
) -> dict[str, object]:
    """Return the settings of a topology: the defaults, then ``settings``, and last those of the command line.

    What a Python class sets itself comes when it has been read, with ``whole_conf``.

    Args:
        environment: the cluster that it is for, if any.

    Raises:
        ProjectError: there is no such topology.
        UsageError: a number is too small, an option is no KEY=VALUE, there is no such level, or a setting of the logs
            has no use.
    """
    from streamparse.topologies import default_conf, with_aliases

    check_at_least("--par", args.par, 1)
    check_at_least("--ackers", args.ackers, 0)
    check_at_least("--workers", args.workers, 1)
    conf = {
        **default_conf(project.topology_path(args.name), environment),
        **settings,
        **_given(args, project),
    }
    for problem in log_setting_problems(conf):
        raise UsageError(problem)
    check_record_setting(conf)
    return with_aliases(conf, project.aliases)


def _given(args: argparse.Namespace, project: Project) -> dict[str, object]:
    """The settings of the command line."""
    flags = {
        "topology.workers": args.par if args.workers is None else args.workers,
        "topology.acker.executors": args.par if args.ackers is None else args.ackers,
        "topology.debug": args.debug or None,
    }
    return {
        **{key: value for key, value in flags.items() if value is not None},
        **_log_levels(args.log_levels),
        **(record_conf(args, project) if "records" in args else {}),
        **project.options(args.options),
    }


def whole_conf(
    args: argparse.Namespace, project: Project, topology: Topology, conf: Mapping[str, object]
) -> dict[str, object]:
    """Return the settings of a topology that has been read: those that it brings, below those of the command line."""
    from streamparse.topologies import with_conf

    return with_conf(topology, conf, _given(args, project))


def settings_of(args: argparse.Namespace, project: Project) -> Mapping[str, object]:
    """Return the ``options`` of the environment that ``--environment`` names; nothing without."""
    if args.environment is None:
        return {}
    return project.environment(args.environment).options


def chosen_environment(args: argparse.Namespace, project: Project) -> Environment | None:
    """Return the environment that ``--environment`` names; None without."""
    return None if args.environment is None else project.environment(args.environment)


LEVELS = ("debug", "info", "warning", "error", "critical")


def _log_levels(texts: Sequence[str]) -> dict[str, object]:
    """The settings of ``--log-level [ID=]LEVEL``."""
    found: dict[str, object] = {}
    own = {}
    for text in texts:
        component, _, level = text.rpartition("=")
        if level.lower() not in LEVELS:
            raise UsageError(
                f"--log-level {text}: expected LEVEL or ID=LEVEL with {', '.join(LEVELS)}"
            )
        if component:
            own[component] = level.lower()
        else:
            found[LOG_LEVEL] = level.lower()
    return {**found, LOG_LEVELS: own} if own else found


def local_settings(args: argparse.Namespace, project: Project) -> dict[str, object]:
    """Return the settings of a topology that runs on this machine: this Python, and the project's logs."""
    return {
        "topology.python.path": sys.executable,
        "streamparse.log.path": str(project.logs_dir),
        LOG_LEVEL: "debug" if args.debug else "info",
    }


def check_storm_version(version: str, source: str, remedy: str = "") -> str:
    """Return a version of Storm that can be simulated, in its full form.

    Args:
        source: the place of the version, for an error.
        remedy: what else the user can do.

    Raises:
        UsageError: it cannot be simulated.
    """
    from simulator.model import profile

    try:
        return profile(version).version
    except ValueError as error:
        more = f"; {remedy}" if remedy else ""
        raise UsageError(f"{source}: {error}{more}") from None


def read_topology(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm_version: str
) -> Topology:
    """Return the topology of ``--name``, as this Storm reads it; print its warnings and the project's.

    Raises:
        ProjectError: there is no such file.
        TopologyError: it cannot be used.
        UsageError: ``--log-level`` names a component that it does not have.
    """
    from simulator.model import find_overridden
    from streamparse.topologies import read_topology as read

    topology = read(
        project.topology_path(args.name),
        conf,
        storm_version=storm_version,
        project=project,
        environment=args.environment,
    )
    _check_log_levels(args, topology)
    if "records" in args:
        check_records(args, topology)
    given = {**({"topology.debug": True} if args.debug else {}), **project.options(args.options)}
    overridden = find_overridden(topology, given)
    warn((*project.warnings, *map(str, topology.warnings), *map(str, overridden)))
    return topology


def _check_log_levels(args: argparse.Namespace, topology: Topology) -> None:
    from simulator.model import did_you_mean

    for text in args.log_levels:
        component, equals, _ = text.rpartition("=")
        if equals and component not in topology.components:
            near = did_you_mean(component, topology.components)
            raise UsageError(f"--log-level {text}: there is no component {component!r}{near}")


def check(
    args: argparse.Namespace,
    project: Project,
    conf: Mapping[str, object],
    storm_version: str,
    *,
    from_jar: bool = False,
) -> None:
    """Read the topology and look for its classes, unless ``--unchecked`` leaves that to Storm.

    Args:
        from_jar: its files come out of a jar.

    Raises:
        ProjectError, TopologyError: as ``read_topology``, ``check_classes`` and ``check_programs``.
    """
    if args.unchecked:
        warn(project.warnings)
        return
    topology = read_topology(args, project, conf, storm_version)
    check_classes(topology, project)
    if from_jar:
        check_programs(topology, project)


def check_programs(topology: Topology, project: Project) -> None:
    """Refuse programs of ``src/`` that are started by their execute bit, which Storm does not unpack from a jar.

    Raises:
        TopologyError: with all of them.
    """
    from simulator.model import Problem, TopologyError

    problems = []
    for component in topology.components.values():
        program = (component.command or ("",))[0]
        path = project.source_dir / program
        if "/" not in program or program.startswith("/") or not path.is_file():
            continue
        argv = " ".join(f'"{word}"' for word in (*_shebang(path), program))
        finding = (
            f"{program} cannot be started on a worker: Storm unpacks the jar without execute bits"
        )
        remedy = f"expected the program that runs it in front, as in [{argv}]"
        problems.append(Problem(component.place, component.id, f"{finding}; {remedy}"))
    if problems:
        raise TopologyError(problems)


def _shebang(path: Path) -> list[str]:
    """The interpreter that a script names in its first line; by default ``sh``."""
    with path.open("rb") as file:
        first = file.readline(200)
    words = first[2:].decode(errors="replace").split() if first.startswith(b"#!") else []
    if words and words[0].endswith("/env"):
        words = [word for word in words[1:] if word != "-S"]
    return words or ["sh"]


def check_classes(
    topology: Topology,
    project: Project,
    *,
    without: Collection[str] = (),
    in_process: bool = False,
) -> frozenset[str]:
    """Refuse Python classes that do not exist or cannot run; print warnings about others.

    Args:
        without: the ids of components that are replaced.
        in_process: components run in this process.

    Returns:
        The ids of the spouts whose class has an ack or a fail of its own.

    Raises:
        ProjectError: there are no sources.
        TopologyError: with all mistakes.
    """
    from simulator.model import Problem, TopologyError

    looked = look_at_classes(
        topology, project.require_source_dir(), without=without, in_process=in_process
    )
    warn(str(each) for each in looked.findings if each.severity == "warning")
    problems = problems_of(looked.findings)
    problems += [
        Problem(component.place_of("class"), component.id, reason)
        for component, reason in looked.unknown
    ]
    if problems:
        raise TopologyError(problems)
    return looked.expecting


@contextlib.contextmanager
def swept_temporary_files() -> Iterator[None]:
    """Make temporary files where the next command removes them, should this one be killed."""
    from simulator.transports import temporary_directory

    before, tempfile.tempdir = tempfile.tempdir, temporary_directory()
    try:
        yield
    finally:
        tempfile.tempdir = before
