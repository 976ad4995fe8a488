"""Parts of messages: a value as JSON, and the names that are known instead of one that is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

__all__ = ["as_json", "did_you_mean", "instead_of", "listed", "visible"]

MOST_CHARS = 60  # of a value in a message
MOST_NAMES = 8  # in a list of names


def as_json(value: object) -> str:
    """Return a value as JSON, on one line and at most 60 characters long."""
    text = json.dumps(value, ensure_ascii=not str(value).isprintable())
    return text if len(text) <= MOST_CHARS else f"{text[: MOST_CHARS - 3]}..."


# C0 and C1 but the tab, breaks of lines, the marks that turn the direction of a line, and halves of characters.
_OBEYED = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""Return a line of somebody else's with the characters that a terminal obeys in sight: ``\x1b``."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ``did you mean "x"?`` with the nearest of these names; nothing when none is near."""
    from simulator.model import nearest  # which is slow to load, for an error

    near = nearest(name, names, cutoff=0.6)
    return "" if near is None else f"did you mean {as_json(near)}?"


def listed(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return the first names of several, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def instead_of(name: str, names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return the remedy for a name that is not among these: the nearest one, or all there are.

    >>> instead_of("wordcuont", ["wordcount", "clicks"])
    'did you mean "wordcount"?'
    >>> instead_of("pets", ["wordcount", "clicks"])
    'there are wordcount, clicks'

    Args:
        most: how many names are listed.
    """
    every = list(names)
    if not every:
        return "there is none"
    return did_you_mean(name, every) or f"there are {listed(every, most)}"
