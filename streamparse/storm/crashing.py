"""Crashes that a simulator orders, inside the component: the process ends itself at the very call that they strike.

So no user code runs behind them, whichever way a call is left. The message is written first; the simulator knows
whether it counts. A crash inside ``initialize`` strikes between two lines of user code. This module is loaded where a
crash is ordered, and on no real Storm.
"""

from __future__ import annotations

import dis
import os
import signal
import sys

from streamparse.multilang import HOST, Outbox, is_users

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType, FrameType
    from typing import Any

    from streamparse.storm.component import Component

__all__ = ["ArmedOutbox", "Steps", "armed", "end_process"]

MOST_TIMES = 2  # that a line is a step: the first turn of a loop, and the second


def end_process() -> None:
    """End this process as SIGKILL does; in a simulator's own process, which ends the turn by itself, do nothing."""
    if HOST.get().streams is None:
        os.kill(os.getpid(), signal.SIGKILL)


class ArmedOutbox(Outbox):
    """An outbox that ends the process once so many messages of a kind have been written.

    Args:
        outbox: writes the messages.
        left: how many are still to come, by command.
        uncounted: the ids of tuples, such as ticks, whose acks and fails do not count.
    """

    def __init__(self, outbox: Outbox, left: Mapping[str, int], uncounted: Sequence[str]) -> None:
        self.outbox = outbox
        self._left = dict(left)
        self._uncounted = uncounted

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        self.outbox.send(message, encode)
        command = message.get("command")
        if command in self._left and (
            command == "emit" or message.get("id") not in self._uncounted
        ):
            self._left[command] -= 1
            if not self._left[command]:
                self.outbox.write_out()
                end_process()

    def write_out(self) -> None:
        self.outbox.write_out()


def armed(outbox: Outbox, left: Mapping[str, int], uncounted: Sequence[str]) -> Outbox:
    """Return an outbox that ends the process at these messages; without any, the plain one."""
    plain = outbox.outbox if isinstance(outbox, ArmedOutbox) else outbox
    return ArmedOutbox(plain, left, uncounted) if left else plain


class Steps:
    """Calls a function of a component step by step, and ends the process before a step.

    A step begins at a line of user code before which, since the last step, something may have been done outside of the
    component: a call, or a change of what is not an attribute of ``self``. To die between other lines is to die before
    or behind them. A line is a step twice at most, so a loop ends.

    Args:
        component: tells the simulator of the steps.
        crash_at: before which step it ends, from 1; 0: before none.

    Attributes:
        places: the file and the line of each step so far.
    """

    def __init__(self, component: Component, crash_at: int) -> None:
        self.places: list[str] = []
        self._component = component
        self._crash_at = crash_at
        self._has_acted = False  # since the last step
        self._lines: dict[tuple[CodeType, int], int] = {}  # how often each was a step
        self._acting: dict[CodeType, frozenset[int]] = {}  # the lines that may do something outside

    def run(self, function: Callable[[], object]) -> None:
        """Call a function, and tell the simulator its steps."""
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            function()
        finally:
            sys.settrace(before)
        self._tell(crashes=False)

    def _call(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        return self._line if is_users(frame.f_code.co_filename) else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        if event == "line":
            code, line = frame.f_code, frame.f_lineno
            if self._has_acted and self._lines.get((code, line), 0) < MOST_TIMES:
                self._lines[code, line] = self._lines.get((code, line), 0) + 1
                self._has_acted = False
                self._step(f"{os.path.basename(code.co_filename)}:{line}")
            if code not in self._acting:
                self._acting[code] = acting_lines(code)
            self._has_acted |= line in self._acting[code]
        return self._line

    def _step(self, place: str) -> None:
        self.places.append(place)
        if len(self.places) == self._crash_at:
            self._tell(crashes=True)  # in a simulator's own process this ends the turn
            self._component._write_out()
            end_process()

    def _tell(self, *, crashes: bool) -> None:
        message = {"command": "steps", "places": self.places, "crashes": crashes}
        self._component.send_message(message)


def acting_lines(code: CodeType) -> frozenset[int]:
    """Return the lines of a function that may do something outside of the component whose method it is."""
    found: set[int] = set()
    line, target = 0, ""
    for each in dis.get_instructions(code):
        line = each.starts_line if type(each.starts_line) is int else (_line_of(each) or line)
        is_own = each.opname == "STORE_ATTR" and target.endswith("self")
        if each.opname.startswith(_ACTING) and not is_own:
            found.add(line)
        target = each.argrepr  # of one instruction, or of two that are one: "value, self"
    return frozenset(found)


def _line_of(instruction: dis.Instruction) -> int | None:
    """The line of an instruction, from Python 3.13 on."""
    line: int | None = getattr(instruction, "line_number", None)
    return line


_ACTING = (
    "CALL",
    "STORE_ATTR",
    "STORE_SUBSCR",
    "STORE_SLICE",
    "STORE_GLOBAL",
    "DELETE_ATTR",
    "DELETE_SUBSCR",
    "DELETE_GLOBAL",
    "BEFORE_WITH",
    "LOAD_SPECIAL",
    "IMPORT_NAME",
)
