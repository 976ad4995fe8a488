"""Recordings of components, made without a Storm: a component runs on two streams that write down what goes by."""

from __future__ import annotations

import gzip
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from streamparse import multilang
from streamparse.multilang import Host, Inbox, Outbox
from streamparse.recordings import (
    FROM_STORM,
    TO_STORM,
    Head,
    end_line,
    head_line,
    idle_line,
    said_line,
)

TASK = 4
STEP_US = 1000  # between two inputs


class _Tape(Inbox, Outbox):
    """Both ends of a component: what it reads and what it says, in one order."""

    def __init__(self, inputs: Sequence[str], answers: Sequence[Sequence[int]]) -> None:
        self.lines: list[tuple[str, int, str]] = []
        self._inputs = deque(inputs)
        self._answers = deque(answers)
        self._waits = False
        self._us = 0

    def receive(self) -> str | None:
        if self._waits:
            self._waits = False
            text = json.dumps(self._answers.popleft() if self._answers else [9])
        elif self._inputs:
            text = self._inputs.popleft()
            self._us += STEP_US
        else:
            return None
        self.lines.append((FROM_STORM, self._us, text))
        return text

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        text = encode(message)
        if "pid" in message:
            text = '{"pid": 0}'
        self._us += 1
        self.lines.append((TO_STORM, self._us, text))
        is_answered = message.get("need_task_ids", True) and "task" not in message
        self._waits = message.get("command") == "emit" and bool(is_answered)

    def write(self, text: str) -> int:
        raise AssertionError("messages are sent whole")

    def flush(self) -> None:
        return None


def context(
    component: str = "counts",
    outputs: Mapping[str, Sequence[str]] | None = None,
    inputs: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> dict[str, Any]:
    """The context of a task, as Storm tells it: its place in the topology."""
    inputs = {"words": {"default": ["word"]}} if inputs is None else inputs
    return {
        "task->component": {"1": "__acker", "4": component, "5": "words", "9": "next"},
        "taskid": TASK,
        "componentid": component,
        "stream->outputfields": dict(outputs or {"default": ["word", "count"]}),
        "source->stream->fields": dict(inputs),
        "source->stream->grouping": {
            source: {stream: {"type": "SHUFFLE"} for stream in streams}
            for source, streams in inputs.items()
        },
    }


def handshake(
    conf: Mapping[str, object] | None = None, within: Mapping[str, Any] | None = None
) -> str:
    """Storm's first message."""
    whole = {"topology.name": "wordcount", **(conf or {})}
    return json.dumps({"pidDir": "", "conf": whole, "context": within or context()})


def given(number: int, *values: object, stream: str = "default", source: str = "words") -> str:
    """A tuple; its id is that of a Storm: any number."""
    name = str(number * 7919 - 5000)
    return json.dumps(
        {"id": name, "comp": source, "stream": stream, "task": 5, "tuple": list(values)}
    )


def words(*found: str) -> list[str]:
    """A tuple for each word."""
    return [given(number, word) for number, word in enumerate(found, 1)]


def tick(number: int) -> str:
    """A tick of Storm's clock."""
    return json.dumps(
        {"id": f"-{number}", "comp": "__system", "stream": "__tick", "task": -1, "tuple": [1]}
    )


def command(verb: str, message_id: object = "") -> str:
    """A command of a spout."""
    return json.dumps({"id": message_id, "command": verb})


def tape(
    cls: Callable[[], object],
    inputs: Sequence[str],
    *,
    shaken: str | None = None,
    answers: Sequence[Sequence[int]] = (),
    why: str = "closed",
    **head: Any,
) -> str:
    """Run a component on these inputs, and return the recording of it.

    Args:
        cls: makes it.
        inputs: the messages of Storm behind the handshake.
        shaken: the handshake.
        answers: the task ids that emits are answered with, in their order; [9] behind them.
        why: the end; "" for none, as after kill -9.
        head: other fields of the head.
    """
    streams = _Tape([shaken or handshake(), *inputs], answers)
    token = multilang.HOST.set(Host(streams=(streams, streams)))
    try:
        component: Any = cls()
    finally:
        multilang.HOST.reset(token)
    with suppress(SystemExit):
        component.run()
    first = json.loads(shaken or handshake())["context"]
    made = {
        "topology": "wordcount",
        "component": first["componentid"],
        "task": first["taskid"],
        "pid": 4711,
        "name": f"{cls.__module__}.{getattr(cls, '__qualname__', '')}",
        "kind": component._kind,
        **head,
    }
    return text_of(Head(**made), streams.lines, why)


def text_of(head: Head, lines: Sequence[tuple[str, int, str]], why: str = "closed") -> str:
    """The text of a recording; a spout's turns in which nothing was said are counted, as the recorder does."""
    parts = [head_line(head)]
    idle, at = 0, 0
    while at < len(lines):
        mark, us, text = lines[at]
        answer = lines[at + 1] if at + 1 < len(lines) else ("", 0, "")
        if (
            mark == FROM_STORM
            and json.loads(text) == {"id": "", "command": "next"}
            and answer[0] == TO_STORM
            and json.loads(answer[2]) == {"command": "sync"}
        ):
            idle, at = idle + 1, at + 2
            continue
        if idle:
            parts.append(idle_line(us, idle))
            idle = 0
        parts.append(said_line(mark, us, text))
        at += 1
    if idle:
        parts.append(idle_line(lines[-1][1], idle))
    if why:
        parts.append(end_line(lines[-1][1], why, len(lines)))
    return "".join(parts)


def write(path: Path, text: str) -> Path:
    """Write a recording to a file, compressed as its name says."""
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
