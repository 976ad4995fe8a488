"""Reading recordings: whole files, and what is left of files whose process was killed."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from streamparse.recordings.format import (
    Block,
    BlockReader,
    End,
    Head,
    Idle,
    RecordingError,
    Said,
    parse_line,
)

__all__ = ["Recording", "read_head", "read_recordings"]

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
READ_BYTES = 1 << 18
HEADER_BYTES = 18  # of a frame of zstd, at most
STEP_BYTES = 64  # that are unpacked at once: what is damaged costs no more of what stands before it


class _Unpacker(Protocol):
    """The part of zlib's and zstandard's objects that is used here."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True)
class Recording:
    """One conversation.

    Attributes:
        path: of its file.
        head: whose it is.
        said: its messages, and turns of a spout in which nothing was said, in order.
        end: why it ended; None: it was cut off, as by kill -9, and what was written until then is here.
        damage: one line about what could not be read behind ``said``; "" for nothing.
    """

    path: Path
    head: Head
    said: list[Said | Idle]
    end: End | None
    damage: str = ""


def read_recordings(path: Path) -> list[Recording]:
    """Return the conversations in a file: one, but for files that were put together.

    The file is zstd, gzip or plain text, by its first bytes. One that is cut off or damaged gives what stands before.

    Raises:
        RecordingError: it is no recording, or of a later version, or needs zstandard, which is not installed.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return _recordings(path, _Lines(file, str(path)))


def _recordings(path: Path, lines: _Lines) -> list[Recording]:
    found: list[Recording] = []
    head: Head | None = None
    block = BlockReader()
    end: End | None = None
    damage = ""
    for number, line in enumerate(lines, 1):
        try:
            if block.is_within:
                block.add(line)
                continue
            entry = parse_line(line)
        except RecordingError as error:
            damage = f"{path}:{number}: {error}"
            if head is None:
                raise RecordingError(damage) from None
            break
        if isinstance(entry, Head):
            if head is not None:
                block.end()
                found.append(Recording(path, head, block.entries, end))
            head, block, end = entry, BlockReader(), None
        elif head is None:
            raise RecordingError(f"{path}:{number}: a line before the head of a recording")
        elif isinstance(entry, Block):
            block.begin(entry)
        elif isinstance(entry, End):
            end = entry
        else:
            block.entries.append(entry)
    damage = damage or lines.damage
    if head is None:
        what = "no whole line in it" if lines.has_bytes else "empty"
        raise RecordingError(damage or f"{path}: {what}; expected a recording")
    block.end()
    return [*found, Recording(path, head, block.entries, end, damage)]


class _Lines:
    """The whole lines of a file, without their line breaks; a last line without one was cut off, and is left out.

    Attributes:
        damage: one line about bytes that could not be read; "" for none, also where the file was just cut off.
        has_bytes: whether the file has any.
    """

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        self.damage = ""
        self.has_bytes = False

    def __iter__(self) -> Iterator[str]:
        begun: list[bytes] = []
        number = 0
        for data in self._pieces():
            begun.append(data)
            if b"\n" not in data:
                continue
            *lines, rest = b"".join(begun).split(b"\n")
            begun = [rest]
            for line in lines:
                number += 1
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError as error:
                    self.damage = f"{self._path}:{number}: damaged: {error}"
                    return
                yield text

    def _pieces(self) -> Iterator[bytes]:
        file = self._file
        start = file.read(4)
        self.has_bytes = bool(start)
        file.seek(0)
        pieces = iter(lambda: file.read(READ_BYTES), b"")
        if start == ZSTD:
            yield from self._unpacked(pieces, *_zstd(self._path))
        elif start[:2] == GZIP:
            yield from self._unpacked(
                pieces, lambda: zlib.decompressobj(wbits=31), (zlib.error,), lambda start: False
            )
        else:
            yield from pieces

    def _unpacked(
        self,
        pieces: Iterator[bytes],
        make: Callable[[], _Unpacker],
        errors: tuple[type[Exception], ...],
        is_checked_alone: Callable[[bytes], bool],
    ) -> Iterator[bytes]:
        """Yield what is packed in one member or several.

        Args:
            make: returns an unpacker of one member.
            errors: that it raises.
            is_checked_alone: takes the beginning of a member; True for a block that is yielded when its checksum was
                compared. Others are yielded as they are unpacked: they may be all of the file, and be cut off.
        """
        unpacker, member, begun = make(), 1, b""
        kept: list[bytes] | None = None
        is_new = True
        try:
            steps = (
                piece[at : at + STEP_BYTES]
                for piece in pieces
                for at in range(0, len(piece), STEP_BYTES)
            )
            for step in steps:
                data, begun = begun + step, b""
                while data:
                    if is_new:
                        if len(data) < HEADER_BYTES and len(step) == STEP_BYTES:
                            begun = data  # the rest of the header comes with the next step
                            break
                        kept, is_new = [] if is_checked_alone(data) else None, False
                    made = unpacker.decompress(data)
                    if kept is None:
                        yield made
                    else:
                        kept.append(made)
                    data = b""
                    if unpacker.eof:
                        yield b"".join(kept or ())
                        data = unpacker.unused_data
                        unpacker, member, kept, is_new = make(), member + 1, None, True
        except errors as error:
            self.damage = f"{self._path}: block {member} is damaged: {error}"
        else:
            yield b"".join(kept or ())  # of a block that was cut off


def _zstd(
    path: str,
) -> tuple[Callable[[], _Unpacker], tuple[type[Exception], ...], Callable[[bytes], bool]]:
    try:
        import zstandard
    except ImportError:
        raise RecordingError(
            f"{path}: compressed with zstd; expected zstandard to be installed: pip install zstandard"
        ) from None

    def is_checked_alone(start: bytes) -> bool:
        try:
            found = zstandard.get_frame_parameters(start)
        except zstandard.ZstdError:
            return False  # which unpacking tells
        return found.has_checksum and found.content_size != zstandard.CONTENTSIZE_UNKNOWN

    make = zstandard.ZstdDecompressor
    return (lambda: make().decompressobj()), (zstandard.ZstdError,), is_checked_alone


def read_head(data: bytes, name: str) -> Head:
    """Return the head of a recording.

    Args:
        data: the beginning of its file, or all of it.
        name: of the file, for an error.

    Raises:
        RecordingError: there is none.
    """
    lines = _Lines(io.BytesIO(data), name)
    for line in lines:
        try:
            entry = parse_line(line)
        except RecordingError as error:
            raise RecordingError(f"{name}:1: {error}") from None
        if isinstance(entry, Head):
            return entry
        break
    raise RecordingError(lines.damage or f"{name}: no head; expected a recording")
