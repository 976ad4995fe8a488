"""``sparse recordings``: the recordings of a topology's components, on all workers or of this machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli import logs
from streamparse.cli.arguments import check_at_least
from streamparse.cli.interruption import terminated_like_ctrl_c
from streamparse.cli.output import is_yes, note, table, visible, warn
from streamparse.multilang import name_in_file
from streamparse.project import OperationError, Project, UsageError

if TYPE_CHECKING:
    from streamparse.cluster import RecordingFile
    from streamparse.recordings import Head, Recording

ACTIONS = ("list", "fetch", "show", "prune")
FLAGS = {
    "into": ("fetch",),
    "keep": ("prune",),
    "yes": ("prune",),
    "json": ("list", "show"),
    "name": ("list", "fetch", "prune"),
    "pattern": ("list", "fetch", "prune"),
}
HEADINGS = ("recording", "size", "began", "span", "keeps", "code", "redacted")
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "action", metavar="ACTION", choices=ACTIONS,
        help="list those on the workers; fetch them; show what is in files of this machine; prune: remove all on the "
        "workers but the newest of each task",
    )  # fmt: skip
    add(
        "files",
        nargs="*",
        default=[],
        metavar="FILE",
        help="with show: files, or directories of them",
    )
    logs.add_arguments(parser)
    add(
        "--into", metavar="DIR",
        help="with fetch: the directory for the files (default: recordings)",
    )  # fmt: skip
    add(
        "--local", action="store_true",
        help="with list and prune: those of `sparse run` and `sparse simulate`, in the project's logs",
    )  # fmt: skip
    add(
        "--keep", type=int, metavar="N",
        help="with prune: how many of each task stay (default: 1)",
    )  # fmt: skip
    add("--json", action="store_true", help="with list and show: an object a line")
    add("-y", "--yes", action="store_true", help="with prune: do not ask")


def run(args: argparse.Namespace) -> int:
    """Do it; 0, and 1 where show has met a damaged file."""
    check_at_least("--keep", args.keep, 0)
    _check_flags(args)
    if args.action == "show":
        return _show(args)
    if args.files:
        raise UsageError(
            f"{args.files[0]}: {args.action} takes no files; --pattern REGEX chooses by name"
        )
    if args.local and args.action == "fetch":
        raise UsageError("--local: they are on this machine; `sparse recordings show` reads them")
    with terminated_like_ctrl_c():
        if args.action == "list":
            return _list(args, _found(args))
        return _fetch(args) if args.action == "fetch" else _prune(args)


def _check_flags(args: argparse.Namespace) -> None:
    """Refuse flags that the action has no use for."""
    for flag, actions in FLAGS.items():
        if getattr(args, flag) not in (None, False) and args.action not in actions:
            raise UsageError(
                f"--{flag}: {args.action} has no use for it; expected it with {' or '.join(actions)}"
            )


def _found(args: argparse.Namespace) -> list[RecordingFile]:
    from streamparse.cluster import find_recordings

    if args.local:
        return list(_local(args))
    return find_recordings(logs.selection_of(args), note)


def _local(args: argparse.Namespace) -> Iterator[RecordingFile]:
    """The recordings among the project's logs."""
    import re

    from streamparse.cluster import RecordingFile
    from streamparse.recordings import RecordingError, read_head

    project = Project.find()
    name = project.topology_path(args.name).stem
    try:
        pattern = re.compile(args.pattern or "")
    except re.error as error:
        raise UsageError(
            f"--pattern {args.pattern}: {error}; expected a regular expression, such as count-bolt"
        ) from None
    for path in _in_directory(project.logs_dir):
        if not pattern.search(path.name):
            continue
        head, damage = None, ""
        try:
            head = read_head(path.read_bytes(), str(path))
        except RecordingError as error:
            damage = str(error)
        if head is None and not path.name.startswith(f"streamparse_{name_in_file(name)}_"):
            continue
        if head is None or head.topology == name:
            found = path.stat()
            yield RecordingFile("", str(path), found.st_size, found.st_mtime, head, damage)


def _in_directory(directory: Path) -> list[Path]:
    paths = directory.iterdir() if directory.is_dir() else ()
    return sorted(path for path in paths if path.name.endswith(ENDINGS))


# -- list --------------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace, found: Sequence[RecordingFile]) -> int:
    if args.json:
        for each in found:
            print(json.dumps(_as_dict(each)))
        return 0
    if not found:
        print("no recordings; `sparse submit --record ID` makes some")
        return 0
    several = len({each.host for each in found}) > 1
    print(table(HEADINGS, [_row(each, several=several) for each in found]))
    warn(each.damage for each in found if each.damage)
    return 0


def _as_dict(each: RecordingFile) -> dict[str, object]:
    return {
        "host": each.host,
        "path": each.path,
        "size": each.size,
        "span_seconds": each.span_seconds,
        "head": None if each.head is None else each.head._asdict(),
    }


def _row(each: RecordingFile, *, several: bool) -> tuple[str, ...]:
    name = f"{each.host}: {each.name}" if several else each.name
    if each.head is None:
        return (visible(name), _size(each.size), "", "", "", "", "unknown")
    span = each.span_seconds
    return (
        visible(name),
        _size(each.size),
        _began(each.head),
        "virtual" if span is None else _span(span),
        f"{each.head.keep} {each.head.tuples}",
        visible(_code(each.head)),
        visible(_redacted(each.head)),
    )


def _size(size: int) -> str:
    return (
        f"{size} B"
        if size < 1000
        else f"{size / 1000:.1f} kB"
        if size < 1e6
        else f"{size / 1e6:.1f} MB"
    )


def _began(head: Head) -> str:
    if head.began is None:
        return ""
    return datetime.fromtimestamp(head.began, timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{seconds:.1f} s" if seconds < 60 else f"{minutes} min {rest} s"


def _code(head: Head) -> str:
    return ", ".join(str(each) for each in head.code.values())


def _redacted(head: Head) -> str:
    by = [*head.redacted, *([f"{head.function}()"] if head.function else [])]
    return ", ".join(by) or "nothing"


# -- fetch -------------------------------------------------------------------------------------------------------


def _fetch(args: argparse.Namespace) -> int:
    from streamparse.cluster import fetch_recordings, find_recordings

    selection = logs.selection_of(args)
    found = find_recordings(selection, note)
    if not found:
        raise OperationError("no recordings; `sparse submit --record ID` makes some")
    made = fetch_recordings(selection, found, Path(args.into or "recordings"), note)
    for path in made:
        print(path)
    if left := len(found) - len(made):
        note(f"{left} of {len(found)} were here already")
    return 0


# -- show --------------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace) -> int:
    from streamparse.recordings import RecordingError, read_recordings

    if not args.files:
        raise UsageError("show: expected files, as `sparse recordings fetch` writes them")
    paths: list[Path] = []
    for text in args.files:
        path = Path(text)
        if path.is_dir():
            inside = _in_directory(path)
            if not inside:
                raise UsageError(
                    f"{text}: no recording in it; expected files such as "
                    "streamparse_TOPOLOGY_COMPONENT_TASK_PID.0.jsonl.gz"
                )
            paths += inside
        elif path.is_file():
            paths.append(path)
        else:
            raise UsageError(f"{text}: no such file; expected a recording, or a directory of them")
    damaged = False
    for path in paths:
        try:
            recordings = read_recordings(path)
        except RecordingError as error:
            raise UsageError(str(error)) from None
        for each in recordings:
            _print(each, as_json=args.json)
            if each.damage:
                damaged = True
                sys.stdout.flush()
                warn([each.damage])
    return 1 if damaged else 0


def _print(recording: Recording, *, as_json: bool) -> None:
    from streamparse.recordings import Idle

    head, end = recording.head, recording.end
    if as_json:
        print(json.dumps({"head": head._asdict(), "end": end and end._asdict()}))
    else:
        ended = "cut off" if end is None else f"ended: {end.why}, after {_counted(end.tuples)}"
        print(
            f"{recording.path}: {visible(str(head.component))}[{head.task}] of {visible(str(head.topology))}, "
            f"{visible(head.name)}; redacted: {visible(_redacted(head))}; {ended}"
        )
    for each in recording.said:
        seconds = "" if each.us is None else f"{each.us / 1e6:.6f}"
        if as_json:
            print(json.dumps(each._asdict()))
        elif isinstance(each, Idle):
            print(f"{seconds:>14} ~ {each.turns} turns with nothing to say")
        else:
            print(f"{seconds:>14} {each.mark} {visible(each.text)}")


def _counted(tuples: int) -> str:
    return f"{tuples} tuple" + "s" * (tuples != 1)


# -- prune -------------------------------------------------------------------------------------------------------


def _prune(args: argparse.Namespace) -> int:
    if not args.yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("no terminal to ask for a confirmation; expected -y")
    old = list(_old(_found(args), 1 if args.keep is None else args.keep))
    if not old:
        print("nothing to prune")
        return 0
    for each in old:
        print(f"    {each.host}: {each.path}" if each.host else f"    {each.path}")
    if not args.yes and not is_yes(f"Remove {len(old)} file{'s' * (len(old) != 1)}? [y/N] "):
        print("nothing is removed")
        return 0
    if args.local:
        for each in old:
            Path(each.path).unlink()
        print(f"{len(old)} file{'s' * (len(old) != 1)} removed")
        return 0
    from streamparse.cluster import remove_logs

    by_host: dict[str, list[str]] = {}
    for each in old:
        by_host.setdefault(each.host, []).append(each.path)
    remove_logs(logs.selection_of(args), by_host, report=print)
    return 0


def _old(found: Iterable[RecordingFile], keep: int) -> Iterator[RecordingFile]:
    """Those beyond the newest of each task; the parts of one process count as one."""
    by_task: dict[str, dict[str, list[RecordingFile]]] = {}
    for each in found:
        process = each.name.split(".jsonl")[0].rpartition(".")[0]
        task = process.rpartition("_")[0]
        by_task.setdefault(task, {}).setdefault(f"{each.host} {process}", []).append(each)
    for processes in by_task.values():
        newest_first = sorted(
            processes.values(), key=lambda files: max(each.written for each in files), reverse=True
        )
        for files in newest_first[keep:]:
            yield from files
