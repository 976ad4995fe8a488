"""The version of Storm in Leiningen's ``project.clj``, read without Leiningen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from streamparse.project.errors import ProjectError
from streamparse.project.files import read_text

__all__ = ["read_storm_version"]

# The artifacts of Storm: one jar up to 1.x, several from 2.0 on, and at Clojars before it was Apache's.
_STORM = re.compile(r"org\.apache\.storm/storm-(core|client|server|clojure)|storm/storm")

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
    for line, artifact, version in _storm_dependencies(read_text(path)):
        versions.setdefault(version, f"{artifact} {version} in line {line}")
    if len(versions) > 1:
        found = ", ".join(versions.values())
        raise ProjectError([f"{path}: several versions of Storm ({found}); expected one"])
    return next(iter(versions), None)


def _storm_dependencies(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, artifact and version of each dependency on Storm."""
    tokens = [*_read_tokens(text)]
    for bracket, artifact, version in zip(tokens, tokens[1:], tokens[2:], strict=False):
        kinds = (bracket.lastgroup, artifact.lastgroup, version.lastgroup)
        if kinds == ("open", "symbol", "string") and _STORM.fullmatch(artifact[0]):
            line = text.count("\n", 0, artifact.start()) + 1
            yield line, artifact[0], version["string"]


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
