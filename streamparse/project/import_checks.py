"""What the sources of components import and is not there: modules that this Python has not, and names of modules.

Their text is read; nothing of the user's is run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from streamparse.project.class_texts import Kind, Module, Sources
from streamparse.project.finding import Finding, shown_path
from streamparse.project.words import did_you_mean

__all__ = ["check_import", "check_imported_names", "check_imports", "imported_packages"]

_PYTHON_2 = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "cPickle": "pickle",
    "cStringIO": "io",
    "commands": "subprocess",
    "httplib": "http.client",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}


def check_import(name: str, directory: Path, remedy: str) -> Finding | None:
    """Return what is wrong with the import of a module that this Python cannot find; None for one that is there.

    Args:
        name: of the module, without a dot.
        directory: that is searched first.
        remedy: of a module that may be installed.
    """
    if PathFinder.find_spec(name, [str(directory)]) is not None or _is_installed(name):
        return None
    if name in _PYTHON_2:
        found, remedy = f"{name} is a module of Python 2", f"in Python 3: {_PYTHON_2[name]}"
        return Finding("error", "", 0, found, remedy=remedy)
    return Finding("warning", "", 0, f"there is no module {name}", remedy=remedy)


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ValueError:  # it is loaded, and its place is not known
        return True


def check_imports(components: Mapping[str, tuple[str, Kind]], source_dir: Path) -> list[Finding]:
    """Return the imports of modules that this machine's Python has not; arguments as of ``check_components``."""
    sources = Sources(source_dir)
    remedy = "install it beside sparse for a simulation, and name its package in the requirements"
    found: dict[Finding, None] = {}
    for name, _ in components.values():
        for module in sources.reached(name.rpartition(".")[0]):
            seen = set()
            for imported, line in module.imported.items():
                first = imported.partition(".")[0]
                finding = check_import(first, source_dir, remedy) if first not in seen else None
                seen.add(first)
                if finding is not None:
                    found[replace(finding, path=shown_path(module.path), line=line)] = None
    return list(found)


def imported_packages(
    components: Mapping[str, tuple[str, Kind]], source_dir: Path
) -> dict[str, str]:
    """Return the modules of others that components always import, without their submodules; each with its place."""
    sources = Sources(source_dir)
    found: dict[str, str] = {}
    for name, _ in components.values():
        for module in sources.reached(name.rpartition(".")[0]):
            for imported, line in module.imported.items():
                first = imported.partition(".")[0]
                is_own = sources.module(first) is not None or sources.has_directory(first)
                if first and not is_own and first not in sys.stdlib_module_names:
                    found.setdefault(first, f"{shown_path(module.path)}:{line}")
    return found


def check_imported_names(sources: Sources, module: Module) -> Iterator[Finding]:
    """Look for what a module imports of streamparse, or of another module of the sources, and is not there."""
    for name, line in module.imported.items():
        package, _, rest = name.partition(".")
        found = _not_in_library(rest) if package == "streamparse" else _not_in(sources, name)
        if found is not None:
            yield Finding("error", shown_path(module.path), line, found[0], remedy=found[1])


def _not_in_library(name: str) -> tuple[str, str] | None:
    """What a name below ``streamparse`` is, and the remedy, if there is none; None if there is one."""
    first = name.partition(".")[0]
    if first in ("", "*"):
        return None
    above, _, last = f"streamparse.{name}".rpartition(".")
    try:
        there = import_module(above)
        if last == "*" or hasattr(there, last) or find_spec(f"{above}.{last}") is not None:
            return None
    except ImportError:
        return _not_in_library(name.rpartition(".")[0])
    near = did_you_mean(last, getattr(there, "__all__", ()))
    return f"{above} has no {last}", near or "see docs/components.md"


def _not_in(sources: Sources, name: str) -> tuple[str, str] | None:
    """The same of a name below a module of the sources."""
    above, _, last = name.rpartition(".")
    module = sources.module(above)
    if (
        module is None
        or module.mistake
        or last in module.names
        or {"*", "__getattr__", "__path__"} & module.names
    ):
        return None
    if (
        last in ("*", "__name__", "__file__", "__doc__")
        or sources.module(name)
        or sources.has_directory(name)
    ):
        return None
    near = did_you_mean(last, module.names)
    return (
        f"{shown_path(module.path)} has no {last}",
        near or f"define it there, or do not import {last}",
    )
