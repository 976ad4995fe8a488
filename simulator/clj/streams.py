"""Reads how a spec form names streams: the sources of a bolt, groupings and lists of fields.

Each function notes what is wrong and then returns None. A value that is ``Broken`` holds its own mistakes.

Sources: ``backtype/storm/clojure.clj`` and ``thrift.clj`` (the same from 0.9 to 2.x).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from simulator.clj.edn import Keyword, Node
from simulator.clj.evaluator import Call
from simulator.clj.values import JavaObject, Vector, has_broken, named
from simulator.model import Grouping, Kind, did_you_mean, shown

__all__ = ["fields_of", "grouping_of", "java_arguments_of", "source_of"]

_GROUPINGS: Final[Mapping[object, Kind]] = {
    None: "none",
    Keyword("none"): "none",
    Keyword("shuffle"): "shuffle",
    Keyword("local-or-shuffle"): "local-or-shuffle",
    Keyword("all"): "all",
    Keyword("global"): "global",
    Keyword("direct"): "direct",
}
_GROUPING_NAMES: Final = (
    ":shuffle, :local-or-shuffle, :all, :global, :none, :direct or a vector of fields"
)


def source_of(call: Call, key: object, at: int) -> tuple[str, str] | None:
    """Return the component and the stream that ``"source"`` or ``["source" "stream"]`` names.

    Args:
        call: the call of the spec form.
        key: a key of the bolt's inputs.
        at: its offset.
    """
    parts = (key,) if isinstance(key, str) else key if isinstance(key, Vector) else ()
    if not 1 <= len(parts) <= 2 or not all(isinstance(part, str) for part in parts):
        call.note(at, f"{named(key)} names no stream", 'expected "source" or ["source" "stream"]')
        return None
    if isinstance(key, Vector) and len(key) == 1:
        call.diagnostics.warn(
            at,
            f"{named(key)} names no stream, so it is the default one",
            f"write {shown(key[0])}",
            "an id without a stream, which Thrift may refuse",
        )
    return str(parts[0]), str(parts[1]) if len(parts) == 2 else "default"


def grouping_of(call: Call, value: object, at: int) -> Grouping | None:
    """Return the grouping that a keyword, a vector of fields or a Java object stands for.

    Args:
        call: the call of the spec form.
        value: a value of the bolt's inputs.
        at: its offset.
    """
    if has_broken(value):
        return None
    if isinstance(value, JavaObject):
        return _java_grouping(value)
    if isinstance(value, Vector):
        fields = fields_of(call, value, at, "a grouping")
        if fields is None:
            return None
        # A fields grouping on no fields is the global grouping to Storm.
        return Grouping("fields", fields) if fields else Grouping("global")
    kind = _GROUPINGS.get(value) if value is None or isinstance(value, Keyword) else None
    if kind is not None:
        return Grouping(kind)
    call.note(
        at,
        f"{named(value)} is not a valid grouping{_nearest(value)}",
        f"expected {_GROUPING_NAMES}",
        f"{str(value)[:60]} is not a valid grouping",
    )
    return None


def fields_of(call: Call, value: object, at: int, what: str) -> tuple[str, ...] | None:
    """Return the names of fields in ``["field" ...]``.

    Args:
        call: the call of the spec form.
        value: what should be such a vector.
        at: its offset.
        what: whose fields they are, for messages.
    """
    if has_broken(value):
        return None
    if not isinstance(value, Vector):
        name = shown(named(value).lstrip(":")) if isinstance(value, Keyword) else named(value)
        remedy = f"[{name}]" if isinstance(value, (str, Keyword)) else '["field"]'
        storm = "NullPointerException" if value is None else "ClassCastException"
        call.note(at, f"the fields of {what} are {named(value)}", f"expected {remedy}", storm)
        return None
    for field_at, each in zip(value.places, value, strict=False):
        if not isinstance(each, str):
            remedy = f"expected {shown(named(each).lstrip(':'))}"
            storm = "ClassCastException"
            call.note(field_at, f"a field of {what} is {named(each)}", remedy, storm)
            return None
    return tuple(map(str, value))


def _nearest(value: object) -> str:
    if not isinstance(value, (str, Keyword)):
        return ""
    names = [str(each) for each in _GROUPINGS if each is not None]
    return did_you_mean(f":{str(value).lstrip(':').lower()}", names, quoted=False)


def _java_grouping(value: JavaObject) -> Grouping:
    short = value.class_name.rpartition(".")[2]
    if short == "PartialKeyGrouping":
        texts = [text for argument in value.arguments for text in _strings(argument)]
        return Grouping("partial-key", tuple(texts))
    first = value.arguments[0].value if value.arguments else None
    # Storm's (JavaObject. "my.Grouping" [arguments]) names a custom grouping by its class.
    if short == "JavaObject" and isinstance(first, str):
        return Grouping("custom", java_class=first, java_arguments=None)
    return Grouping("custom", java_class=value.class_name, java_arguments=java_arguments_of(value))


def java_arguments_of(value: JavaObject) -> tuple[object, ...] | None:
    """Return the arguments of a constructor, if all are booleans, numbers and texts; else None: only a JVM knows."""
    found = [node.value for node in value.arguments if node.form == "literal"]
    is_basic = all(isinstance(each, (bool, int, float, str)) for each in found)
    return tuple(found) if is_basic and len(found) == len(value.arguments) else None


def _strings(node: Node) -> Iterator[str]:
    """Return the strings inside of a form, in the order of the text."""
    if node.form == "literal" and isinstance(node.value, str):
        yield node.value
    for item in node.items:
        yield from _strings(item)
