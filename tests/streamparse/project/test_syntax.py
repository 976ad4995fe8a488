"""Files that are no Python: why, and whether it is Python 2."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from streamparse.project.syntax import SyntaxFinding, check_syntax, explain


def explained(text: str) -> SyntaxFinding:
    with pytest.raises((SyntaxError, ValueError)) as raised:
        ast.parse(text.encode())
    return explain(raised.value, text.encode())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "python_3"),
    [
        ('print "x"', "print(...) is a function"),
        ("if x: print x", "print(...) is a function"),
        ("exec code", "exec(...) is a function"),
        ("try: pass\nexcept KeyError, error: pass", "except Error as name:"),
        ("try: pass\nexcept (KeyError, OSError), error: pass", "except Error as name:"),
        ("raise ValueError, 'x'", "raise Error(...)"),
        ("x = 1 <> 2", "!="),
        ("x = `1`", "repr(...)"),
        ("x = 0777", "0o17 for an octal number"),
        ("x = 10L", "a number without L"),
        ("x = ur'a'", "r'...'"),
        ("f(async=True)", "async is a keyword: use another name"),
        ("def f(a, (b, c)): pass", "one name for each argument"),
    ],
)
def test_python_2_is_told_with_what_python_3_has(line: str, python_3: str) -> None:
    found = explained(line)
    shown = line.splitlines()[-1]
    assert found == (
        line.count("\n") + 1,
        f"{shown!r}: this is Python 2 syntax",
        f"in Python 3: {python_3}",
    )


def test_tabs_among_spaces_are_what_python_2_allowed() -> None:
    found = explained("if x:\n        y\n\tz\n")
    assert (found.line, found.remedy) == (3, "indent with spaces")


def test_any_other_mistake_is_shown_with_its_line_and_pythons_words() -> None:
    found = explained("x = (1,\nprint('x') y\n")
    assert (found.line, found.remedy) == (2, "") or found.found.startswith("'x = (1,'")
    assert "Python 2" not in found.found


UTF_8 = "save the file as UTF-8, or name its encoding in line 1: # -*- coding: latin-1 -*-"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (b"x = 1\ny = '\xe9'\n", SyntaxFinding(2, "the byte 0xe9 is no utf-8", UTF_8)),
        (b"#!p\n#coding=ascii\n\xe9\n", SyntaxFinding(3, "the byte 0xe9 is no ascii", UTF_8)),
        ("x".encode("utf-16"), SyntaxFinding(1, "the byte 0xff is no utf-8", UTF_8)),
        (b"x = 1\n'\0'\n", SyntaxFinding(2, "a null byte", "save the file as UTF-8 text")),
        (
            b"\n# vim: set fileencoding=nope :\n",
            SyntaxFinding(2, "there is no encoding 'nope'", "expected one that Python knows, such as utf-8"),
        ),
    ],
)  # fmt: skip
def test_bytes_that_are_no_text_are_told_with_their_place(
    source: bytes, found: SyntaxFinding
) -> None:
    with pytest.raises((SyntaxError, ValueError)) as raised:
        ast.parse(source)
    assert explain(raised.value, source) == found  # type: ignore[arg-type]


def test_every_file_that_is_no_python_is_told(src: Path) -> None:
    (src / "a/.hidden").mkdir(parents=True)
    for name, text in (
        ("a/b.py", "print 'x'\n"),
        ("a/.hidden/c.py", "print 'x'\n"),
        ("d.py", "x = 1\n"),
    ):
        (src / name).write_text(text)
    assert [f"{each.severity} {each}" for each in check_syntax(src)] == [
        "warning src/a/b.py:1: \"print 'x'\": this is Python 2 syntax; in Python 3: print(...) is a function"
    ]
