"""The file of ``--trace``: a run goes on when it cannot be written, and its end says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.streams import OutputError, unwritten
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator import Trace


class TraceFile:
    """A file that takes the lines of a trace.

    Args:
        path: of the file; it is written anew.

    Attributes:
        error: why the trace is not whole, once that is known.

    Raises:
        UsageError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.error: OutputError | None = None
        self._name = f"--trace {path}"
        try:
            self._file = Path(path).open("w", encoding="utf-8", errors="replace")  # noqa: SIM115 (closed by close)
        except OSError as error:
            raise UsageError(f"{self._name}: {error.strerror}") from None

    def write(self, text: str) -> None:
        """Write whole lines; after an error, nothing."""
        if self.error is None:
            try:
                self._file.write(text)
                self._file.flush()
            except OSError as error:
                self.error = unwritten(self._name, error)

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError as error:  # what it still holds has no room either
            self.error = self.error or unwritten(self._name, error)


def write_trace(file: TraceFile, trace: Trace) -> None:
    """Write the events that a trace has kept, with their head, and close the file."""
    if trace.head is not None:
        file.write(f"{trace.head.to_line()}\n")
    file.write(str(trace))
    file.close()
