"""Whether a component can know the time: by what its modules import, and what these import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from streamparse.project.class_texts import Sources

__all__ = ["may_read_clock"]

#: Modules that tell nobody what time it is. Any other may, those of other packages too.
_TIMELESS = frozenset(
    [
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "collections",
        "contextlib",
        "copy",
        "csv",
        "dataclasses",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "io",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "operator",
        "pprint",
        "pystorm",
        "random",
        "re",
        "statistics",
        "streamparse",
        "string",
        "struct",
        "textwrap",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "warnings",
        "zlib",
    ]
)


def may_read_clock(python_class: str, source_dir: Path) -> bool:
    """Return False where nothing that a class imports, anywhere in its modules, could tell it the time.

    Args:
        python_class: ``package.module.Class``.
        source_dir: of the project.
    """
    sources = Sources(source_dir)
    left, seen = [python_class.rpartition(".")[0]], {""}
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        first = name.partition(".")[0]
        is_own = sources.module(first) is not None or sources.has_directory(first)
        if not is_own and first not in _TIMELESS:
            return True
        left.append(name.rpartition(".")[0])
        module = sources.module(name)
        if module is None:
            continue
        try:
            tree = ast.parse(module.path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            return True
        for imported in _imported(tree, sources):
            if imported is None:
                return True
            left.append(imported)
    return False


def _imported(tree: ast.Module, sources: Sources) -> Iterator[str | None]:
    """The modules that a text imports, in functions too; None for what the text does not tell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = None if node.level else node.module
            yield base
            for each in node.names:
                if base is not None and sources.module(f"{base}.{each.name}") is not None:
                    yield f"{base}.{each.name}"
        elif isinstance(node, ast.Name) and node.id in ("__import__", "eval", "exec"):
            yield None
