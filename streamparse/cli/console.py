"""The lines of components as they come, and on a terminal a line of progress below them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import IO

from simulator.drawing import printable
from streamparse.cli.colour import RED, YELLOW, painted
from streamparse.cli.output import duration
from streamparse.multilang import LOG_NAMES
from streamparse.project import visible

SHOWN_SECONDS = 0.1  # between two lines of progress
COLOURS = {"WARN": YELLOW, "ERROR": RED}


class Console:
    """Shows a run while it goes on.

    Args:
        stream: where the lines are printed.
        clock: the real time, in seconds.
        until_ms: the virtual time at which the run ends; None: it has no limit.
        is_quiet: print nothing at all.
        raw: print lines as they are, escape sequences too.
    """

    def __init__(
        self,
        stream: IO[str],
        clock: Callable[[], float] = time.monotonic,
        *,
        until_ms: int | None = None,
        is_quiet: bool = False,
        raw: bool = False,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._until_ms = until_ms
        self._is_quiet = is_quiet
        self._shown: Callable[[str], str] = str if raw else visible
        self._named: Callable[[str], str] = str if raw else printable
        self._shows_progress = stream.isatty() and not is_quiet
        self._began: tuple[float, int] | None = (
            None  # real seconds and virtual ms of the first line
        )
        self._shown_at = 0.0
        self._has_line = False

    def log(self, component: str, task: int, level: int, message: str) -> None:
        name = LOG_NAMES[level].upper()
        if name in COLOURS:
            name = painted(name, COLOURS[name], self._stream)
        self._print(f"{self._named(component)}[{task}] {name}", message)

    def stderr(self, component: str, task: int, line: str) -> None:
        self._print(f"{self._named(component)}[{task}] stderr", line)

    def _print(self, prefix: str, text: str) -> None:
        if self._is_quiet:
            return
        self.clear()
        for line in text.splitlines() or [""]:
            self._stream.write(f"{prefix} {self._shown(line)}\n")

    def unending(self, now_ms: int, reasons: Sequence[str]) -> None:
        """Tell what keeps a run without a limit going."""
        if self._is_quiet:
            return
        self.clear()
        warning = painted("warning:", YELLOW, self._stream)
        for reason in reasons:
            self._stream.write(
                f"{warning} still running after {now_ms / 1000:g} virtual seconds: {self._shown(reason)}; "
                "--time SECS limits a run, and Ctrl-C ends it with its table\n"
            )
        self._stream.flush()

    def progress(self, now_ms: int) -> None:
        if not self._shows_progress:
            return
        now = self._clock()
        if now - self._shown_at >= SHOWN_SECONDS:
            self._shown_at, self._has_line = now, True
            self._stream.write(f"\r\x1b[K{self._progress(now, now_ms)}")
            self._stream.flush()

    def _progress(self, now: float, now_ms: int) -> str:
        began, began_ms = self._began = self._began or (now, now_ms)
        seconds = now_ms / 1000
        rate = (now_ms - began_ms) / 1000 / (now - began) if now > began else 0.0
        speed = [f"{rate:.3g} a second"] if rate else []
        if self._until_ms is None or now_ms > self._until_ms:
            return ", ".join([f"{seconds:.3f} virtual seconds", *speed])
        total = self._until_ms / 1000
        if rate:
            speed.append(f"{duration(round((total - seconds) / rate))} left")
        share = f"{100 * now_ms // self._until_ms}%"
        return ", ".join([f"{seconds:.3f} of {total:g} virtual seconds", share, *speed])

    def clear(self) -> None:
        """Remove the line of progress, if there is one."""
        if self._has_line:
            self._stream.write("\r\x1b[K")
            self._has_line = False
