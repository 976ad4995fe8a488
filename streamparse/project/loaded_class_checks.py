"""What is wrong with a class that is loaded, such as one that a test gives: its text is read like that of any other."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from streamparse.project.attribute_checks import ClassText, check_attributes
from streamparse.project.class_texts import LIBRARY
from streamparse.project.finding import Finding, shown_path
from streamparse.project.method_checks import METHODS, check_method


def check_class(cls: type) -> list[Finding]:
    """Return the warnings about the methods and attributes of a class that is loaded."""
    found: list[Finding] = []
    for name in METHODS:
        owner = next((each for each in cls.__mro__ if name in vars(each)), object)
        function = vars(owner).get(name)
        if not inspect.isfunction(function) or owner.__module__.startswith("streamparse."):
            continue
        try:
            lines, first = inspect.getsourcelines(function)
            node = ast.parse(textwrap.dedent("".join(lines))).body[0]
        except (OSError, SyntaxError, IndexError):  # it was made at run time
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            path = shown_path(Path(inspect.getfile(function)))
            for each in check_method(path, owner.__qualname__, node):
                found.append(replace(each, line=each.line + first - 1))
    return [*found, *_check_attributes(cls)]


def _check_attributes(cls: type) -> Iterator[Finding]:
    library = [each for each in cls.__mro__ if each.__module__.startswith("streamparse.")]
    classes = [each for each in cls.__mro__ if each is not object and each not in library]
    names = [each.__name__ for each in library if each.__name__ in LIBRARY]
    texts = [text for each in classes if (text := _text(each))]
    return check_attributes(texts, names[:1], is_known=len(texts) == len(classes))


@lru_cache(maxsize=256)  # every test of a class asks
def _text(cls: type) -> ClassText | None:
    try:
        lines, first = inspect.getsourcelines(cls)
        node = ast.parse(textwrap.dedent("".join(lines))).body[0]
        path = shown_path(Path(inspect.getfile(cls)))
    except (OSError, TypeError, SyntaxError, IndexError):  # it was made at run time
        return None
    return ClassText(path, first, node) if isinstance(node, ast.ClassDef) else None
