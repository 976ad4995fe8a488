"""``sparse doctor``: look for what is wrong with a project, this machine and a cluster, and say how to mend it.

Nothing is changed, and nothing of the project is run: its sources are read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.cli.arguments import add_environment_argument
from streamparse.cli.output import say
from streamparse.project import (
    Diagnosis,
    Finding,
    OperationError,
    Project,
    ProjectError,
    UsageError,
    diagnoses,
    read_hook_files,
)

if TYPE_CHECKING:
    from simulator.model import Topology


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment_argument(parser)
    parser.add_argument(
        "--offline", action="store_true",
        help="look at nothing beyond this machine: neither the cluster nor the package index",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true",
        help="a JSON array of objects with status (ok, warning, error), subject, found and remedy",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print a line for everything that was looked at; 1 if there is an error."""
    diagnoses = []
    for diagnosis in _diagnose(args):
        diagnoses.append(diagnosis)
        if not args.json:
            say(str(diagnosis))
    if args.json:
        say(json.dumps([asdict(each) for each in diagnoses], ensure_ascii=False))
    else:
        counts = Counter(each.status for each in diagnoses)
        say(f"errors: {counts['error']}, warnings: {counts['warning']}, ok: {counts['ok']}")
    return 1 if any(each.status == "error" for each in diagnoses) else 0


def _diagnose(args: argparse.Namespace) -> Iterator[Diagnosis]:
    yield _python()
    try:
        project = Project.find()
    except ProjectError as error:
        yield from diagnoses("error", "project", error.problems)
        return
    yield from _config(project)
    yield from _topologies(project)
    yield from _hooks(project)
    yield from _project_clj(project)
    yield from _java()
    yield from _requirements(project, offline=args.offline)
    if not args.offline:
        yield from _cluster(args, project)


def _python() -> Diagnosis:
    version = ".".join(map(str, sys.version_info[:3]))
    return Diagnosis("ok", "python", f"{version} at {sys.executable}")


# -- the project -----------------------------------------------------------------------------------------------------


def _config(project: Project) -> Iterator[Diagnosis]:
    yield from diagnoses("warning", "config.json", project.warnings)
    if not project.warnings:
        yield Diagnosis("ok", "config.json", "every key is known")


def _topologies(project: Project) -> Iterator[Diagnosis]:
    from simulator.model import TopologyError

    try:
        names = project.topologies
    except ProjectError as error:
        yield from diagnoses("error", "topologies", error.problems)
        return
    if not names:
        yield Diagnosis(
            "warning", "topologies", f"none in {project.topology_specs}", "write NAME.clj"
        )
    topologies = []
    for name in names:
        try:
            topologies.append(_read(project, name))
        except TopologyError as error:
            for problem in error.problems:
                yield Diagnosis("error", f"topology {name}", str(problem))
        except ProjectError as error:
            yield from diagnoses("error", f"topology {name}", error.problems)
        except UsageError as error:
            yield Diagnosis("error", f"topology {name}", str(error))
        else:
            for warning in topologies[-1].warnings:
                yield Diagnosis("warning", f"topology {name}", str(warning))
            count = len(topologies[-1].components)
            yield Diagnosis("ok", f"topology {name}", f"{count} components")
    if topologies:
        yield from _components(project, topologies)


def _read(project: Project, name: str) -> Topology:
    from simulator import RUN_CONF, read_topology
    from simulator.model import NEWEST, profile

    try:
        version = profile(project.storm_version() or NEWEST).version
    except (ProjectError, ValueError):  # which is a finding about project.clj
        version = NEWEST
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    return read_topology(project.topology_path(name), options=conf, storm_version=version)


def _components(project: Project, topologies: Iterable[Topology]) -> Iterator[Diagnosis]:
    try:
        source_dir = project.require_source_dir()
    except ProjectError as error:
        yield from diagnoses("error", "sources", error.problems)
        return
    findings: dict[Finding, None] = {}
    number, is_known = 0, True
    for topology in topologies:
        looked = launch.look_at_classes(topology, source_dir)
        number += sum(each.python_class is not None for each in topology.components.values())
        findings |= dict.fromkeys(looked.findings)
        for component, reason in looked.unknown:
            is_known = False
            yield Diagnosis("error", f"component {component.id}", reason)
    yield from map(_diagnosis, findings)
    if is_known and not findings:
        yield Diagnosis("ok", "components", f"{number} in Python, read without a mistake")


def _diagnosis(finding: Finding) -> Diagnosis:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    expected = f"; expected {finding.expected}" if finding.expected else ""
    return Diagnosis(finding.severity, place, f"{finding.found}{expected}", finding.remedy)


def _hooks(project: Project) -> Iterator[Diagnosis]:
    for file in read_hook_files(project.directory):
        yield from map(_diagnosis, file.findings)
        if not file.findings:
            yield Diagnosis(
                "ok", file.name, " and ".join(sorted(file.hooks, reverse=True)) or "no hooks"
            )


# -- the JVM ---------------------------------------------------------------------------------------------------------


def _project_clj(project: Project) -> Iterator[Diagnosis]:
    from simulator.model import NEWEST, profile

    path = project.directory / "project.clj"
    if not path.is_file():
        remedy = "sparse simulate works without it; for run and submit see `sparse quickstart`"
        yield Diagnosis("warning", "project.clj", "there is none", remedy)
        return
    if re.search(r"com\.parsely/streamparse", path.read_text(encoding="utf-8", errors="replace")):
        yield Diagnosis(
            "warning", "project.clj", "names com.parsely/streamparse, the Clojure half of an older streamparse",
            'put [org.clojure/data.json "0.2.6"] in its place; that half is part of this package',
        )  # fmt: skip
    try:
        version = project.storm_version()
        if version is None:
            yield Diagnosis("error", "project.clj", "no Storm in it", "see docs/clusters.md")
            return
        known = profile(version).version
    except (ProjectError, ValueError) as error:
        problems = error.problems if isinstance(error, ProjectError) else [str(error)]
        remedy = "sparse simulate --storm-version chooses one"
        yield from diagnoses("error", "project.clj", problems, remedy)
        return
    compared = "" if known != NEWEST else ", the newest that was compared with the simulator"
    yield Diagnosis("ok", "project.clj", f"Storm {known}{compared}")


def _java() -> Iterator[Diagnosis]:
    from streamparse.jvm import check_tools

    remedy = "needed for sparse run and submit only"
    try:
        check_tools()
    except (OperationError, UsageError) as error:
        yield Diagnosis("warning", "lein and java", str(error), remedy)
    else:
        yield Diagnosis("ok", "lein and java", "are there")


# -- requirements ----------------------------------------------------------------------------------------------------


def _requirements(project: Project, *, offline: bool) -> Iterator[Diagnosis]:
    from streamparse.cluster import check_index, check_requirements

    for name in _names(project):
        path = project.virtualenv_specs / f"{name}.txt"
        subject = f"requirements {path.name}"
        if not path.is_file():
            remedy = "sparse submit needs it, unless use_virtualenv is false; it may be empty"
            yield Diagnosis("warning", subject, f"no {path}", remedy)
            continue
        try:
            check_requirements(path)
        except ProjectError as error:
            yield from diagnoses("error", subject, error.problems)
        else:
            ok = Diagnosis("ok", subject, "can be taken to a worker")
            yield ok if offline else check_index(path, subject)


def _names(project: Project) -> tuple[str, ...]:
    try:
        return project.topologies
    except ProjectError:
        return ()


# -- the cluster -----------------------------------------------------------------------------------------------------


def _cluster(args: argparse.Namespace, project: Project) -> Iterator[Diagnosis]:
    from streamparse.cluster import check_cluster

    try:
        environment = project.environment(args.environment)
    except ProjectError as error:
        yield from diagnoses("warning", "cluster", error.problems)
        return
    if not environment.nimbus and not environment.workers:
        yield Diagnosis(
            "ok",
            f"cluster {environment.name}",
            "none yet: config.json names no nimbus and no workers",
        )
        return
    yield from check_cluster(project, environment)
