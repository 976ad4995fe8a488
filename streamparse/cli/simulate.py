"""``sparse simulate``: run a topology here, without a JVM, and show what it did."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from streamparse.cli.arguments import check_at_least
from streamparse.cli.console import Console
from streamparse.cli.interruption import INTERRUPTED, Interruption
from streamparse.cli.local_logs import remove_old_logs
from streamparse.cli.output import note, warn
from streamparse.cli.output_file import PAGE, OutputFile, add_force_argument, check_force
from streamparse.cli.record_options import (
    add_record_arguments,
    check_records,
    note_unrecorded,
    recording_clock,
    unrecorded,
)
from streamparse.cli.run_page import RunPage
from streamparse.cli.simulation_options import (
    add_simulation_arguments,
    pin_hash_seed,
    prepared,
    row_files,
    surroundings,
    virtual_clock,
)
from streamparse.cli.simulation_report import WIDTH, busy, explained, survived, table
from streamparse.cli.step import Session, converse, lines_of
from streamparse.cli.stepped_run import Muted, maker
from streamparse.cli.trace_file import TraceFile, write_trace
from streamparse.cli.watch import watch
from streamparse.cli.work import add_work_argument, load_lines, variant_lines, with_work
from streamparse.cli.workload import with_workload
from streamparse.project import (
    Project,
    UsageError,
    visible,
)

if TYPE_CHECKING:
    from simulator import RunOptions
    from simulator.engine import Report, faults
    from simulator.load import Variant, Verdict
    from simulator.model import Topology


MOST_RESTARTS = 10  # that are shown; --json has 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_simulation_arguments(parser)
    add_record_arguments(parser)
    add(
        "-t", "--time", type=float, default=10.0, metavar="SECS",
        help="stop after so many virtual seconds, 0: never (default: %(default)g)",
    )  # fmt: skip
    add("--real-time", action="store_true", help="hold virtual time to the clock on the wall")
    add_work_argument(parser)
    add(
        "--workload", metavar="PATH",
        help="spouts emit the recorded rows at the recorded rate, and bolts take the recorded times: a file that "
        "--save-workload has written, or a directory of recordings",
    )  # fmt: skip
    add("--save-workload", metavar="FILE", help="write the workload of --workload to a file")
    add(
        "--advise", action="store_true",
        help="simulate the changes that could help a topology under load, and show what each does",
    )  # fmt: skip
    add(
        "--crash", action="append", default=[], metavar="ID@N", dest="crashes",
        help="kill a bolt's process as it takes its Nth tuple, a spout's at its Nth turn; implies --on-crash restart",
    )  # fmt: skip
    add(
        "--allow-unstruck", action="store_true",
        help="a --crash that never strikes is a warning, not an error",
    )  # fmt: skip
    add(
        "--on-crash", choices=("stop", "restart"),
        help="stop the run, as `sparse run` does (default), or restart the worker, as a cluster does",
    )  # fmt: skip
    add(
        "--restart-time", type=float, default=0.0, metavar="SECS", dest="restart_time",
        help="the virtual seconds until a worker that has died is up again; what is sent to it meanwhile is lost "
        "(default: 0; on real clusters 3 to 10, before 0.10 about 35)",
    )  # fmt: skip
    add(
        "--watch", action="store_true",
        help="run again whenever the project changes, and show what is different from the run before",
    )  # fmt: skip
    add(
        "--step", action="store_true",
        help="stop after each wave and at breakpoints, look at queues and tuples, and go on or back; help lists what "
        "can be typed",
    )  # fmt: skip
    add("--trace", metavar="FILE", help="write all that happened to a file, as JSON lines")
    add(
        "--html", metavar="FILE",
        help="write a page that shows the run: its graph, timeline, trees, logs and errors",
    )  # fmt: skip
    add_force_argument(parser)
    add(
        "--width", type=int, metavar="N",
        help=f"cut printed values at N columns, 0: nowhere; default: the width of the terminal, or {WIDTH}",
    )  # fmt: skip
    add(
        "--raw", action="store_true",
        help="print what components log as it is, with the escape sequences that a terminal obeys",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")


def _check_step(args: argparse.Namespace) -> None:
    """Refuse what stepping cannot go with: somebody types, so there is no clock, and no result at once."""
    if not args.step:
        return
    for flag in ("watch", "real_time", "json", "advise", "save_work", "html", "record"):
        if getattr(args, "records" if flag == "record" else flag):
            raise UsageError(f"--step and --{flag.replace('_', '-')}: expected one of them")


def _check_files(args: argparse.Namespace) -> None:
    """Refuse a file that would be written twice, or that has the rows of ``--stub`` and would be written over."""
    used = {os.path.realpath(each): f"--stub with {each}" for each in row_files(args)}
    for option in ("--save-work", "--save-workload", "--trace", "--html"):
        path = getattr(args, option[2:].replace("-", "_"))
        if path is None or (os.path.exists(path) and not os.path.isfile(path)):
            continue  # a device takes as much as is written
        whole = os.path.realpath(path)
        if whole in used:
            raise UsageError(f"{used[whole]} and {option} {path}: the same file; expected two")
        used[whole] = f"{option} {path}"


def run(args: argparse.Namespace) -> int:
    """Simulate; 0 without an error, 130 when interrupted, 1 when a component failed or a crash never struck."""
    _check_step(args)
    check_force(args, "--html", "--trace", "--save-work", "--save-workload")
    _check_files(args)
    if args.watch:
        watch(Project.find(), [each for each in args.words if each != "--watch"], row_files(args))
    if args.in_process:
        pin_hash_seed()
    project = Project.find()
    from simulator.load import long_wait, silent_spouts, slow_spout

    with Interruption() as interruption:
        topology, options = prepared(args, project)
        options = _with_run(args, topology, options)
        options = with_workload(args, topology, options)
        check_records(args, topology, options.feeds)
        options = with_work(args, topology, options, surroundings(args, project, options, topology))
        if args.advise and not (options.work or args.virtual_time):
            raise UsageError(
                "--advise: there is no work; expected --work as well, such as --work measured, or --virtual-time"
            )
        trace_file = None if args.trace is None else TraceFile(args.trace, force=args.force)
        if args.step:
            return _stepped(args, project, topology, options, trace_file)
        page = None
        if args.html is not None:
            page = RunPage(OutputFile("--html", args.html, PAGE, force=args.force))
        began = time.monotonic()
        report = _simulated(args, project, topology, options, trace_file, page)
        variants = _advice(args, project, topology, options, report)
        interruption.hold()
        verdict = _verdict(report, topology, options)
        seconds = time.monotonic() - began
        hints = [] if verdict else [long_wait(report, topology, options)]
        if not (args.real_time or args.virtual_time):
            hints.append(slow_spout(report, seconds))
        hints.append(silent_spouts(report, options))
        _show(args, report, seconds, verdict, variants, [each for each in hints if each])
        if page:
            page.write(topology, options, report)
    if interruption.has_come:
        return INTERRUPTED
    if report.stopped == "error":
        return 1
    if trace_file and trace_file.error:
        raise trace_file.error
    return _unstruck(report, lenient=args.allow_unstruck)


def _simulated(
    args: argparse.Namespace,
    project: Project,
    topology: Topology,
    options: RunOptions,
    trace_file: TraceFile | None,
    page: RunPage | None,
) -> Report:
    """The report of the run; what components say has been shown."""
    from simulator import Trace, simulate

    remove_old_logs(project.logs_dir, topology.name)
    until_ms = None if options.seconds is None else round(options.seconds * 1000)
    console = Console(sys.stderr, until_ms=until_ms, is_quiet=args.quiet, raw=args.raw)
    sink = trace_file.write if trace_file else None
    collector = page.collect(console, console.stderr, sink) if page else None
    trace = collector.trace if collector else Trace(sink=sink, with_head=True)
    with (
        surroundings(args, project, options, topology),
        virtual_clock(args) as clock,
        recording_clock(topology, options.conf) as (conf, on_time),
    ):
        report = simulate(
            topology,
            options.but(conf=conf),
            trace=trace,
            listener=collector or console,
            on_stderr=collector.stderr if collector else console.stderr,
            on_unending=console.unending,
            on_delivery=collector.take if collector else None,
            clock=clock,
            on_time=on_time,
        )
    console.clear()
    trace.flush()
    if trace_file:
        trace_file.close()
    return report


def _stepped(
    args: argparse.Namespace,
    project: Project,
    topology: Topology,
    options: RunOptions,
    trace_file: TraceFile | None,
) -> int:
    """Drive the run by what is typed; 0, 1 when a component has failed, 130 when interrupted."""
    from simulator.stepping import Stepper

    remove_old_logs(project.logs_dir, topology.name)
    console = Console(sys.stderr, is_quiet=args.quiet, raw=args.raw)
    listener = Muted(console, console.stderr)
    note_unrecorded(topology, options.conf, "--step")
    options = unrecorded(topology, options)
    make = maker(topology, options, listener, lambda: virtual_clock(args))
    with surroundings(args, project, options, topology), Stepper(make) as stepper:
        listener.is_muted = lambda: stepper.is_replaying
        session = Session(stepper, _width(args))
        try:
            converse(session, lines_of(lambda: session.prompt))
        except KeyboardInterrupt:
            print()
            return INTERRUPTED
        finally:
            if trace_file is not None:
                write_trace(trace_file, stepper.trace)
    if trace_file is not None and trace_file.error:
        raise trace_file.error
    return 1 if stepper.stopped == "error" else 0


def _crash_order(text: str, topology: Topology, feeds: Collection[str]) -> faults.Order:
    from simulator.engine import faults
    from simulator.model import did_you_mean

    name, _, number = text.rpartition("@")
    if not name or not re.fullmatch(r"0*[1-9][0-9]{0,17}", number):
        start = text if len(text) <= 80 else f"{text[:80]}..."
        raise UsageError(
            f"--crash {start}: expected ID@N with N from 1 to 10^18, such as count-bolt@3"
        )
    if name not in topology.components:
        near = did_you_mean(name, topology.components)
        raise UsageError(f"--crash {text}: there is no component {name!r}{near}")
    if name in feeds:
        raise UsageError(
            f"--crash {text}: {name!r} has no process that could die, its rows come from a stub"
        )
    before: faults.Point = "next" if name in topology.spouts else "tuple"
    return faults.CrashOrder(name, before=before, nth=int(number))


def _with_run(args: argparse.Namespace, topology: Topology, options: RunOptions) -> RunOptions:
    check_at_least("--time", args.time, 0, "0 is for ever")
    check_at_least("--restart-time", args.restart_time, 0)
    check_at_least("--width", args.width, 0, "0 is without a limit")
    if args.restart_time and args.on_crash != "restart" and not args.crashes:
        raise UsageError(
            f"--restart-time {args.restart_time:g}: nothing is started again; expected --on-crash restart as well"
        )
    orders = [_crash_order(text, topology, options.feeds) for text in args.crashes]
    return options.but(
        seconds=args.time or None,
        real_time=args.real_time,
        on_crash=args.on_crash or ("restart" if orders else "stop"),
        orders=orders,
        restart_ms=round(1000 * args.restart_time),
    )


def _verdict(report: Report, topology: Topology, options: RunOptions) -> Verdict | None:
    from simulator.load import judge

    if report.stopped == "error":  # then it says nothing about the load
        return None
    takes_time = any(each.load for each in report.components.values())  # by --work, or by sleeps
    return judge(report, topology, options) if takes_time else None


def _advice(
    args: argparse.Namespace,
    project: Project,
    topology: Topology,
    options: RunOptions,
    report: Report,
) -> list[Variant]:
    """What would help, each change simulated; nothing unless it is asked for, or when a component failed."""
    from simulator import simulate
    from simulator.load import advise

    if not args.advise or report.stopped in ("error", "interrupted"):
        return []

    def run(changed: Topology, how: RunOptions) -> Report:
        with virtual_clock(args) as clock:
            return simulate(changed, how, clock=clock)

    note("--advise: simulates the topology with each change that could help")
    with surroundings(args, project, options, topology):
        return advise(topology, unrecorded(topology, options), run)


def _show(
    args: argparse.Namespace,
    report: Report,
    real_seconds: float,
    verdict: Verdict | None,
    variants: Sequence[Variant],
    hints: Sequence[str],
) -> None:
    if args.json:
        shown = report.as_dict()
        if verdict is not None:
            shown["load"] = verdict.as_dict()
        if variants:
            shown["advice"] = [each.as_dict() for each in variants]
        print(json.dumps(shown))
    else:
        print(_shown(table(report, _width(args))))
        if verdict is not None:
            print("\n".join(["", *load_lines(verdict)]))
        if variants:
            print("\n".join(["", *variant_lines(variants)]))
    sys.stdout.flush()  # where stderr goes to the same place, it stands behind the table
    note(f"real time {real_seconds:.2f} s; {busy(report)}")
    for hint in hints:
        note(hint)
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


def _width(args: argparse.Namespace) -> int | None:
    """The columns of a printed value; None: as many as it takes."""
    if args.width is not None:
        return args.width or None
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH


# -- around the run ---------------------------------------------------------------------------------------------
