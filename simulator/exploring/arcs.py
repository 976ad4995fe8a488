"""Arcs: what a run does in the user's code, as coverage.

An arc is a function that is entered, a line that is reached, or a branch that is taken one way. A run that takes one
which no run before it has taken has gone where nobody has looked, even where its tuples went a way that is known.

They are told by ``sys.monitoring`` (PEP 669), from Python 3.12 on; before, no run has any. Only the user's code is
watched: other functions are met once, and cost nothing from then on. Arcs are numbers, the same in every process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any
from zlib import crc32

from streamparse.multilang import is_users

_MONITORING: Any = getattr(sys, "monitoring", None)
_TOOL_IDS = (4, 3)  # those that Python has given no name
_NAME = "streamparse"
#: How often one place is told of in a run: a loop of millions would take far longer.
MOST_OF_A_PLACE = 1000

#: The id of a code, what happened, and where: an offset, or a line.
Place = tuple[int, str, int]


class Arcs:
    """The arcs of the run at hand, while it is watched.

    Args:
        monitoring: ``sys.monitoring``, or None where there is none. Any: typeshed has it for some versions only.
    """

    def __init__(self, monitoring: Any = _MONITORING) -> None:
        self._monitoring = monitoring
        self._tool: int | None = None
        self._codes: dict[
            int, CodeType
        ] = {}  # of the user, by id: to compare two of them takes long
        self._numbers: dict[tuple[Place, int], int] = {}
        self._taken: set[int] = set()
        self._counts: dict[Place, int] = {}
        self._has_disabled = False

    @property
    def is_on(self) -> bool:
        """True while runs are watched."""
        return self._tool is not None

    @property
    def taken(self) -> frozenset[int]:
        """Those of the run so far."""
        return frozenset(self._taken)

    def begin(self) -> None:
        """Begin a run; the first one turns it on, where this Python can and no other tool is in the way."""
        self._taken.clear()
        self._counts.clear()
        if self._tool is None:
            self._turn_on()
        if self._has_disabled:
            self._has_disabled = False
            self._monitoring.restart_events()

    def close(self) -> None:
        """Turn it off."""
        if self._tool is None:
            return
        tool, self._tool = self._tool, None
        for code in self._codes.values():
            self._monitoring.set_local_events(tool, code, 0)
        self._monitoring.set_events(tool, 0)
        for event in self._callbacks():
            self._monitoring.register_callback(tool, event, None)
        self._monitoring.free_tool_id(tool)

    def _turn_on(self) -> None:
        monitoring = self._monitoring
        if monitoring is None:
            return
        free = [tool for tool in _TOOL_IDS if monitoring.get_tool(tool) is None]
        if not free:
            return
        self._tool = free[0]
        monitoring.use_tool_id(self._tool, _NAME)
        for event, callback in self._callbacks().items():
            monitoring.register_callback(self._tool, event, callback)
        monitoring.set_events(self._tool, monitoring.events.PY_START)

    def _callbacks(self) -> dict[int, Callable[..., object]]:
        events = self._monitoring.events
        return {
            events.PY_START: self._start,
            events.LINE: self._line,
            events.BRANCH: self._branch,
        }

    # -- called for what happens

    def _start(self, code: CodeType, offset: int) -> object:
        """Meet a function; if it is the user's, have its lines and branches told from now on."""
        if not is_users(code.co_filename):
            return self._monitoring.DISABLE
        if id(code) not in self._codes:
            self._codes[id(code)] = code
            events = self._monitoring.events
            self._monitoring.set_local_events(
                self._tool, code, events.LINE | events.BRANCH | events.PY_START
            )
        return self._take(code, "start", 0, 0)

    def _line(self, code: CodeType, line: int) -> object:
        return self._take(code, "line", line, 0)

    def _branch(self, code: CodeType, offset: int, destination: int) -> object:
        return self._take(code, "branch", offset, destination)

    def _take(self, code: CodeType, what: str, at: int, to: int) -> object:
        place = id(code), what, at
        number = self._numbers.get((place, to))
        if number is None:
            number = self._numbers[place, to] = _number(code, f"{what}:{at}:{to}")
        self._taken.add(number)
        count = self._counts[place] = self._counts.get(place, 0) + 1
        if count < MOST_OF_A_PLACE:
            return None
        self._has_disabled = True
        return self._monitoring.DISABLE


def _number(code: CodeType, what: str) -> int:
    """Return a number that is the same in every process, and for every code that is made of the same source."""
    name: str = code.co_qualname  # type: ignore[attr-defined]  # from 3.11 on
    text = f"{code.co_filename}:{code.co_firstlineno}:{name}:{what}"
    return crc32(text.encode("utf-8", "replace"))
