"""The requirements file of a topology as its workers need it, with all files that it includes.

A worker is sent a directory of files, so that ``-r`` and ``-c`` of other files work there too. Paths of this machine
do not exist there, so they are refused. The running package is sent along as a wheel: a line that asks for streamparse
is satisfied by it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import NamedTuple

from streamparse import __version__
from streamparse.project import OperationError, ProjectError, read_text

__all__ = [
    "FIRST",
    "Requirements",
    "check_requirements",
    "check_version",
    "gather_requirements",
    "unnamed_packages",
    "without_streamparse",
]

#: The file that pip is given; the files that it includes are in the same directory.
FIRST = "requirements.txt"

# pip's own rule: a # directly behind a word belongs to a URL.
_COMMENT = re.compile(r"(^|\s+)#.*$")
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^\s=]))(.+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)

# Options whose value is a place: a directory, a file or a URL.
_PLACE = re.compile(
    r"(?:-e|-f|-i|--editable|--find-links|--index-url|--extra-index-url|--pypi-url)(?:\s*=\s*|\s+|(?=[^\s=-]))(.+)"
)
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar|tgz|tbz|txz|tar\.(?:gz|bz2|xz|lzma))$", re.IGNORECASE)

# A name with extras, and what may follow it.
_NAMED = re.compile(r"streamparse\s*(?:\[[^\]]*\]\s*)?(?P<rest>$|[=<>!~;@,(\s].*)", re.IGNORECASE)
_EXACT = re.compile(r"={2,3}\s*(?P<version>[^\s,;)]+)")
# A URL that ends in the name, as a repository, an archive or an egg.
_BY_URL = re.compile(
    r"(?:(?:-e|--editable)[\s=]*)?\S*(?:[#&]egg=streamparse(?:\W|$)"
    r"|/streamparse(?:\.git)?(?:@[^/\s]*)?/?(?:[#;\s]|$)"
    r"|/streamparse-\d[^/\s]*\.(?:whl|tar\.gz|zip)(?:[#;\s]|$))",
    re.IGNORECASE,
)


_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


_LOCAL = (
    "is a path of this machine, which no worker has; expected a version from an index, a URL, "
    "or an absolute path on the workers"
)


class Requirements(NamedTuple):
    """What pip is given on a worker.

    Attributes:
        files: the texts of the files, by their names there; ``requirements.txt`` is the first.
        carries: True if the wheel of the running package goes along; False if a line asks for streamparse by URL.
    """

    files: dict[str, str]
    carries: bool


class _Line(NamedTuple):
    """A requirement or an option: the number of its first line, and its text without comments."""

    number: int
    text: str


def check_requirements(path: Path) -> None:
    """Refuse requirements with which a topology's components cannot run on a worker.

    Raises:
        ProjectError: the file or one that it includes is missing, names a path of this machine, or asks for another
            version of streamparse than the one that runs.
    """
    gather_requirements(path)


def gather_requirements(path: Path) -> Requirements:
    """Return the files that a worker needs, and whether they need the running package.

    Raises:
        ProjectError: as ``check_requirements``.
    """
    names = {path.resolve(): FIRST}
    gathered: dict[str, str] = {}
    problems: list[str] = []
    by_url = False
    waiting = [path]
    for each in waiting:  # a list that grows while it is read, by the files that are included
        sent = []
        for line in _read(each):
            by_url = by_url or _is_url_of_streamparse(line.text)
            problems += [f"{each}:{line.number}: {problem}" for problem in _problems(line.text)]
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
    if problems:
        raise ProjectError(problems)
    return Requirements(gathered, carries=not by_url)


def without_streamparse(path: Path) -> dict[str, str]:
    """Return the files of ``gather_requirements`` without the lines that the running package satisfies.

    Raises:
        ProjectError: as ``check_requirements``.
    """
    return {
        name: "".join(
            line
            for line in text.splitlines(keepends=True)
            if not _NAMED.match(line) or _is_url_of_streamparse(line)
        )
        for name, text in gather_requirements(path).files.items()
    }


def unnamed_packages(path: Path, modules: Iterable[str]) -> dict[str, str]:
    """Return the modules that a worker will not have, by what is installed here; each with its package.

    A module that is not installed here is none of them, and so is each one where a line is more than a name.

    Args:
        path: requirements that ``check_requirements`` accepts.
        modules: of others, that the components import.
    """
    lines = [
        line for text in gather_requirements(path).files.values() for line in text.splitlines()
    ]
    named = [_NAME.match(line) for line in lines if not _INCLUDE.match(line)]
    if None in named or any("@" in line or _URL.match(line) for line in lines):
        return {}  # an option, a URL or a path, which may bring anything
    names = {"streamparse", "simplejson", *(each[0] for each in named if each)}
    brought = _with_dependencies(names, extras=any("[" in line for line in lines))
    packages = packages_distributions()
    return {
        module: packages[module][0]
        for module in modules
        if module in packages and not brought & {*map(_normal, packages[module])}
    }


def _with_dependencies(names: Iterable[str], *, extras: bool) -> set[str]:
    """The names of packages, with all that they need as they are installed here; with extras, for those too."""
    found: set[str] = set()
    left = [*map(_normal, names)]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        needed: list[str] = []
        if name != "streamparse":  # whose wheel for workers needs less
            with contextlib.suppress(PackageNotFoundError):
                needed = requires(name) or []
        needed = [each for each in needed if extras or not re.search(r"\bextra\s*==", each)]
        left += [_normal(each[0]) for each in map(_NAME.match, needed) if each]
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_url_of_streamparse(text: str) -> bool:
    named = _NAMED.match(text)
    return named["rest"].startswith("@") if named else _BY_URL.match(text) is not None


def _problems(text: str) -> Iterator[str]:
    """What is wrong with a line, whatever the other lines have."""
    if _is_local(text):
        yield f"{text} {_LOCAL}"
    named = _NAMED.match(text)
    exact = _EXACT.match(named["rest"].strip("( ")) if named else None
    if exact is not None and not _is_version(exact["version"]):
        yield (
            f"{text}, but this sparse is {__version__}, and takes itself to the workers; "
            f"expected streamparse=={__version__}, or no line for it"
        )


def _is_version(text: str) -> bool:
    """True for the version that runs: ``2.2``, ``2.2.0`` and ``2.2.*`` are all one with 2.2.0."""
    if text.endswith(".*"):
        return f"{__version__}.".startswith(text[:-1])
    return re.sub(r"(?:\.0)+$", "", text) == re.sub(r"(?:\.0)+$", "", __version__)


def _is_local(text: str) -> bool:
    """True for a path that is relative, or starts at a home directory: it is of this machine."""
    option = _PLACE.match(text)
    if option is None and text.startswith("-"):
        return False
    place = (option[1] if option else text).strip("'\"")
    if (
        option is None
    ):  # a requirement: a name, perhaps with "@ place", markers and options behind it
        place = re.split(r"\s+;|\s+--", place)[0].strip()
        name, at, behind = place.partition("@")
        if at and re.fullmatch(r"[\w.-]+\s*(?:\[[^\]]*\])?\s*", name):
            place = behind.strip()
            return re.match(r"(?:file:)?(?![a-z][a-z0-9+.-]*:|/)", place, re.IGNORECASE) is not None
    if _URL.match(place) or place.startswith(("/", "${", "git@")):
        return re.match(r"file:(?!/)", place, re.IGNORECASE) is not None
    if option is not None or place.startswith(("./", "../", "~", ".[")) or place in (".", ".."):
        return True
    return "/" in place or _ARCHIVE.search(re.sub(r"\[[^\]]*\]$", "", place)) is not None


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
        words = "a line for each package that the components import; it may be empty"
        raise ProjectError([f"{path}: there is none; expected a file with {words}"])
    return read_text(path)


def check_version(printed: str, who: str, where: str) -> None:
    """Refuse packages with another streamparse than this one: a line that asks for it by URL brings its own.

    Args:
        printed: what a program that tells the version has printed; the version is its last word.
        who: has the packages, as the message begins.
        where: they are, as the message says it.

    Raises:
        OperationError: it is another version, or there is none.
    """
    *_, there = ("none", *printed.split())
    if there != __version__:
        raise OperationError(
            f"{who} is {there} {where} and {__version__} here; the requirements ask for it by URL: "
            f"expected the URL of {__version__}, or no line for streamparse"
        )
