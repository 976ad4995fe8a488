"""``sparse simulate --step``: a run that is driven by what somebody types, wave by wave, forwards and backwards."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamparse.cli.colour import GREEN, YELLOW, painted
from streamparse.cli.output import say, table, visible
from streamparse.cli.simulation_report import explained
from streamparse.cli.trace_text import event_line, id_lines, near_ids, trees_of_id

if TYPE_CHECKING:
    from simulator import RunOptions
    from simulator.engine import Delivery, Listener, Trace
    from simulator.model import Topology
    from simulator.stepping import Breakpoint, Drivable, HeldTuple, MakeRun, Stepper, TaskMoment
    from simulator.transports import StderrListener

MOST_EVENTS = 12  # of a wave that are shown at once; `events` shows all
MOST_TUPLES = 10  # of a task that are shown at once; `queues ID` shows all
MOST_ROOTS = 20
MOST_STEPS = 10_000_000

HELP = """\
  next [N]         run the next wave, or N of them; Enter does the same
  run              go on to the next breakpoint, or to the end
  back [N]         go back one wave, or N
  goto TIME        go to a virtual time, such as 12s; backwards too
  goto wave N      go to the end of a wave; 0 is the start
  break WHERE      stop at a time (30s), or when a component has an event: count-bolt:tuple@3 for its 3rd tuple,
                   word-spout:failed for each; events are tuple, emit, ack, fail, acked, failed, tick, died, ...
  breaks           list the breakpoints
  delete N         delete the breakpoint with this number; delete all
  queues [ID]      what waits in front of the bolts
  held [ID]        what bolts have and have neither acked nor failed
  pending          the roots that spouts wait for, and who has their tuples
  tasks            a line for each task
  events           all events of the last wave
  tree ID          the trees of a message id, so far
  table            the table of `sparse simulate`, so far
  help             this text
  quit             end; so do Ctrl-C and the end of the input"""

ALIASES = {
    "": "next",
    "n": "next",
    "step": "next",
    "s": "next",
    "r": "run",
    "c": "run",
    "continue": "run",
    "b": "break",
    "g": "goto",
    "q": "quit",
    "exit": "quit",
    "h": "help",
    "?": "help",
    "t": "table",
    "e": "events",
}


class _MistypedError(Exception):
    """A line that cannot be obeyed; one line that says why."""


# -- the run ----------------------------------------------------------------------------------------------------


class Muted:
    """A listener that passes on what components say, but for waves that are run once more.

    Attributes:
        is_muted: asked whether nothing is passed on.
    """

    def __init__(self, listener: Listener, on_stderr: StderrListener) -> None:
        self.is_muted: Callable[[], bool] = lambda: False
        self._listener = listener
        self._on_stderr = on_stderr

    def log(self, component: str, task: int, level: int, message: str) -> None:
        if not self.is_muted():
            self._listener.log(component, task, level, message)

    def progress(self, now_ms: int) -> None:
        return None

    def stderr(self, component: str, task: int, line: str) -> None:
        if not self.is_muted():
            self._on_stderr(component, task, line)


def maker(
    topology: Topology,
    options: RunOptions,
    listener: Muted,
    clock: Callable[[], Any],
) -> MakeRun:
    """Return what makes the run that ``sparse simulate`` makes, each time anew.

    Args:
        clock: gives the context of the clock that components see; a new one for each run.
    """
    from simulator import ready

    @contextmanager
    def make(trace: Trace, on_delivery: Callable[[Delivery, int], object]) -> Iterator[Drivable]:
        with (
            clock() as shown,
            ready(
                topology,
                options,
                trace=trace,
                listener=listener,
                on_stderr=listener.stderr,
                clock=shown,
                on_delivery=on_delivery,
                is_watched=True,
            ) as run,
        ):
            yield run

    return make


# -- the session ------------------------------------------------------------------------------------------------


def lines_of(prompt: Callable[[], str]) -> Iterator[str]:
    """Yield what is typed; from a pipe, each line is shown behind its prompt, as on a terminal."""
    if sys.stdin is None:
        return
    if sys.stdin.isatty():
        with suppress(ImportError):  # with it, input() has a history and can be edited
            import readline  # noqa: F401
        while True:
            try:
                yield input(prompt())
            except EOFError:
                say("")
                return
    while line := sys.stdin.readline():
        say(f"{prompt()}{visible(line.strip())}")
        yield line


@dataclass
class Session:
    """What is asked of a run, and what is answered.

    Args:
        stepper: drives the run.
        width: the columns of a printed value of the table; None: as many as it takes.
    """

    stepper: Stepper
    width: int | None

    def __post_init__(self) -> None:
        self._breakpoints: list[Breakpoint] = []
        self._commands: Mapping[str, Callable[[Sequence[str]], None]] = {
            "next": self._next,
            "run": self._run,
            "back": self._back,
            "goto": self._goto,
            "break": self._break,
            "breaks": self._breaks,
            "delete": self._delete,
            "queues": self._queues,
            "held": self._held,
            "pending": self._pending,
            "tasks": self._tasks,
            "events": self._events,
            "tree": self._tree,
            "table": self._table,
            "help": self._help,
        }

    @property
    def prompt(self) -> str:
        """Where the run is: ``wave 3, 12 ms> ``."""
        from simulator.traces import shown_ms

        return f"wave {self.stepper.wave}, {shown_ms(self.stepper.simulation.now_ms)}> "

    def begin(self) -> None:
        """Say where the run is, and how to get help."""
        topology = self.stepper.simulation.topology
        options = self.stepper.simulation.options
        say(
            f"{visible(topology.name)} like Storm {options.storm_version}, seed {visible(str(options.seed))}: "
            "all components have started; help lists what can be typed"
        )
        self._show_end()

    def obey(self, line: str) -> bool:
        """Do what a line asks for; return whether the session goes on."""
        from simulator.stepping import ReplayError

        word, *rest = line.split() or [""]
        if word.startswith("#"):
            return True
        name = ALIASES.get(word.lower(), word.lower())
        if name == "quit":
            return False
        try:
            if name not in self._commands:
                raise _MistypedError(self._unknown(word))
            self._commands[name](rest)
        except _MistypedError as error:
            say(visible(str(error)))
        except ReplayError as error:
            say(painted(f"warning: {visible(str(error))}", YELLOW, sys.stdout))
        return True

    def _unknown(self, word: str) -> str:
        from simulator.model import did_you_mean

        near = did_you_mean(word.lower(), self._commands, cutoff=0.6)
        return f"there is no command {word[:80]!r}{near}; help lists them"

    # -- forwards and backwards

    def _next(self, words: Sequence[str]) -> None:
        count = _number(words, 1, "next N")
        before = self.stepper.wave
        for _ in range(count):
            if not self.stepper.next():
                break
        self._arrive(before)

    def _run(self, words: Sequence[str]) -> None:
        _no_more(words, "run")
        before = self.stepper.wave
        for each in self.stepper.run(self._breakpoints):
            say(painted(f"breakpoint {visible(str(each))}", GREEN, sys.stdout))
        self._arrive(before)

    def _back(self, words: Sequence[str]) -> None:
        count = _number(words, 1, "back N")
        if self.stepper.wave == 0:
            raise _MistypedError("this is the start; there is nothing before it")
        self.stepper.go_to_wave(max(self.stepper.wave - count, 0))
        self._show_wave()

    def _goto(self, words: Sequence[str]) -> None:
        from simulator.traces import InstantError, parse_instant

        if words[:1] == ["wave"]:
            self.stepper.go_to_wave(_number(words[1:], None, "goto wave N", least=0))
        elif len(words) != 1:
            raise _MistypedError("goto TIME: expected a virtual time, such as 12s, or: goto wave 3")
        else:
            try:
                at_ms = parse_instant(words[0])
            except InstantError as error:
                raise _MistypedError(f"goto {words[0]}: {error}, or: goto wave 3") from None
            self.stepper.go_to_ms(at_ms)
        self._show_wave()
        self._show_end()

    # -- breakpoints

    def _break(self, words: Sequence[str]) -> None:
        from simulator.stepping import BreakpointError, parse_breakpoint

        if not words:
            self._breaks(words)
            return
        try:
            found = parse_breakpoint(" ".join(words), self.stepper.simulation.topology)
        except BreakpointError as error:
            raise _MistypedError(f"break {' '.join(words)}: {error}") from None
        if found not in self._breakpoints:
            self._breakpoints.append(found)
        passed = "it has been passed, and goto goes back" if self.stepper.has_passed(found) else ""
        number = self._breakpoints.index(found) + 1
        say(visible(f"breakpoint {number}: {found}; {passed or 'run goes on to it'}"))

    def _breaks(self, words: Sequence[str]) -> None:
        _no_more(words, "breaks")
        for number, each in enumerate(self._breakpoints, 1):
            say(visible(f"breakpoint {number}: {each}"))
        if not self._breakpoints:
            say("no breakpoint; break 30s, or break COMPONENT:EVENT, makes one")

    def _delete(self, words: Sequence[str]) -> None:
        if list(words) == ["all"]:
            self._breakpoints.clear()
        else:
            number = _number(words, None, "delete N")
            if number > len(self._breakpoints):
                raise _MistypedError(
                    f"delete {number}: there are {len(self._breakpoints)} breakpoints"
                )
            del self._breakpoints[number - 1]
        self._breaks([])

    # -- looking

    def _arrive(self, before: int) -> None:
        if self.stepper.wave != before:
            self._show_wave()
        self._show_end()

    def _show_wave(self) -> None:
        from simulator.traces import shown_ms

        happened = self.stepper.events
        if self.stepper.wave == 0:
            say("this is the start: no wave has run")
        else:
            events = f"{len(happened)} event{'' if len(happened) == 1 else 's'}"
            say(f"wave {self.stepper.wave} began at {shown_ms(self.stepper.began_ms)}: {events}")
        self._show_events(MOST_EVENTS)
        self._show_counts()

    def _show_events(self, most: int | None) -> None:
        from simulator.traces import KnownTuples

        known = KnownTuples()
        happened = self.stepper.events
        for event in self._before(happened):
            known.read(event)
        for event in happened[:most]:
            known.read(event)
            say(f"  {event_line(event, known.predicate(event))}")
        if most is not None and len(happened) > most:
            say(f"  ... {len(happened) - most} more: events shows all")

    def _before(self, happened: Sequence[Any]) -> Iterable[Any]:
        """The events before those of the wave, as far back as values are remembered."""
        end = self.stepper.trace.size - len(happened)
        return self.stepper.trace.events_from(0)[:end]

    def _show_counts(self) -> None:
        moment = self.stepper.look()
        waiting = [
            f"{each.component}[{each.task}] {len(each.queue)}"
            for each in moment.tasks
            if each.queue
        ]
        held = [
            f"{each.component}[{each.task}] {len(each.held)}" for each in moment.tasks if each.held
        ]
        down = [f"{each.component}[{each.task}]" for each in moment.tasks if each.is_down]
        parts = [
            f"queues: {', '.join(waiting) or 'empty'}",
            f"held: {', '.join(held) or 'nothing'}",
            f"pending: {len(moment.pending)}",
            *([f"down: {', '.join(down)}"] if down else []),
        ]
        say(f"  {visible('; '.join(parts))}")

    def _show_end(self) -> None:
        stopped = self.stepper.stopped
        if stopped is None:
            return
        why = {
            "time": "time is up",
            "idle": "nothing is left to do",
            "error": "a component failed",
        }[stopped]
        say(f"the run has ended: {why}; table shows the result, back goes back")
        if stopped == "error":
            for text in explained(self.stepper.simulation.failures):
                say("\n".join(map(visible, text.split("\n"))))

    def _queues(self, words: Sequence[str]) -> None:
        self._show_tuples(words, "queues", lambda task: (*task.queue, *task.on_the_way))

    def _held(self, words: Sequence[str]) -> None:
        self._show_tuples(words, "held", lambda task: task.held)

    def _show_tuples(
        self,
        words: Sequence[str],
        name: str,
        tuples_of: Callable[[Any], Sequence[HeldTuple]],
    ) -> None:
        component = self._component(words, name)
        count = 0
        for task in self.stepper.look().tasks:
            if component is not None and task.component != component:
                continue
            tuples = tuples_of(task)
            count += len(tuples)
            if tuples:
                say(visible(f"  {task.component}[{task.task}]: {_counted(len(tuples), 'tuple')}"))
            shown = tuples if component is not None else tuples[:MOST_TUPLES]
            for each in shown:
                say(visible(f"    {_tuple(each)}"))
            if len(shown) < len(tuples):
                more = len(tuples) - len(shown)
                say(visible(f"    ... {more} more: {name} {task.component} shows all"))
        if not count:
            say("  nothing waits" if name == "queues" else "  nothing is held")

    def _component(self, words: Sequence[str], name: str) -> str | None:
        from simulator.model import did_you_mean

        if not words:
            return None
        components = self.stepper.simulation.topology.components
        word = " ".join(words)
        if word not in components:
            near = did_you_mean(word, components) or f"; there are {', '.join(components)}"
            raise _MistypedError(f"{name} {word}: there is no component {word!r}{near}")
        return word

    def _pending(self, words: Sequence[str]) -> None:
        from simulator.traces import shown_ms

        _no_more(words, "pending")
        pending = self.stepper.look().pending
        for each in pending[:MOST_ROOTS]:
            who = ", ".join(f"{name}[{task}] has {text}" for name, task, text in each.holders[:5])
            say(
                visible(
                    f"  id {each.message_id} of {each.component}[{each.task}], since "
                    f"{shown_ms(each.emitted_ms)}: {who or 'no task has a tuple of it'}"
                )
            )
        if len(pending) > MOST_ROOTS:
            say(f"  ... {len(pending) - MOST_ROOTS} more")
        if not pending:
            say("  no root is pending")

    def _tasks(self, words: Sequence[str]) -> None:
        _no_more(words, "tasks")
        moment = self.stepper.look()
        pending = [each.task for each in moment.pending]
        rows = [
            (
                f"{each.component}[{each.task}]",
                len(each.queue) if each.kind == "bolt" else None,
                len(each.held) if each.kind == "bolt" else None,
                len(each.on_the_way) if each.kind == "bolt" else None,
                pending.count(each.task) if each.kind == "spout" else None,
                _state(each),
            )
            for each in moment.tasks
        ]
        say(table(("task", "queue", "held", "late", "pending", "state"), rows))

    def _events(self, words: Sequence[str]) -> None:
        _no_more(words, "events")
        self._show_events(None)
        if not self.stepper.events:
            say("  no event")

    def _tree(self, words: Sequence[str]) -> None:
        if not words:
            raise _MistypedError("tree ID: expected a message id, such as 5")
        text = " ".join(words)
        trace = self.stepper.trace
        roots, others = trees_of_id(text, trace.events_from(0), trace.components)
        if not roots:
            raise _MistypedError(
                f"tree {text}: no tuple has this message id so far{near_ids(text, others)}"
            )
        for line in id_lines(roots):
            say(line)

    def _table(self, words: Sequence[str]) -> None:
        from simulator.engine import report_on
        from streamparse.cli.simulation_report import table as run_table

        _no_more(words, "table")
        stopped = self.stepper.stopped or "interrupted"
        report = report_on(self.stepper.simulation, stopped, until_ms=self.stepper.until_ms)
        text = run_table(report, self.width)
        if self.stepper.stopped is None:
            text = text.replace("; interrupted\n", "; it goes on\n", 1)
        say("\n".join(map(visible, text.split("\n"))))

    def _help(self, words: Sequence[str]) -> None:
        say(HELP)


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


def _number(words: Sequence[str], default: int | None, usage: str, *, least: int = 1) -> int:
    if not words and default is not None:
        return default
    text = " ".join(words)
    if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= MOST_STEPS:
        raise _MistypedError(f"{usage}: expected a number from {least} to {MOST_STEPS}")
    return int(text)


def _no_more(words: Sequence[str], name: str) -> None:
    if words:
        raise _MistypedError(f"{name} {' '.join(words)}: {name} takes no more words")


def converse(session: Session, lines: Iterable[str]) -> None:
    """Obey lines until one ends the session, or there are no more."""
    session.begin()
    for line in lines:
        if not session.obey(line):
            return
