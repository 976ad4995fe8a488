"""What a page is made of: the events of a run, and beside them what no trace has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from simulator.engine import Failure, Head, Report, ReportedErrors
from simulator.engine import events as trace_events
from simulator.page.graph import Graph, graph_of_events, graph_of_head

__all__ = [
    "MOST_ERRORS",
    "ErrorReport",
    "LogLine",
    "PageSource",
    "Wave",
    "errors_of",
    "source_of_events",
]

MOST_ERRORS: Final = 1_000  # that a page has


class Wave(NamedTuple):
    """The end of a wave: what was sent in it arrives then.

    Attributes:
        after: the number of events up to then.
        at_ms: when it ended, in virtual milliseconds.
    """

    after: int
    at_ms: int


class LogLine(NamedTuple):
    """A line that a component logged, or wrote on stderr.

    Attributes:
        at_ms: when, in virtual milliseconds.
        component, task: who.
        level: "trace" to "error", or "stderr".
        message: the text.
        after: the number of events before it, which is its place among them; -1 when that is not known.
    """

    at_ms: int
    component: str
    task: int
    level: str
    message: str
    after: int = -1


class ErrorReport(NamedTuple):
    """An error that a component reported.

    Attributes:
        at_ms: when, in virtual milliseconds.
        component, task: who.
        text: its message, with the traceback.
        after: the number of events before it, which is its place among them; -1 when that is not known.
    """

    at_ms: int
    component: str
    task: int
    text: str
    after: int = -1


@dataclass(frozen=True)
class PageSource:
    """A run, as a page shows it.

    Attributes:
        title: its name: that of the topology, or of the trace file.
        events: its events, in the order of the trace.
        graph: components, tasks and streams.
        facts: what is told about the run as a whole, a value by name, such as ``{"Storm": "2.8.3"}``.
        taken: when bolts were handed tuples, in virtual milliseconds, by Storm's ids of the copies; None where that was
            not kept, as in a trace file. Then the page takes it that a task takes a tuple when it arrives, or when it
            has settled the one before.
        waves: the ends of waves, ascending; without one, what was sent arrives a millisecond later.
        logs: what components logged.
        errors: what they reported, with tracebacks.
        sources: the directory of the user's code, which tells his frames from those of others; empty if not known.
        notes: what the reader has to know, such as what of a file could not be read.
    """

    title: str
    events: Sequence[trace_events.Event]
    graph: Graph
    facts: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, int] | None = None
    waves: Sequence[Wave] = ()
    logs: Sequence[LogLine] = ()
    errors: Sequence[ErrorReport] = ()
    sources: str = ""
    notes: Sequence[str] = ()


def source_of_events(
    title: str,
    events: Sequence[trace_events.Event],
    *,
    head: Head | None = None,
    graph: Graph | None = None,
    notes: Sequence[str] = (),
) -> PageSource:
    """The source of a page that is made from events alone, as from a trace file.

    Args:
        title: the name of the run.
        events: its events.
        head: the head of the trace file, which has components, tasks and streams.
        graph: these where they are known from elsewhere; without both they are derived from the events.
        notes: what the reader has to know.
    """
    facts = {} if head is None else {"Storm": head.storm, "seed": head.seed}
    graph = graph or (graph_of_events(events) if head is None else graph_of_head(head))
    errors = errors_of(events)
    left_out = len(errors) - MOST_ERRORS
    if left_out > 0:
        notes = [*notes, f"{left_out:,} errors after the first {MOST_ERRORS:,} are not listed."]
    return PageSource(title, events, graph, facts, errors=errors[:MOST_ERRORS], notes=notes)


def errors_of(
    events: Iterable[trace_events.Event], report: Report | None = None
) -> list[ErrorReport]:
    """The errors of a run, with the tracebacks that its report has.

    Args:
        events: the events of the run, which have the errors with their times, and of each the last line.
        report: its report; without it the last lines are all that is known.
    """
    reported = () if report is None else report.reported
    failures = () if report is None else report.failures
    return [
        ErrorReport(
            event.at_ms,
            event.component,
            event.task,
            _traceback(event, reported, failures) or event.message,
            place,
        )
        for place, event in enumerate(events)
        if isinstance(event, trace_events.Error)
    ]


def _traceback(
    event: trace_events.Error, reported: Iterable[ReportedErrors], failures: Iterable[Failure]
) -> str | None:
    texts = [each.text for each in reported if each.component == event.component]
    texts += [each.error for each in failures if each.component == event.component]
    lines = (text for text in texts if text.rstrip().endswith(event.message))
    return next(lines, None)
