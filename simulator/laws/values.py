"""Results of two runs, compared: which items are missing, which came again, which have changed.

A result is a collection whose order does not count (a list, a set), a mapping of such, or any other value. Lists count
how often an item is in them, sets do not. The items of a list are compared whole, so the order in a row does count.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import Any, Literal

from simulator.testing import (
    HarnessError,
)

#: "same": equal. "again": items of a list may be there more often. "all": nothing is missing; more is right. "new":
#: nothing is there that was not there; less is right.
Rule = Literal["same", "again", "all", "new"]
MOST_TEXT = 60  # characters of a value in a line


def snapshot(value: Any, where: str = "result") -> Any:
    """Return a copy of a result, made of dicts, lists, frozensets and values that can be compared.

    Any: what a user's function returns, and may change later.

    Raises:
        HarnessError: a part of it is an object that is only equal to itself, so that no two runs could be the same.
    """
    if isinstance(value, Mapping):
        return {key: snapshot(each, f"{where}[{key!r}]") for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [snapshot(each, f"{where}[{at}]") for at, each in enumerate(value)]
    if isinstance(value, Set):
        return frozenset(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return snapshot(dataclasses.asdict(value), where)
    if callable(value) or not _has_equality(value):
        raise HarnessError(
            f"{where} is {_cut(repr(value))}; expected values that can be compared: dicts, lists, sets, texts, numbers"
        )
    return value


def _has_equality(value: object) -> bool:
    return any("__eq__" in vars(cls) for cls in type(value).__mro__[:-1]) or value is None


def differences(expected: Any, found: Any, rule: Rule) -> list[str]:
    """Return what is different, a line each; none when the rule holds. Any: two snapshots."""
    return list(_differences(expected, found, rule, ""))


def _differences(expected: Any, found: Any, rule: Rule, where: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        yield from _of_mappings(expected, found, rule, where)
    elif isinstance(expected, list) and isinstance(found, list):
        yield from _of_lists(expected, found, rule, where)
    elif isinstance(expected, frozenset) and isinstance(found, frozenset):
        if rule != "new":
            yield from _missing(sorted(map(text, expected - found)), where)
        if rule != "all":
            yield from _too_many(sorted(map(text, found - expected)), where)
    elif expected != found and (rule != "all" or type(expected) is not type(found)):
        yield f"{where or 'the result'} is {_cut(_bare(found))} instead of {_cut(_bare(expected))}"


def _of_mappings(
    expected: dict[Any, Any], found: dict[Any, Any], rule: Rule, where: str
) -> Iterator[str]:
    missing = [key for key in expected if key not in found]
    more = [key for key in found if key not in expected]
    if rule != "new":
        yield from _missing([f"{text(key)}: {text(expected[key])}" for key in missing], where)
    if rule != "all":
        yield from _too_many([f"{text(key)}: {text(found[key])}" for key in more], where)
    for key, value in expected.items():
        if key in found:
            yield from _differences(
                value, found[key], rule, f"{where}[{_bare(key)}]" if where else _bare(key)
            )


def _of_lists(expected: list[Any], found: list[Any], rule: Rule, where: str) -> Iterator[str]:
    wanted, there = Counter(map(text, expected)), Counter(map(text, found))
    if rule != "new":
        yield from _missing(sorted((wanted - there).elements()), where)
    if rule in ("again", "new"):
        yield from _too_many(sorted(set(there) - set(wanted)), where)
    elif rule == "same":
        yield from _too_many(sorted((there - wanted).elements()), where)


def _missing(items: list[str], where: str) -> Iterator[str]:
    if items:
        yield f"missing{_in(where)}: {_listed(items)}"


def _too_many(items: list[str], where: str) -> Iterator[str]:
    if items:
        yield f"too many{_in(where)}: {_listed(items)}"


def _in(where: str) -> str:
    return f" in {where}" if where else ""


def _listed(items: list[str], most: int = 3) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(map(_cut, items[:most])) + more


def text(value: Any) -> str:
    """Return a text that equal values share: mappings and sets are sorted. Any: a snapshot, or a part of one."""
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{text(k)}: {text(v)}" for k, v in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(text, value))) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _bare(value: Any) -> str:
    """The text of a value that stands alone."""
    return value if isinstance(value, str) else text(value)


def _cut(shown: str) -> str:
    return shown if len(shown) <= MOST_TEXT else f"{shown[:MOST_TEXT]}..."
