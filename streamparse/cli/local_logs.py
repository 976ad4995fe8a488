"""The log files of components that run on this machine: whether they can be written, and how many are kept."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from streamparse.cli.output import warn
from streamparse.multilang import name_in_file
from streamparse.project import Project

PATH = "streamparse.log.path"
KEPT = 5  # of each task: the log files of its last processes, each with its rotated ones


def with_writable_logs(conf: Mapping[str, object], project: Project) -> dict[str, object]:
    """Return the settings of a topology; without the directory of log files, and with a warning, if it is of no use.

    The directory ``logs/`` of the project is made where it is missing.
    """
    found = dict(conf)
    directory = found.get(PATH)
    if isinstance(directory, str) and directory:
        try:
            if Path(directory) == project.logs_dir:
                project.logs_dir.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
                file.write(b"\n")
        except OSError as error:
            del found[PATH]
            is_other = Path(directory).exists() and not Path(directory).is_dir()
            reason = "not a directory" if is_other else error.strerror
            warn(
                [
                    f"{directory}: {reason}; this run goes on without log files (-o {PATH}=DIRECTORY moves them)"
                ]
            )
    return found


def remove_old_logs(directory: Path, topology: str) -> None:
    """Remove log files of a topology's earlier runs, so that with the next run each task has the last ``KEPT``.

    Those of processes that live stay, and files that cannot be removed.
    """
    name = re.compile(
        rf"(streamparse_{re.escape(name_in_file(topology))}_.+_\d+)_(\d+)\.log(?:\.\d+)?"
    )
    by_task: dict[str, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if (found := name.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False):
                by_task[found[1]][int(found[2])].append(Path(entry.path))
    for by_pid in by_task.values():
        last_first = sorted(by_pid, key=lambda pid: _last_change(by_pid[pid]), reverse=True)
        for pid in last_first[KEPT - 1 :]:
            if not Path(f"/proc/{pid}").exists():
                for path in by_pid[pid]:
                    with contextlib.suppress(OSError):
                        path.unlink()


def _last_change(paths: list[Path]) -> float:
    times = [0.0]
    for path in paths:
        with contextlib.suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)
