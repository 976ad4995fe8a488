"""The directory of a process for what its components share with it: files named after their pids, a clock.

It is removed when the process ends. A process that is killed leaves its directory behind, and the next that needs one
removes it: an owner holds a lock on the file ``lock`` in its directory for as long as it lives.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from simulator.transports.resources import ResourceError

PREFIX = "streamparse-run-"


@cache
def temporary_directory() -> str:
    """The path of the directory: one for this process, made at the first call.

    Raises:
        ResourceError: it cannot be made.
    """
    try:
        _remove_abandoned(Path(tempfile.gettempdir()))
        directory = tempfile.mkdtemp(prefix=PREFIX)
        _lock(directory)
    except OSError as error:
        reason = error.strerror or error
        raise ResourceError(
            f"no directory for temporary files: {reason}; TMPDIR can name another place for them"
        ) from None
    atexit.register(_remove, directory, os.getpid())
    return directory


def _lock(directory: str) -> None:
    # The file has its name once it is locked, so a directory with this file and no lock is abandoned.
    fd = os.open(f"{directory}/new", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    Path(f"{directory}/new").rename(f"{directory}/lock")  # open until this process ends


def _remove(directory: str, owner: int) -> None:
    if os.getpid() == owner:  # a fork of it runs this too when it ends
        shutil.rmtree(directory, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for directory in parent.glob(f"{PREFIX}*"):
        if _is_abandoned(directory):
            shutil.rmtree(directory, ignore_errors=True)


def _is_abandoned(directory: Path) -> bool:
    try:
        if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
            return False
        fd = os.open(directory / "lock", os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True
