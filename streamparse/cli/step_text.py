"""What ``--step`` prints of a run between two waves: events, queues, roots, tasks, and the table so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from streamparse.cli.output import table, visible
from streamparse.cli.simulation_report import explained
from streamparse.cli.trace_text import event_line

if TYPE_CHECKING:
    from simulator.engine import events
    from simulator.stepping import HeldTuple, Moment, Stepper, TaskMoment

MOST_EVENTS = 12  # of a wave that are shown at once; `events` shows all
MOST_TUPLES = 10  # of a task that are shown at once; `queues ID` shows all
MOST_ROOTS = 20


def wave_lines(stepper: Stepper) -> Iterator[str]:
    """Yield what the last wave did, and what waits behind it."""
    from simulator.traces import shown_ms

    if stepper.wave == 0:
        yield "this is the start: no wave has run"
    else:
        count = _counted(len(stepper.events), "event")
        yield f"wave {stepper.wave} began at {shown_ms(stepper.began_ms)}: {count}"
    yield from event_lines(stepper, MOST_EVENTS)
    yield f"  {visible(_counts(stepper.look()))}"


def event_lines(stepper: Stepper, most: int | None = None) -> Iterator[str]:
    """Yield the events of the last wave.

    Args:
        stepper: drives the run.
        most: how many; None: all.
    """
    from simulator.traces import KnownTuples

    known = KnownTuples()
    happened = stepper.events
    for event in _before(stepper, happened):
        known.read(event)
    for event in happened[:most]:
        known.read(event)
        yield f"  {event_line(event, known.predicate(event))}"
    if most is not None and len(happened) > most:
        yield f"  ... {len(happened) - most} more: events shows all"


def _before(stepper: Stepper, happened: Sequence[events.Event]) -> Iterable[events.Event]:
    """The events before those of the wave, as far back as values are remembered."""
    end = stepper.trace.size - len(happened)
    return stepper.trace.events_from(0)[:end]


def _counts(moment: Moment) -> str:
    waiting = [f"{_name(each)} {len(each.queue)}" for each in moment.tasks if each.queue]
    held = [f"{_name(each)} {len(each.held)}" for each in moment.tasks if each.held]
    down = [_name(each) for each in moment.tasks if each.is_down]
    parts = [
        f"queues: {', '.join(waiting) or 'empty'}",
        f"held: {', '.join(held) or 'nothing'}",
        f"pending: {len(moment.pending)}",
        *([f"down: {', '.join(down)}"] if down else []),
    ]
    return "; ".join(parts)


def end_lines(stepper: Stepper) -> Iterator[str]:
    """Yield why the run has ended; nothing while it goes on."""
    stopped = stepper.stopped
    if stopped is None:
        return
    why = {
        "time": "time is up",
        "idle": "nothing is left to do",
        "error": "a component failed",
    }[stopped]
    yield f"the run has ended: {why}; table shows the result, back goes back"
    if stopped == "error":
        for text in explained(stepper.simulation.failures):
            yield from map(visible, text.split("\n"))


def tuple_lines(
    moment: Moment,
    component: str | None,
    name: str,
    tuples_of: Callable[[TaskMoment], Sequence[HeldTuple]],
) -> Iterator[str]:
    """Yield the tuples of each task.

    Args:
        moment: between two waves.
        component: whose tasks; None: all, and the first tuples of each.
        name: of the command.
        tuples_of: returns the tuples of a task.
    """
    for task in moment.tasks:
        tuples = tuples_of(task)
        if not tuples or component not in (None, task.component):
            continue
        yield visible(f"  {_name(task)}: {_counted(len(tuples), 'tuple')}")
        shown = tuples if component is not None else tuples[:MOST_TUPLES]
        for each in shown:
            yield visible(f"    {_tuple(each)}")
        if len(shown) < len(tuples):
            more = len(tuples) - len(shown)
            yield visible(f"    ... {more} more: {name} {task.component} shows all")


def pending_lines(moment: Moment) -> Iterator[str]:
    """Yield the roots that spouts wait for, and who has their tuples."""
    from simulator.traces import shown_ms

    for each in moment.pending[:MOST_ROOTS]:
        who = ", ".join(f"{name}[{task}] has {text}" for name, task, text in each.holders[:5])
        yield visible(
            f"  id {each.message_id} of {each.component}[{each.task}], since "
            f"{shown_ms(each.emitted_ms)}: {who or 'no task has a tuple of it'}"
        )
    if len(moment.pending) > MOST_ROOTS:
        yield f"  ... {len(moment.pending) - MOST_ROOTS} more"
    if not moment.pending:
        yield "  no root is pending"


def tasks_table(moment: Moment) -> str:
    """Return a line for each task."""
    pending = [each.task for each in moment.pending]
    rows = [
        (
            _name(each),
            len(each.queue) if each.kind == "bolt" else None,
            len(each.held) if each.kind == "bolt" else None,
            len(each.on_the_way) if each.kind == "bolt" else None,
            pending.count(each.task) if each.kind == "spout" else None,
            _state(each),
        )
        for each in moment.tasks
    ]
    return table(("task", "queue", "held", "late", "pending", "state"), rows)


def run_lines(stepper: Stepper, width: int | None) -> Iterator[str]:
    """Yield the table of ``sparse simulate``, so far.

    Args:
        stepper: drives the run.
        width: the columns of a printed value; None: as many as it takes.
    """
    from simulator.engine import report_on
    from streamparse.cli.simulation_report import table as run_table

    stopped = stepper.stopped or "interrupted"
    report = report_on(stepper.simulation, stopped, until_ms=stepper.until_ms)
    text = run_table(report, width)
    if stepper.stopped is None:
        text = text.replace("; interrupted\n", "; it goes on\n", 1)
    yield from map(visible, text.split("\n"))


def _name(task: TaskMoment) -> str:
    return f"{task.component}[{task.task}]"


def _state(task: TaskMoment) -> str:
    from simulator.traces import shown_ms

    if task.is_down:
        return "down"
    return "" if task.busy_until_ms is None else f"busy until {shown_ms(task.busy_until_ms)}"


def _tuple(each: HeldTuple) -> str:
    from simulator.traces import short_json, shown_ms
    from streamparse.multilang import DEFAULT_STREAM

    values = each.values_json if len(each.values_json) <= 100 else f"{each.values_json[:100]}..."
    whose = each.source if each.source_task < 0 else f"{each.source}[{each.source_task}]"
    on = "" if each.stream == DEFAULT_STREAM else f" on {short_json(each.stream)[1:-1]}"
    late = "" if each.due_ms is None else f", arrives at {shown_ms(each.due_ms)}"
    return f"{values} from {whose}{on}{late}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
