"""Collects what the page of a run needs, while the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from simulator.engine import Delivery, Head, Listener, Report, Trace
from simulator.engine import events as trace_events
from simulator.page.graph import Graph
from simulator.page.source import MOST_ERRORS, LogLine, PageSource, Wave, errors_of
from streamparse.multilang import LOG_NAMES

__all__ = ["Collector"]

MOST_KEPT: Final = 1_000_000  # events; a page shows a sample of so many
MOST_LOGS: Final = 20_000  # lines that are kept: a component may log one for each tuple


class Collector:
    """Takes what a run shows, and hands it on to those who show it at once.

    It is a ``Listener`` and takes deliveries and lines of stderr: give ``simulate`` its ``trace``, itself as
    ``listener``, ``stderr`` as ``on_stderr`` and ``take`` as ``on_delivery``.

    Args:
        listener: is told all that this is told.
        on_stderr: called with each line of stderr.
        sink: called with the lines of the trace and its head, as ``Trace`` calls it.
        most_events: how many events are kept, the first of the run.

    Attributes:
        trace: takes the events of the run.
    """

    def __init__(
        self,
        listener: Listener | None = None,
        on_stderr: Callable[[str, int, str], object] | None = None,
        sink: Callable[[str], object] | None = None,
        *,
        most_events: int = MOST_KEPT,
    ) -> None:
        self.trace = Trace(sink=self._keep_lines, with_head=True)
        self._sink = sink
        self._most_events = most_events
        # Texts and numbers: many objects would make the run slower.
        self._lines: list[str] = []
        self._lines_kept = 0
        self._wave_ends: list[int] = []
        self._wave_counts: list[int] = [0]
        self._listener = listener
        self._on_stderr = on_stderr
        self._taken: dict[str, int] = {}
        self._logs: list[LogLine] = []
        self._logs_left_out = 0
        self._now_ms = 0

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self._keep(component, task, LOG_NAMES[level], message, self.trace.count)
        if self._listener is not None:
            self._listener.log(component, task, level, message)

    def progress(self, now_ms: int) -> None:
        self._now_ms = now_ms
        count, before = self.trace.count, self._wave_counts[-1]
        if before < count and before < self._most_events:
            self._wave_counts.append(count)
            self._wave_ends.append(now_ms)
        if self._listener is not None:
            self._listener.progress(now_ms)

    def stderr(self, component: str, task: int, line: str) -> None:
        """Take a line of a component's stderr: it has no place among the events, only about a time."""
        self._keep(component, task, "stderr", line, -1)
        if self._on_stderr is not None:
            self._on_stderr(component, task, line)

    def take(self, delivery: Delivery, now_ms: int) -> None:
        """Take a tuple that a bolt is handed."""
        self._now_ms = now_ms
        if len(self._taken) < self._most_events:
            self._taken[delivery.id] = now_ms

    def _keep_lines(self, text: str) -> None:
        if self._sink is not None:
            self._sink(text)
        if self._lines_kept < self._most_events and not Head.is_line(text):
            self._lines.append(text)
            self._lines_kept += text.count("\n")

    def _keep(self, component: str, task: int, level: str, message: str, after: int) -> None:
        if len(self._logs) < MOST_LOGS:
            self._logs.append(LogLine(self._now_ms, component, task, level, message, after))
        else:
            self._logs_left_out += 1

    def source(
        self,
        title: str,
        graph: Graph,
        report: Report | None = None,
        *,
        facts: Mapping[str, str] | None = None,
        sources: str = "",
    ) -> PageSource:
        """What the page of the run is made of.

        Args:
            title: the name of the run.
            graph: its components, tasks and streams.
            report: its report, which has the tracebacks; None where the run has none.
            facts: what is told about the run as a whole, a value by name.
            sources: the directory of the user's code.
        """
        self.trace.flush()
        lines = "".join(self._lines).split("\n")[:-1]
        events = trace_events.from_lines(lines[: self._most_events])
        errors = errors_of(events, report)
        left_out = {
            f"events after the first {self._most_events:,}": self.trace.count - len(events),
            f"log lines after the first {MOST_LOGS:,}": self._logs_left_out,
            f"errors after the first {MOST_ERRORS:,}": len(errors) - MOST_ERRORS,
        }
        notes = [f"{n:,} {what} were not kept." for what, n in left_out.items() if n > 0]
        return PageSource(
            title=title,
            events=events,
            graph=graph,
            facts=facts or {},
            taken=self._taken,
            waves=[*map(Wave, self._wave_counts[1:], self._wave_ends)],
            logs=[_placed(each, events) for each in self._logs],
            errors=errors[:MOST_ERRORS],
            sources=sources,
            notes=notes,
        )


def _placed(line: LogLine, events: Sequence[trace_events.Event]) -> LogLine:
    """A line with its very time: that of the event before it, where the same task caused it.

    A listener is told the time when a wave has ended, so the first lines behind a jump of the clock seem to be early.
    """
    if 0 < line.after <= len(events):
        before = events[line.after - 1]
        if before.task == line.task and before.at_ms > line.at_ms:
            return line._replace(at_ms=before.at_ms)
    return line
