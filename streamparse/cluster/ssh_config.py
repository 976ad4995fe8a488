"""ssh's configuration as one text, with the files that it includes, which paramiko does not read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from streamparse.project import home_directory

__all__ = ["read_ssh_config"]

MOST_DEEP = 16  # ssh's own limit, which also ends files that include each other

_INCLUDE = re.compile(r"\s*include(?:\s+|\s*=\s*)(.+)", re.IGNORECASE)
_BLOCK = re.compile(r"\s*(?:host|match)[\s=]", re.IGNORECASE)


def read_ssh_config() -> str:
    """Return the user's configuration and then the machine's: of a setting that stands twice, the first holds.

    Raises:
        OSError, UnicodeDecodeError: a file cannot be read.
    """
    user = _lines(home_directory() / ".ssh/config", "Host *", 0)
    machine = _lines(Path("/etc/ssh/ssh_config"), "Host *", 0)
    return "\n".join([*user, "Host *", *machine, ""])


def _lines(path: Path, block: str, depth: int) -> Iterator[str]:
    """Yield the lines of a file with those that it includes; ``block`` is the Host or Match that it begins in."""
    if depth > MOST_DEEP or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        found = _INCLUDE.fullmatch(line)
        if found is None:
            block = line if _BLOCK.match(line) else block
            yield line
            continue
        for included in _included(path, found[1]):
            yield from _lines(included, block, depth + 1)
            yield block  # which the included file may have ended


def _included(path: Path, words: str) -> Iterator[Path]:
    for word in shlex.split(words, comments=True):
        # A relative path starts at ~/.ssh, or at /etc/ssh in the machine's own files.
        home = path.parent if path.is_relative_to("/etc/ssh") else Path("~/.ssh").expanduser()
        pattern = home / Path(word).expanduser()
        yield from sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
