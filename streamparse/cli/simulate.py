"""``sparse simulate``: run a topology here, without a JVM, and show what it did."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_storm_version_argument,
    add_topology_arguments,
    check_at_least,
)
from streamparse.cli.console import Console
from streamparse.cli.interruption import INTERRUPTED, Interruption
from streamparse.cli.local_logs import remove_old_logs, with_writable_logs
from streamparse.cli.output import detail, note, warn
from streamparse.cli.simulation_report import WIDTH, busy, explained, survived, table
from streamparse.cli.trace_file import TraceFile
from streamparse.cli.watch import watch
from streamparse.project import (
    NotPythonError,
    Project,
    SourceError,
    UsageError,
    find_class,
    visible,
)

if TYPE_CHECKING:
    from simulator import RunOptions
    from simulator.engine import Feed, Report, faults
    from simulator.model import Topology


PATIENCE_SECONDS = 30.0  # supervisor.worker.timeout.secs, Storm's own default
MOST_RESTARTS = 10  # that are shown; --json has 100


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
    add(
        "--cwd", metavar="DIR",
        help="the working directory of components (default: src, as on Storm)",
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
        "--no-strict", dest="no_strict", action="store_true",
        help="let pass the mistakes that this version of Storm lets pass; default: they end the run",
    )  # fmt: skip
    add(
        "--patience", type=float, metavar="SECS",
        help="report a component that is silent for so many seconds as hung, not counting those in which it waits for "
        "a processor; 0: never, for a debugger (default: topology.subprocess.timeout.secs, or 30)",
    )  # fmt: skip
    add(
        "--watch", action="store_true",
        help="run again whenever the project changes, and show what is different from the run before",
    )  # fmt: skip
    add("--trace", metavar="FILE", help="write all that happened to a file, as JSON lines")
    add(
        "--width", type=int, metavar="N",
        help=f"cut printed values at N columns, 0: nowhere; default: the width of the terminal, or {WIDTH}",
    )  # fmt: skip
    add(
        "--raw", action="store_true",
        help="print what components log as it is, with the escape sequences that a terminal obeys",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")


def run(args: argparse.Namespace) -> int:
    """Simulate; 0 without an error, 130 when interrupted, 1 when a component failed or a crash never struck."""
    if args.watch:
        watch(Project.find(), [each for each in args.words if each != "--watch"], _row_files(args))
    if args.in_process:
        _pin_hash_seed()
    project = Project.find()
    with Interruption() as interruption:
        topology, options = _prepared(args, project)
        trace_file = None if args.trace is None else TraceFile(args.trace)
        began = time.monotonic()
        report = _simulated(args, project, topology, options, trace_file)
        interruption.hold()
        _show(args, report, time.monotonic() - began)
    if interruption.has_come:
        return INTERRUPTED
    if report.stopped == "error":
        return 1
    if trace_file and trace_file.error:
        raise trace_file.error
    return _unstruck(report, lenient=args.lenient_faults)


def _prepared(args: argparse.Namespace, project: Project) -> tuple[Topology, RunOptions]:
    """The topology that the command line asks for, and how it is to run."""
    source_dir = project.require_source_dir()
    if not args.in_process:
        from simulator.transports import start_fork_server

        start_fork_server(source_dir)  # it gets ready while we read the topology
    from simulator import RunOptions
    from simulator.model import unsimulated

    conf = with_writable_logs(_conf(args, project), project)
    storm_version = _storm_version(args, project)
    topology = launch.read_topology(args, project, conf, storm_version)
    topology, feeds = _with_stubs(args, topology, source_dir)
    warn(unsimulated(conf))
    expecting = launch.check_classes(topology, project, without=feeds, in_process=args.in_process)
    orders = [_crash_order(text, topology) for text in args.crashes]
    _tell(args, project, conf, storm_version)
    return topology, RunOptions(
        conf=conf,
        cwd=str(_working_directory(args, source_dir)),
        sources=str(source_dir),
        mode="inprocess" if args.in_process else "process",
        seconds=args.time or None,
        real_time=args.real_time,
        storm_version=storm_version,
        seed=args.seed,
        strict=not args.no_strict,
        on_crash=args.on_crash or ("restart" if orders else "stop"),
        feeds=feeds,
        orders=orders,
        hang_seconds=_patience(args, conf),
        expecting=expecting,
    )


def _tell(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm_version: str
) -> None:
    detail(f"topology file: {project.topology_path(args.name)}")
    detail(f"Storm {storm_version}, by {_version_source(args, project)}")
    place = "in this process" if args.in_process else "as processes"
    detail(f"components run {place}, in {project.source_dir}, with {sys.executable}")
    detail(f"log files: {conf.get('streamparse.log.path', 'none')}")
    for key, value in sorted(conf.items()):
        detail(f"setting: {key} = {json.dumps(value)}")


def _simulated(
    args: argparse.Namespace,
    project: Project,
    topology: Topology,
    options: RunOptions,
    trace_file: TraceFile | None,
) -> Report:
    """The report of the run; what components say has been shown."""
    from simulator import Trace, simulate

    remove_old_logs(project.logs_dir, topology.name)
    until_ms = None if options.seconds is None else round(options.seconds * 1000)
    console = Console(sys.stderr, until_ms=until_ms, is_quiet=args.quiet, raw=args.raw)
    trace = Trace(sink=trace_file.write if trace_file else None)
    with ExitStack() as stack:
        if args.in_process:
            stack.enter_context(_in_process(project, options.conf, topology.components))
        report = simulate(
            topology, options, trace=trace, listener=console, on_stderr=console.stderr
        )
    console.clear()
    trace.flush()
    if trace_file:
        trace_file.close()
    return report


def _show(args: argparse.Namespace, report: Report, real_seconds: float) -> None:
    if args.json:
        print(json.dumps(report.as_dict()))
    else:
        print(_shown(table(report, _width(args))))
    note(f"real time {real_seconds:.2f} s; {busy(report)}")
    warn(report.warnings)
    for restart in report.restarts[:MOST_RESTARTS]:
        note(f"restarted: {restart}")
    if len(report.restarts) > MOST_RESTARTS:
        note(f"restarted: {len(report.restarts) - MOST_RESTARTS} times more")
    for text in (*survived(report.reported), *explained(report.failures)):
        print(_shown(text), file=sys.stderr)


def _shown(text: str) -> str:
    """The lines with what a terminal obeys in sight."""
    return "\n".join(map(visible, text.split("\n")))


def _unstruck(report: Report, *, lenient: bool) -> int:
    """Show the faults that never struck; return 1 when there are some, unless the user allows them."""
    if lenient:
        warn(report.unstruck)
        return 0
    for line in report.unstruck:
        print(f"error: --crash: {line}", file=sys.stderr)
    return 1 if report.unstruck else 0


# -- the command line -------------------------------------------------------------------------------------------


def _working_directory(args: argparse.Namespace, source_dir: Path) -> Path:
    if args.cwd is None:
        return source_dir
    directory = Path(args.cwd)
    if not directory.is_dir():
        raise UsageError(f"--cwd {args.cwd}: expected an existing directory")
    return directory.absolute()


def _width(args: argparse.Namespace) -> int | None:
    """The columns of a printed value; None: as many as it takes."""
    if args.width is not None:
        return args.width or None
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH


def _conf(args: argparse.Namespace, project: Project) -> dict[str, object]:
    from simulator.transports import MOST_HANG_SECONDS

    check_at_least("--time", args.time, 0, "0 is for ever")
    check_at_least("--width", args.width, 0, "0 is without a limit")
    if args.patience is not None and not 0 <= args.patience <= MOST_HANG_SECONDS:  # NaN is neither
        raise UsageError(
            f"--patience {args.patience:g}: expected seconds, at most {MOST_HANG_SECONDS}; 0 is never"
        )
    return launch.topology_conf(args, project, launch.local_settings(args, project))


def _patience(args: argparse.Namespace, conf: Mapping[str, object]) -> float:
    """The seconds after which a silent component is hung: those of the option, else Storm's."""
    from simulator.transports import allowed_silence

    if args.patience is not None:
        patience: float = args.patience
        return patience
    return allowed_silence(conf) or PATIENCE_SECONDS


def _storm_version(args: argparse.Namespace, project: Project) -> str:
    from simulator.model import NEWEST

    version = args.storm_version or project.storm_version() or NEWEST
    remedy = "" if args.storm_version else launch.ANOTHER_STORM
    return launch.check_storm_version(version, _version_source(args, project), remedy)


def _version_source(args: argparse.Namespace, project: Project) -> str:
    if args.storm_version:
        return "--storm-version"
    return "project.clj" if project.storm_version() else "default"


def _with_stubs(
    args: argparse.Namespace, topology: Topology, source_dir: Path
) -> tuple[Topology, dict[str, Feed]]:
    feeds: dict[str, Feed] = {}
    for text in args.stubs:
        name, _, value = text.partition("=")
        if not name or not value:
            raise UsageError(f"--stub {text}: expected ID=rows.jsonl or ID=package.module.Class")
        topology, feed = _stubbed(topology, name, value, source_dir)
        if feed is not None:
            feeds[name] = feed
            if not feed.rows:
                warn([f"--stub {text}: the file has no rows, so {name} emits nothing"])
    return topology, feeds


def _row_files(args: argparse.Namespace) -> list[str]:
    values = (text.partition("=")[2] for text in args.stubs)
    return [value for value in values if _is_file(value)]


def _is_file(value: str) -> bool:
    return value.endswith((".jsonl", ".json")) or "/" in value


def _stubbed(
    topology: Topology, name: str, value: str, source_dir: Path
) -> tuple[Topology, Feed | None]:
    """Replace a component by rows of a file, or by ``package.module.Class[field,...]``; the fields may be missing."""
    from simulator.engine import read_rows
    from simulator.model import Stream

    try:
        if _is_file(value):
            return read_rows(topology, name, Path(value))
        cls, bracket, fields = value.removesuffix("]").partition("[")
        names = tuple(filter(None, (field.strip() for field in fields.split(","))))
        outputs = {"default": Stream(names)} if bracket else None
        stubbed = topology.replace(name, command=_command(cls), python_class=cls, outputs=outputs)
        _check_class(cls, source_dir)
        return stubbed, None
    except ValueError as error:
        found = str(error).removeprefix(f"{value}: ")
        at_a_row = found.startswith(f"{value}:")
        raise UsageError(found if at_a_row else f"--stub {name}={value}: {found}") from None


def _check_class(cls: str, source_dir: Path) -> None:
    if os.path.isfile(cls):
        raise ValueError("expected rows in a .jsonl file, or package.module.Class")
    try:
        find_class(cls, source_dir)
    except NotPythonError:
        pass  # which is among the findings about all classes
    except SourceError as error:
        raise ValueError(str(error)) from None


def _command(cls: str) -> list[str]:
    return [sys.executable, "-m", "streamparse.run", cls]


def _crash_order(text: str, topology: Topology) -> faults.Order:
    from simulator.engine import faults
    from simulator.model import did_you_mean

    name, _, number = text.rpartition("@")
    if not name or not re.fullmatch(r"0*[1-9][0-9]{0,17}", number):
        start = text if len(text) <= 80 else f"{text[:80]}..."
        raise UsageError(
            f"--crash {start}: expected BOLT@N with N from 1 to 10^18, such as count-bolt@3"
        )
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


@contextlib.contextmanager
def _in_process(
    project: Project, conf: Mapping[str, object], components: Iterable[str]
) -> Iterator[None]:
    """Show what components print or log in this process as if they had processes of their own."""
    import logging

    from streamparse.storm import LogStream, StormHandler
    from streamparse.storm.logs import is_logged, level_of

    handler = StormHandler()
    handler.addFilter(lambda record: not getattr(record, "reported", False))
    root = logging.getLogger()
    root.addHandler(handler)
    handler.addFilter(is_logged)
    is_debug = conf.get("topology.debug") is True
    root.setLevel(min(level_of(each, conf, is_debug=is_debug) for each in components))
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
