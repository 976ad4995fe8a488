"""Files that are no Python, and why: the mistake in one line, and the signs of Python 2."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

from streamparse.project.finding import Finding, shown_path


class SyntaxFinding(NamedTuple):
    """A mistake in a module's text.

    Attributes:
        line: from 1; 0 where there is none.
        found: the text of the line, and what Python says of it.
        remedy: how Python 3 writes it; "" where that is not known.
    """

    line: int
    found: str
    remedy: str


_ENCODING = re.compile(
    rb"(?:[ \t\f]*(?:#[^\r\n]*)?\r?\n)?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)"
)  # PEP 263

# What Python 2 allowed, and how Python 3 writes it. The first that fits the line counts.
_PYTHON_2 = (
    (r"^\s*print\s+[^=(\s]|\bprint\s*$|;\s*print\s+[^=(\s]|:\s*print\s+[^=(\s]", "print(...) is a function"),
    (r"^\s*exec\s+[^=(\s]", "exec(...) is a function"),
    (r"\bexcept\s+[\w.]+\s*,\s*\w+\s*:|\bexcept\s*\([^)]*\)\s*,\s*\w+\s*:", "except Error as name:"),
    (r"^\s*raise\s+[\w.]+\s*,", "raise Error(...)"),
    (r"<>", "!="),
    (r"`", "repr(...)"),
    (r"\b0\d+\b", "0o17 for an octal number"),
    (r"\b\d+[lL]\b", "a number without L"),
    (r"\b[uU][rR]['\"]", "r'...'"),
    (r"\b(async|await|nonlocal)\s*[=,)]|\.async\b|\bimport\s+async\b", "async is a keyword: use another name"),
    (r"\bdef\s+\w+\s*\([^)]*\(\w+\s*,[^)]*\)[^)]*\)", "one name for each argument"),
)  # fmt: skip


def explain(error: SyntaxError | ValueError, source: bytes) -> SyntaxFinding:
    """Return the mistake that keeps a module from being parsed.

    Args:
        error: from ``ast.parse``.
        source: the module.
    """
    if (found := _not_text(source)) is not None:
        return found
    if not isinstance(error, SyntaxError):
        return SyntaxFinding(0, str(error), "")
    number = error.lineno or 0
    lines = source.decode("utf-8", "replace").splitlines()
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    shown = text.strip()[:80]
    quoted = f"{shown!r}: " if shown else ""
    for pattern, python_3 in _PYTHON_2:
        if re.search(pattern, text.partition("#")[0]):
            return SyntaxFinding(
                number, f"{quoted}this is Python 2 syntax", f"in Python 3: {python_3}"
            )
    if isinstance(error, TabError):
        return SyntaxFinding(
            number, f"{quoted}{error.msg}; Python 2 allowed this", "indent with spaces"
        )
    return SyntaxFinding(number, f"{quoted}{error.msg}", "")


def _not_text(source: bytes) -> SyntaxFinding | None:
    """The place where bytes are no text in their encoding: UTF-8, unless one of the first two lines names another."""
    declared = _ENCODING.match(source)
    encoding = "utf-8" if declared is None else declared[1].decode()
    try:
        source.decode(encoding)
    except LookupError:
        assert declared is not None
        number = source[: declared.start(1)].count(b"\n") + 1
        remedy = "expected one that Python knows, such as utf-8"
        return SyntaxFinding(number, f"there is no encoding {encoding!r}", remedy)
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        number = source[:start].count(b"\n") + 1
        found = f"the byte 0x{source[start]:02x} is no {encoding}"
        remedy = "save the file as UTF-8, or name its encoding in line 1: # -*- coding: latin-1 -*-"
        return SyntaxFinding(number, found, remedy)
    if b"\0" in source:
        number = source[: source.index(b"\0")].count(b"\n") + 1
        return SyntaxFinding(number, "a null byte", "save the file as UTF-8 text")
    return None


def check_syntax(source_dir: Path) -> list[Finding]:
    """Return a warning for each file of the sources that is no Python, whether a component imports it or not."""
    found = []
    for path in sorted(source_dir.rglob("*.py")):
        if not any(part.startswith(".") for part in path.relative_to(source_dir).parts):
            try:
                ast.parse(path.read_bytes(), str(path))
            except (SyntaxError, ValueError) as error:
                line, what, remedy = explain(error, path.read_bytes())
                found.append(Finding("warning", shown_path(path), line, what, remedy=remedy))
            except OSError as error:
                what = f"cannot be read: {error.strerror}"
                found.append(Finding("warning", shown_path(path), 0, what))
    return found
