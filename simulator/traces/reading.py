"""Reading a trace file that anybody may have written, or half written: what can be read, and a line about what cannot.

A file is read once, a line at a time, so its size does not matter. It is what ``--trace`` writes: a head, then an event
a line. A file without a head is read as well. Compressed by gzip it is read as it is.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from simulator.engine import Head, TraceError, events
from simulator.traces.instants import shown_ms

__all__ = ["TraceFileError", "TraceReader", "open_trace"]

MOST_LINE_BYTES: Final = 64 << 20  # a line that is longer is left out
MOST_STRANGE: Final = 1000  # lines at the beginning; a file that has no event in them is no trace
MOST_PROBLEMS: Final = 5  # that are told apart
GZIP: Final = b"\x1f\x8b"
WITH_HEADER: Final = 31  # of zlib: the largest window, and the header of gzip
WRITER: Final = "expected a file that `sparse simulate --trace FILE` has written"


class TraceFileError(ValueError):
    """A file that is no trace, or cannot be opened; one line that says what was found and expected."""


class _Line:
    """One kind of line that could not be read as a whole: where the first is, and how many there are."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.count = 0


class TraceReader:
    """The events of a trace file; iterate over it once.

    Args:
        file: the file, opened for reading bytes.
        name: its name, for what is said about it.

    Attributes:
        name: its name.
        head: its head; None before it was read, and in a file that has none.
        component_of: the component of each task: by the head, and by the events so far.
        lines: the lines read so far.
        count: the events among them.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.head: Head | None = None
        self.component_of: dict[int, str] = {}
        self.lines = 0
        self.count = 0
        self._file = file
        self._problems: dict[tuple[str, ...], _Line] = {}
        self._end = ""
        self._last_ms = 0
        self._first_strange = ""
        self._has_another = False

    def __iter__(self) -> Iterator[events.Event]:
        """Yield the events.

        Raises:
            TraceFileError: it is empty, or no trace.
        """
        for line in self._raw_lines():
            event = self.read_line(line)
            if event is not None:
                yield event
            if self._has_another:
                break
        if not self.count and self.head is None:
            raise self._not_a_trace()

    def _not_a_trace(self) -> TraceFileError:
        if self._first_strange:
            return TraceFileError(f"{self.name}: it is no trace: {self._first_strange}; {WRITER}")
        return TraceFileError(f"{self.name}: it is empty; {WRITER}")

    def read_line(self, line: bytes) -> events.Event | None:
        """Return the event of the next line; None when the line has none, or none that can be read.

        Raises:
            TraceFileError: the file is no trace.
        """
        self.lines += 1
        is_whole = line.endswith(b"\n")
        encoding = "utf-8-sig" if self.lines == 1 else "utf-8"  # editors of Windows add a mark
        text = line.rstrip(b"\r\n").decode(encoding, "replace")
        if Head.is_line(text):
            self._read_head(text, is_whole=is_whole)
            return None
        if not text.strip():
            return None
        try:
            event, unknown = events.read_known(text)
        except events.UnknownEventError as error:
            self._left_out("event", error.name)
            return None
        except TraceError:
            self._strange(text, is_whole=is_whole)
            return None
        for key in unknown:
            self._left_out("key", event.event, key)
        self.count += 1
        self._last_ms = event.at_ms
        self.component_of.setdefault(event.task, event.component)
        return event

    def _read_head(self, text: str, *, is_whole: bool) -> None:
        if self.lines > 1:
            self._has_another = True
            self._left_out("head")
            return
        try:
            self.head = Head.from_line(text)
        except TraceError as error:
            if not is_whole:
                self._strange(text, is_whole=False)
            else:
                self._left_out("bad head", str(error))
            return
        self.component_of.update(self.head.component_of)

    def _strange(self, text: str, *, is_whole: bool) -> None:
        self._first_strange = self._first_strange or f"line {self.lines} is {_excerpt(text)}"
        if not is_whole and (self.count or self.head):
            self._end = (
                f"line {self.lines}, the last, is cut: what happened after "
                f"{shown_ms(self._last_ms)} is not known"
            )
            return
        self._left_out("line")
        if not self.count and self.head is None and self.lines >= MOST_STRANGE:
            raise self._not_a_trace()

    def _left_out(self, *what: str) -> None:
        if what not in self._problems and len(self._problems) >= MOST_PROBLEMS:
            what = ("more",)
        self._problems.setdefault(what, _Line(self.lines)).count += 1

    @property
    def problems(self) -> list[str]:
        """What of the lines read so far could not be read, a line each: where, what, and what was done with it."""
        found = [
            f"{self.name}: line {line.first}: {_PROBLEMS[what[0]](what, line.count)}"
            for what, line in self._problems.items()
        ]
        return [*found, *([f"{self.name}: {self._end}"] if self._end else [])]

    # -- lines

    def _raw_lines(self) -> Iterator[bytes]:
        """The lines with their line breaks; of those that are too long only a note."""
        while True:
            try:
                line = self._file.readline(MOST_LINE_BYTES)
                if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
                    self._skip_line()
                    continue
            except (EOFError, zlib.error) as error:
                self._end = (
                    f"the compressed data ends behind line {self.lines} ({error}): what happened after "
                    f"{shown_ms(self._last_ms)} is not known"
                )
                return
            except OSError as error:
                self._end = f"it cannot be read behind line {self.lines}: {error.strerror}"
                return
            if not line:
                return
            yield line

    def _skip_line(self) -> None:
        self.lines += 1
        self._first_strange = self._first_strange or f"line {self.lines} is longer than 64 MiB"
        self._left_out("long")
        while (rest := self._file.readline(MOST_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass


def _lines_like_it(count: int) -> str:
    return f"{count} such line{'s are' if count > 1 else ' is'} left out"


_PROBLEMS: Final[Mapping[str, Callable[[Sequence[str], int], str]]] = {
    "event": lambda what, count: (
        f"the event {what[1][:80]!r} is not known to this version; {_lines_like_it(count)}"
    ),
    "key": lambda what, count: (
        f"the key {what[2][:80]!r} of {what[1]} is not known to this version; it is left out of "
        f"{count} event{'s' if count > 1 else ''}"
    ),
    "line": lambda what, count: f"it is no event of a trace; {_lines_like_it(count)}",
    "long": lambda what, count: f"it is longer than 64 MiB; {_lines_like_it(count)}",
    "head": lambda what, count: "another trace begins here; it is not read",
    "bad head": lambda what, count: f"{what[1]}; the names of tasks come from their events",
    "more": lambda what, count: f"and other kinds of lines; {_lines_like_it(count)}",
}


def _excerpt(text: str) -> str:
    """The beginning of a strange line, for a message."""
    short = text[:40]
    return f"{short!r}{'...' if len(text) > len(short) else ''}"


def open_trace(path: str, *, unpacks: bool = True) -> BinaryIO:
    """Open a trace file; one that gzip has compressed is read as it was.

    Args:
        path: its name.
        unpacks: whether one that gzip has compressed is accepted: one that is being written is not.

    Raises:
        TraceFileError: it cannot be opened.
    """
    try:
        file = Path(path).open("rb")  # noqa: SIM115 (the caller closes it)
    except OSError as error:
        raise TraceFileError(f"{path}: {error.strerror}; {WRITER}") from None
    except ValueError as error:  # a NUL in its name
        raise TraceFileError(f"{path[:80]!r}: {error}; {WRITER}") from None
    return unpacked(file) if unpacks else file


def unpacked(file: BinaryIO) -> BinaryIO:
    """Return the file, or what it was before gzip has compressed it."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]
    if buffered.peek(2)[:2] == GZIP:
        return io.BufferedReader(_Unpacked(buffered))
    return buffered


class _Unpacked(io.RawIOBase):
    """What a file was before gzip compressed it, as far as it goes; ``gzip`` itself drops what is before a damage."""

    def __init__(self, file: Any) -> None:  # Any: a BufferedReader of anything
        self._file = file
        self._member = zlib.decompressobj(WITH_HEADER)
        self._packed = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; return how many bytes there are, 0 at the end.

        Raises:
            EOFError: the file ends in the middle.
            zlib.error: it is damaged.
        """
        while True:
            self._packed = self._packed or self._file.read(io.DEFAULT_BUFFER_SIZE)
            if not self._packed:
                if self._member.eof:
                    return 0
                raise EOFError("it is cut")
            if self._member.eof:  # a file may have several parts
                self._member = zlib.decompressobj(WITH_HEADER)
            data = self._member.decompress(self._packed, len(buffer))
            self._packed = self._member.unconsumed_tail or self._member.unused_data
            if data:
                buffer[: len(data)] = data
                return len(data)
