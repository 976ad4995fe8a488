"""The value of ``-o KEY=VALUE`` on a command line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from streamparse.project.errors import UsageError
from streamparse.project.words import as_json

__all__ = ["parse_options"]


def parse_options(pairs: Sequence[str]) -> dict[str, object]:
    """Return the settings of ``-o KEY=VALUE``, given several times; of the same key the last one holds.

    The key ends at the first ``=``. A value that is JSON is read as JSON: ``2``, ``true``, ``"2"``, ``["a", "b"]``.
    Anything else is a string as it stands, and so is a number with a letter in it: ``1e5`` is rather the hash of a
    commit (streamparse 2.1.3 treats it so, too).

    >>> parse_options(["topology.workers=2", "commit=8e10", "worker.childopts=-Xmx1g -XX:A=b"])
    {'topology.workers': 2, 'commit': '8e10', 'worker.childopts': '-Xmx1g -XX:A=b'}

    Raises:
        UsageError: one of them has no key, or no ``=``.
    """
    return dict(map(_option, pairs))


def _option(pair: str) -> tuple[str, object]:
    key, equals, value = pair.partition("=")
    if not equals or not key.strip():
        finding = "no key in front of =" if equals else "no = in it"
        raise UsageError(
            f"-o {pair}: {finding}; expected KEY=VALUE, such as topology.message.timeout.secs=30"
        )
    return key.strip(), _value(value, pair)


def _value(text: str, pair: str) -> object:
    def made(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                raise UsageError(
                    f"-o {pair}: the key {as_json(key)} stands twice, and only the last would count; leave one out"
                )
            found[key] = value
        return found

    # A JSON number has a letter only where it has an exponent.
    if re.fullmatch(r"\s*-?\d[\d.]*[A-Za-z].*", text, re.DOTALL):
        return text
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=made)
    except (ValueError, RecursionError):
        return text


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity: Python's json takes them, JSON has no such words
