"""The standard streams of a command: what cannot be written is an error, and characters that they lack are escaped.

Loaded with every command, so it loads nothing that the interpreter has not.
"""

from __future__ import annotations

import errno
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["OutputError", "forget_stdout", "secure_standard_streams", "unwritten"]


class OutputError(Exception):
    """Output that cannot be written: stdout, or a file that was asked for. One line."""


def unwritten(name: str, error: OSError) -> OutputError:
    """Return the error of output that could not be written.

    Args:
        name: of the output, such as ``stdout``.
    """
    reason = "it is closed" if error.errno == errno.EBADF else error.strerror
    return OutputError(f"{name}: cannot be written: {reason}")


class _Unbuffered(io.FileIO):
    """Writes all that it is given.

    There is no ``BufferedWriter`` above it: that keeps what it has written when Ctrl-C comes before ``write`` returns,
    and writes it once more. The text stream lets go of its bytes before.
    """

    def write_all(self, data: Any) -> int:
        left = memoryview(data)
        while left:
            written = super().write(left)
            if written is None:  # a descriptor that does not block
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            left = left[written:]
        return len(data)


class _Stdout(_Unbuffered):
    """Raises ``OutputError`` where it cannot be written; without a reader the error stays what it is."""

    def write(self, data: Any) -> int:
        try:
            return self.write_all(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritten("stdout", error) from None


class _Stderr(_Unbuffered):
    """Loses what cannot be written: there is nobody to tell, and the result of the command is on stdout."""

    def write(self, data: Any) -> int:
        try:
            return self.write_all(data)
        except BrokenPipeError:
            raise
        except OSError:
            return len(data)


def secure_standard_streams() -> None:
    """Replace ``sys.stdout`` and ``sys.stderr`` for the rest of this process.

    A descriptor that the parent process has closed is taken first. Else the next file that is opened would get its
    number, and what is printed.
    """
    for fd, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.set_inheritable(
                os.open(os.devnull, mode), True
            )  # it takes the lowest number that is free
    sys.stdout = _text(_Stdout(1, "w", closefd=False), sys.stdout)
    sys.stderr = _text(_Stderr(2, "w", closefd=False), sys.stderr)


def _text(raw: io.FileIO, like: Any) -> io.TextIOWrapper:
    """A text stream as the interpreter has made it; None: it has made none, for the descriptor was closed."""
    is_terminal = raw.isatty()
    unbuffered: Any = raw  # typeshed asks for a buffer
    return io.TextIOWrapper(
        unbuffered,
        encoding=like.encoding if like else "utf-8",
        errors="backslashreplace",
        line_buffering=is_terminal or raw.fileno() == 2,
        write_through=bool(like and like.write_through),
    )


def forget_stdout() -> None:
    """Lose what stdout still holds: the interpreter writes it once more as it ends, and prints an error otherwise."""
    if not isinstance(sys.stdout, io.TextIOWrapper):
        return  # a test's
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
