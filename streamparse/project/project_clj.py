"""The version of Storm in Leiningen's ``project.clj``, read without Leiningen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from streamparse.project.errors import ProjectError
from streamparse.project.files import read_text

__all__ = ["names_storm_clojure", "project_clj_findings", "read_storm_version"]

# The artifacts of Storm: one jar up to 1.x, several from 2.0 on, and at Clojars before it was Apache's.
_STORM = re.compile(r"org\.apache\.storm/storm-(core|client|server|clojure)|storm/storm")

# Those of them that hold Storm's defaults.yaml.
_HOLDING = ("org.apache.storm/storm-core", "org.apache.storm/storm-client", "storm/storm")
_CLOJURE = "org.apache.storm/storm-clojure"

# Leiningen's files have #"regular expressions" and quotes that EDN does not have; six kinds of token are enough.
_TOKEN = re.compile(
    r"""(?P<comment>;[^\n]*)|(?P<char>\\.)|"(?P<string>(?:\\.|[^"\\])*)"|(?P<discard>\#_)"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<symbol>[^\s,;"()\[\]{}\\]+)""",
    re.DOTALL,
)


def read_storm_version(path: Path) -> str | None:
    """Return the version of Storm that a ``project.clj`` depends on; None when there is no file, or no Storm in it.

    Raises:
        ProjectError: it depends on several versions, or cannot be read.
    """
    if not path.is_file():
        return None
    versions: dict[str, str] = {}
    for line, artifact, version, _ in _dependencies(read_text(path)):
        versions.setdefault(version, f"{artifact} {version} in line {line}")
    if len(versions) > 1:
        found = ", ".join(versions.values())
        raise ProjectError([f"{path}: several versions of Storm ({found}); expected one"])
    return next(iter(versions), None)


def names_storm_clojure(path: Path) -> bool:
    """Return whether a ``project.clj`` names storm-clojure, the Clojure DSL of Storm 2; False when there is no file.

    Raises:
        ProjectError: the file cannot be read.
    """
    return path.is_file() and any(
        each.artifact == _CLOJURE for each in _dependencies(read_text(path))
    )


def project_clj_findings(path: Path, storm_version: str) -> Iterator[tuple[str, str]]:
    """Yield what keeps a ``project.clj`` from making a jar that a cluster can run; each with the remedy.

    Args:
        storm_version: that it names.

    Raises:
        ProjectError: the file cannot be read.
    """
    text = read_text(path)
    tokens = [*_read_tokens(text)]
    if wrong := _unbalanced(tokens):
        yield wrong, "each ( [ { is closed by its ) ] }"
        return  # nothing below could be told
    if not re.search(r":resource-paths\s*\[[^\]]*\"_resources/?\"", text):
        found = 'no :resource-paths ["_resources"], so the components would not be in the jar'
        yield found, 'write :resource-paths ["_resources"]'
    there = [*_dependencies(text)]
    excluded = re.search(r":uberjar-exclusions\s*\[[^\]]*(yaml|defaults)", text)
    for each in there if not excluded else ():
        if each.artifact in _HOLDING and not each.stays_out:
            found = f"a jar would hold Storm itself ({each.artifact} in line {each.line}), and a cluster refuses that"
            moved = f'[{each.artifact} "{storm_version}"]'
            yield found, f"move it to :profiles {{:provided {{:dependencies [{moved}]}}}}"
    # Without it sparse's own Clojure takes its place, of which workers need nothing.
    is_named = {each.stays_out for each in there if each.artifact == _CLOJURE}
    if int(storm_version.partition(".")[0]) >= 2 and is_named == {True}:
        found = f"{_CLOJURE} is under :provided, and the workers of Storm {storm_version} have none"
        yield found, f'write [{_CLOJURE} "{storm_version}"] into :dependencies, or leave it out'


def _unbalanced(tokens: Sequence[re.Match[str]]) -> str | None:
    """What is wrong with the brackets; None where nothing is."""
    opened: list[re.Match[str]] = []
    pairs = {"(": ")", "[": "]", "{": "}"}
    for token in tokens:
        if token.lastgroup == "open":
            opened.append(token)
        elif token.lastgroup == "close":
            if not opened:
                return f"line {_line(token)}: {token[0]} closes nothing"
            last = opened.pop()
            if pairs[last[0]] != token[0]:
                return f"line {_line(token)}: {token[0]} stands where the {last[0]} of line {_line(last)} ends"
    return f"line {_line(opened[-1])}: {opened[-1][0]} is not closed" if opened else None


def _line(token: re.Match[str]) -> int:
    return token.string.count("\n", 0, token.start()) + 1


class _Dependency(NamedTuple):
    """A dependency on Storm: line, artifact and version, and whether it stays out of the jar."""

    line: int
    artifact: str
    version: str
    stays_out: bool


def _dependencies(text: str) -> Iterator[_Dependency]:
    """Each dependency on Storm. A profile, ``:provided`` above all, and a scope keep one out of the jar."""
    tokens = [*_read_tokens(text)]
    above: list[str] = []  # what stands before each bracket that is open
    for number, token in enumerate(tokens):
        if token.lastgroup == "close" and above:
            above.pop()
        if token.lastgroup != "open":
            continue
        above.append(tokens[number - 1][0] if number else "")
        artifact, version = (*tokens[number + 1 : number + 3], None, None)[:2]
        if artifact is None or version is None or not _STORM.fullmatch(artifact[0]):
            continue
        if (artifact.lastgroup, version.lastgroup) == ("symbol", "string"):
            is_scoped = '"provided"' in [each[0] for each in tokens[number + 3 : number + 5]]
            yield _Dependency(
                _line(artifact), artifact[0], version["string"], ":profiles" in above or is_scoped
            )


def _read_tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of Clojure text, without comments and without the forms that ``#_`` discards."""
    discarding = False
    depth = 0  # of the brackets in the form that is discarded
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "discard":
            discarding = True
        elif discarding:
            depth += {"open": 1, "close": -1}.get(str(kind), 0)
            discarding = depth > 0
        else:
            yield token
