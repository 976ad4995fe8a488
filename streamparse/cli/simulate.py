"""``sparse simulate``: run a topology here, without a JVM, and show what it did."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_storm_version_argument,
    add_topology_arguments,
    check_at_least,
)
from streamparse.cli.component_logs import remove_old_logs
from streamparse.cli.output import visible, warn
from streamparse.multilang import LOG_NAMES
from streamparse.project import OperationError, Project, UsageError

if TYPE_CHECKING:
    from simulator.engine import ComponentReport, Failure, Feed, Report, ReportedErrors, faults
    from simulator.model import Topology

PATIENCE_SECONDS = 30.0  # supervisor.worker.timeout.secs, Storm's own default
FOR_EVER = 1e9  # seconds: thirty years
MOST_RESTARTS = 10  # that are shown; --json has 100
PROGRESS_SECONDS = 0.1  # between two lines of progress on a terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_topology_arguments(parser)
    add(
        "-t", "--time", type=float, default=10.0, metavar="SECS",
        help="stop after so many virtual seconds, 0: never (default: %(default)g)",
    )  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="decides every free choice (default: 0)")
    add_storm_version_argument(parser)
    add(
        "--in-process", action="store_true",
        help="run Python components as objects in this process: pdb and coverage just work",
    )  # fmt: skip
    add("--real-time", action="store_true", help="hold virtual time to the clock on the wall")
    add(
        "--stub", action="append", default=[], metavar="ID=FILE|CLASS", dest="stubs",
        help="feed a spout's rows from a file of JSON lines, or run another class in a component's place; "
        "CLASS[FIELD,...] says what it emits, for what needs a JVM",
    )  # fmt: skip
    add(
        "--crash", action="append", default=[], metavar="BOLT@N", dest="crashes",
        help="kill the bolt's process as it takes its Nth tuple; implies --on-crash restart",
    )  # fmt: skip
    add(
        "--lenient-faults", action="store_true",
        help="a --crash that never strikes is a warning, not an error",
    )  # fmt: skip
    add(
        "--on-crash", choices=("stop", "restart"),
        help="stop the run, as `sparse run` does (default), or restart the worker, as a cluster does",
    )  # fmt: skip
    add(
        "--patience", type=float, metavar="SECS",
        help="report a component that is silent for so many seconds as hung, not counting those in which it waits for "
        "a processor; 0: never, for a debugger (default: topology.subprocess.timeout.secs, or 30)",
    )  # fmt: skip
    add("--trace", metavar="FILE", help="write all that happened to a file, as JSON lines")
    add(
        "--raw", action="store_true",
        help="print what components log as it is, with the escape sequences that a terminal obeys",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")


def run(args: argparse.Namespace) -> int:
    """Simulate; 0 without an error, 130 when interrupted, 1 when a component failed or a crash never struck."""
    if args.in_process:
        _pin_hash_seed()
    project = Project.find()
    if not args.in_process:
        from simulator.transports import start_fork_server

        start_fork_server(project.source_dir)  # it gets ready while we read the topology
    from simulator import RunOptions, simulate

    conf = _conf(args, project)
    storm_version = _storm_version(args, project)
    topology, feeds = _with_stubs(args, launch.read_topology(args, project, conf, storm_version))
    expecting = launch.check_classes(topology, project, without=feeds)
    orders = [_crash_order(text, topology) for text in args.crashes]
    options = RunOptions(
        conf=conf,
        cwd=str(project.source_dir),
        mode="inprocess" if args.in_process else "process",
        seconds=args.time or None,
        real_time=args.real_time,
        storm_version=storm_version,
        seed=args.seed,
        on_crash=args.on_crash or ("restart" if orders else "stop"),
        feeds=feeds,
        orders=orders,
        hang_seconds=_patience(args, conf) or FOR_EVER,
        expecting=expecting,
    )
    options = options.but(conf=_with_logs(project, options.conf))
    console = Console(sys.stderr, raw=args.raw)
    began = time.monotonic()
    with ExitStack() as stack:
        trace = _trace(args, stack)
        stack.enter_context(launch.terminated_like_ctrl_c())
        if args.in_process:
            stack.enter_context(_in_process(project, debug=args.debug))
        report = simulate(
            topology, options, trace=trace, listener=console, on_stderr=console.stderr
        )
        console.clear()
        trace.flush()
    if args.json:
        print(json.dumps(report.as_dict()))
    else:
        print(visible(table(report)))
    print(f"real time {time.monotonic() - began:.2f} s; {_busy(report)}", file=sys.stderr)
    warn(report.warnings)
    for restart in report.restarts[:MOST_RESTARTS]:
        print(f"restarted: {restart}", file=sys.stderr)
    if len(report.restarts) > MOST_RESTARTS:
        print(f"restarted: {len(report.restarts) - MOST_RESTARTS} times more", file=sys.stderr)
    for text in (*survived(report.reported), *explained(report.failures)):
        print(visible(text), file=sys.stderr)
    status = {"error": 1, "interrupted": 130}.get(report.stopped, 0)
    return status or _unstruck(report, lenient=args.lenient_faults)


def _unstruck(report: Report, *, lenient: bool) -> int:
    """Show the faults that never struck; return 1 when there are some, unless the user allows them."""
    if lenient:
        warn(report.unstruck)
        return 0
    for line in report.unstruck:
        print(f"error: --crash: {line}", file=sys.stderr)
    return 1 if report.unstruck else 0


# -- the command line -------------------------------------------------------------------------------------------


def _conf(args: argparse.Namespace, project: Project) -> dict[str, object]:
    check_at_least("--time", args.time, 0, "0 is for ever")
    if args.patience is not None:
        check_at_least("--patience", args.patience, 0, "0 is for ever")
    return launch.topology_conf(args, project, launch.local_settings(args, project))


def _patience(args: argparse.Namespace, conf: Mapping[str, object]) -> float:
    """The seconds after which a silent component is hung: those of the option, else Storm's."""
    if args.patience is not None:
        patience: float = args.patience
        return patience
    seconds = conf.get("topology.subprocess.timeout.secs")
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return float(seconds) if is_number and seconds > 0 else PATIENCE_SECONDS  # type: ignore[arg-type, operator]


def _storm_version(args: argparse.Namespace, project: Project) -> str:
    from simulator.model import NEWEST

    version = args.storm_version or project.storm_version() or NEWEST
    source = "--storm-version" if args.storm_version else "project.clj"
    return launch.check_storm_version(version, source)


def _with_stubs(args: argparse.Namespace, topology: Topology) -> tuple[Topology, dict[str, Feed]]:
    feeds: dict[str, Feed] = {}
    for text in args.stubs:
        name, _, value = text.partition("=")
        if not name or not value:
            raise UsageError(f"--stub {text}: expected ID=rows.jsonl or ID=package.module.Class")
        topology, feed = _stubbed(topology, name, value)
        if feed is not None:
            feeds[name] = feed
    return topology, feeds


def _stubbed(topology: Topology, name: str, value: str) -> tuple[Topology, Feed | None]:
    """Replace a component by rows of a file, or by ``package.module.Class[field,...]``; the fields may be missing."""
    from simulator.engine import read_rows
    from simulator.model import Stream

    try:
        if value.endswith((".jsonl", ".json")) or "/" in value:
            return read_rows(topology, name, Path(value))
        cls, bracket, fields = value.removesuffix("]").partition("[")
        names = tuple(filter(None, (field.strip() for field in fields.split(","))))
        outputs = {"default": Stream(names)} if bracket else None
        return topology.replace(
            name, command=_command(cls), python_class=cls, outputs=outputs
        ), None
    except ValueError as error:
        raise UsageError(f"--stub {name}={value}: {error}") from None


def _command(cls: str) -> list[str]:
    return [sys.executable, "-m", "streamparse.run", cls]


def _crash_order(text: str, topology: Topology) -> faults.Order:
    from simulator.engine import faults
    from simulator.model import did_you_mean

    name, _, number = text.rpartition("@")
    if not name or not number.isdecimal() or int(number) < 1:
        raise UsageError(f"--crash {text}: expected BOLT@N with N from 1, such as count-bolt@3")
    if name in topology.spouts:
        bolts = ", ".join(topology.bolts)
        raise UsageError(f"--crash {text}: {name!r} is a spout; expected a bolt: {bolts}")
    if name not in topology.bolts:
        raise UsageError(
            f"--crash {text}: there is no bolt {name!r}{did_you_mean(name, topology.bolts)}"
        )
    return faults.CrashOrder(name, before="tuple", nth=int(number))


def _pin_hash_seed() -> None:
    """Restart with the hash seed that component processes have, so that sets are iterated in the same order."""
    is_own_process = sys.argv[1:2] == ["simulate"]
    if is_own_process and os.environ.get("PYTHONHASHSEED") != "0":
        words = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, words, {**os.environ, "PYTHONHASHSEED": "0"})


# -- around the run ---------------------------------------------------------------------------------------------


def _with_logs(project: Project, conf: Mapping[str, object]) -> Mapping[str, object]:
    """Make the directory of the logs, and remove old ones; where that fails, components log to the terminal alone."""
    try:
        project.logs_dir.mkdir(exist_ok=True)
        if not os.access(project.logs_dir, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        warn(
            [
                f"{os.path.relpath(project.logs_dir)}: {error.strerror}; components log to the terminal alone"
            ]
        )
        return {key: value for key, value in conf.items() if key != "streamparse.log.path"}
    remove_old_logs(project.logs_dir)
    return conf


def _trace(args: argparse.Namespace, stack: ExitStack) -> Any:
    from simulator.engine import Trace

    if args.trace is None:
        return Trace()
    try:
        file = Path(args.trace).open("w", encoding="utf-8", errors="replace")  # noqa: SIM115 (next line)
    except OSError as error:
        raise UsageError(f"--trace {args.trace}: {error.strerror}") from None
    stack.enter_context(_written(file, f"--trace {args.trace}"))
    return Trace(sink=file.write)


@contextlib.contextmanager
def _written(file: IO[str], name: str) -> Iterator[None]:
    """Close a file at the end; that it cannot be written to is an error of one line."""
    try:
        with contextlib.closing(file):
            yield
    except OSError as error:
        with contextlib.suppress(OSError):
            file.close()
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT):
            raise
        raise OperationError(f"{name}: {error.strerror}") from None


@contextlib.contextmanager
def _in_process(project: Project, *, debug: bool) -> Iterator[None]:
    """Show what components print or log in this process as if they had processes of their own."""
    import logging

    from streamparse.storm import LogStream, StormHandler

    handler = StormHandler()
    handler.addFilter(lambda record: not getattr(record, "reported", False))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    sys.path.insert(0, str(project.source_dir))
    hook, sys.breakpointhook = sys.breakpointhook, _breakpoint
    try:
        with contextlib.redirect_stdout(LogStream(logging.getLogger("streamparse.stdout"))):
            yield
    finally:
        sys.breakpointhook = hook
        root.removeHandler(handler)
        sys.path.remove(str(project.source_dir))


def _breakpoint(*args: object, **kwargs: object) -> None:
    """Handle ``breakpoint()``: stdout belongs to the components here, so the debugger uses stderr."""
    import pdb

    debugger = pdb.Pdb(stdin=sys.__stdin__, stdout=sys.__stderr__)
    debugger.set_trace(sys._getframe(1))


class Console:
    """The lines of components as they come; on a terminal a line of progress below them.

    Args:
        stream: where they are printed.
        clock: the real time, in seconds.
        raw: print lines as they are, escape sequences too.
    """

    def __init__(
        self, stream: IO[str], clock: Callable[[], float] = time.monotonic, *, raw: bool = False
    ) -> None:
        self._stream = stream
        self._shown: Callable[[str], str] = str if raw else visible
        self._clock = clock
        self._shows_progress = stream.isatty()
        self._shown_at = 0.0
        self._has_line = False

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self._print(f"{component}[{task}] {LOG_NAMES[level].upper()}", message)

    def stderr(self, component: str, task: int, line: str) -> None:
        self._print(f"{component}[{task}] stderr", line)

    def _print(self, prefix: str, text: str) -> None:
        self.clear()
        for line in text.splitlines() or [""]:
            self._stream.write(f"{prefix} {self._shown(line)}\n")

    def progress(self, now_ms: int) -> None:
        if not self._shows_progress:
            return
        now = self._clock()
        if now - self._shown_at >= PROGRESS_SECONDS:
            self._shown_at, self._has_line = now, True
            self._stream.write(f"\r\x1b[K{now_ms / 1000:.3f} virtual seconds")
            self._stream.flush()

    def clear(self) -> None:
        if self._has_line:
            self._stream.write("\r\x1b[K")
            self._has_line = False


# -- the report -------------------------------------------------------------------------------------------------

HEADINGS = ("component", "tasks", "emitted", "executed", "acked", "failed", "pending", "latency")
ERRORS = "errors"  # the last column, where there are any


def table(report: Report) -> str:
    """Return one line about the run, a row for each component, and the last values; the same at every run."""
    why = {
        "time": "time is up",
        "idle": "nothing is left to do",
        "error": "a component failed",
        "interrupted": "interrupted",
    }[report.stopped]
    head = (
        f"{report.topology}: {report.virtual_ms / 1000:g} virtual seconds like Storm {report.storm}, "
        f"seed {report.seed}; {why}"
    )
    rows = [list(HEADINGS), *map(list, map(_row, report.components.values()))]
    if any(each.errors for each in report.components.values()):
        for row, cell in zip(rows, [ERRORS, *_error_counts(report)], strict=True):
            row.append(cell)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    ]
    return "\n".join(
        [
            head,
            "",
            *map(str.rstrip, lines),
            *_last_values(report),
            "",
            f"trace {report.trace_sha256}",
        ]
    )


def _row(each: ComponentReport) -> Sequence[str]:
    is_spout = each.type == "spout"
    emitted = " ".join(
        str(count) if stream == "default" else f"{stream}:{count}"
        for stream, count in each.emitted.items()
    )
    latency = "" if each.mean_ms is None else f"{each.mean_ms:.1f} ms"
    return (
        each.id + (f" (restarted {each.restarts}x)" if each.restarts else ""),
        ranges(each.tasks),
        emitted or "0",
        "" if is_spout else str(each.executed),
        str(each.acked),
        str(each.failed),
        str(each.pending) if is_spout else "",
        latency,
    )


def _error_counts(report: Report) -> Iterator[str]:
    for each in report.components.values():
        yield str(each.errors)


def _last_values(report: Report) -> Iterator[str]:
    for component, streams in report.outputs.items():
        for stream, rows in streams.items():
            yield ""
            on = "" if stream == "default" else f" on {stream}"
            yield f"{component} emitted last{on}:"
            yield from (f"    {json.dumps(values, ensure_ascii=False)}" for values in rows)


def _busy(report: Report) -> str:
    """The real seconds of each component, the only line that differs between two runs."""
    return "busy: " + ", ".join(
        f"{each.id} {each.seconds:.2f} s" for each in report.components.values()
    )


def ranges(tasks: Sequence[int]) -> str:
    """Return consecutive task ids: "3-4", "5", "none"."""
    if not tasks:
        return "none"
    return str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]}-{tasks[-1]}"


def explained(failures: Sequence[Failure]) -> Iterator[str]:
    """Yield everything that is known of each failure, once for all tasks with the same.

    It is the line of the failure, then the component's error, stack or stderr.
    """
    tasks_by_text: dict[tuple[str, str, str], list[int]] = {}
    for failure in failures:
        about = str(failure).partition(": ")[2]
        key = (failure.component, about, _details(failure))
        tasks_by_text.setdefault(key, []).append(failure.task)
    for (component, about, details), tasks in tasks_by_text.items():
        yield f"error: {component}[{', '.join(map(str, tasks))}]: {about}{details}"


def survived(reported: Sequence[ReportedErrors]) -> Iterator[str]:
    """Yield each error that a component reported and went on from, with the traceback of the first."""
    from simulator.testing import without_our_frames

    for each in reported:
        details = each.text.strip()
        shown = f"\n{_indented(without_our_frames(details))}" if "\n" in details else ""
        yield f"error: {each}{shown}"


def _details(failure: Failure) -> str:
    from simulator.testing import users_stack, without_our_frames

    error = failure.error
    if failure.cause is not None and not error:  # it could not report it
        error = "".join(traceback.format_exception(failure.cause))
    place = f"\nsent at {failure.place}" if failure.place else ""
    return place + "".join(
        f"\n{title}:\n{_indented(text)}"
        for title, text in (
            ("its last error", without_our_frames(error)),
            ("its stack, most recent call first", users_stack(failure.stack)),
            ("its stderr ended", failure.stderr if not error else ""),
        )
        if text.strip()
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
