"""A program at a terminal of its own: a pty, at which the test types and reads."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Mapping, Sequence
from types import TracebackType

SILENT_SECONDS = 600  # else a test would wait for ever for what never comes


class AtTerminal:
    """A program whose stdin, stdout and stderr are a terminal.

    Args:
        words: its command.
        cwd: where it runs.
        env: its environment; None: this process's.

    Attributes:
        shown: all that was read from the terminal so far, with the line ends of a file.
    """

    def __init__(
        self, words: Sequence[str], *, cwd: str | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=env, start_new_session=True
        )
        os.close(slave)
        self.shown = ""
        self._at = 0

    def __enter__(self) -> AtTerminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def read_until(self, pattern: str) -> str:
        """Read until the pattern comes behind what was read before; return what was read.

        Raises:
            AssertionError: the program ends before.
        """
        while (found := re.compile(pattern).search(self.shown, self._at)) is None:
            assert self._read(), f"{pattern!r} does not come in\n{self.shown}"
        before, self._at = self._at, found.end()
        return self.shown[before : self._at]

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, f"{line}\n".encode())

    def end(self) -> int:
        """Read until the program ends; return its exit status."""
        while self._read():
            pass
        return self._process.wait()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], SILENT_SECONDS)
        assert ready, f"it says nothing more; so far\n{self.shown}"
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # Linux: nobody has the other end any more
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)
