"""Runs of the same case that differ: the first event that does, and the line of user code that it comes from.

The line is found by making the run twice more, with every line of the component's turns recorded (``sys.settrace``):
where it is, and the values that are new in its variables. The first record that differs tells the line that ran before
it. Values are recorded as text, and without addresses: those are other ones in every run, and harm nobody who does not
look at them.
"""

from __future__ import annotations

import json
import linecache
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from types import FrameType
from typing import Any, NamedTuple

from simulator.exploring.explored_run import RunOutcome
from simulator.testing import NotDeterministicError
from streamparse.multilang import is_users

MOST_RECORDS = 300_000  # of a run; what differs later is not found
MOST_ITEMS = 50  # of a container
MOST_DEPTH = 6
MOST_CHARS = 200


class Difference(NamedTuple):
    """The first event that differs in two runs.

    Attributes:
        topology: which of the run, from 0.
        at: which of its events, from 0.
        line, other: the event, and what came in its place; None where there were no more.
    """

    topology: int
    at: int
    line: str | None
    other: str | None

    @property
    def component(self) -> str:
        """The component; "" where no event tells it."""
        found: str = json.loads(self.line or self.other or "{}").get("component", "")
        return found


def is_same(first: RunOutcome, second: RunOutcome) -> bool:
    """Return whether two runs of a case were the same."""
    return first.failure == second.failure and first.traces == second.traces


def first_difference(first: RunOutcome, second: RunOutcome) -> Difference | None:
    """Return the first event that differs; None where none does."""
    for topology, both in enumerate(zip_longest(first.traces, second.traces, fillvalue=())):
        for at, (line, other) in enumerate(zip_longest(*both)):
            if line != other:
                return Difference(topology, at, line, other)
    return None


def not_deterministic(
    number: int, first: RunOutcome, second: RunOutcome, changed: Sequence[str], place: Place | None
) -> NotDeterministicError:
    """Return the error about two runs of the same case that differ.

    Args:
        number: of the run.
        first: its outcome.
        second: the outcome of the same case.
        changed: attributes of modules and classes that have changed over the runs.
        place: the line that differed first.
    """
    lines = [
        f"{_said(number, first)}, and when the same case was run again it {_ended(first, second)}."
    ]
    difference = first_difference(first, second)
    if difference is None:
        lines.append(_NO_DIFFERENCE)
    else:
        whose = difference.component or "a component"
        lines += [
            f"{whose} is not deterministic: event {difference.at} was",
            f"  {difference.line}",
            "and then",
            f"  {difference.other}",
            *(place.in_words() if place else []),
            _CAUSES,
        ]
    if changed:
        lines.append(f"What has changed over the runs, and may be why: {', '.join(changed)}.")
    return NotDeterministicError("\n".join(lines))


def _said(number: int, first: RunOutcome) -> str:
    how = "passed" if first.failure is None else f"failed ({first.words})"
    return f"run {number} of explore {how}"


def _ended(first: RunOutcome, second: RunOutcome) -> str:
    if second.failure is not None:
        return f"failed with {second.words}"
    return "passed" if first.failure is not None else "did something else"


_CAUSES = (
    "It depends on more than its tuples: the clock, os.urandom, uuid4, a thread, the order of a set, what an earlier "
    "run left in a module or a file. (random is seeded, and is deterministic.)"
)
_NO_DIFFERENCE = (
    "All components did the same both times, so the test itself is not deterministic: it may look at something that "
    "an earlier run has left behind. Make it new in each run."
)


# -- the line -------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A line of user code that did not do the same twice.

    Attributes:
        file, line: where it is.
        function: the function that it is in.
        what: what differed: a variable, or what was given to a function or returned.
        was, then: its values.
    """

    file: str
    line: int
    function: str
    what: str
    was: str
    then: str

    def in_words(self) -> list[str]:
        """Return it in words: where, and the line itself."""
        source = linecache.getline(self.file, self.line).strip()
        return [
            f"The first line that did something else is {self.file}:{self.line}, in {self.function}: {self.what} was "
            f"{self.was} and then {self.then}:",
            f"  {source}",
        ]


class Record(NamedTuple):
    """What was seen at one point of a function.

    Attributes:
        file, function: whose.
        line: the line that has just run there.
        following: the line that is to run there now.
        event: what is seen.
        values: new values, as text, by name.
    """

    file: str
    function: str
    line: int
    following: int
    event: str
    values: tuple[tuple[str, str], ...]


class Recorder:
    """Records the turns of one component in a run.

    Attributes:
        records: so far, at most ``MOST_RECORDS``.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._last: dict[FrameType, tuple[int, dict[str, str]]] = {}  # its line, and values

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Record one turn."""
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(before)
            self._last.clear()

    def _call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        caller = frame.f_back
        if caller is not None and caller in self._last and not is_users(frame.f_code.co_filename):
            code = frame.f_code
            given = {name: frame.f_locals[name] for name in code.co_varnames[: _arguments(code)]}
            given.pop("self", None)
            self._add(caller, caller.f_lineno, f"what {code.co_name} was given", given)
            return None
        if not is_users(frame.f_code.co_filename):
            return None
        self._last[frame] = (frame.f_lineno, {})
        return self._line

    def _line(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        line, known = self._last.get(frame, (frame.f_lineno, {}))
        now = {name: shown(value) for name, value in _variables(frame)}
        new = {name: text for name, text in now.items() if known.get(name) != text}
        self._last[frame] = (frame.f_lineno, now)
        self._append(frame, line, event, new)
        if event == "return":
            self._add(frame, line, "what it returned", {"": arg})
            self._last.pop(frame, None)
        return self._line

    def _add(self, frame: FrameType, line: int, event: str, values: Mapping[str, object]) -> None:
        self._append(frame, line, event, {name: shown(value) for name, value in values.items()})

    def _append(self, frame: FrameType, line: int, event: str, values: Mapping[str, str]) -> None:
        if len(self.records) < MOST_RECORDS:
            code = frame.f_code
            following = frame.f_lineno
            made = Record(
                code.co_filename, code.co_name, line, following, event, tuple(values.items())
            )
            self.records.append(made)


def place_of_difference(first: Sequence[Record], second: Sequence[Record]) -> Place | None:
    """Return the first line of two recordings that did something else; None where none did."""
    for was, then in zip(first, second, strict=False):
        if was == then:
            continue
        before, after = dict(was.values), dict(then.values)
        name = next(
            (each for each in [*before, *after] if before.get(each) != after.get(each)), None
        )
        where = (was.file, was.line, was.function)
        if was[:3] != then[:3] or was.event != then.event or name is None:
            return Place(*where, "what followed", f"line {was.following}", f"line {then.following}")
        what = " ".join(filter(None, [was.event if was.event not in _SEEN else "", name]))
        return Place(*where, what, before.get(name, "absent"), after.get(name, "absent"))
    return None


_SEEN = ("line", "return", "exception")  # of sys.settrace


def _arguments(code: Any) -> int:
    """How many of a function's variables are its arguments. Any: a code object."""
    flags: int = code.co_flags
    many: int = code.co_argcount + code.co_kwonlyargcount
    return many + bool(flags & 0x04) + bool(flags & 0x08)  # *args and **kwargs


def _variables(frame: FrameType) -> Iterator[tuple[str, object]]:
    """The variables of a frame; those of ``self`` one by one, so that the text names the attribute."""
    for name, value in frame.f_locals.items():
        if name == "self" and hasattr(value, "__dict__"):
            for attribute, held in vars(value).items():
                yield f"self.{attribute}", held
        else:
            yield name, value


def shown(value: object, depth: int = 0) -> str:
    """Return a value as text, which is the same in two runs where the value is: without the addresses of objects."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)[:MOST_CHARS]
    if depth >= MOST_DEPTH:
        return type(value).__name__
    if isinstance(value, dict):
        items = [
            f"{shown(key, depth + 1)}: {shown(held, depth + 1)}"
            for key, held in list(value.items())[:MOST_ITEMS]
        ]
        return f"{{{', '.join(items)}}}" + _rest(len(value))
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        parts = [shown(each, depth + 1) for each in list(value)[:MOST_ITEMS]]
        return f"{type(value).__name__}({', '.join(parts)})" + _rest(len(value))
    module = sys.modules.get(type(value).__module__)
    if hasattr(value, "__dict__") and is_users(getattr(module, "__file__", None) or "<none>"):
        return f"{type(value).__name__}({shown(vars(value), depth + 1)})"
    return type(value).__name__


def _rest(size: int) -> str:
    return f" and {size - MOST_ITEMS} more" if size > MOST_ITEMS else ""
