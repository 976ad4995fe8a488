"""The files of a new project, and the rule for its name.

The project appears as a whole or not at all: it is built under another name in the same directory, then renamed.
"""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse import __version__
from streamparse.project import ProjectError, UsageError

if TYPE_CHECKING:
    from importlib.abc import Traversable

__all__ = ["check_name", "write_project"]

# The files and directories, in the order and with the slashes of 2.1.3's documents, which have a slash behind some
# directories only; tests/ is new.
TREE = (
    "",
    ".gitignore",
    "config.json",
    "fabfile.py",
    "project.clj",
    "README.md",
    "src",
    "src/bolts/",
    "src/bolts/__init__.py",
    "src/bolts/wordcount.py",
    "src/spouts/",
    "src/spouts/__init__.py",
    "src/spouts/words.py",
    "tasks.py",
    "tests",
    "tests/test_wordcount.py",
    "topologies",
    "topologies/wordcount.clj",
    "virtualenvs",
    "virtualenvs/wordcount.txt",
)
_STORED_AS = {".gitignore": "gitignore"}  # under its own name it would hide files of ours
_CLOJURE, _PYTHON = "topologies/wordcount.clj", "topologies/wordcount.py"
# What a topology in Python has in place of that: all files are searched for it.
_IN_PYTHON = {
    _CLOJURE: _PYTHON,
    "(needs Java and Leiningen)": "(needs Java, Maven or STORM_HOME, and thriftpy2)",
    "submit it to the cluster in config.json": "submit it to the cluster in config.json (needs thriftpy2)",
}
_NAME = "{{name}}"  # replaced by the project's name
_VERSION = "{{version}}"  # replaced by the version of streamparse

MOST_CHARS = 100  # file names end at 255 bytes, and Leiningen adds to them
_NO_SYMBOLS = ("nil", "true", "false")  # values in Clojure: (defproject nil ...)


def write_project(name: str, parent: str | Path = ".", *, in_python: bool = False) -> list[str]:
    """Make a project in a new directory.

    Args:
        name: of the project and of its directory.
        parent: the directory in which it is made.
        in_python: its topology is a Python class, and no Clojure file.

    Returns:
        The paths of the new files, as 2.1.3 prints them.

    Raises:
        UsageError: this is no name for a project.
        ProjectError: the directory exists already, or cannot be written; nothing has changed.
    """
    check_name(name)
    target = Path(parent) / name
    tree = [each.replace(_CLOJURE, _PYTHON) if in_python else each for each in TREE]
    if os.path.lexists(target):
        raise ProjectError([f"{target}: already exists, and was left alone; take another name"])
    try:
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as directory:
            built = Path(directory) / name
            for entry in tree:
                _write(entry, built, name, in_python=in_python)
            built.rename(target)
    except OSError as error:
        raise ProjectError([f"{target}: cannot be made: {error.strerror}"]) from None
    return [f"{name}/{entry}" if entry else name for entry in tree]


def _write(entry: str, root: Path, name: str, *, in_python: bool) -> None:
    template = files("streamparse.quickstart") / "template"
    source = _stored(template, entry)
    if in_python and _stored(template / "python", entry).is_file():
        source = _stored(template / "python", entry)
    if source.is_dir():
        (root / entry).mkdir()
    else:
        text = source.read_text(encoding="utf-8")
        text = text.replace(_NAME, name).replace(_VERSION, __version__)
        for old, new in _IN_PYTHON.items() if in_python else ():
            text = text.replace(old, new)
        (root / entry).write_text(text, encoding="utf-8")


def _stored(directory: Traversable, entry: str) -> Traversable:
    for part in filter(None, entry.split("/")):
        directory = directory / _STORED_AS.get(part, part)
    return directory


def check_name(name: str) -> None:
    """Refuse a name that is not good for a directory, a Leiningen project and a command line alike.

    Raises:
        UsageError: with the rule, and a name that is good.
    """
    if name in _NO_SYMBOLS:
        finding = "it is a value in Clojure"
    elif len(name) > MOST_CHARS:
        finding = f"a name has at most {MOST_CHARS} characters"
    elif not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        finding = "a name is a letter, then letters, digits, - and _"
    else:
        return
    shown = repr(name if len(name) <= 60 else f"{name[:57]}...")
    raise UsageError(f"{shown} cannot be the name of a project: {finding}; {_suggestion(name)}")


def _suggestion(name: str) -> str:
    last = name.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    word = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_")[:MOST_CHARS].strip("-_")
    if word and (word[0].isdigit() or word in _NO_SYMBOLS):
        word = f"project-{word}"
    inside = re.search(r"[/\\]", name.rstrip("/\\"))
    place = ", typed in the directory of the new one" if inside else ""
    return f"expected a name such as {word or 'wordcount'}{place}"
