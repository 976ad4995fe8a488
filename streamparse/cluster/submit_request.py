"""What a submit is asked to do: one value, which the submission and both of its submitters read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamparse.project import Project

__all__ = ["SubmitRequest"]


@dataclass(frozen=True)
class SubmitRequest:
    """What a submit is asked to do, whatever cluster it goes to.

    Attributes:
        project: the project of the topology.
        path: of the topology file.
        storm_version: the version in project.clj; by Thrift, the one to read the topology for where the cluster does
            not tell its own.
        force: kill a running topology of this name first.
        wait_secs: between the end of that one's spouts and the end of its workers.
        simple_jar: with Leiningen: submit a jar without what the project depends on.
        debug: with Leiningen: set topology.debug, and show errors of the JVM with their stack.
        verbose: with Leiningen: report every line of its output.
        unchecked: with Leiningen: do not look for what the workers need in the jar.
        own_name: by Thrift: another name on the cluster than that of the file.
        own_requirements: another file of requirements than the one of the topology's file.
        inactive: by Thrift: the spouts are not called before the topology is activated.
    """

    project: Project
    path: Path
    storm_version: str
    force: bool = False
    wait_secs: int = 5
    simple_jar: bool = False
    debug: bool = False
    verbose: bool = False
    unchecked: bool = False
    own_name: str | None = None
    own_requirements: Path | None = None
    inactive: bool = False

    @property
    def name(self) -> str:
        """The name of the topology on the cluster."""
        return self.path.stem if self.own_name is None else self.own_name

    @property
    def requirements(self) -> Path:
        """The file of its requirements."""
        if self.own_requirements is not None:
            return self.own_requirements
        return self.project.virtualenv_specs / f"{self.path.stem}.txt"
