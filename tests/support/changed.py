"""Prints the test files of what has changed since the last commit, or in it: ``python -m tests.support.changed``.

A module ``a/b.py`` has ``tests/a/test_b.py``; a changed test file is its own. ``tests/test_layers.py`` is always there:
it is quick, and knows the whole tree.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.support.paths import ROOT

ALWAYS = "tests/test_layers.py"


def files_for(changed: Iterable[str]) -> list[str]:
    """Return the test files of these files, relative to the checkout and sorted."""
    return sorted({ALWAYS, *(each for path in changed for each in _files_for(PurePosixPath(path)))})


def _files_for(path: PurePosixPath) -> Iterator[str]:
    if path.suffix != ".py":
        if path.suffix == ".md":
            yield "tests/test_docs.py"
        return
    own = path if path.parts[0] == "tests" else "tests" / path.with_name(f"test_{path.name}")
    if own.name.startswith("test_") and (ROOT / own).is_file():
        yield own.as_posix()


def changed_files() -> list[str]:
    """Return what differs from the last commit; where nothing does, what the last commit changed."""
    return _git("status", "--porcelain", "--untracked-files=all", cut=3) or _git(
        "diff", "--name-only", "HEAD~1", "HEAD"
    )


def _git(*words: str, cut: int = 0) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line[cut:].rpartition(" -> ")[2] for line in done.stdout.splitlines()]


if __name__ == "__main__":
    print(*files_for(changed_files()))
