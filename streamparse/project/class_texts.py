"""The modules of the sources and their classes, as far as their text tells; nothing of the user's is run.

``Sources`` follows a name to the class that it stands for, through imports and assignments, and a class to its bases.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from streamparse.project.sources import bound_names
from streamparse.project.syntax import SyntaxFinding, explain

Function = ast.FunctionDef | ast.AsyncFunctionDef
Kind = Literal["spout", "bolt"]


class _Import(NamedTuple):
    """A name that a module has from another: the module, and the name there; "" for the module itself."""

    module: str
    name: str


_Bound = ast.ClassDef | Function | ast.expr | _Import


@dataclass(frozen=True)
class Module:
    """A module of the sources.

    Attributes:
        path: of its file.
        bound: what its names stand for, as far as the text tells.
        imported: the modules that it always imports, and the names of modules that may be modules; each with its line.
        names: all names that it may have; "*" among them where the text does not tell.
        mistake: why it is no Python.
    """

    path: Path
    bound: Mapping[str, _Bound]
    imported: Mapping[str, int]
    names: frozenset[str] = frozenset()
    mistake: SyntaxFinding | None = None


@lru_cache(maxsize=512)
def _parsed(path: Path, name: str, stamp: tuple[int, int]) -> Module:
    source = path.read_bytes()
    try:
        tree = ast.parse(source, str(path))
    except (SyntaxError, ValueError) as error:
        return Module(path, {}, {}, mistake=explain(error, source))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imported: dict[str, int] = {}
    for module, line in _imported(tree.body, package):
        imported.setdefault(module, line)
    names = frozenset(each for each, _ in bound_names(tree.body))
    return Module(path, dict(_bound(tree.body, package)), imported, names)


def _from(node: ast.ImportFrom, package: str) -> str:
    """The module that ``from ... import`` names, seen from a module of this package."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = ".".join(parts[: len(parts) - node.level + 1])
    return f"{above}.{node.module}" if node.module else above


def _bound(body: Iterable[ast.stmt], package: str) -> Iterator[tuple[str, _Bound]]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, _Import(whole, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, _Import(_from(node, package), alias.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _bound([*node.body, *node.orelse], package)


def _imported(body: Iterable[ast.stmt], package: str) -> Iterator[tuple[str, int]]:
    """Yield the modules that the statements import in any case, and may be names of a module instead, with the line."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _from(node, package)
            yield module, node.lineno
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


MOST_DEPTH = 20  # of names that stand for names, and of base classes
LIBRARY = {
    "Bolt": "bolt",
    "BatchingBolt": "bolt",
    "TicklessBatchingBolt": "bolt",
    "Spout": "spout",
    "ReliableSpout": "spout",
    "Component": "",
}


@dataclass(frozen=True)
class Class:
    """A class of the sources, and the module that it is in."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True)
class Family:
    """A class with its base classes.

    Attributes:
        classes: of the sources, each before its bases.
        kind: "spout" or "bolt", "" for another component; None where the text does not tell.
        is_known: whether the text tells all base classes.
        library: the classes of the library among them.
    """

    classes: Sequence[Class]
    kind: str | None
    is_known: bool
    library: Sequence[str] = ()

    @property
    def methods(self) -> dict[str, tuple[Class, Function]]:
        """The methods that the sources give it, by name; each with the class that has it."""
        found: dict[str, tuple[Class, Function]] = {}
        for each in self.classes:
            for child in each.node.body:
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    found.setdefault(child.name, (each, child))
        return found


class Sources:
    """The modules in a directory of sources, as text.

    Args:
        directory: that of the sources, ``src/``.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def module(self, name: str) -> Module | None:
        """Return a module of the sources; None for any other."""
        base = self._directory.joinpath(*name.split("."))
        for path in (base / "__init__.py", base.with_name(f"{base.name}.py")) if name else ():
            try:
                status = path.stat()
                return _parsed(path, name, (status.st_mtime_ns, status.st_size))
            except OSError:
                continue
        return None

    def has_directory(self, name: str) -> bool:
        """Return whether a name is a directory of the sources, which is a package even without an ``__init__.py``."""
        return self._directory.joinpath(*name.split(".")).is_dir()

    def reached(self, name: str) -> list[Module]:
        """Return a module, and all modules of the sources that its import always imports."""
        found: dict[str, Module | None] = {}
        left = [name]
        while left:
            each = left.pop()
            if each in found:
                continue
            module = found[each] = self.module(each)
            parent = each.rpartition(".")[0]
            left += [parent] if parent else []
            left += module.imported if module else ()
        return [module for module in found.values() if module is not None]

    def find(self, module_name: str, name: str, depth: int = 0) -> Class | Function | str | None:
        """Return what a name in a module stands for: a class, a function, or a class of the library by its name."""
        if module_name.partition(".")[0] == "streamparse":
            return name if name in LIBRARY else None
        module = self.module(module_name)
        bound = module.bound.get(name) if module else None
        if module is None or bound is None or depth > MOST_DEPTH:
            return None
        if isinstance(bound, ast.ClassDef):
            return Class(module, bound)
        if isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return bound
        return self._meaning(module_name, module, bound, depth + 1)

    def _meaning(
        self, module_name: str, module: Module, value: ast.expr | _Import, depth: int
    ) -> Class | Function | str | None:
        if isinstance(value, _Import):
            return self.find(value.module, value.name, depth) if value.name else None
        if isinstance(value, ast.Name):
            return self.find(module_name, value.id, depth)
        if isinstance(value, ast.Attribute):
            dotted = ast.unparse(value.value)
            first, _, rest = dotted.partition(".")
            bound = module.bound.get(first)
            if isinstance(bound, _Import):
                whole = f"{bound.module}.{bound.name}".rstrip(".")
                return self.find(f"{whole}.{rest}".rstrip("."), value.attr, depth)
        return None

    def family(self, module_name: str, found: Class | str, depth: int = 0) -> Family:
        """Return a class with its base classes."""
        if depth > MOST_DEPTH:  # a class among its own bases
            return Family((), None, False)
        if isinstance(found, str):
            return Family((), LIBRARY[found], True, (found,))
        classes, kinds, is_known = [found], list[str](), not found.node.keywords
        library: list[str] = []
        for base in found.node.bases:
            if isinstance(base, ast.Name) and base.id == "object":
                continue
            owner = self._name_of(found.module) or module_name
            meaning = self._meaning(owner, found.module, base, 1)
            if meaning is None or isinstance(meaning, (ast.FunctionDef, ast.AsyncFunctionDef)):
                is_known = False
                continue
            above = self.family(owner, meaning, depth + 1)
            classes += above.classes
            library += above.library
            kinds += [] if above.kind is None else [above.kind]
            is_known = is_known and above.is_known
        kind = next((each for each in kinds if each), kinds[0] if kinds else None)
        return Family(classes, kind, is_known, library)

    def _name_of(self, module: Module) -> str:
        relative = module.path.relative_to(self._directory).with_suffix("")
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        return ".".join(parts)
