"""The words about values that JSON cannot hold, and about those that it changes. Loaded when a message has some."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_MOST_DEPTH = 100
_CURES = {
    "datetime": "value.isoformat()",
    "date": "value.isoformat()",
    "time": "value.isoformat()",
    "Timestamp": "value.isoformat()",
    "timedelta": "value.total_seconds()",
    "set": "sorted(value)",
    "frozenset": "sorted(value)",
    "generator": "list(value)",
    "dict_keys": "list(value)",
    "dict_values": "list(value)",
    "dict_items": "list(value)",
    "map": "list(value)",
    "range": "list(value)",
    "deque": "list(value)",
    "UUID": "str(value)",
    "PosixPath": "str(value)",
    "complex": "[value.real, value.imag]",
    "bytearray": "base64.b64encode(value).decode()",
    "memoryview": "base64.b64encode(value).decode()",
    "bytes": "base64.b64encode(value).decode()",
    "ndarray": "value.tolist()",
    "Series": "value.tolist()",
    "DataFrame": 'value.to_dict("records")',
}
_JSON = (str, int, float, bool, type(None))


def unfit(message: Mapping[str, Any], fields: Sequence[str], error: BaseException) -> str:
    """Return one line about the value of a message that JSON cannot hold: where it is, its type, and a cure.

    Args:
        message: what was to be sent.
        fields: the fields of its stream, as far as they are known.
        error: what the encoder raised.
    """
    for where, value in _parts(message, fields):
        if found := _culprit(value, ()):
            path, kind, problem = found
            inside = "".join(f"[{step!r}]" for step in path)
            at = f" at {inside}" if inside else ""
            return f"{where} holds {problem or _named(kind)}{at}, which JSON cannot hold; {_cure(kind)}"
    return f"a message that JSON cannot hold: {error}"


def changed(message: Mapping[str, Any], fields: Sequence[str]) -> Iterator[tuple[object, str]]:
    """Yield a key and a sentence for each value that arrives as another type than it was emitted as.

    Args:
        message: what is sent.
        fields: the fields of its stream, as far as they are known.
    """
    for where, value in _parts(message, fields):
        kind = type(value).__name__
        arrives = ""
        if kind == "Decimal":
            arrives = "a float; emit str(value) to keep all digits"
        elif isinstance(value, bytes):
            arrives = "a text; emit value.decode() to say so"
        elif isinstance(value, tuple) and hasattr(value, "_asdict"):
            arrives = "a map of its fields; emit list(value) for a list"
        elif isinstance(value, dict) and not all(type(key) is str for key in value):
            arrives = "a map whose keys are texts"
        if arrives:
            yield (where, kind), f"{where} holds {_named(kind)}, which arrives as {arrives}"


def _parts(message: Mapping[str, Any], fields: Sequence[str]) -> Iterator[tuple[str, object]]:
    """The parts of a message with their names: the values of a tuple one by one."""
    stream = message.get("stream", "default")
    for key, part in message.items():
        if key != "tuple" or not isinstance(part, (list, tuple)):
            yield f"the {'message id' if key == 'id' else key} of a message", part
            continue
        for place, value in enumerate(part):
            name = f"field {fields[place]!r}" if place < len(fields) else f"value {place + 1}"
            yield f"{name} of stream {stream!r}", value


def _culprit(value: object, path: tuple[object, ...]) -> Any:
    """The path to the first part that JSON cannot hold, its type, and words for it; None when there is none."""
    if isinstance(value, _JSON) or type(value).__name__ == "Decimal":
        return None
    kind = type(value).__name__
    if len(path) > _MOST_DEPTH:
        return path[:3], kind, "a value that is nested too deeply, or holds itself"
    if isinstance(value, bytes):
        try:
            value.decode()
        except UnicodeDecodeError:
            return path, kind, "bytes that are no UTF-8"
        return None
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, _JSON):
                return path, type(key).__name__, f"a map with {_named(type(key).__name__)} as a key"
            if found := _culprit(item, (*path, key)):
                return found
        return None
    if isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            if found := _culprit(item, (*path, place)):
                return found
        return None
    return path, "dataclass" if hasattr(value, "__dataclass_fields__") else kind, _named(kind)


def _named(kind: str) -> str:
    return kind if kind == "bytes" else f"{'an' if kind[:1] in 'aeiouAEIO' else 'a'} {kind}"


def _cure(kind: str) -> str:
    if kind == "dataclass":
        return "emit dataclasses.asdict(value)"
    if kind in _CURES:
        return f"emit {_CURES[kind]}"
    if kind.rstrip("_").rstrip("0123456789") in ("int", "uint", "float", "bool", "str", "complex"):
        return "emit value.item()"  # a number of numpy
    return "emit texts, numbers, booleans, None, lists or maps"
