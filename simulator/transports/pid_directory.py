"""The directory in which components leave files named after their process ids."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache


def pid_directory() -> str:
    """The path of the directory: one for this process, made at the first call and removed when the process ends."""
    return _made().name


@cache
def _made() -> tempfile.TemporaryDirectory[str]:
    directory = tempfile.TemporaryDirectory(prefix="storm-pids-")
    atexit.register(directory.cleanup)
    return directory
