"""The summary of a trace: counts, what was unusual, and the roots that were not acked."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Any

from simulator.engine import events
from simulator.traces import ComponentCounts, Summary, TraceReader, summarize
from simulator.traces.summary import MOST_ROOTS, MOST_UNUSUAL
from tests.support.recorded import CRASH, rooted


def test_a_crash_in_numbers() -> None:
    assert summarize(CRASH) == Summary(
        count=14,
        first_ms=0,
        last_ms=120_004,
        components={
            "words": ComponentCounts(
                tasks={5},
                by_event=Counter({"emit": 3, "acked": 2, "failed": 1}),
                emitted=Counter({"default": 3}),
                latency_ms=3 + 3,
                most_latency_ms=3,
                pending=0,
            ),
            "count": ComponentCounts(
                tasks={3, 4},
                by_event=Counter({"emit": 2, "ack": 2, "died": 1, "restart": 1}),
                emitted=Counter({"default": 2}),
            ),
            "store": ComponentCounts(tasks={6}, by_event=Counter({"ack": 2})),
        },
        unusual=[(CRASH[4], "dies: KeyError: 'dog'"), (CRASH[5], "is started again")],
        unusual_count=2,
        failed=[("words", 5, "0")],
        pending=[],
    )


def test_what_is_pending_at_the_end_is_named() -> None:
    found = summarize(CRASH[:4])
    assert (found.pending, found.components["words"].pending) == (
        [("words", 5, "0"), ("words", 5, "1")], 2,
    )  # fmt: skip


def test_a_spout_that_is_started_again_has_nothing_pending() -> None:
    found = summarize([CRASH[0], events.Restart(1, "words", 5)])
    assert (found.pending, found.components["words"].pending) == ([], 0)


def test_an_empty_trace_has_an_empty_summary() -> None:
    assert summarize([]) == Summary()


def test_of_many_unusual_things_the_first_are_kept_and_all_are_counted() -> None:
    many = [events.Error(n, "count", 4, str(n)) for n in range(100)]
    failures: list[events.Event] = []
    for n in range(100):
        failures += [rooted(n, "dog", n), events.Failed(n, "words", 5, str(n), "")]
    found = summarize([*many, *failures])
    assert (len(found.unusual), found.unusual_count, len(found.failed)) == (
        MOST_UNUSUAL, 100, MOST_ROOTS,
    )  # fmt: skip


def _peak_bytes(messages: int) -> int:
    """The most memory that the summary of a file of so many messages takes, which is made while it is read."""

    def lines() -> Iterator[bytes]:
        for number in range(messages):
            yield (
                f'{{"at":{number},"event":"emit","component":"s","task":3,"stream":"default","values":["{number}"],'
                f'"id":{number},"to":[[2,"{number}"]]}}\n'
                f'{{"at":{number},"event":"ack","component":"b","task":2,"tuple":"{number}"}}\n'
                f'{{"at":{number},"event":"acked","component":"s","task":3,"id":{number}}}\n'
            ).encode()
        yield b'{"at":9,"event":"em'

    tracemalloc.start()
    try:
        reader = TraceReader(io.BufferedReader(_Made(lines()), 4096), "run.jsonl")
        found = summarize(reader, most_known=100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.count, len(reader.problems)) == (3 * messages, 1)
    return peak


class _Made(io.RawIOBase):
    """A file whose text is made as it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def test_a_summary_takes_the_memory_of_what_is_under_way_however_long_the_trace_is() -> None:
    _peak_bytes(300)  # what is loaded and cached once
    assert _peak_bytes(3000) < 1.2 * _peak_bytes(300)
