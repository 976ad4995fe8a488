"""The requirements file of a topology, as its workers need it: everything it includes, and streamparse in it.

What a worker is sent is a directory of its own, so that ``-r`` and ``-c`` of other files hold there too. Paths into
this machine mean nothing there, so they are refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from streamparse.project import MOST_BYTES, ProjectError

__all__ = ["FIRST", "check_requirements", "gather_requirements"]

#: The file that pip is given; what it includes lies beside it.
FIRST = "requirements.txt"

# pip's own rule: a # that something stands in front of belongs to a URL.
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


_OURS = "is a path of this machine, which no worker has; a version from an index or a URL would do"


class _Line(NamedTuple):
    """A requirement or an option: the number of the line where it begins, and its text without comments."""

    number: int
    text: str


def check_requirements(path: Path) -> None:
    """Refuse requirements that would not give a worker what a topology's components run on.

    Raises:
        ProjectError: the file or one that it includes is missing, names a path of this machine, or no line of
            them asks for streamparse.
    """
    gather_requirements(path)


def gather_requirements(path: Path) -> dict[str, str]:
    """The files that a worker needs, by their names there, where ``requirements.txt`` is the first.

    Raises:
        ProjectError: as ``check_requirements`` has it.
    """
    names = {path.resolve(): FIRST}
    gathered: dict[str, str] = {}
    problems: list[str] = []
    asks = False
    waiting = [path]
    for each in waiting:  # which grows as it is read, by what is not there yet
        sent = []
        for line in _read(each):
            asks = asks or _STREAMPARSE.match(line.text) is not None
            if _HERE.match(line.text):
                problems.append(f"{each}:{line.number}: {line.text} {_OURS}")
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
        problems.append(f"{path}: streamparse is not among its lines; a line streamparse would do")
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
    try:
        text = path.read_bytes()[: MOST_BYTES + 1].decode("utf-8-sig")
    except FileNotFoundError:
        words = "a file with a line for each package that the workers need, streamparse among them,"
        raise ProjectError([f"{path}: there is none; {words} would do"]) from None
    except OSError as error:
        raise ProjectError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ProjectError([f"{path}: not UTF-8; save it as UTF-8"]) from None
    if len(text) > MOST_BYTES:
        raise ProjectError([f"{path}: more than {MOST_BYTES} bytes; is it another file?"])
    return text
