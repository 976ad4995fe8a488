"""Instants of virtual time as users write and read them: ``30s``, ``1500ms``, ``2m``; a number alone is seconds."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["InstantError", "parse_instant", "shown_ms"]

_INSTANT: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*)", re.ASCII)
_UNITS_MS: Final = {"": 1000.0, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "min": 60_000.0, "h": 3.6e6}
MOST_MS: Final = 1 << 53  # what a double counts exactly
EXPECTED: Final = "expected a virtual time, such as 30s, 1500ms or 2m"


class InstantError(ValueError):
    """A text that is no instant of virtual time; the message says what was expected."""


def parse_instant(text: str) -> int:
    """Return an instant in virtual milliseconds since the start.

    >>> parse_instant("30s"), parse_instant("1500ms"), parse_instant("0.25"), parse_instant("2m")
    (30000, 1500, 250, 120000)

    Raises:
        InstantError: it is none.
    """
    found = _INSTANT.fullmatch(text.strip().lower()) if len(text) < 100 else None
    if found is None or found[2] not in _UNITS_MS:
        raise InstantError(f"{text[:80]!r} is no time; {EXPECTED}")
    milliseconds = float(found[1]) * _UNITS_MS[found[2]]
    if milliseconds > MOST_MS:
        raise InstantError(f"{text[:80]!r} is too late; {EXPECTED}")
    return round(milliseconds)


def shown_ms(at_ms: int) -> str:
    """Return an instant as users read it: milliseconds below a second, else seconds.

    >>> shown_ms(12), shown_ms(30_000), shown_ms(90_004)
    ('12 ms', '30 s', '90.004 s')
    """
    if at_ms < 1000:
        return f"{at_ms} ms"
    seconds, rest = divmod(at_ms, 1000)
    return f"{seconds}{f'.{rest:03}'.rstrip('0') if rest else ''} s"
