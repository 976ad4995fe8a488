"""The file of ``--trace``: a run goes on when it cannot be written, and its end says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamparse.cli.output_file import TRACE, OutputFile
from streamparse.cli.streams import OutputError, unwritten

if TYPE_CHECKING:
    from simulator import Trace


class TraceFile:
    """A file that takes the lines of a trace.

    Args:
        path: of the file; a trace that it has is written over.
        force: write over any file.

    Attributes:
        error: why the trace is not whole, once that is known.

    Raises:
        UsageError: it exists and is no trace, or it cannot be opened.
    """

    def __init__(self, path: str, *, force: bool) -> None:
        self.error: OutputError | None = None
        made = OutputFile("--trace", path, TRACE, force=force)
        self._name = made.name
        self._file = made.open()

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
