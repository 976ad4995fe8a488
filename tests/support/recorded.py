"""Small traces, made of events by hand: what came of two words and a sentence, with and without a crash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from simulator.engine import Head, HeadComponent, HeadInput, events

NAMES = {5: "words", 3: "count", 4: "count", 6: "store"}
HEAD = Head(
    format=1,
    topology="wordcount",
    storm="2.8.3",
    seed="0",
    timeout_ms=60_000,
    components=(
        HeadComponent("words", "spout", (5,), {"default": ("word",)}, (), False),
        HeadComponent(
            "count",
            "bolt",
            (3, 4),
            {"default": ("word", "count")},
            (HeadInput("words", "default", '["word"]'),),
            False,
        ),
        HeadComponent(
            "store", "bolt", (6,), {}, (HeadInput("count", "default", "shuffle"),), False
        ),
    ),
    workers=((3, 5), (4, 6)),
)


def rooted(at: int, word: str, id_: object, *to: tuple[int, str]) -> events.Emit:
    """A word of the spout."""
    return events.Emit(at, "words", 5, "default", json.dumps([word]), json.dumps(id_), None, to)


def counted(
    at: int, task: int, word: str, count: int, anchor: str, *to: tuple[int, str]
) -> events.Emit:
    """A count of the bolt, anchored to a tuple."""
    values = json.dumps([word, count])
    return events.Emit(at, "count", task, "default", values, None, (anchor,), to)


#: Two words; both are counted and stored.
PLAIN: list[events.Event] = [
    rooted(0, "dog", 0, (4, "1")),
    rooted(1, "cat", 1, (3, "2")),
    counted(2, 3, "cat", 1, "2", (6, "4")),
    events.Ack(2, "count", 3, "2"),
    counted(2, 4, "dog", 1, "1", (6, "3")),
    events.Ack(2, "count", 4, "1"),
    events.Ack(3, "store", 6, "4"),
    events.Ack(3, "store", 6, "3"),
    events.Acked(4, "words", 5, "1"),
    events.Acked(4, "words", 5, "0"),
]

#: The same, but the task that counts "dog" dies with it; the second attempt is stored.
CRASH: list[events.Event] = [
    rooted(0, "dog", 0, (4, "1")),
    rooted(1, "cat", 1, (3, "2")),
    counted(2, 3, "cat", 1, "2", (6, "4")),
    events.Ack(2, "count", 3, "2"),
    events.Died(2, "count", 4, "KeyError: 'dog'"),
    events.Restart(2, "count", 4),
    events.Ack(3, "store", 6, "4"),
    events.Acked(4, "words", 5, "1"),
    events.Failed(120_000, "words", 5, "0", "timeout"),
    rooted(120_001, "dog", 0, (4, "5")),
    counted(120_002, 4, "dog", 1, "5", (6, "6")),
    events.Ack(120_002, "count", 4, "5"),
    events.Ack(120_003, "store", 6, "6"),
    events.Acked(120_004, "words", 5, "0"),
]


def text_of(happened: Sequence[events.Event], head: Head | None = HEAD) -> str:
    """The text of a trace file."""
    lines = [] if head is None else [head.to_line()]
    return "".join(f"{line}\n" for line in [*lines, *(event.to_line() for event in happened)])


def write(path: Path, happened: Sequence[events.Event], head: Head | None = HEAD) -> str:
    """Write a trace file; return its name."""
    path.write_text(text_of(happened, head), encoding="utf-8")
    return path.name
