"""The limit of nesting: how many lists and maps of a JSON text may be open at once.

Source: ``JSONParserBase.MAX_DEPTH`` of json-smart, which Storm reads messages with since 2.6.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MOST_NESTED", "is_too_deep", "too_deep"]

MOST_NESTED: Final = 400
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.S)


def is_too_deep(text: str) -> bool:
    """Return whether more than ``MOST_NESTED`` lists and maps of a JSON text are open at once."""
    if len(text) <= MOST_NESTED or text.count("[") + text.count("{") <= MOST_NESTED:
        return False
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > MOST_NESTED:
                return True
        elif found[0] in "]}":
            depth -= 1
    return False


def too_deep(*, smart: bool) -> tuple[str, str]:
    """Return what is found in a text that is too deep, and what Storm does with it."""
    finding = f"JSON nested more than {MOST_NESTED} deep"
    if smart:
        return finding, "the worker dies: Malicious payload, having non natural depths"
    return f"{finding}, which a simulation does not read", "reads it; from 2.6 on the worker dies"
