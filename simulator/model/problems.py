"""What is wrong, and where: places in a text, problems, and the error that carries them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple


class Place(NamedTuple):
    """Where in a text something stands, counted from 1; line 0 means the text as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


NOWHERE = Place("")  # of what was built in Python


@dataclass(frozen=True)
class Problem:
    """One mistake: where, whose, what was found, what a Storm makes of it, and what would do."""

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
    """A topology that cannot be used: all that is wrong with it, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(dict.fromkeys(problems), key=lambda problem: problem.place)
        super().__init__(
            self.problems
        )  # an exception's args are what pickle and copy rebuild it from

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def shown(value: object) -> str:
    """A value as it would stand in a topology file, on one line and not too long."""
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
    """Return the one of these names that is most like a name; None when none is near.

    Args:
        cutoff: how like it has to be, from 0 to 1, as ``difflib`` measures it.
    """
    # At most so many, and short: among thousands of names, a hint for each mistake would take minutes.
    candidates = [each for each in islice(names, 500) if len(each) < 200]
    near = difflib.get_close_matches(name[:200], candidates, 1, cutoff=cutoff)
    # Two letters exchanged are most of a short name, and leave little to match.
    letters = sorted(name)
    near = near or [each for each in candidates if sorted(each) == letters]
    return near[0] if near else None


def did_you_mean(name: str, names: Iterable[str], *, cutoff: float = 0.7) -> str:
    """A hint to append to a message, or nothing when no name is near."""
    near = nearest(name, names, cutoff=cutoff)
    return "" if near is None else f" (did you mean {shown(near)}?)"


def listed(names: Iterable[str]) -> str:
    all_names = list(names)
    more = f" and {len(all_names) - 8} more" if len(all_names) > 8 else ""
    return ", ".join(shown(name) for name in all_names[:8]) + more
