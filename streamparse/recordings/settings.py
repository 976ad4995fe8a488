"""The settings of a recording: what of a component's conversation is kept, and what is taken out of it.

``streamparse.record`` is the setting of a component (``:conf``) or of a whole topology: ``true``, or an object.
``streamparse.record.components`` is what a command line sets: such objects by component id. It is the stronger one.
"""

from __future__ import annotations

import re
from collections import namedtuple

from streamparse.multilang import RECORD, RECORD_COMPONENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Final

__all__ = ["RecordSettings", "SettingsError", "nothing_recorded", "record_settings", "split_record"]

USUAL_TUPLES: Final = 10_000
USUAL_BYTES: Final = 64 * 1024 * 1024


class SettingsError(ValueError):
    """A setting that cannot be used: one line with the place, what was found and what was expected."""


class RecordSettings(
    namedtuple(
        "RecordSettings",
        ("tuples", "bytes", "keep", "redact", "function", "code"),
        defaults=(USUAL_TUPLES, USUAL_BYTES, "first", (), None, ""),
    )
):
    """How a component is recorded.

    Attributes:
        tuples: how many tuples a bolt takes or a spout emits until the limit is reached.
        bytes: how long a file gets until the limit is reached; it is looked at after every block.
        keep: "first" ends the recording at the limit; "last" begins a new file there, and keeps two.
        redact: names of fields whose values are taken out.
        function: the dotted name of a function that changes values; None for none.
        code: the version of the user's code, by git describe; "" where it is not known.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        tuples: int
        bytes: int
        keep: str
        redact: Sequence[str]
        function: str | None
        code: str


def record_settings(conf: Mapping[str, Any], component: str) -> RecordSettings | None:
    """Return how a component is recorded, by its configuration; None: not at all.

    Args:
        component: its id.

    Raises:
        SettingsError: a setting cannot be used.
    """
    found, key = conf.get(RECORD), RECORD
    by_id = conf.get(RECORD_COMPONENTS)
    if by_id is not None:
        if not isinstance(by_id, dict):
            raise SettingsError(
                f"{RECORD_COMPONENTS} is {by_id!r}; expected an object of settings by component id"
            )
        if component in by_id:
            found, key = by_id[component], f"{RECORD_COMPONENTS}.{component}"
    if found is None or found is False:
        return None
    if found is True:
        return RecordSettings()
    if not isinstance(found, dict):
        raise SettingsError(
            f'{key} is {found!r}; expected true, or an object such as {{"tuples": 1000}}'
        )
    for name, value in found.items():
        _check(key, name, value)
    return RecordSettings(**found)


def split_record(text: str) -> tuple[str, int | None]:
    """Return the component and the number of tuples of ``ID[:N]``, as command lines take it.

    Digits behind the last colon are the number; what else has a colon is an id.

    Raises:
        SettingsError: there is no id, or the number is none.
    """
    component, colon, number = text.rpartition(":")
    if not colon or re.search(r"[^0-9.+-]", number):
        if not text:
            raise SettingsError("expected ID[:N], such as count-bolt:1000")
        return text, None
    if not re.fullmatch(r"0*[1-9][0-9]{0,17}", number):
        raise SettingsError(
            f"{number!r} is no number of tuples; expected ID[:N] with N from 1 to 10^18, such as "
            "count-bolt:1000"
        )
    if not component:
        raise SettingsError("expected ID[:N], such as count-bolt:1000")
    return component, int(number)


def nothing_recorded(components: Iterable[str]) -> Mapping[str, object]:
    """Return the setting by which none of these components is recorded, whatever their own settings ask for."""
    return {RECORD_COMPONENTS: dict.fromkeys(components, False)}


def _check(key: str, name: object, value: object) -> None:
    if name not in RecordSettings._fields:
        raise SettingsError(
            f"{key}.{name}: unknown; expected {', '.join(RecordSettings._fields[:5])}"
        )
    wanted = ""
    if name in ("tuples", "bytes"):
        if type(value) is not int or value < 1:
            wanted = "a number of at least 1"
    elif name == "keep":
        if value not in ("first", "last"):
            wanted = '"first" or "last"'
    elif name == "redact":
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            wanted = "a list of names of fields"
    elif not isinstance(value, str):
        wanted = "a text, such as package.module.function"
    if wanted:
        raise SettingsError(f"{key}.{name} is {value!r}; expected {wanted}")
