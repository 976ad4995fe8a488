"""``sparse trace``: look at a trace that ``sparse simulate --trace`` has written: summary, tuple trees, events."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.follow import follow
from streamparse.cli.output import note, say, table, visible
from streamparse.cli.output_file import PERFETTO, OutputFile, add_force_argument, check_force
from streamparse.cli.simulation_report import ranges
from streamparse.cli.trace_text import event_line, id_lines, near_ids, reading, trees_of_id
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator.traces import Filter, Sent, Summary, TraceReader

MOST_ROOTS = 10  # that are explained
MOST_REASONS = 2  # of each
HEADINGS = ("component", "tasks", "emitted", "acked", "failed", "pending", "latency")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", help="a file of `sparse simulate --trace FILE`; -: stdin")
    add(
        "--id", metavar="ID", dest="message_id",
        help="show the trees of a message id: each attempt, and what became of every copy",
    )  # fmt: skip
    add(
        "--component", action="append", default=[], metavar="ID", dest="components",
        help="list the events of a component; can be repeated",
    )  # fmt: skip
    add(
        "--task", action="append", default=[], type=int, metavar="N", dest="tasks",
        help="list the events of a task; can be repeated",
    )  # fmt: skip
    add(
        "--event", action="append", default=[], metavar="NAME", dest="events",
        help="list the events of a name, such as failed; can be repeated",
    )  # fmt: skip
    add(
        "--between", nargs=2, metavar=("FROM", "TO"),
        help="list the events between two virtual times, such as 30s 31s",
    )  # fmt: skip
    add(
        "--follow", action="store_true",
        help="list events as they are written, until Ctrl-C: for a simulation that runs",
    )  # fmt: skip
    add(
        "--dot", action="store_true",
        help="with --id: print the trees for Graphviz: sparse trace FILE --id 5 --dot | dot -Tsvg",
    )  # fmt: skip
    add(
        "--perfetto", metavar="OUT",
        help="write the trace for https://ui.perfetto.dev and chrome://tracing",
    )  # fmt: skip
    add_force_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Show what was asked for; 0."""
    check_force(args, "--perfetto")
    chosen = _filter(args)
    _check_combination(args, chosen)
    if args.follow:
        follow(args.file, chosen)
    elif args.message_id is not None:
        _show_id(args)
    elif args.perfetto is not None:
        _export(args)
    elif not chosen.is_empty:
        _list(args, chosen)
    else:
        _summarize(args)
    return 0


def _check_combination(args: argparse.Namespace, chosen: Filter) -> None:
    views = {
        "--id": args.message_id is not None,
        "--follow": args.follow,
        "--perfetto": args.perfetto is not None,
    }
    asked = [name for name, is_asked in views.items() if is_asked]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)}: expected one of them")
    if asked and not chosen.is_empty and asked != ["--follow"]:
        raise UsageError(f"{asked[0]} shows whole trees; expected no filter with it")
    if args.dot and args.message_id is None:
        raise UsageError("--dot draws the trees of a message id; expected --id as well")
    if args.follow and args.file == "-":
        raise UsageError("--follow -: stdin is followed anyway; expected a file")


# -- the command line -------------------------------------------------------------------------------------------


def _filter(args: argparse.Namespace) -> Filter:
    from simulator.engine import events
    from simulator.model import did_you_mean
    from simulator.traces import Filter

    for name in args.events:
        if name not in events.EVENTS:
            near = did_you_mean(name, events.EVENTS) or f"; there are {', '.join(events.EVENTS)}"
            raise UsageError(f"--event {name}: there is no such event{near}")
    from_ms, until_ms = _between(args.between)
    return Filter(
        frozenset(args.components), frozenset(args.tasks), frozenset(args.events), from_ms, until_ms
    )


def _between(texts: Sequence[str] | None) -> tuple[int, int | None]:
    from simulator.traces import InstantError, parse_instant

    if texts is None:
        return 0, None
    try:
        from_ms, until_ms = map(parse_instant, texts)
    except InstantError as error:
        raise UsageError(f"--between {' '.join(texts)}: {error}") from None
    if from_ms > until_ms:
        raise UsageError(f"--between {' '.join(texts)}: it ends before it begins")
    return from_ms, until_ms


# -- summary ----------------------------------------------------------------------------------------------------


def _summarize(args: argparse.Namespace) -> None:
    from simulator.traces import summarize

    with reading(args.file) as reader:
        summary = summarize(reader)
        for line in _summary_lines(reader, summary):
            say(line)
        for line in _unfinished_lines(args.file, summary):
            say(visible(line))


def _unfinished_lines(path: str, summary: Summary) -> Iterator[str]:
    """The roots that were not acked, and why; for that the file is read once more, which stdin cannot be."""
    from simulator.traces import task_name

    keys = {*summary.failed, *summary.pending}
    if not keys:
        if not summary.unusual:
            yield "\nnothing unusual: no fault, no death, no error; no tuple failed or was pending at the end"
        return
    yield "\nroots that failed, or were pending at the end:"
    if path == "-":
        yield from (
            f"    id {key[2]} of {task_name(*key[:2])}"
            for key in [*summary.failed, *summary.pending]
        )
        return
    roots = _roots(path, lambda emit: (emit.component, emit.task, emit.id_json) in keys)
    unfinished = [root for root in roots if root.outcome_name != "acked"]
    for root in unfinished[:MOST_ROOTS]:
        yield from _root_lines(root, roots)
    counts = summary.components.values()
    left = sum(each.by_event["failed"] + each.pending for each in counts) - MOST_ROOTS
    if left > 0:
        yield f"    and {left} more"
    yield f"\nthe tree of a message id: sparse trace {path} --id ID"


def _summary_lines(reader: TraceReader, summary: Summary) -> Iterator[str]:
    from simulator.traces import shown_ms

    head = reader.head
    whose = (
        f"{visible(head.topology)} like Storm {visible(head.storm)}, seed {visible(head.seed)}; "
        if head
        else ""
    )
    yield (
        f"{visible(reader.name)}: {whose}{summary.count} events from {shown_ms(summary.first_ms)} to "
        f"{shown_ms(summary.last_ms)}"
    )
    yield ""
    yield table(HEADINGS, [*_component_rows(reader, summary)])
    if summary.unusual:
        yield ""
        yield "what was unusual:"
        for event, words in summary.unusual:
            yield f"    {event_line(event, words)}"
        if summary.unusual_count > len(summary.unusual):
            yield f"    and {summary.unusual_count - len(summary.unusual)} more such events"


def _component_rows(
    reader: TraceReader, summary: Summary
) -> Iterator[Sequence[str | int | float | None]]:
    from simulator.traces import ComponentCounts

    kinds = {each.id: each.kind for each in reader.head.components} if reader.head else {}
    tasks: dict[str, set[int]] = {}
    for task, name in reader.component_of.items():
        tasks.setdefault(name, set()).add(task)
    for name in dict.fromkeys([*kinds, *summary.components]):
        counts = summary.components.get(name, ComponentCounts())
        by_event = counts.by_event
        is_spout = kinds.get(name) == "spout" or bool(
            by_event["acked"] or by_event["failed"] or counts.pending
        )
        acked = by_event["acked" if is_spout else "ack"]
        latency = f"{counts.latency_ms / acked:.1f} ms" if is_spout and acked else ""
        yield (
            name,
            ranges(sorted(tasks.get(name, ()))),
            _emitted(counts.emitted),
            acked,
            by_event["failed" if is_spout else "fail"],
            counts.pending if is_spout else None,
            latency,
        )


def _emitted(by_stream: Mapping[str, int]) -> str | int:
    """The emits of a component; a number where there is only the default stream."""
    if by_stream.keys() <= {"default"}:
        return sum(by_stream.values())
    return " ".join(
        str(count) if stream == "default" else f"{stream}:{count}"
        for stream, count in by_stream.items()
    )


def _root_lines(root: Sent, roots: Sequence[Sent]) -> Iterator[str]:
    """What became of one root, whether a later attempt succeeded, and why this one did not."""
    from simulator.traces import outcome_words, reasons, short_json, task_name

    emit = root.emit
    attempt = f", attempt {root.attempt}" if root.attempt > 1 else ""
    later = [
        f"; attempt {each.attempt} was acked"
        for each in roots
        if (each.emit.task, each.emit.id_json) == (emit.task, emit.id_json)
        and each.outcome_name == "acked"
        and each.attempt > root.attempt
    ]
    yield (
        f"    id {short_json(emit.id)} of {task_name(emit.component, emit.task)}{attempt}: "
        f"{outcome_words(root)}{''.join(later[:1])}"
    )
    for why in reasons(root)[:MOST_REASONS]:
        yield f"        {why}"


# -- events -----------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace, chosen: Filter) -> None:
    from simulator.traces import KnownTuples

    known, count = KnownTuples(), 0
    with reading(args.file) as reader:
        for event in reader:
            known.read(event)
            if chosen.takes(event):
                count += 1
                print(event_line(event, known.predicate(event)))
        _check_names(args, reader)
        note(f"{count} of {reader.count} events")


def _check_names(args: argparse.Namespace, reader: TraceReader) -> None:
    """Refuse components and tasks that the trace does not have: an empty list would hide the mistake."""
    from simulator.model import did_you_mean

    names = {*reader.component_of.values()}
    for name in args.components:
        if name not in names:
            near = did_you_mean(name, names) or f"; it has {', '.join(sorted(names))}"
            raise UsageError(
                visible(f"--component {name}: the trace has no component of this name{near}")
            )
    for task in args.tasks:
        if task not in reader.component_of:
            there = ", ".join(
                f"{each} ({name})" for each, name in sorted(reader.component_of.items())[:20]
            )
            raise UsageError(
                visible(f"--task {task}: the trace has no task of this number; it has {there}")
            )


# -- trees ------------------------------------------------------------------------------------------------------


def _roots(path: str, wanted: Callable[..., bool]) -> list[Sent]:
    """The roots that are wanted, in the order of the trace."""
    from simulator.traces import TraceReader, TreeBuilder, open_trace

    with open_trace(path) as file:
        reader = TraceReader(file, path)
        builder = TreeBuilder(reader.component_of, wanted)
        for event in reader:
            builder.read(event)
    return builder.roots


def _show_id(args: argparse.Namespace) -> None:
    from simulator.traces import trees_to_dot

    with reading(args.file) as reader:
        roots, others = trees_of_id(args.message_id, reader, reader.component_of)
        if not roots:
            near = near_ids(args.message_id, others)
            raise UsageError(visible(f"--id {args.message_id}: no tuple has this message id{near}"))
        if args.dot:
            print(trees_to_dot(roots), end="")
            return
        for line in id_lines(roots):
            print(line)


# -- exports ----------------------------------------------------------------------------------------------------


def _export(args: argparse.Namespace) -> None:
    from simulator.traces import perfetto_parts

    name = f"--perfetto {args.perfetto}"
    if args.file != "-" and _is_same_file(args.file, args.perfetto):
        raise UsageError(f"{name}: that is the trace itself; expected another file")
    with reading(args.file) as reader:
        parts = perfetto_parts(reader)
        begin = next(parts) + next(parts)  # what is no trace is refused before a file is made
        OutputFile("--perfetto", args.perfetto, PERFETTO, force=args.force).write(begin, parts)
    print(f"{visible(args.perfetto)} is written; open it at https://ui.perfetto.dev")


def _is_same_file(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:  # one of them is not there yet
        return False
