"""What a run needs of the machine, and the error where the machine does not give it."""

from __future__ import annotations

import contextlib
import os
import resource

PIPES_A_TASK = 3
SPARE_FILES = 16  # a topology file, a module, a log


class ResourceError(Exception):
    """The machine refuses what a run needs. One line: what is missing, and the remedy."""


def require_files(tasks: int, new_tasks: int, at_once: int) -> None:
    """Raise the soft limit on open files to the hard one, and refuse tasks that need more.

    Args:
        tasks: that run as processes altogether.
        new_tasks: those of them that are to be started.
        at_once: how many are started at once; of these, both ends of the pipes are open.

    Raises:
        ResourceError: the hard limit is too low.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # Some systems have a lower limit than they say.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    new_files = PIPES_A_TASK * (new_tasks + min(new_tasks, at_once))
    needed = _open_files() + new_files + SPARE_FILES
    if resource.RLIM_INFINITY != limit < needed:
        raise ResourceError(
            f"{tasks} tasks as processes need {needed} open files, and this process may have {limit} (ulimit -n); "
            "raise the limit, take fewer tasks, or run them in process"
        )


def _open_files() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return SPARE_FILES
