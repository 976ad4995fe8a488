"""Messages of Storm for a component on two buffers in memory, and what the component sends."""

from __future__ import annotations

import json
from typing import Any

from streamparse import Component

Message = Any  # JSON

CONF = {"topology.name": "wordcount", "my.key": [1, None]}

CONTEXT = {"taskid": 4, "task->component": {"4": "count-bolt"}}


def written(*messages: Message) -> str:
    return "".join(f"{json.dumps(message)}\nend\n" for message in messages)


def said(component: Component) -> list[Message]:
    text = component.output_stream.getvalue()  # type: ignore[attr-defined]  # a StringIO of ours
    return [json.loads(part) for part in text.split("\nend\n") if part]


def tup(tuple_id: str, *values: object, comp: str = "words", stream: str = "default") -> Message:
    return {"id": tuple_id, "comp": comp, "stream": stream, "task": 5, "tuple": list(values)}


def tick(tuple_id: str = "t") -> Message:
    return tup(tuple_id, 1, comp="__system", stream="__tick")


HEARTBEAT: Message = {"id": "h", "comp": None, "stream": "__heartbeat", "task": -1, "tuple": []}
