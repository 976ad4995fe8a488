"""The files of recordings: compressed, and readable up to what was written last."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CompressedFile"]

#: Of zstd: as much work as the levels below, and smaller files.
LEVEL = -1


class CompressedFile:
    """A compressed file, every piece of which can be read once it is written.

    Args:
        path: without the ending of the compression. There must be no such file.
        has_small_pieces: a piece is compressed by what stands before it; else it is compressed by itself, which takes
            fewer instructions, and has a checksum of its own. The checksum of others is at the end of the file.

    Attributes:
        path: with the ending.
        size: in bytes.
    """

    def __init__(self, path: str, *, has_small_pieces: bool) -> None:
        self.size = 0
        ending, self._compress, self._finish = _compression(has_small_pieces=has_small_pieces)
        self.path = path + ending
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)

    def write(self, text: str) -> None:
        self._put(self._compress(text.encode("utf-8", "surrogatepass")))

    def close(self) -> None:
        try:
            self._put(self._finish())
        except OSError:
            pass  # what it has is enough to read it
        finally:
            os.close(self._fd)

    def _put(self, data: bytes) -> None:
        self.size += len(data)
        left = memoryview(data)
        while left:
            left = left[os.write(self._fd, left) :]


def _compression(
    *, has_small_pieces: bool
) -> tuple[str, Callable[[bytes], bytes], Callable[[], bytes]]:
    """Return the ending of files, and the functions that compress a piece and finish: zstd, or gzip without it."""
    try:
        import zstandard
    except ImportError:
        import zlib

        def member(data: bytes) -> bytes:
            alone = zlib.compressobj(1, zlib.DEFLATED, 31)
            return alone.compress(data) + alone.flush()

        if not has_small_pieces:
            return ".gz", member, lambda: b""
        gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
        return (
            ".gz",
            lambda data: gzip.compress(data) + gzip.flush(zlib.Z_SYNC_FLUSH),
            gzip.flush,
        )
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    if not has_small_pieces:
        return ".zst", compressor.compress, lambda: b""
    zstd = compressor.compressobj()
    block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return ".zst", lambda data: zstd.compress(data) + zstd.flush(block), zstd.flush
