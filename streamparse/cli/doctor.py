"""``sparse doctor``: look for what is wrong with a project, this machine and a cluster, and say how to mend it.

Nothing is changed, and nothing of the project is run: its sources are read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.arguments import add_environment_argument
from streamparse.cli.output import say
from streamparse.project import (
    Diagnosis,
    Environment,
    Finding,
    OperationError,
    Project,
    ProjectError,
    UsageError,
    batching_on_ticks,
    check_imports,
    check_outputs,
    check_syntax,
    diagnoses,
    imported_packages,
    look_at_classes,
    project_clj_findings,
    python_classes,
    read_hook_files,
)

if TYPE_CHECKING:
    from simulator.model import Topology


TICKS = "topology.tick.tuple.freq.secs"


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
    yield from _java(project)
    yield from _thrift(project)
    environment = None if args.offline else _environment(args, project)
    is_asked_there = isinstance(environment, Environment) and _has_virtualenvs(environment)
    sound: dict[str, Path] = {}
    yield from _requirements(project, sound, here=not args.offline and not is_asked_there)
    if isinstance(environment, Environment):
        yield from _cluster(project, environment, sound)
    elif environment is not None:
        yield from diagnoses("warning", "cluster", environment.problems)


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
        remedy = "write NAME.clj or NAME.py"
        yield Diagnosis("warning", "topologies", f"none in {project.topology_specs}", remedy)
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
            yield from _options(project, name, topologies[-1])
            count = len(topologies[-1].components)
            yield Diagnosis("ok", f"topology {name}", f"{count} components")
    if topologies:
        yield from _components(project, topologies)


def _options(project: Project, name: str, topology: Topology) -> Iterator[Diagnosis]:
    """Look at what the options of each environment make of a topology."""
    from simulator.model import TopologyError

    for environment in project.environments.values():
        subject = f"topology {name} in {environment.name}"
        try:
            found = _read(project, name, environment.options, environment.name)
        except TopologyError as error:
            for problem in error.problems:
                yield Diagnosis("error", subject, str(problem))
        except UsageError as error:
            yield Diagnosis("error", subject, str(error))
        else:
            for warning in found.warnings:
                if warning not in topology.warnings:
                    yield Diagnosis("warning", subject, str(warning))


def _read(
    project: Project,
    name: str,
    options: Mapping[str, object] | None = None,
    environment: str | None = None,
) -> Topology:
    from streamparse.topologies import default_conf, read_topology

    path = project.topology_path(name)
    conf = {**default_conf(path), "topology.python.path": sys.executable, **(options or {})}
    return read_topology(
        path,
        conf,
        storm_version=_storm_version(project),
        project=project,
        environment=environment or next(iter(project.environments), None),
    )


def _storm_version(project: Project) -> str:
    from simulator.model import NEWEST, profile

    try:
        return profile(project.storm_version() or NEWEST).version
    except (ProjectError, ValueError):  # which is a finding about project.clj
        return NEWEST


def _components(project: Project, topologies: Iterable[Topology]) -> Iterator[Diagnosis]:
    try:
        source_dir = project.require_source_dir()
    except ProjectError as error:
        yield from diagnoses("error", "sources", error.problems)
        return
    findings: dict[Finding, None] = {}
    number, is_known = 0, True
    for topology in topologies:
        looked = look_at_classes(topology, source_dir)
        classes = python_classes(topology.components.values())
        number += len(classes)
        findings |= dict.fromkeys([*looked.findings, *check_imports(classes, source_dir)])
        for name, (python_class, kind) in classes.items():
            outputs = topology.components[name].outputs
            widths = {stream: len(each.fields) for stream, each in outputs.items()}
            findings |= dict.fromkeys(check_outputs(python_class, kind, widths, source_dir))
        yield from _without_ticks(topology, project)
        for component, reason in looked.unknown:
            is_known = False
            yield Diagnosis("error", f"component {component.id}", reason)
    told = {each.path for each in findings if each.severity == "error"}
    findings |= {each: None for each in check_syntax(source_dir) if each.path not in told}
    yield from map(_diagnosis, findings)
    if is_known and not findings:
        yield Diagnosis("ok", "components", f"{number} in Python, read without a mistake")


def _without_ticks(topology: Topology, project: Project) -> Iterator[Diagnosis]:
    if any(TICKS in each.options for each in project.environments.values()):
        return
    classes = python_classes(topology.components.values())
    for component in batching_on_ticks(classes, project.source_dir):
        if TICKS not in topology.components[component].conf:
            notation = topology.components[component].notation
            found = f"a BatchingBolt, and nothing sends it ticks: no {TICKS} in its {notation.conf}"
            remedy = f"{notation.ticks} in {topology.path}, or derive from TicklessBatchingBolt"
            yield Diagnosis("warning", f"component {component}", found, remedy)


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
    text = path.read_text(encoding="utf-8", errors="replace")
    if re.search(r"com\.parsely/streamparse", text):
        yield Diagnosis(
            "warning", "project.clj", "names com.parsely/streamparse, the Clojure half of an older streamparse",
            'put [org.clojure/data.json "0.2.6"] in its place; that half is part of this package',
        )  # fmt: skip
    if re.search(r"org\.apache\.storm/flux-core", text):
        yield Diagnosis(
            "warning", "project.clj", "names org.apache.storm/flux-core, which streamparse 3 to 5 need",
            "leave it out: nothing here uses it",
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
    for found, remedy in project_clj_findings(path, version):
        yield Diagnosis("error", "project.clj", found, remedy)
    compared = "" if known != NEWEST else ", the newest that was compared with the simulator"
    yield Diagnosis("ok", "project.clj", f"Storm {known}{compared}")


def _java(project: Project) -> Iterator[Diagnosis]:
    from streamparse.jvm import check_java, check_tools

    if project.topology_files and not _files(project, ".clj"):
        return  # topologies in Python never go through Leiningen
    remedy = "needed for sparse run, and for sparse submit without --thrift"
    try:
        java = check_tools()
        version = check_java(java, _storm_version(project))
    except (OperationError, UsageError) as error:
        yield Diagnosis("warning", "lein and java", str(error), remedy)
    else:
        shown = f"are there; Java {version}" if version else "are there"
        yield Diagnosis("ok", "lein and java", shown)


def _thrift(project: Project) -> Iterator[Diagnosis]:
    """Look for what topologies in Python, a submit by Thrift and the blob store need."""
    from streamparse.cluster import has_thriftpy2

    reasons = {
        each.name: '"submit": "thrift"' if each.submit == "thrift" else '"virtualenv": "blobstore"'
        for each in project.environments.values()
        if each.submit == "thrift" or each.has_blobs
    }
    classes = ", ".join(sorted(each.stem for each in _files(project, ".py")))
    if not reasons and not classes:
        return
    if has_thriftpy2():
        what = f"to {', '.join(reasons)}" if reasons else f"and run {classes}"
        yield Diagnosis("ok", "thriftpy2", f"is there, to submit {what}")
    elif reasons:
        why = "; ".join(f"{name} has {reason}" for name, reason in reasons.items())
        found = f"is not installed, and {why}"
        yield Diagnosis("error", "thriftpy2", found, "pip install thriftpy2")
    else:
        found = f"is not installed; sparse submit and sparse run need it for {classes}"
        yield Diagnosis("warning", "thriftpy2", found, "pip install thriftpy2")


def _files(project: Project, suffix: str) -> list[Path]:
    """The topology files in one of the two forms."""
    return [each for each in project.topology_files if each.suffix == suffix]


# -- requirements ----------------------------------------------------------------------------------------------------


def _requirements(project: Project, sound: dict[str, Path], *, here: bool) -> Iterator[Diagnosis]:
    """Look at the files of requirements.

    Args:
        sound: is given the files without a mistake, by the subject of their diagnoses.
        here: this machine's package index is asked for them.
    """
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
            sound[subject] = path
            yield from _unnamed(project, name, path, subject)
            ok = Diagnosis("ok", subject, "can be taken to a worker")
            yield check_index(path, subject) if here else ok


def _unnamed(project: Project, name: str, path: Path, subject: str) -> Iterator[Diagnosis]:
    """Look for packages that components import and no line brings."""
    from simulator.model import TopologyError
    from streamparse.cluster import unnamed_packages

    try:
        imported = imported_packages(
            python_classes(_read(project, name).components.values()), project.source_dir
        )
    except (TopologyError, ProjectError, UsageError):  # which has been told
        return
    for module, package in unnamed_packages(path, imported).items():
        found = f"no line brings {package}, and {imported[module]} imports {module}"
        yield Diagnosis("warning", subject, found, f"write {package} into {path}")


def _names(project: Project) -> tuple[str, ...]:
    try:
        return project.topologies
    except ProjectError:
        return ()


# -- the cluster -----------------------------------------------------------------------------------------------------


def _environment(args: argparse.Namespace, project: Project) -> Environment | ProjectError:
    try:
        return project.environment(args.environment)
    except ProjectError as error:
        return error


def _has_virtualenvs(environment: Environment) -> bool:
    """Whether there are workers with virtualenvs, whose pip can be asked."""
    return environment.has_virtualenvs and bool(environment.workers)


def _cluster(
    project: Project, environment: Environment, requirements: Mapping[str, Path]
) -> Iterator[Diagnosis]:
    from streamparse.cluster import check_cluster

    if not environment.nimbus and not environment.workers:
        yield Diagnosis(
            "ok",
            f"cluster {environment.name}",
            "none yet: config.json names no nimbus and no workers",
        )
        return
    yield from check_cluster(project, environment, requirements)
