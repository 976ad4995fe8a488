"""The files of topologies: ``NAME.clj``, and each ``NAME.py`` whose text has a topology. No code of a file is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from streamparse.project.errors import ProjectError

__all__ = ["TopologyFiles", "has_topology"]

SUFFIXES = (".clj", ".py")
MOST_DEPTH = 20  # of base classes, and of files that import them from each other


class TopologyFiles:
    """The topology files of a directory.

    Args:
        directory: that of the topologies.

    Attributes:
        by_name: the files of each topology, sorted by name; several where a name is taken twice.
        without: the files in Python that have no topology.

    Raises:
        ProjectError: the directory cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        self.by_name: dict[str, list[Path]] = {}
        self.without: list[Path] = []
        for path in _entries(directory):
            # Editors leave .#wordcount.clj beside an open file.
            if path.suffix not in SUFFIXES or path.name.startswith(".") or not path.is_file():
                continue
            if path.suffix == ".clj" or has_topology(path):
                self.by_name.setdefault(path.stem, []).append(path)
            else:
                self.without.append(path)
        self.by_name = dict(sorted(self.by_name.items()))

    def only(self, name: str) -> Path:
        """Return the file of a topology.

        Raises:
            ProjectError: there are two.
        """
        first, *others = self.by_name[name]
        if others:
            there = " and ".join(map(str, (first, *others)))
            raise ProjectError(
                [f"{there}: both are the topology {name}; keep one, or rename the other"]
            )
        return first


def _entries(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except NotADirectoryError:
        raise ProjectError([f"{directory}: not a directory; topology_specs names one"]) from None
    except OSError as error:
        raise ProjectError(
            [f"{directory}: cannot be read: {error.strerror}; topologies/ is the usual place"]
        ) from None


def has_topology(path: Path) -> bool:
    """Return whether the text of a Python file has a class that derives from ``Topology`` and has components.

    A file that is no Python, and speaks of a Topology, has one: to read it tells the mistake.
    """
    try:
        status = path.stat()
        return _has_topology(path, (status.st_mtime_ns, status.st_size))
    except OSError:
        return False


@lru_cache(maxsize=256)
def _has_topology(path: Path, stamp: tuple[int, int]) -> bool:
    text = path.read_bytes()
    if b"spec" not in text and b"Topology" not in text:
        return False
    tree = _parsed(path)
    if tree is None:
        return b"Topology" in text
    bound = _bound(tree)
    return any(
        isinstance(node, ast.ClassDef)
        and _has_components(node)
        and (_is_topology(path, bound, node.name, 0) or _is_likely(path, bound, node))
        for node in bound.values()
    )


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_Bound = Mapping[str, ast.ClassDef | tuple[str, str]]


def _bound(tree: ast.Module) -> _Bound:
    """Return the classes of a module, and the names that it imports from others: the module and the name there."""
    found: dict[str, ast.ClassDef | tuple[str, str]] = {}
    for node in _statements(tree.body):
        if isinstance(node, ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module or "", alias.name)
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            yield from _statements([*node.body, *node.orelse])
            for handler in getattr(node, "handlers", ()):
                yield from _statements(handler.body)


def _has_components(node: ast.ClassDef) -> bool:
    """Return whether the body calls ``spec``, or makes attributes in some other way."""
    return any(
        (isinstance(each, ast.Attribute) and each.attr == "spec")
        or (isinstance(each, ast.Name) and each.id in ("locals", "vars"))
        for each in ast.walk(node)
    )


def _is_topology(path: Path, bound: _Bound, name: str, depth: int) -> bool:
    """Return whether a name of a file is ``Topology``, or a class that derives from it."""
    meaning = bound.get(name)
    if depth > MOST_DEPTH:
        return False
    if isinstance(meaning, tuple):
        module, name_there = meaning
        beside = _beside(path, module)
        if beside.is_file() and (tree := _parsed(beside)) is not None:
            return _is_topology(beside, _bound(tree), name_there, depth + 1)
        return name_there.endswith("Topology")
    if meaning is None:
        return name.endswith("Topology")  # of a star import, perhaps
    for base in meaning.bases:
        if isinstance(base, ast.Attribute) and base.attr.endswith("Topology"):
            return True
        if isinstance(base, ast.Name) and _is_topology(path, bound, base.id, depth + 1):
            return True
    return False


def _is_likely(path: Path, bound: _Bound, node: ast.ClassDef) -> bool:
    """Return whether attributes of a class are calls of ``spec``, and a base comes from elsewhere, such as ``src/``."""
    values = (each.value for each in node.body if isinstance(each, (ast.Assign, ast.AnnAssign)))
    calls = (each.func for each in values if isinstance(each, ast.Call))
    if not any(isinstance(each, ast.Attribute) and each.attr == "spec" for each in calls):
        return False
    bases = (bound.get(each.id) for each in node.bases if isinstance(each, ast.Name))
    return any(isinstance(each, tuple) and not _beside(path, each[0]).is_file() for each in bases)


def _beside(path: Path, module: str) -> Path:
    """The file of a module beside another file; the directory itself for none, as in ``from . import name``."""
    return path.parent.joinpath(*module.split(".")).with_suffix(".py") if module else path.parent
