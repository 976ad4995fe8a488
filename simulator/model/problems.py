"""Places in a text, problems, and the error that carries them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple


class Place(NamedTuple):
    """A place in a text: line and column, counted from 1; line 0 means the text as a whole, column 0 the line."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = (number for number in (self.line, self.column) if number)
        return ":".join([self.path, *map(str, numbers)])


NOWHERE = Place("")  # the place of what was built in Python


@dataclass(frozen=True)
class Problem:
    """One mistake.

    Attributes:
        place: where it is.
        component: the id of the component that it belongs to, if any.
        finding: what was found.
        remedy: what was expected, or how to fix it; may be empty.
        storm: how Storm reacts, its own message where it has one; may be empty.
    """

    place: Place
    component: str | None
    finding: str
    remedy: str = ""
    storm: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.path else ""
        whose = "" if self.component is None else f"component {shown(self.component)}: "
        storm = f" (Storm: {self.storm})" if self.storm else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{whose}{self.finding}{storm}{remedy}"


class TopologyError(Exception):
    """Raised for a topology that cannot be used.

    Attributes:
        problems: everything that is wrong with it, in the order of the text.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(dict.fromkeys(problems), key=lambda problem: problem.place)
        super().__init__(self.problems)  # pickle and copy rebuild an exception from its args

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def shown(value: object) -> str:
    """Return a value as a topology file writes it, on one line and with at most 80 characters."""
    words: Mapping[object, str] = {None: "nil", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        text = words[value]
    elif isinstance(value, str):
        text = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        text = str(value)
    text = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text[:120])
    return text if len(text) <= 80 else text[:77] + "..."


def nearest(name: str, names: Iterable[str], *, cutoff: float = 0.7) -> str | None:
    """Return the most similar of the known names; None when none is similar.

    Args:
        name: the unknown name.
        names: the known names; only the first 500 are compared, and none of 200 characters or more.
        cutoff: the least similarity, from 0 to 1, as in ``difflib.get_close_matches``.
    """
    # Among thousands of names, a hint for each mistake would take minutes.
    candidates = [each for each in islice(names, 500) if len(each) < 200]
    near = difflib.get_close_matches(name[:200], candidates, 1, cutoff=cutoff)
    # Two letters exchanged in a short name leave little for difflib to match.
    letters = sorted(name)
    near = near or [each for each in candidates if sorted(each) == letters]
    return near[0] if near else None


def did_you_mean(
    name: str, names: Iterable[str], *, cutoff: float = 0.7, quoted: bool = True
) -> str:
    """Return a hint to append to a message: `` (did you mean "words"?)``, or nothing when no name is similar.

    Args:
        name, names, cutoff: see ``nearest``.
        quoted: put the hint in quotes, as a string of a topology file.
    """
    near = nearest(name, names, cutoff=cutoff)
    if near is None:
        return ""
    return f" (did you mean {shown(near) if quoted else near}?)"


def listed(names: Iterable[str]) -> str:
    """Return the first eight names, quoted, and how many more there are."""
    all_names = list(names)
    more = f" and {len(all_names) - 8} more" if len(all_names) > 8 else ""
    return ", ".join(shown(name) for name in all_names[:8]) + more
