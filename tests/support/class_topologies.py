"""Topologies that are Python classes, for tests: a project with one of each construct, and projects of a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from simulator.model import Topology, TopologyError
from streamparse.project import Project
from streamparse.topologies import default_conf, read_topology
from tests.support.paths import TESTS

#: A project with a topology for each construct of the class form.
CONSTRUCTS = TESTS / "support" / "class_project"

COMPONENTS = """
from streamparse import Bolt, Spout, Stream


class Words(Spout):
    outputs = ["word"]


class Lines(Spout):
    outputs = [Stream(["line"]), Stream(["text"], name="errors")]


class Count(Bolt):
    outputs = ["word", "count"]
"""
HEAD = """\
from streamparse import *
from streamparse import Grouping, JavaBolt, JavaSpout, ShellBolt, ShellSpout, Stream, Topology
from streamparse.thrift import GlobalStreamId
from components import Count, Lines, Words
"""


def project_of(directory: Path, topologies: Mapping[str, str], **config: object) -> Project:
    """Return a project in a directory.

    Args:
        directory: it is made where it is missing.
        topologies: the texts of the topology files by the names of the files.
        config: keys of ``config.json``.
    """
    for each in ("src", "topologies"):
        (directory / each).mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps({"envs": {}, **config}), encoding="utf-8")
    (directory / "src/components.py").write_text(COMPONENTS, encoding="utf-8")
    for name, text in topologies.items():
        (directory / "topologies" / name).write_text(text, encoding="utf-8")
    return Project(directory)


def class_text(body: str, head: str = HEAD) -> str:
    """Return the text of a file with the class ``T``, whose body this is."""
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.strip("\n").split("\n"))
    return f"{head}\nclass T(Topology):\n{lines}"


def read(project: Project, name: str = "t.py", **how: object) -> Topology:
    """Read a topology of a project."""
    path = project.directory / "topologies" / name
    return read_topology(path, default_conf(path), project=project, **how)  # type: ignore[arg-type]


def problems(project: Project, name: str = "t.py", **how: object) -> list[str]:
    """Return the problems of a topology of a project, with the place as ``line:column``."""
    try:
        read(project, name, **how)
    except TopologyError as error:
        start = f"{project.directory}/topologies/{name}:"
        return [
            str(each).replace(start, "").replace(f"{project.directory}/", "")
            for each in error.problems
        ]
    return []
