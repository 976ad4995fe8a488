"""``sparse simulate --step``: a run that is driven by what somebody types, wave by wave, forwards and backwards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamparse.cli.colour import GREEN, YELLOW, painted
from streamparse.cli.output import say, visible
from streamparse.cli.step_breakpoints import Breakpoints
from streamparse.cli.step_text import (
    end_lines,
    event_lines,
    pending_lines,
    run_lines,
    tasks_table,
    tuple_lines,
    wave_lines,
)
from streamparse.cli.step_words import MistypedError, check_no_more, number_of
from streamparse.cli.trace_text import id_lines, near_ids, trees_of_id

if TYPE_CHECKING:
    from simulator.stepping import HeldTuple, Stepper, TaskMoment

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
        self._breakpoints = Breakpoints()
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
        _say_all(end_lines(self.stepper))

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
                raise MistypedError(self._unknown(word))
            self._commands[name](rest)
        except MistypedError as error:
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
        count = number_of(words, 1, "next N")
        before = self.stepper.wave
        for _ in range(count):
            if not self.stepper.next():
                break
        self._arrive(before)

    def _run(self, words: Sequence[str]) -> None:
        check_no_more(words, "run")
        before = self.stepper.wave
        for each in self.stepper.run(self._breakpoints.all):
            say(painted(f"breakpoint {visible(str(each))}", GREEN, sys.stdout))
        self._arrive(before)

    def _arrive(self, before: int) -> None:
        if self.stepper.wave != before:
            _say_all(wave_lines(self.stepper))
        _say_all(end_lines(self.stepper))

    def _back(self, words: Sequence[str]) -> None:
        count = number_of(words, 1, "back N")
        if self.stepper.wave == 0:
            raise MistypedError("this is the start; there is nothing before it")
        self.stepper.go_to_wave(max(self.stepper.wave - count, 0))
        _say_all(wave_lines(self.stepper))

    def _goto(self, words: Sequence[str]) -> None:
        from simulator.traces import InstantError, parse_instant

        if words[:1] == ["wave"]:
            self.stepper.go_to_wave(number_of(words[1:], None, "goto wave N", least=0))
        elif len(words) != 1:
            raise MistypedError("goto TIME: expected a virtual time, such as 12s, or: goto wave 3")
        else:
            try:
                at_ms = parse_instant(words[0])
            except InstantError as error:
                raise MistypedError(f"goto {words[0]}: {error}, or: goto wave 3") from None
            self.stepper.go_to_ms(at_ms)
        _say_all(wave_lines(self.stepper))
        _say_all(end_lines(self.stepper))

    # -- breakpoints

    def _break(self, words: Sequence[str]) -> None:
        if not words:
            self._breaks(words)
            return
        found = self._breakpoints.add(words, self.stepper.simulation.topology)
        passed = "it has been passed, and goto goes back" if self.stepper.has_passed(found) else ""
        say(visible(f"{self._breakpoints.text(found)}; {passed or 'run goes on to it'}"))

    def _breaks(self, words: Sequence[str]) -> None:
        check_no_more(words, "breaks")
        _say_all(map(visible, self._breakpoints.lines()))

    def _delete(self, words: Sequence[str]) -> None:
        self._breakpoints.delete(words)
        self._breaks([])

    # -- looking

    def _queues(self, words: Sequence[str]) -> None:
        waiting = self._tuples(words, "queues", lambda task: (*task.queue, *task.on_the_way))
        _say_all(waiting or ["  nothing waits"])

    def _held(self, words: Sequence[str]) -> None:
        held = self._tuples(words, "held", lambda task: task.held)
        _say_all(held or ["  nothing is held"])

    def _tuples(
        self,
        words: Sequence[str],
        name: str,
        tuples_of: Callable[[TaskMoment], Sequence[HeldTuple]],
    ) -> list[str]:
        component = self._component(words, name)
        return [*tuple_lines(self.stepper.look(), component, name, tuples_of)]

    def _component(self, words: Sequence[str], name: str) -> str | None:
        from simulator.model import did_you_mean

        if not words:
            return None
        components = self.stepper.simulation.topology.components
        word = " ".join(words)
        if word not in components:
            near = did_you_mean(word, components) or f"; there are {', '.join(components)}"
            raise MistypedError(f"{name} {word}: there is no component {word!r}{near}")
        return word

    def _pending(self, words: Sequence[str]) -> None:
        check_no_more(words, "pending")
        _say_all(pending_lines(self.stepper.look()))

    def _tasks(self, words: Sequence[str]) -> None:
        check_no_more(words, "tasks")
        say(tasks_table(self.stepper.look()))

    def _events(self, words: Sequence[str]) -> None:
        check_no_more(words, "events")
        _say_all([*event_lines(self.stepper)] or ["  no event"])

    def _tree(self, words: Sequence[str]) -> None:
        if not words:
            raise MistypedError("tree ID: expected a message id, such as 5")
        text = " ".join(words)
        trace = self.stepper.trace
        roots, others = trees_of_id(text, trace.events_from(0), trace.components)
        if not roots:
            raise MistypedError(
                f"tree {text}: no tuple has this message id so far{near_ids(text, others)}"
            )
        _say_all(id_lines(roots))

    def _table(self, words: Sequence[str]) -> None:
        check_no_more(words, "table")
        _say_all(run_lines(self.stepper, self.width))

    def _help(self, words: Sequence[str]) -> None:
        say(HELP)


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def converse(session: Session, lines: Iterable[str]) -> None:
    """Obey lines until one ends the session, or there are no more."""
    session.begin()
    for line in lines:
        if not session.obey(line):
            return
