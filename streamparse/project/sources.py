"""A component's class, found in the text of its module without importing any user code.

Before a run starts, every class that the topology names is looked up: a name that does not exist is reported at once,
with its place in the topology, and no user code has run.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from streamparse.project.words import as_json


class SourceError(Exception):
    """A class that cannot be imported: a finding and a remedy, in one line."""


class NotPythonError(SourceError):
    """A module whose text is no Python.

    Attributes:
        path: of its file.
    """

    def __init__(self, path: Path, finding: str) -> None:
        super().__init__(finding)
        self.path = path


@dataclass(frozen=True)
class ClassSource:
    """A class that was found.

    Attributes:
        name: ``package.module.Class``.
        path: of its module; None when that is no Python file.
        methods: the names that its own body defines; None when the text does not say (it is imported from elsewhere,
            or made at run time).
    """

    name: str
    path: Path | None
    methods: frozenset[str] | None


def find_class(name: str, directory: Path, *, path: Sequence[str] | None = None) -> ClassSource:
    """Look up ``package.module.Class``.

    Args:
        name: of the class.
        directory: of the project's sources, which is searched first.
        path: the directories that are searched then; by default those of ``sys.path``.

    Raises:
        SourceError: there is no such module or no such class, or the module's text is no Python.
    """
    module_name, _, class_name = name.rpartition(".")
    if meant := _dotted(name, directory):
        hint = _classes_of(meant, directory) or f"did you mean {as_json(meant)}?"
        raise SourceError(f"{name!r} names no class; {hint}")
    if not module_name:
        raise SourceError(f"{name!r} names no class; expected package.module.Class")
    spec = _find_module(module_name, directory, sys.path if path is None else path)
    source = Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    if source is None:
        if spec.submodule_search_locations is not None and spec.origin is None:
            if hint := _classes_of(name, directory):
                raise SourceError(f"{name} is a module and no class; {hint}")
            raise SourceError(
                f"{module_name} is a directory without __init__.py, so it has no class {class_name}"
            )
        return ClassSource(name, None, None)
    return _in_module(name, class_name, module_name, source, directory)


def _dotted(name: str, directory: Path) -> str:
    """Return ``package.module.Class`` for a name that is written in another way; nothing for any other name."""
    meant = (
        name.removesuffix(".py")
        .replace("/", ".")
        .replace(".py:", ".")
        .replace("::", ".")
        .replace(":", ".")
    )
    prefix = f"{directory.name}."
    if meant.startswith(prefix) and not (directory / directory.name).is_dir():
        meant = meant.removeprefix(prefix)
    return meant if meant != name and re.fullmatch(r"\w+(\.\w+)+", meant) else ""


def _classes_of(name: str, directory: Path) -> str:
    """Return which classes a module of the sources has, as a hint; "" for what is no such module."""
    path = directory.joinpath(*name.split(".")).with_suffix(".py")
    if not re.fullmatch(r"\w+(\.\w+)*", name):
        return ""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ""
    classes = [
        as_json(f"{name}.{each.name}") for each in tree.body if isinstance(each, ast.ClassDef)
    ]
    return f"did you mean {' or '.join(classes)}?" if classes else "the module defines no class"


def _find_module(name: str, directory: Path, path: Sequence[str]) -> ModuleSpec:
    where: Sequence[str] = [str(directory), *path]
    found = ""
    while True:
        part, _, name = name.partition(".")
        # By its last part: for a dotted name the finder wants the packages above to be imported.
        spec = PathFinder.find_spec(part, where)
        if spec is None:
            raise SourceError(_no_module(found, part, name, where, directory))
        if not name:
            return spec
        found += f"{part}."
        where = list(spec.submodule_search_locations or [])


def _no_module(found: str, part: str, rest: str, where: Sequence[str], directory: Path) -> str:
    names = sorted(_modules_in(where if found else where[:1]))
    near = _nearest(part, names)
    whole = f"{found}{part}.{rest}".strip(".").replace(".", "/")
    hint = f'did you mean "{found}{near}"?' if near else f"expected {directory}/{whole}.py"
    return f"there is no module {found}{part}; {hint}"


def _modules_in(directories: Sequence[str]) -> Iterator[str]:
    for directory in map(Path, directories):
        if directory.is_dir():
            for entry in directory.iterdir():
                if entry.suffix == ".py" or (entry.is_dir() and entry.name.isidentifier()):
                    yield entry.stem


def _in_module(
    name: str, class_name: str, module_name: str, source: Path, directory: Path
) -> ClassSource:
    try:
        tree = ast.parse(source.read_bytes(), str(source))
    except SyntaxError as error:
        line = "" if error.lineno is None else f":{error.lineno}"
        raise NotPythonError(source, f"{source}{line}: {error.msg}") from None
    except ValueError as error:
        raise NotPythonError(source, f"{source}: {error}") from None
    bound = dict(bound_names(tree.body))
    if class_name in bound:
        return ClassSource(name, source, bound[class_name])
    if "*" in bound or "__getattr__" in bound:
        return ClassSource(name, source, None)
    if hint := _classes_of(name, directory):
        raise SourceError(f"{name} is a module and no class; {hint}")
    near = _nearest(class_name, bound)
    hint = f'did you mean "{module_name}.{near}"?' if near else f"{source} defines {_classes(tree)}"
    raise SourceError(f"module {module_name} has no class {class_name}; {hint}")


def _nearest(name: str, names: Iterable[str]) -> str | None:
    from simulator.model import nearest  # which is slow to load, for an error

    return nearest(name, names, cutoff=0.6)


def _classes(tree: ast.Module) -> str:
    names = (node.name for node in tree.body if isinstance(node, ast.ClassDef))
    return ", ".join(names) or "no class"


def bound_names(body: Sequence[ast.stmt]) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield every name that the statements bind at module level, with the methods of those that are plain classes."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name, _methods(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0], None
        else:
            for child in ast.walk(node):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    yield child.id, None
                elif isinstance(
                    child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom
                ):  # fmt: skip
                    yield from bound_names([child])


def _methods(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(
        child.name
        for child in node.body
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
