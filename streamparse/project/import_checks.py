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

__all__ = [
    "check_import",
    "check_imported_names",
    "check_imports",
    "imported_packages",
    "python_3_name",
]

# What has another name in Python 3.
_PYTHON_2 = {
    "BaseHTTPServer": "http.server",
    "ConfigParser": "configparser",
    "Cookie": "http.cookies",
    "HTMLParser": "html.parser",
    "Queue": "queue",
    "SimpleHTTPServer": "http.server",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "UserDict": "collections",
    "UserList": "collections",
    "__builtin__": "builtins",
    "anydbm": "dbm",
    "cPickle": "pickle",
    "cStringIO": "io",
    "commands": "subprocess",
    "cookielib": "http.cookiejar",
    "copy_reg": "copyreg",
    "exceptions": "builtins",
    "htmlentitydefs": "html.entities",
    "httplib": "http.client",
    "md5": "hashlib",
    "sets": "the type set",
    "sha": "hashlib",
    "thread": "threading",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "xmlrpclib": "xmlrpc.client",
}
# What Python 3.12 and 3.13 have no more, and what takes its place.
_REMOVED = {
    "asynchat": "asyncio",
    "asyncore": "asyncio",
    "cgi": "urllib.parse or email.message",
    "crypt": "hashlib, or the package bcrypt",
    "distutils": "setuptools or shutil",
    "imghdr": "the package filetype",
    "imp": "importlib",
    "pipes": "shlex or subprocess",
    "smtpd": "the package aiosmtpd",
    "telnetlib": "socket, or the package telnetlib3",
}
# Names of modules that are still there.
_MOVED = {
    "itertools.ifilter": "filter",
    "itertools.imap": "map",
    "itertools.izip": "zip",
    "itertools.izip_longest": "itertools.zip_longest",
    "string.letters": "string.ascii_letters",
    "string.lowercase": "string.ascii_lowercase",
    "string.maketrans": "str.maketrans",
    "string.uppercase": "string.ascii_uppercase",
    **{
        f"urllib.{name}": f"urllib.parse.{name}"
        for name in ("quote", "quote_plus", "unquote", "unquote_plus", "urlencode")
    },
    **{f"urllib.{name}": f"urllib.request.{name}" for name in ("urlopen", "urlretrieve")},
    **{
        f"collections.{name}": f"collections.abc.{name}"
        for name in (
            "Callable", "Hashable", "Iterable", "Iterator", "Mapping", "MutableMapping", "MutableSequence",
            "MutableSet", "Sequence", "Set",
        )
    },
}  # fmt: skip


def python_3_name(name: str) -> tuple[str, str] | None:
    """Return what a module of an older Python is, and what takes its place; None for any other name.

    Args:
        name: of a module that this Python cannot find, without a dot.
    """
    if name in _PYTHON_2:
        return f"{name} is a module of Python 2", f"in Python 3: {_PYTHON_2[name]}"
    if name in _REMOVED:
        here = ".".join(map(str, sys.version_info[:2]))
        return f"Python {here} has no module {name} any more", f"instead: {_REMOVED[name]}"
    return None


def check_import(name: str, directory: Path, remedy: str) -> Finding | None:
    """Return what is wrong with the import of a module that this Python cannot find; None for one that is there.

    Args:
        name: of the module, without a dot.
        directory: that is searched first.
        remedy: of a module that may be installed.
    """
    if PathFinder.find_spec(name, [str(directory)]) is not None or _is_installed(name):
        return None
    if older := python_3_name(name):
        return Finding("error", "", 0, older[0], remedy=older[1])
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
    """Look for what a module imports and is not there.

    That is: names of streamparse, of another module of the sources, and what only an older Python has.
    """
    seen: set[tuple[str, str]] = set()
    for name, line in module.imported.items():
        package, _, rest = name.partition(".")
        if package == "streamparse":
            found = _not_in_library(rest)
        else:
            found = _not_in(sources, name) or _of_older_python(sources, name)
        if found is not None and found not in seen:
            seen.add(found)
            yield Finding("error", shown_path(module.path), line, found[0], remedy=found[1])


def _of_older_python(sources: Sources, name: str) -> tuple[str, str] | None:
    """What a name is that only an older Python has, and the remedy; None for all others."""
    package, _, last = name.partition(".")
    if sources.module(package) or sources.has_directory(package):
        return None
    if name in _MOVED:
        return f"{package} has no {last} in Python 3", f"instead: {_MOVED[name]}"
    older = python_3_name(package)
    return None if older is None or _is_installed(package) else older


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
