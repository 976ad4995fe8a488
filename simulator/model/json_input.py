"""JSON that people write and edit: read as Python reads it, and refused with its place where it is none.

A key that stands twice in an object is refused, too: parsers forget all but the last.
"""

from __future__ import annotations

import json
import re

__all__ = ["JsonInputError", "read_json"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]')


class JsonInputError(ValueError):
    """A text that is no JSON, or has a key twice.

    Attributes:
        line, column: where, from 1; 0 where that is not known.
        remedy: how to mend it; "" where the reader knows better.
    """

    def __init__(self, finding: str, line: int = 0, column: int = 0, remedy: str = "") -> None:
        super().__init__(f"{finding}; {remedy}" if remedy else finding)
        self.remedy = remedy
        self.line = line
        self.column = column

    @property
    def place(self) -> str:
        """Return the place as it stands behind the name of a file."""
        return f":{self.line}:{self.column}" if self.line else ""


def read_json(text: str) -> object:
    """Return the value of a text.

    Raises:
        JsonInputError: it is no JSON, or an object in it has a key twice.
    """
    is_repeated = False

    def made(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal is_repeated
        found = dict(pairs)
        is_repeated |= len(found) < len(pairs)
        return found

    try:
        value: object = json.loads(text, object_pairs_hook=made)
    except json.JSONDecodeError as error:
        finding = error.msg[0].lower() + error.msg[1:]
        raise JsonInputError(f"no JSON: {finding}", error.lineno, error.colno) from None
    except RecursionError:
        raise JsonInputError("nested too deeply") from None
    except ValueError:  # an integer of more digits than Python reads
        raise JsonInputError("a number is too long") from None
    if is_repeated:
        raise _repeated(text)
    return value


def _repeated(text: str) -> JsonInputError:
    """The error about the first key that stands in an object for the second time."""
    objects: list[set[str] | None] = []  # None: an array
    is_key = False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            objects.append(set() if mark == "{" else None)
            is_key = mark == "{"
        elif mark in "}]":
            objects.pop()
        elif mark == ",":
            is_key = objects[-1] is not None
        elif is_key:
            is_key = False
            key, keys = json.loads(mark), objects[-1]
            assert keys is not None
            if key in keys:
                at = token.start()
                line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
                finding = f"the key {mark} stands twice, and only the last would count"
                return JsonInputError(finding, line, column, "leave one out")
            keys.add(key)
    raise AssertionError("no key stands twice")
