"""The report of ``sparse simulate``: a table, the last values, and what failed."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simulator.drawing import printable
from streamparse.cli.output import cut

if TYPE_CHECKING:
    from simulator.engine import ComponentReport, Failure, Report, ReportedErrors

__all__ = ["WIDTH", "busy", "explained", "survived", "table"]

WIDTH = 120  # of a line with values, where there is no terminal
HEADINGS = ("component", "tasks", "emitted", "executed", "acked", "failed", "pending", "latency")
LOAD_HEADINGS = ("busy", "queue", "waited")  # where work takes time
ERRORS = "errors"  # the last column, where there are any


def table(report: Report, width: int | None = WIDTH) -> str:
    """Return one line about the run, a row for each component, and the last values; the same at every run.

    Args:
        width: the columns of a line with values; what is longer is cut. None: nothing is.
    """
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
    if any(each.load for each in report.components.values()):
        for row, cells in zip(rows, [LOAD_HEADINGS, *_loads(report)], strict=True):
            row.extend(cells)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    ]
    return "\n".join(
        [
            head,
            "",
            *map(str.rstrip, lines),
            *_last_values(report, width),
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
        printable(each.id) + (f" (restarted {each.restarts}x)" if each.restarts else ""),
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


def _loads(report: Report) -> Iterator[Sequence[str]]:
    for each in report.components.values():
        load = each.load
        if load is None:
            yield ("", "", "")
        elif each.type == "spout":
            yield (f"{load.busy:.0%}", "", "")
        else:
            yield (f"{load.busy:.0%}", str(load.queue), f"{load.waited_ms:.1f} ms")


def _last_values(report: Report, width: int | None) -> Iterator[str]:
    for component, streams in report.outputs.items():
        for stream, rows in streams.items():
            yield ""
            on = "" if stream == "default" else f" on {stream}"
            yield f"{printable(component)} emitted last{on}:"
            yield from (
                cut(f"    {json.dumps(values, ensure_ascii=False)}", width) for values in rows
            )


def busy(report: Report) -> str:
    """The real seconds of each component, the only line that differs between two runs."""
    return "busy: " + ", ".join(
        f"{printable(each.id)} {each.seconds:.2f} s" for each in report.components.values()
    )


def ranges(tasks: Sequence[int]) -> str:
    """Return consecutive task ids: "3-4", "5", "none"."""
    if not tasks:
        return "none"
    return str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]}-{tasks[-1]}"


def explained(failures: Sequence[Failure]) -> Iterator[str]:
    """Yield everything that is known of each failure, once for all components and tasks with the same.

    It is the line of the failure, then the component's error, stack or stderr.
    """
    tasks_by_text: dict[tuple[str, str], dict[str, list[int]]] = {}
    for failure in failures:
        about = str(failure).partition(": ")[2]
        tasks = tasks_by_text.setdefault((about, _details(failure)), {})
        tasks.setdefault(failure.component, []).append(failure.task)
    for (about, details), tasks in tasks_by_text.items():
        whose = ", ".join(_whose(name, ids) for name, ids in tasks.items())
        yield f"error: {whose}: {about}{details}"


def _whose(component: str, tasks: Sequence[int]) -> str:
    """A component with its tasks, each once."""
    once = dict.fromkeys(tasks)
    times = f" ({len(tasks)} times)" if len(tasks) > len(once) else ""
    return f"{component}[{', '.join(map(str, once))}]{times}"


def survived(reported: Sequence[ReportedErrors]) -> Iterator[str]:
    """Yield each error that a component reported and went on from, with the traceback of the first."""
    from simulator.testing import (
        without_our_frames,
    )

    for each in reported:
        details = each.text.strip()
        shown = f"\n{_indented(without_our_frames(details))}" if "\n" in details else ""
        yield f"error: {each}{shown}"


def _details(failure: Failure) -> str:
    from simulator.testing import (
        users_stack,
        without_our_frames,
    )

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
