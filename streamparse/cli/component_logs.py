"""The log files of components in a project's ``logs/``: one for each process of each run, so old ones are removed."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

__all__ = ["KEPT", "remove_old_logs"]

KEPT = 200  # files of processes that have ended, the newest
# streamparse_TOPOLOGY_COMPONENT_TASK_PID.log, and .log.1 and so on where it was full
_NAME = re.compile(r"streamparse_.+_\d+_(?P<pid>\d+)\.log(\.\d+)?")


def remove_old_logs(directory: Path, kept: int = KEPT) -> int:
    """Remove the oldest log files of components that have ended; other files are left alone.

    Args:
        directory: the project's ``logs/``; it may be missing.
        kept: how many files of ended components stay.

    Returns:
        How many were removed.
    """
    ended = []
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found and entry.is_file(follow_symlinks=False) and not _lives(int(found["pid"])):
                ended.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.path))
    removed = 0
    for _, path in sorted(ended)[: max(len(ended) - kept, 0)]:
        with contextlib.suppress(OSError):
            Path(path).unlink()
            removed += 1
    return removed


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True
