"""The file of ``--trace``: a run goes on when it cannot be written, and its end says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.streams import OutputError, unwritten
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator import Trace

#: Of the first line of a trace: its head, or an event where an older version has written it.
_BEGINNINGS = (b'{"trace":', b'{"at":')


class TraceFile:
    """A file that takes the lines of a trace.

    Args:
        path: of the file; a trace that it has is written over.

    Attributes:
        error: why the trace is not whole, once that is known.

    Raises:
        UsageError: it exists and is no trace, or it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.error: OutputError | None = None
        self._name = f"--trace {path}"
        try:
            if _is_other_file(Path(path)):
                raise UsageError(
                    f"{self._name}: the file exists and is no trace; expected another name"
                )
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


def _is_other_file(path: Path) -> bool:
    """Whether a file has something that is no trace, such as rows, or a program."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(len(max(_BEGINNINGS, key=len)))
    return bool(start) and not start.startswith(_BEGINNINGS)


def write_trace(file: TraceFile, trace: Trace) -> None:
    """Write the events that a trace has kept, with their head, and close the file."""
    if trace.head is not None:
        file.write(f"{trace.head.to_line()}\n")
    file.write(str(trace))
    file.close()
