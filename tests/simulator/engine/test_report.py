"""The report of a run: its counts add up, whenever the run ends."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from simulator import RUN_CONF, parse_topology, simulate
from simulator.engine.events import Event
from simulator.engine.trace import Trace
from tests.support.table_top import HERE, bolt, one_bolt, run, spout, topology_text


class Interrupted(Trace):
    """Ctrl-C, while the n-th effect is being routed."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.left = nth
        self._append, self.add = self.add, self._count

    def _count(self, event: Event) -> None:
        self._append(event)
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("turns", [1, 100])
def test_whenever_a_run_is_interrupted_every_tuple_of_a_spout_is_in_one_column(turns: int) -> None:
    text = topology_text(
        spout("[]", cls="Endless"), bolt("b", "Pass", outputs='["a"]') + bolt("c", "Fussy")
    )
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    for nth in range(1, 80):
        report = simulate(
            parse_topology(text, options=conf),
            conf=conf,
            cwd=HERE,
            mode="inprocess",
            trace=Interrupted(nth),
            turns=turns,
        )
        row = report.components["s"]
        assert report.stopped == "interrupted"
        assert sum(row.emitted.values()) == row.acked + row.failed + row.pending > 0, nth


def test_a_report_as_json_has_the_counts_of_each_component_and_the_last_outputs() -> None:
    text = topology_text(
        spout('[["dog"] ["bad"] ["cat"]]'),
        bolt("b", "Pass", outputs='["w"]') + bolt("c", "Tells", '{"s" :all}'),
    )
    done = run(text, conf={"topology.acker.executors": 1})
    assert done.report.as_dict() == {
        "topology": "t",
        "storm": "2.8.3",
        "seed": 0,
        "virtual_ms": done.report.virtual_ms,
        "stopped": "idle",
        "components": {
            "s": {
                "type": "spout", "tasks": [4], "emitted": {"default": 3}, "acked": 3, "failed": 0, "pending": 0,
                "complete_ms": {"mean": 2.0, "max": 2},
            },
            "b": {
                "type": "bolt", "tasks": [2], "emitted": {"default": 3}, "acked": 3, "failed": 0, "executed": 3,
            },
            "c": {"type": "bolt", "tasks": [3], "emitted": {}, "acked": 3, "failed": 0, "executed": 3},
        },
        "outputs": {"b": {"default": [["dog"], ["bad"], ["cat"]]}},
        "trace_sha256": done.report.trace_sha256,
        "warnings": [],
        "errors": [],
    }  # fmt: skip


def test_a_failure_as_json_has_what_is_known_of_it_and_no_more() -> None:
    done = run(one_bolt('[["ack-twice"]]'))
    place = done.report.failures[0].place
    assert re.fullmatch(r".*parts\.py:\d+", place)
    assert done.report.as_dict()["errors"] == [
        {
            "place": place,
            "component": "b",
            "task": 3,
            "finding": "ack of tuple 1, which it has settled already or never had",
            "storm": "the worker dies: Acked a non-existent or already acked/failed id: 1",
        }
    ]


def test_restarts_are_in_the_report_of_the_component_that_died() -> None:
    done = run(one_bolt('[["die"]]'), on_crash="restart", seconds=1)
    shown = {name: each.as_dict().get("restarts") for name, each in done.report.components.items()}
    assert shown == {"s": None, "b": 1}


def test_a_run_that_settles_past_its_end_is_reported_as_long_as_it_was_asked_for() -> None:
    done = run(one_bolt("[" + '["ack-it"] ' * 50 + "]"), seconds=0.02)
    report = done.report
    assert (report.virtual_ms, report.stopped) == (20, "time")
    assert (report.components["s"].emitted, report.components["s"].pending) == ({"default": 20}, 0)


UNACKED = (
    "b acked none of its 1 tuples: Storm would time them out, and remember each until it is acked"
)

WARNINGS: list[tuple[str, dict[str, Any], list[str]]] = [
    (one_bolt('[["ack-it"]]'), {}, []),
    (one_bolt('[["drop"]]'), {"seconds": 1}, [UNACKED]),
    (
        one_bolt('[["ack-it"] ["drop"] ["drop"]]'),
        {"seconds": 1},
        ["b holds 2 tuples that it has neither acked nor failed, and has no tick or timer to do it at; their roots "
         "time out after 60 s"],
    ),
    (one_bolt('[["drop"]]'), {"seconds": 1, "conf": {"topology.acker.executors": 0}}, []),
    (
        one_bolt('[["drop"]]'),
        {"conf": {"topology.message.timeout.secs": 3}},
        ["1 tuples of s failed by timeout (3 s); held by b (1)", UNACKED],
    ),
    (  # the first is done, the second was cut off at the end, and what waits is held by nobody
        one_bolt("[" + '["ack-it"] ' * 8 + "]"),
        {"seconds": 4.5, "work": {"b": "2s"}, "conf": {"topology.message.timeout.secs": 2}},
        ["7 tuples of s failed by timeout (2 s); in service at b (1); waiting in front of b (5)"],
    ),
    (  # it acks when its work is done
        one_bolt('[["ack-it"]]'),
        {"seconds": 1, "work": {"b": "2s"}},
        [
            "b has not ended its first tuple: that takes 2 s of work, and 1 s have passed; give it less, or the run "
            "more time"
        ],
    ),
    (
        one_bolt('[["ack-it"]]'),
        {"seconds": 1, "work": {"b.initialize": "5s"}},
        [
            "b has not ended its initialize: that takes until 5 s, and 1 s have passed; give it less work, or the run "
            "more time"
        ],
    ),
    (
        one_bolt('[["ack-it"]]'),
        {"seconds": 1, "work": {"s": "1h"}},
        [
            "s has not ended its first next_tuple: that takes until 3600 s, and 1 s have passed; give it less work, or "
            "the run more time"
        ],
    ),
    (  # it may still ack at its next tick
        one_bolt('[["drop"]]', rest=':conf {"topology.tick.tuple.freq.secs" 90}'),
        {"seconds": 1},
        [],
    ),
    (
        topology_text(
            spout('[["x"]]'),
            bolt("b", "Pass", '{"s" :all "c" :all}', '["a"]') + bolt("c", "Tells", '{"b" :all}', '["a"]'),
        ),
        {},
        ["loop: b -> c -> b; Storm allows it, and so the run may never be idle"],
    ),
    (
        topology_text(spout('[["x"]]', '"ids" [nil]'), bolt("b", "Tells")),
        {"expecting": ["s"]},
        [
            "s emits without message ids, so Storm tracks none of its tuples and never calls its ack and fail; "
            "give emit a tup_id"
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "warnings"), WARNINGS)
def test_what_is_worth_a_warning(text: str, options: dict[str, Any], warnings: list[str]) -> None:
    if "acker" in str(options):
        text = text.replace('"rows"', '"need_task_ids" false "rows"')
    assert run(text, **options).report.warnings == warnings
