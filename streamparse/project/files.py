"""The text of a file that people write by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from streamparse.project.errors import ProjectError

__all__ = ["CONFIG", "absolute", "home_directory", "read_text"]

CONFIG: Final = "config.json"
MOST_BYTES = 1_000_000


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        ProjectError: it cannot be read, is not UTF-8, or is too large.
    """
    try:
        with path.open("rb") as file:
            read = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ProjectError([f"{path}: cannot be read: {error.strerror}"]) from None
    if len(read) > MOST_BYTES:
        raise ProjectError([f"{path}: more than {MOST_BYTES} bytes; is it another file?"])
    try:
        return read.decode("utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        finding = f"not UTF-8: byte {read[error.start]:#04x} in line {line}"
        raise ProjectError([f"{path}: {finding}; save it as UTF-8"]) from None


def absolute(path: Path) -> Path:
    """Return a path that does not depend on the working directory any more.

    Raises:
        ProjectError: the working directory is gone.
    """
    if path.is_absolute():
        return path
    try:
        return Path.cwd() / path
    except OSError as error:
        raise ProjectError(
            [
                f"the working directory cannot be found: {error.strerror}; cd to a directory that exists"
            ]
        ) from None


def home_directory() -> Path:
    """Return the home directory of the user.

    Raises:
        ProjectError: nobody knows it.
    """
    try:
        return Path.home()
    except RuntimeError:
        raise ProjectError(
            ["no home directory: HOME is not set, and the user is not in /etc/passwd; set HOME"]
        ) from None
