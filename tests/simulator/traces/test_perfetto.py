"""The trace for ui.perfetto.dev: processes, threads, slices, arrows, instants and counters."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from simulator.engine import Head, events, faults
from simulator.page import Collector
from simulator.traces import TraceReader, perfetto_parts
from tests.support.pages import source_of
from tests.support.recorded import CRASH, HEAD, PLAIN, rooted, text_of
from tests.support.table_top import bolt, spout, topology_text


def records(happened: Sequence[events.Event], head: Head | None = HEAD) -> list[dict[str, Any]]:
    reader = TraceReader(io.BytesIO(text_of(happened, head).encode()), "run.jsonl")
    found = json.loads("".join(perfetto_parts(reader)))
    assert found.keys() == {"displayTimeUnit", "traceEvents"}
    return list(found["traceEvents"])


def of_kind(kind: str, happened: Sequence[events.Event], *keys: str) -> list[tuple[Any, ...]]:
    return [
        tuple(each.get(key) for key in keys) for each in records(happened) if each["ph"] == kind
    ]


def test_a_process_is_a_worker_and_a_thread_is_a_task() -> None:
    found = [
        (each["name"], each["pid"], each["tid"], each["args"]["name"])
        for each in records(PLAIN)
        if each["ph"] == "M"
    ]
    assert found == [
        ("process_name", 1, 0, "worker 1"), ("thread_name", 1, 5, "words[5]"),
        ("process_name", 1, 0, "worker 1"), ("thread_name", 1, 3, "count[3]"),
        ("process_name", 2, 0, "worker 2"), ("thread_name", 2, 4, "count[4]"),
        ("process_name", 2, 0, "worker 2"), ("thread_name", 2, 6, "store[6]"),
    ]  # fmt: skip


def test_without_work_the_tuples_of_a_wave_share_its_millisecond() -> None:
    assert of_kind("X", PLAIN, "name", "tid", "ts", "dur", "args") == [
        ('emit ["dog"]', 5, 0, 1000, {"stream": "default", "values": ["dog"], "id": 0}),
        ('emit ["cat"]', 5, 1000, 1000, {"stream": "default", "values": ["cat"], "id": 1}),
        ('["cat"]', 3, 2000, 1000, {"tuple": "2", "emits": '["cat", 1]', "then": "ack"}),
        ('["dog"]', 4, 2000, 1000, {"tuple": "1", "emits": '["dog", 1]', "then": "ack"}),
        ('["cat", 1]', 6, 3000, 500, {"tuple": "4", "then": "ack"}),
        ('["dog", 1]', 6, 3500, 500, {"tuple": "3", "then": "ack"}),
    ]


def test_with_work_a_slice_lasts_from_the_arrival_or_the_end_of_the_one_before() -> None:
    head = Head.from_line(HEAD.to_line().replace('"work":false', '"work":true'))
    happened = [
        rooted(0, "dog", 0, (4, "1")), rooted(1, "cat", 1, (4, "2")),
        events.Ack(30, "count", 4, "1"), events.Ack(60, "count", 4, "2"),
    ]  # fmt: skip
    found = [each for each in records(happened, head) if each["ph"] == "X" and each["tid"] == 4]
    assert [(each["ts"], each["dur"]) for each in found] == [(0, 30_000), (30_000, 30_000)]


def test_an_arrow_leads_from_the_emit_to_the_execution_of_each_copy() -> None:
    arrows = [
        (each["ph"], each["id"], each["tid"], each["ts"])
        for each in records(PLAIN)
        if each["ph"] in "sf"
    ]
    assert sorted(arrows, key=lambda each: (each[1], each[0] == "f")) == [
        ("s", "1", 5, 0), ("f", "1", 4, 2000),
        ("s", "2", 5, 1000), ("f", "2", 3, 2000),
        ("s", "3", 4, 2000), ("f", "3", 6, 3500),
        ("s", "4", 3, 2000), ("f", "4", 6, 3000),
    ]  # fmt: skip


def test_deaths_timeouts_and_acks_are_instants() -> None:
    found = [
        (each["name"], each["tid"], each["ts"], each["args"]["what"])
        for each in records(CRASH)
        if each["ph"] == "i"
    ]
    assert found == [
        ("died", 4, 2000, "dies: KeyError: 'dog'"),
        ("restart", 4, 2000, "is started again"),
        ("acked", 5, 4000, "is notified that 1 is acked"),
        ("failed", 5, 120_000_000, "is notified that 0 has failed by timeout"),
        ("acked", 5, 120_004_000, "is notified that 0 is acked"),
    ]


def test_a_counter_follows_what_a_task_has_not_settled() -> None:
    found = [
        (each["ts"], each["args"]["tuples"])
        for each in records(CRASH)
        if each["ph"] == "C" and each["tid"] == 4
    ]
    assert found == [(0, 1), (2000, 0), (120_001_000, 1), (120_002_000, 0)]


def test_faults_change_the_counter() -> None:
    happened = [
        rooted(0, "dog", 0, (4, "1")),
        events.Fault(1, "count", 4, "duplicate", "1", copy_id="8"),
        events.Fault(2, "count", 4, "delay", "8", due_ms=9),
        events.Fault(3, "count", 4, "drop", "1"),
        events.Fault(3, "count", 4, "drop", "1"),
    ]
    found = [each["args"]["tuples"] for each in records(happened) if each["ph"] == "C"]
    assert found == [1, 2, 1]


def test_without_a_head_all_tasks_are_in_one_process() -> None:
    found = records(PLAIN, head=None)
    assert {each["pid"] for each in found} == {0}


def test_hostile_values_are_json_strings() -> None:
    text = '</script>"\x1b[31m\u2028'
    (found,) = [each for each in records([rooted(0, text, 0)]) if each["ph"] == "X"]
    assert found["args"]["values"] == [text]


# -- the format

SEVERAL = topology_text(
    spout(
        "["
        + " ".join(f'["{do}" "w"]' for do in ("pass_on", "keep", "fail_it", "pass_to_two") * 5)
        + "]",
        '"retries" 1',
        outputs='["do" "word"]',
    ),
    bolt("b", "Obeys", outputs='["word"]')
    + bolt("sink", "Tells", '{"b" ["word"]}', rest=":p 2")
    + bolt("batches", "Counts", '{"b" :all}'),
)
RUNS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "work": {"work": {"b": "30ms", "sink": "7ms"}},
    "faults": {
        "rules": [
            faults.Nth(faults.Duplicate(), "sink", 1),
            faults.Nth(faults.Delay(500), "sink", 2),
            faults.Nth(faults.Drop(), "batches", 1),
            faults.Nth(faults.Fail(), "batches", 3),
        ],
        "orders": [faults.CrashOrder("b", nth=4)],
        "on_crash": "restart",
    },
}
KEYS = {
    "M": {"name", "pid", "tid", "args"},
    "X": {"name", "pid", "tid", "ts", "dur", "args"},
    "C": {"name", "pid", "tid", "ts", "args"},
    "i": {"name", "pid", "tid", "ts", "s"},
    "s": {"name", "cat", "id", "pid", "tid", "ts"},
    "f": {"name", "cat", "id", "pid", "tid", "ts", "bp"},
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_keeps_every_rule_of_the_trace_event_format(name: str) -> None:
    """Slices of a thread nest, arrows begin and end in a slice, and each has one begin before its end."""
    collector = Collector()
    conf = {"topology.tick.tuple.freq.secs": 1, "topology.message.timeout.secs": 20}
    source = source_of(SEVERAL, seconds=50, conf=conf, collector=collector, **RUNS[name])
    found = records(source.events, collector.trace.head)
    assert {each["ph"] for each in found} == KEYS.keys()
    for each in found:
        assert each.keys() - {"args"} == ({*KEYS[each["ph"]]} | {"ph"}) - {"args"}, each
        assert (type(each["pid"]), type(each["tid"]), type(each["name"])) == (int, int, str), each
        assert each["ph"] == "M" or each["ts"] >= 0, each
        assert each["ph"] != "X" or each["dur"] > 0, each
        assert each["ph"] != "i" or each["s"] in ("g", "p", "t"), each
        assert each["ph"] != "C" or all(
            type(count) is int and count >= 0 for count in each["args"].values()
        ), each
    named = {(each["pid"], each["tid"]) for each in found if each["name"] == "thread_name"}
    assert {(each["pid"], each["tid"]) for each in found if each["ph"] != "M"} <= named

    slices: dict[int, list[tuple[int, int]]] = {}  # of each thread, in nanoseconds
    for each in found:
        if each["ph"] == "X":
            begin = round(each["ts"] * 1000)
            slices.setdefault(each["tid"], []).append((begin, begin + round(each["dur"] * 1000)))
    for own in slices.values():
        around: list[int] = []  # where those end that are open
        for begin, end in sorted(own, key=lambda each: (each[0], -each[1])):
            while around and around[-1] <= begin:
                around.pop()
            assert not around or end <= around[-1], (begin, end, around)
            around.append(end)

    begun: dict[tuple[str, str], float] = {}
    for each in found:
        if each["ph"] in "sf":
            at, arrow = round(each["ts"] * 1000), (each["cat"], each["id"])
            assert any(begin <= at < end for begin, end in slices[each["tid"]]), each
            if each["ph"] == "s":
                assert arrow not in begun, each
                begun[arrow] = each["ts"]
    for each in found:
        if each["ph"] == "f" and (each["cat"], each["id"]) in begun:
            assert begun[each["cat"], each["id"]] <= each["ts"], each


def test_slices_of_a_wave_end_where_the_next_begins_to_the_nanosecond() -> None:
    happened = [rooted(at, "dog", at, (4, str(at))) for at in range(6)]
    acks = [events.Ack(10, "count", 4, str(at)) for at in range(6)]
    found = [
        (round(ts * 1000), round(dur * 1000))
        for ts, dur, tid in of_kind("X", [*happened, *acks], "ts", "dur", "tid")
        if tid == 4
    ]
    assert [ts + dur for ts, dur in found] == [*(ts for ts, _ in found[1:]), 11_000_000]
