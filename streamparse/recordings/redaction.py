"""Redaction: values are taken out of messages before these are kept anywhere, in memory or on disk.

A value is taken out where its field has one of the names, where an object inside a value has an entry with one of the
names, and where the fields of a stream are not known (Storm before 0.10 does not tell them): then all values are. A
user's function can change more. Whatever could quote a value goes, too: the texts of logs and errors, the parameters of
metrics, and keys that Storm does not know. A spout's message ids are numbered.
"""

from __future__ import annotations

import json
import re

from streamparse.multilang import DEFAULT_STREAM, SYSTEM_COMPONENT
from streamparse.recordings.format import REDACTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any

__all__ = ["Redaction", "RedactionError", "without_secrets"]

_SECRET = re.compile(r"passw|secret|token|payload|credential|private", re.IGNORECASE)
_ERROR = re.compile(r"Python \w+ raised")

_OF_MESSAGES = ("command", "stream", "task", "need_task_ids", "anchors", "level", "name", "pid")


class RedactionError(Exception):
    """What is wrong with the user's function: one line without anything that it has said, which may quote values."""


class Redaction:
    """Takes values out of the messages of one component.

    Args:
        names: of fields.
        function: called with a component's id, a stream's id and the values of a tuple; it returns the values to keep,
            as many. None for none.
        component: whose messages these are.
        is_spout: whether ids of messages are its own.
        context: from the handshake: it has the fields of streams, from Storm 0.10 on.
    """

    def __init__(
        self,
        names: Collection[str],
        function: Callable[[str, str, list[Any]], Sequence[Any]] | None,
        *,
        component: str,
        is_spout: bool,
        context: Mapping[str, Any],
    ) -> None:
        self._names = frozenset(names)
        self._function = function
        self._component = component
        self._is_spout = is_spout
        self._inputs: Mapping[str, Mapping[str, Sequence[str]]] = (
            context.get("source->stream->fields") or {}
        )
        self._outputs: Mapping[str, Sequence[str]] | None = context.get("stream->outputfields")
        self._numbers: dict[str, int] = {}  # of message ids whose tuples are pending
        self._given = 0

    def heard(self, text: str) -> str:
        """Return a message from Storm without what is to be taken out.

        Raises:
            RedactionError: the user's function raises, or returns something else than values.
            TypeError: JSON cannot hold a value that it returns.
        """
        message = json.loads(text)
        if isinstance(message, list):
            return text  # task ids
        if "tuple" in message:
            source, stream = message.get("comp"), message.get("stream")
            kept = {key: message.get(key) for key in ("id", "comp", "stream", "task")}
            if (source or SYSTEM_COMPONENT) == SYSTEM_COMPONENT:  # ticks and heartbeats
                return text
            fields = self._inputs.get(source, {}).get(stream)
            kept["tuple"] = self._values(source, stream, fields, message["tuple"])
            return json.dumps(kept)
        kept = {"command": message.get("command")}
        if "id" in message:
            kept["id"] = self._number(message["id"], is_over=True) if message["id"] != "" else ""
        return json.dumps(kept)

    def said(self, text: str) -> str:
        """Return a message of the component without what is to be taken out.

        Raises:
            RedactionError: the user's function raises, or returns something else than values.
            TypeError: JSON cannot hold a value that it returns.
        """
        message = json.loads(text)
        if not isinstance(message, dict):
            return json.dumps(REDACTED)
        kept = {key: message[key] for key in _OF_MESSAGES if key in message}
        command = message.get("command")
        if "tuple" in message:
            stream = message.get("stream") or DEFAULT_STREAM
            fields = None if self._outputs is None else self._outputs.get(stream)
            kept["tuple"] = self._values(self._component, stream, fields, message["tuple"])
        if "id" in message:
            kept["id"] = self._number(message["id"]) if self._is_spout else message["id"]
        if command == "error" and (found := _ERROR.match(str(message.get("msg")))):
            kept["msg"] = found[0]
        elif "msg" in message:
            kept["msg"] = REDACTED
        if "params" in message:
            kept["params"] = REDACTED
        return json.dumps(kept)

    def unreadable(self, text: str) -> str:
        """Return what is kept of a message that is no JSON: nothing of it."""
        return ""

    def _values(
        self, component: str, stream: str, fields: Sequence[str] | None, values: Any
    ) -> list[Any]:
        if not isinstance(values, list):
            return [REDACTED]
        if self._names:
            if fields is None or len(fields) != len(values):
                values = [REDACTED] * len(values)
            else:
                values = [
                    REDACTED if field in self._names else self._inside(value)
                    for field, value in zip(fields, values, strict=True)
                ]
        if self._function is None:
            return list(values)
        name = getattr(self._function, "__qualname__", "the function")
        try:
            changed = self._function(component, stream, list(values))
        except (Exception, SystemExit) as error:
            raise RedactionError(f"{name} raised {type(error).__name__}") from None
        if not isinstance(changed, (list, tuple)) or len(changed) != len(values):
            many = f" of {len(changed)}" if isinstance(changed, (list, tuple)) else ""
            raise RedactionError(
                f"{name} returned a {type(changed).__name__}{many}; expected a list of {len(values)}, as many "
                "values as it was given"
            )
        return list(changed)

    def _inside(self, value: Any) -> Any:
        """Return a value without the entries of these names, however deep they are."""
        if isinstance(value, dict):
            return {
                key: REDACTED if key in self._names else self._inside(each)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._inside(each) for each in value]
        return value

    def _number(self, tuple_id: Any, *, is_over: bool = False) -> str:
        """Return what stands for a spout's message id: a number, until Storm has said what became of it."""
        text = json.dumps(tuple_id, sort_keys=True)
        known = self._numbers.get(text)
        if known is None:
            self._given += 1
            known = self._given
        if is_over:
            self._numbers.pop(text, None)
        else:
            self._numbers[text] = known
        return f"id-{known}"


def without_secrets(conf: Mapping[str, Any], names: Collection[str] = ()) -> dict[str, Any]:
    """Return a configuration without the values of settings whose names say that they are secret, or are in ``names``.

    Args:
        names: whole names of settings, or their last parts.
    """

    def is_secret(key: str) -> bool:
        return bool(_SECRET.search(key)) or key in names or key.rpartition(".")[2] in names

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: REDACTED if is_secret(str(key)) and each is not None else kept(each)
                for key, each in value.items()
            }
        return [kept(each) for each in value] if isinstance(value, list) else value

    found: dict[str, Any] = kept(conf)
    return found
