"""Evidence of runs, written by hand for tests of laws: a few events, and what was left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.engine import events
from simulator.exploring.cases import Case, Fault
from simulator.laws.evidence import End, Evidence, Reference
from simulator.model import Component, Grouping, Stream, Topology
from simulator.wire import storm_json

COMPONENTS = {1: "rows", 2: "count", 3: "count"}
TOPOLOGY = Topology(
    "words",
    {
        "rows": Component("rows", "spout", ("rows",), outputs={"default": Stream(("word",))}),
        "count": Component(
            "count",
            "bolt",
            ("count",),
            inputs={("rows", "default"): Grouping("fields", ("word",))},
            outputs={"default": Stream(("word", "count"))},
            parallelism=2,
        ),
    },
)


def row(number: int | None, word: str, tuple_id: str) -> events.Emit:
    """The spout emits a word, to the first task of the bolt."""
    message_id = None if number is None else str(number)
    return events.Emit(
        0, "rows", 1, "default", storm_json([word]), message_id, None, ((2, tuple_id),)
    )


def counted(word: str, count: int, *anchors: str) -> events.Emit:
    """The bolt emits a count, which no bolt takes."""
    return events.Emit(1, "count", 2, "default", storm_json([word, count]), None, anchors, ())


def ack(tuple_id: str) -> events.Ack:
    return events.Ack(1, "count", 2, tuple_id)


def acked(number: int) -> events.Acked:
    return events.Acked(2, "rows", 1, str(number))


def timed_out(number: int) -> events.Failed:
    return events.Failed(60_000, "rows", 1, str(number), "timeout")


RESTART = events.Restart(5, "count", 2)
LOST_ACK = events.Fault(1, "count", 2, "lost-ack", "t0")

#: One word is emitted, counted and acked.
PLAIN = [row(0, "dog", "t0"), counted("dog", 1, "t0"), ack("t0"), acked(0)]


def run(happened: Sequence[events.Event], case: Case | None = None, **end: Any) -> Evidence:
    """The evidence of a run; without a case it had a fault."""
    case = case or Case(0, (Fault("crash", "count", 1),))
    return Evidence(case, happened, End(components=COMPONENTS, **end))


def reference(happened: Sequence[events.Event] | None = None, **end: Any) -> Reference:
    """The fault-free run."""
    return Reference(TOPOLOGY, run(PLAIN if happened is None else happened, Case(0), **end))
