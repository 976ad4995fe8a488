"""The words behind a command of ``--step``: numbers, and none where none are taken."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_STEPS = 10_000_000


class MistypedError(Exception):
    """A line that cannot be obeyed; one line that says why."""


def number_of(words: Sequence[str], default: int | None, usage: str, *, least: int = 1) -> int:
    """Return the number that is typed behind a command.

    Args:
        words: behind the command.
        default: where there are none; None: there has to be a number.
        usage: of the command, for the error.
        least: the smallest number.

    Raises:
        MistypedError: they are no such number.
    """
    if not words and default is not None:
        return default
    text = " ".join(words)
    if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= MOST_STEPS:
        raise MistypedError(f"{usage}: expected a number from {least} to {MOST_STEPS}")
    return int(text)


def check_no_more(words: Sequence[str], name: str) -> None:
    """Refuse words behind a command that takes none.

    Raises:
        MistypedError: there are some.
    """
    if words:
        raise MistypedError(f"{name} {' '.join(words)}: {name} takes no more words")
