"""What components print and log, shown in this process, so that pytest captures it; the same in both modes.

A component in this process prints and logs here anyway. What a component process sends as log messages is logged or
printed here once more, and its stderr is written to ours. In both modes ``.log`` has all but stderr.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from simulator.engine import ReportedError, debugger_text
from simulator.testing import without_our_frames
from simulator.wire import protocol
from streamparse.multilang import LOG_LEVELS, SPEAKER, STDOUT_LOGGER, cut
from streamparse.storm import StormHandler
from streamparse.storm.logs import Beside
from streamparse.testing import terminal

#: Returns what surrounds a debugger that is at the terminal.
Terminal = Callable[[], contextlib.AbstractContextManager[object]]
MOST_ERROR_CHARS = 5000  # of a traceback
INFO = LOG_LEVELS["info"]
LEVELS = (5, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)  # by Storm's number


class Output:
    """The output of the components of a test.

    Args:
        stack: undoes at its end what is changed in this process.

    Attributes:
        on_debugger: shows the line about a debugger that waits in a component process, at once.
        terminal: returns what surrounds a debugger of a component process that is at the terminal; None where there is
            no terminal.
        is_post_mortem: whether an exception in a component process stops in a debugger.
    """

    _is_here = False  # what is logged at this moment has been shown in this process
    _handler: _Handler | None = None  # one for all: two would send everything twice
    _users = 0  # of the handler

    def __init__(self, stack: ExitStack) -> None:
        self.on_debugger: Callable[[str], object] = _print_to_terminal
        self.terminal: Terminal | None = contextlib.nullcontext
        self.is_post_mortem = False
        self._stack = stack
        self._has_handler = False

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell component processes whether this process lends them its terminal."""
        if self.terminal is None:
            return {}
        return {"STREAMPARSE_TERMINAL": "2" if self.is_post_mortem else "1"}

    def _debug(self, component: str, message: protocol.Debugger, *, expects_errors: bool) -> None:
        """Lend the terminal to a debugger that waits; else show where it waits."""
        if self.terminal is None or not message.address.startswith("/"):
            self.on_debugger(f"{component}: {debugger_text(message)}")
        elif message.is_post_mortem and expects_errors:
            terminal.refuse(message.address)
        else:
            with self.terminal():
                why = "an exception" if message.is_post_mortem else "breakpoint()"
                terminal.lend(message.address, f">>> {why} in {component}, a process of its own")

    def log(
        self,
        component: str,
        message: protocol.Log | protocol.Debugger,
        *,
        expects_errors: Callable[[], bool] = lambda: False,
    ) -> None:
        """Show a log message of a component, unless it was printed or logged in this process.

        Args:
            component: whose.
            message: what it logged, or where a debugger waits in it, which is given the terminal.
            expects_errors: whether the test expects that the component fails.

        Raises:
            BdbQuit: the user has quit the debugger.
        """
        if isinstance(message, protocol.Debugger):
            self._debug(component, message, expects_errors=expects_errors())
            return
        if Output._is_here:
            return
        if message.logger == STDOUT_LOGGER:
            print(
                message.message.encode("utf-8", "backslashreplace").decode()
            )  # no lone surrogates
            return
        name = message.logger or f"streamparse.storm.component.{component}"
        record = logging.LogRecord(
            name, LEVELS[message.level], component, 0, message.message, None, None
        )
        record.__dict__["reported"] = True  # it is in `.log` already
        logging.getLogger(name).handle(record)

    @staticmethod
    def error(reported: ReportedError) -> None:
        """Log an error that a component has reported, as Storm does: at level error."""
        name = f"streamparse.storm.component.{reported.component}"
        text = cut(without_our_frames(reported.text.strip()), MOST_ERROR_CHARS)
        record = logging.LogRecord(name, logging.ERROR, reported.component, 0, text, None, None)
        record.__dict__["reported"] = True  # it is in `.errors`
        logging.getLogger(name).handle(record)

    @staticmethod
    def stderr(component: str, task: int, line: str) -> None:
        """Show a line that a component process has written on stderr."""
        print(line, file=sys.stderr)

    def here(self) -> _Here:
        """Have what components of this process print and log become log messages of theirs, too, until it ends."""
        if not self._has_handler:
            self._has_handler = True
            self._add_handler()
        return _Here()

    def _add_handler(self) -> None:
        self._stack.callback(_remove_handler)
        Output._users += 1
        if Output._handler is not None:
            return
        Output._handler = handler = _Handler()
        root = logging.getLogger()
        root.addHandler(handler)
        if root.level > logging.INFO:  # the level of a component process
            handler.level_before = root.level
            root.setLevel(logging.INFO)


def _print_to_terminal(line: str) -> None:
    print(line, file=sys.__stderr__, flush=True)


def _remove_handler() -> None:
    Output._users -= 1
    handler = Output._handler
    if Output._users or handler is None:
        return
    Output._handler = None
    root = logging.getLogger()
    root.removeHandler(handler)
    if handler.level_before is not None and root.level == logging.INFO:
        root.setLevel(handler.level_before)  # unless somebody has chosen another since


@contextlib.contextmanager
def _shown_here() -> Iterator[None]:
    """Note that what is sent has been shown in this process."""
    before, Output._is_here = Output._is_here, True
    try:
        yield
    finally:
        Output._is_here = before


class _Handler(StormHandler):
    """Sends records of components in this process as their log messages; other handlers show them here.

    Attributes:
        level_before: of the root logger, where it was changed.
    """

    level_before: int | None = None
    _is_beside = True

    def emit(self, record: logging.LogRecord) -> None:
        if not getattr(record, "reported", False):
            with _shown_here():
                super().emit(record)


class _Here:
    """Has what is written to stdout go through a ``_Stdout``; a context manager, entered for each wave."""

    __slots__ = ("_before", "_shown")

    def __enter__(self) -> None:
        self._before = sys.stdout
        self._shown = sys.stdout = _Stdout(self._before)

    def __exit__(self, *_: object) -> None:
        if sys.stdout is self._shown:  # a debugger may have put it back
            sys.stdout = self._before


class _Stdout(io.TextIOBase):
    """Writes to the stdout of this process, and has each line that a component prints sent as a log message."""

    def __init__(self, stdout: Any) -> None:
        self._stdout = stdout
        self._line = ""

    def write(self, text: str) -> int:
        self._stdout.write(text)
        component: Any = SPEAKER.get()
        if component is not None:
            *lines, self._line = (self._line + text).split("\n")
            for line in filter(str.strip, lines):
                with _shown_here():
                    component.send_message(Beside({"command": "log", "msg": line, "level": INFO}))
        return len(text)

    def flush(self) -> None:
        self._stdout.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        is_terminal: bool = self._stdout.isatty()
        return is_terminal

    def fileno(self) -> int:
        number: int = self._stdout.fileno()
        return number

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has a plain attribute
        return getattr(self._stdout, "encoding", None) or "utf-8"

    @property
    def buffer(self) -> Any:
        """The bytes under the stdout of this process."""
        return self._stdout.buffer
