"""The files of ``src/`` that go into the jar, and so to the workers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from streamparse.project import ProjectError

__all__ = ["NOT_SHIPPED", "copy_sources", "shipped_files"]

#: Names of files and directories that stay here: what Python, editors and version control leave. Others are shipped,
#: also hidden ones.
NOT_SHIPPED = (
    "__pycache__", "*.py[co]", ".git", ".hg", ".svn", ".DS_Store", ".idea", ".vscode",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".*.sw[op]", ".#*", "#*#", "*~",
)  # fmt: skip


def shipped_files(source: Path) -> list[Path]:
    """Return the files below a directory that are shipped, relative to it and sorted; links are followed.

    Raises:
        ProjectError: with a line for each that cannot be: a link to nothing or to a directory around it, a socket.
    """
    problems: list[str] = []
    files = [path.relative_to(source) for path in _walk(source, (), problems)]
    if problems:
        raise ProjectError(problems)
    return sorted(files)


def _walk(directory: Path, around: tuple[str, ...], problems: list[str]) -> Iterator[Path]:
    here = os.path.realpath(directory)
    if here in around:
        problems.append(
            f"{directory}: a link to a directory that it is in, which has no end; remove it"
        )
        return
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        problems.append(f"{directory}: cannot be read: {error.strerror}")
        return
    for path in entries:
        if any(fnmatch(path.name, pattern) for pattern in NOT_SHIPPED):
            continue
        if path.is_dir():
            yield from _walk(path, (*around, here), problems)
        elif path.is_file():
            if os.access(path, os.R_OK):
                yield path
            else:
                problems.append(
                    f"{path}: cannot be read, and the workers need it; change its mode, or move it away"
                )
        elif path.is_symlink():
            problems.append(
                f"{path}: a link to {path.readlink()}, which is not there; remove the link, or put the file there"
            )
        else:
            problems.append(
                f"{path}: neither a file nor a directory, and a jar has nothing else; move it away"
            )


def copy_sources(source: Path, target: Path) -> list[Path]:
    """Copy the files that are shipped, and return them, relative to both directories.

    Raises:
        ProjectError: as ``shipped_files``.
    """
    files = shipped_files(source)
    target.mkdir(parents=True)
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)
    return files
