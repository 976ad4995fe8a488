"""The requirements file of a topology as its workers need it, with all files that it includes.

A worker is sent a directory of files, so that ``-r`` and ``-c`` of other files work there too. Paths of this machine
do not exist there, so they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from streamparse.project import ProjectError, read_text

__all__ = ["FIRST", "check_requirements", "gather_requirements"]

#: The file that pip is given; the files that it includes are in the same directory.
FIRST = "requirements.txt"

# pip's own rule: a # directly behind a word belongs to a URL.
_COMMENT = re.compile(r"(^|\s+)#.*$")
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^\s=]))(.+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HERE = re.compile(r"(?:(?:-e|--editable)[\s=]*)?(?:\.{1,2}(?:/|\[|$)|~)")

# A name and what may follow it; or a URL that ends in one, as a repository, an archive or an egg.
_STREAMPARSE = re.compile(
    r"streamparse\s*(?:$|[\[=<>!~;@,(])"
    r"|(?:(?:-e|--editable)[\s=]*)?\S*(?:[#&]egg=streamparse(?:\W|$)"
    r"|/streamparse(?:\.git)?(?:@[^/\s]*)?/?(?:[#;\s]|$)"
    r"|/streamparse-\d[^/\s]*\.(?:whl|tar\.gz|zip)(?:[#;\s]|$))",
    re.IGNORECASE,
)


_LOCAL = (
    "is a path of this machine, which no worker has; expected a version from an index, or a URL"
)


class _Line(NamedTuple):
    """A requirement or an option: the number of its first line, and its text without comments."""

    number: int
    text: str


def check_requirements(path: Path) -> None:
    """Refuse requirements with which a topology's components cannot run on a worker.

    Raises:
        ProjectError: the file or one that it includes is missing or names a path of this machine, or no line of
            them asks for streamparse.
    """
    gather_requirements(path)


def gather_requirements(path: Path) -> dict[str, str]:
    """Return the texts of the files that a worker needs, by their names there; ``requirements.txt`` is the first.

    Raises:
        ProjectError: as ``check_requirements``.
    """
    names = {path.resolve(): FIRST}
    gathered: dict[str, str] = {}
    problems: list[str] = []
    asks = False
    waiting = [path]
    for each in waiting:  # a list that grows while it is read, by the files that are included
        sent = []
        for line in _read(each):
            asks = asks or _STREAMPARSE.match(line.text) is not None
            if _HERE.match(line.text):
                problems.append(f"{each}:{line.number}: {line.text} {_LOCAL}")
            include = _INCLUDE.match(line.text)
            if include is None or _URL.match(include[2]):
                sent.append(line.text)
                continue
            included = each.parent / include[2].strip("'\"")
            if not included.is_file():
                problems.append(f"{each}:{line.number}: {line.text}: there is no {included}")
                continue
            if included.resolve() not in names:
                names[included.resolve()] = f"included-{len(names)}.txt"
                waiting.append(included)
            sent.append(f"{include[1]} {names[included.resolve()]}")
        gathered[names[each.resolve()]] = "".join(f"{line}\n" for line in sent)
    if not asks and not problems:
        problems.append(f"{path}: streamparse is not among its lines; expected a line streamparse")
    if problems:
        raise ProjectError(problems)
    return gathered


def _read(path: Path) -> Iterator[_Line]:
    number, begun = 0, ""
    first = 0
    for number, raw in enumerate([*_text(path).splitlines(), ""], 1):
        first = first or number
        if raw.endswith("\\") and not _COMMENT.match(raw):
            begun += raw[:-1]
            continue
        text = _COMMENT.sub("", begun + raw).strip()
        if text:
            yield _Line(first, text)
        begun, first = "", 0


def _text(path: Path) -> str:
    if not path.exists():
        words = "a line for each package that the workers need, streamparse among them"
        raise ProjectError([f"{path}: there is none; expected a file with {words}"])
    return read_text(path)
