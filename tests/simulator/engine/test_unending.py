"""What keeps a run without a limit going is told, once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator import RUN_CONF, parse_topology, simulate
from simulator.engine.faults import Drop, Nth
from tests.support.table_top import HERE, Heard, bolt, one_bolt, run, run_both, spout, topology_text

TICKS = ':conf {"topology.tick.tuple.freq.secs" 1}'
NO_TIMEOUTS = {"topology.enable.message.timeouts": False, "topology.message.timeout.secs": 2}


@dataclass
class EndsTheRun:
    """Notes what is told, and presses Ctrl-C."""

    told: list[tuple[int, Sequence[str]]] = field(default_factory=list)

    def __call__(self, now_ms: int, reasons: Sequence[str]) -> None:
        self.told.append((now_ms, reasons))
        raise KeyboardInterrupt


def told(
    text: str, conf: Mapping[str, object] | None = None, **options: Any
) -> list[tuple[int, Sequence[str]]]:
    """What is told in a run without a limit, in both modes."""
    ends = EndsTheRun()
    endless: dict[str, Any] = {"seconds": None, "on_unending": ends, "conf": conf, **options}
    report = run_both(text, **endless).report
    assert (report.stopped, report.failures) == ("interrupted", [])
    first, second = ends.told
    assert first == second
    return [first]


@pytest.mark.parametrize(
    ("text", "conf", "expected"),
    [
        pytest.param(
            one_bolt('[["drop"]]', rest=TICKS), None,
            (121_000, ["b holds a tuple that it has neither acked nor failed for more than 120 s, "
                       "and is ticked every 1 s"]),
            id="a tuple",
        ),
        pytest.param(
            one_bolt('[["drop"] ["ack-it"] ["drop"]]', rest=f"{TICKS} :p 2"), {"topology.message.timeout.secs": 5},
            (11_000, ["b holds 2 tuples that it has neither acked nor failed, the oldest for more than 10 s, "
                      "and is ticked every 1 s"]),
            id="tuples of two tasks, by the message timeout",
        ),
        pytest.param(
            one_bolt('[["drop"]]', rest=':conf {"topology.tick.tuple.freq.secs" 100}'), None,
            (360_000, ["b holds a tuple that it has neither acked nor failed for more than 300 s, "
                       "and is ticked every 100 s"]),
            id="not before three ticks",
        ),
        pytest.param(
            topology_text(
                spout('[["x"]]'),
                bolt("b", "Pass", '{"s" :shuffle "c" :shuffle}', '["a"]')
                + bolt("c", "Pass", '{"b" :shuffle}', '["a"]'),
            ), {"topology.message.timeout.secs": 1},
            (3_000, ["no spout has emitted for 2 s, and tuples go round in the loop b -> c -> b"]),
            id="a loop",
        ),
    ],
)  # fmt: skip
def test_what_keeps_a_run_going_is_told(
    text: str, conf: Mapping[str, object] | None, expected: tuple[int, Sequence[str]]
) -> None:
    assert told(text, conf) == [expected]


def test_a_lost_tuple_that_never_times_out_is_told() -> None:
    text = topology_text(spout('[["x"]]'), bolt("b", "Pass", outputs='["a"]', rest=TICKS))
    assert told(text, NO_TIMEOUTS, rules=[Nth(Drop(), "b", nth=None)]) == [
        (4_000, ["s waits for a tuple for more than 4 s; nobody holds it, and message timeouts are off"])
    ]  # fmt: skip


def test_a_run_that_ends_by_itself_or_by_its_limit_tells_nothing() -> None:
    ends = EndsTheRun()
    stopped = [
        run(one_bolt('[["ack-it"]]', rest=TICKS), seconds=None, on_unending=ends),
        run(one_bolt('[["drop"]]', rest=TICKS), seconds=500.0, on_unending=ends),
    ]
    assert ([done.report.stopped for done in stopped], ends.told) == (["idle", "time"], [])


class EndsLater(Heard):
    """Presses Ctrl-C after ten virtual minutes."""

    def progress(self, now_ms: int) -> None:
        if now_ms > 600_000:
            raise KeyboardInterrupt


def test_it_is_told_once_and_the_run_goes_on() -> None:
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    told: list[int] = []
    report = simulate(
        parse_topology(one_bolt('[["drop"]]', rest=TICKS), options=conf),
        conf=conf,
        cwd=HERE,
        mode="inprocess",
        seconds=None,
        listener=EndsLater(),
        on_unending=lambda now_ms, _reasons: told.append(now_ms),
    )
    assert (report.stopped, report.virtual_ms, told) == ("interrupted", 600_001, [121_000])
