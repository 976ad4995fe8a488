"""``sparse simulate --watch``: run again whenever the project changes, and show what is different from the run before.

Each run is a process of its own, so classes are imported anew, and a run that fails ends nothing else.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from streamparse.cli.colour import GREEN, RED, painted
from streamparse.cli.output import note, say
from streamparse.project import CONFIG, Project, UsageError

LOOK_MS = 200  # how often the watcher asks whether it is to end


class Result(NamedTuple):
    """The result of one run: its exit status and what it has printed on stdout."""

    status: int
    lines: Sequence[str]


def watch(project: Project, words: Sequence[str], files: Sequence[str]) -> None:
    """Run ``sparse simulate`` with these words now and after each change, for ever.

    Args:
        project: whose sources, topologies and settings are watched.
        files: more files to watch.

    Raises:
        UsageError: watchfiles is not installed.
        KeyboardInterrupt: at Ctrl-C, the only end.
    """
    changes = _changes(project, files)
    next(changes)  # it watches from here on: what changes during a run is not missed
    before = None
    while True:
        after = _run(words)
        say("\n".join(after.lines))
        if before is not None and "--json" not in words:
            say("\n".join(["", *differences(before, after)]))
        before = after
        note("watching the project; a change starts the next run, Ctrl-C ends")
        changed = next(paths for paths in changes if paths)
        note(f"changed: {', '.join(changed)}")


def _run(words: Sequence[str]) -> Result:
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "simulate", *words]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    return Result(done.returncode, done.stdout.splitlines())


def _changes(project: Project, files: Sequence[str]) -> Iterator[list[str]]:
    """Yield the paths of files that have changed, and nothing from time to time."""
    try:
        import watchfiles
    except ImportError:
        raise UsageError(
            "--watch needs watchfiles, which is not installed: pip install watchfiles"
        ) from None
    top = project.source_dir.parent.resolve()
    directories = [top / "src", project.topology_specs.resolve()]
    single = {top / CONFIG, top / "project.clj", *(Path(each).resolve() for each in files)}
    usual = watchfiles.DefaultFilter()

    def is_watched(change: watchfiles.Change, name: str) -> bool:
        path = Path(name)
        return path in single or (
            usual(change, name) and any(map(path.is_relative_to, directories))
        )

    outside = {path.parent for path in single if not path.is_relative_to(top)}
    found = watchfiles.watch(
        top, *sorted(outside), watch_filter=is_watched, yield_on_timeout=True, rust_timeout=LOOK_MS
    )
    for changes in found:
        yield sorted({_shown(Path(name), top) for _, name in changes})


def _shown(path: Path, top: Path) -> str:
    return str(path.relative_to(top) if path.is_relative_to(top) else path)


def differences(before: Result, after: Result) -> Iterator[str]:
    """Yield lines about what a run did otherwise than the one before."""
    kept = [
        [line for line in result.lines if line and not line.startswith("trace ")]
        for result in (before, after)
    ]
    changed = [
        painted(f"{line[0]} {line[1:]}", RED if line[0] == "-" else GREEN, sys.stdout)
        for line in [*difflib.unified_diff(kept[0], kept[1], n=0, lineterm="")][2:]  # two headings
        if line[0] in "-+"
    ]
    if before.status != after.status:
        changed.append(f"exit status {after.status}, before {before.status}")
    if changed:
        yield "different from the run before:"
        yield from changed
    elif before.lines != after.lines:
        yield "the same result as in the run before, by another trace"
    else:
        yield "the same as in the run before"
