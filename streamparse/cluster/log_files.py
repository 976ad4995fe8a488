"""The names of log files on workers: which are a topology's, and which of them are of processes that run.

A component logs to ``streamparse_TOPOLOGY_COMPONENT_TASK_PID.log``, and rotated files have a number behind it. Its
recordings are ``streamparse_TOPOLOGY_COMPONENT_TASK_PID.PART.jsonl``, with the ending of a compression.
Topologies and components may have underscores in their names, so a name alone does not always tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

from streamparse.multilang import name_in_file

__all__ = ["LogNames"]

#: Files of Storm's own daemons and workers, which may share a directory with our components.
STORM_LOGS = ("worker*", "supervisor*", "access*", "metrics*")

# And bytes that are no UTF-8.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def _beginning(topology: str) -> str:
    """What the names of a topology's files begin with."""
    return f"streamparse_{name_in_file(topology)}_"


@dataclass(frozen=True)
class LogNames:
    """The names of a topology's log files in a directory.

    Attributes:
        directory: an absolute path on the workers.
        name: of the topology.
        components: their ids; None when they are not known. Then only names that cannot be another topology's are good.
        others: names of other topologies: ``word_2`` beside ``word``.
        pattern: it must be found in a name.
        all: Storm's own files, too.
    """

    directory: str
    name: str
    components: Collection[str] | None = None
    others: tuple[str, ...] = ()
    pattern: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    all: bool = False

    @property
    def globs(self) -> list[str]:
        """Patterns of the shell that all the files have, and others perhaps."""
        return [f"{_beginning(self.name)}*", *(STORM_LOGS if self.all else ())]

    def matches(self, name: str) -> bool:
        """Return True for the name of a file of this topology and no other."""
        if _CONTROL.search(name) or not self.pattern.search(name):
            return False
        if self._own.fullmatch(name):
            return not any(self._is_of_other(name, other) for other in self.others)
        return self.all and any(fnmatch(name, glob) for glob in STORM_LOGS)

    def is_recording(self, name: str) -> bool:
        """Return True for the name of a recording of this topology."""
        found = self._own.fullmatch(name)
        return self.matches(name) and found is not None and found["recording"] is not None

    def is_doubtful(self, name: str) -> bool:
        """Return True for a name that begins as this topology's do, and may be another's."""
        is_like = name.startswith(_beginning(self.name)) and not self._own.fullmatch(name)
        return is_like and not any(self._is_of_other(name, other) for other in self.others)

    def inside(self, path: str) -> str | None:
        """Return the name of a file that lies in the directory itself and matches; None for any other path."""
        found = PurePosixPath(path)
        is_inside = path == f"{self.directory.rstrip('/')}/{found.name}"
        return found.name if is_inside and self.matches(found.name) else None

    @property
    def _own(self) -> re.Pattern[str]:
        ids = r"[^_/\x00-\x1f\x7f\ud800-\udfff]+"
        if self.components is not None:
            ids = "|".join(re.escape(name_in_file(each)) for each in self.components) or "(?!)"
        return re.compile(
            rf"{re.escape(_beginning(self.name))}(?P<task>({ids})_\d+)_(?P<pid>\d+)"
            r"(\.log(\.\d+)?|(?P<recording>\.\d+\.jsonl(\.gz|\.zst)?))"
        )

    def _is_of_other(self, name: str, other: str) -> bool:
        return len(other) > len(self.name) and name.startswith(_beginning(other))

    # -- of processes ----------------------------------------------------------------------------------------------

    def pids(self, names: Iterable[str]) -> list[int]:
        """Return the process ids in these names, sorted."""
        found = (self._own.fullmatch(name) for name in names)
        return sorted({int(each["pid"]) for each in found if each})

    def current(self, newest_first: Sequence[str], running: Collection[int]) -> list[str]:
        """Return the names that are shown first: of processes that run, or else of the last process of each task.

        Args:
            newest_first: names that match, the one that was written last in front.
            running: the process ids of components that run.
        """
        own = [(name, self._own.fullmatch(name)) for name in newest_first]
        logs = [(name, each) for name, each in own if each and name.endswith(".log")]
        chosen = [name for name, each in logs if int(each["pid"]) in running]
        if not chosen:
            last = {each["task"]: name for name, each in reversed(logs)}
            chosen = [*last.values()]
        return sorted([*chosen, *(name for name, each in own if not each)])
