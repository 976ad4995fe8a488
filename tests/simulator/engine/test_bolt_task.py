"""Storm's half of the conversation with a bolt (scenarios S7 and S15 to S18 of docs/storm.md)."""

from __future__ import annotations

import pytest

from simulator.engine.faults import CrashOrder, HangOrder
from tests.support.table_top import bolt, one_bolt, run, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


# -- refusals


MISTAKES = [  # (what the bolt does, the finding, what Storm does)
    ("ack-twice", "ack of tuple 1, which it has settled already", "Acked a non-existent"),
    ("fail-after-ack", "fail of tuple 1, which it has settled already", "Failed a non-existent"),
    ("ack-unknown", "ack of tuple 123", "Acked a non-existent"),
    ("anchor-after-ack", "an emit anchored to tuple 1", "Anchored onto 1 after ack/fail"),
    (
        "undeclared",
        'an emit on stream "defualt", which "b" does not declare; did you mean "default"?',
        "Unknown stream ID: defualt",
    ),
    ("too-wide", "an emit of 3 values on stream", "Expected 1 fields but got 3 fields"),
    ("no-command", "a message without a command", "NullPointerException"),
    ("frobnicate", 'the unknown command "frobnicate"', "ignored silently"),
    ("metric", "a value for the metric 'm'", "Could not find metric by name[m]"),
    ("not-a-number", "NaN is not JSON", "unable to parse"),
    ("garbage", "bytes on stdout that are no message", "ClassCastException"),
    ("list-message", "a message that is no JSON object", "ClassCastException"),
    ("deep", "JSON nested too deeply", "unable to parse"),
    ("huge", "a message of more than", "runs out of memory"),
    ("regular-on-direct", "a regular emit on stream", "Cannot do regular emit to direct stream"),
]


@pytest.mark.parametrize(("order", "finding", "storm"), MISTAKES)
def test_a_broken_rule_is_named_with_what_storm_does(order: str, finding: str, storm: str) -> None:
    text = topology_text(
        spout(f'[["{order}"]]'),
        bolt("b", "Obeys", outputs='{"default" ["a"] "dir" (direct-stream ["a"])}')
        + bolt("sink", "Obeys", '{"b" :shuffle ["b" "dir"] :direct}'),
    )
    done = run_both(text)
    assert finding in done.finding
    assert storm in done.finding
    assert done.finding.startswith("b[3]: ")


# -- orders


def test_an_order_to_crash_at_an_ack_does_not_count_those_of_ticks() -> None:
    text = topology_text(
        spout('[["dog"] ["dog"]]'),
        bolt(
            "b",
            "TimedCounts",
            outputs='["w" "n"]',
            rest=':conf {"topology.tick.tuple.freq.secs" 1}',
        ),
    )
    order = CrashOrder("b", before="ack", nth=1)
    done = run(text, conf=T3, orders=[order], on_crash="ordered", seconds=5)
    assert [event["at"] for event in done.events("died", "b")] == [1500]


def test_a_hung_tuple_is_failed_by_timeout() -> None:
    order = HangOrder("b")
    done = run(one_bolt('[["ack-it"] ["ack-it"]]'), conf=T3, orders=[order])
    assert done.said("s")[2:] == ["acked 1", "failed 0"]
    assert done.report.warnings == [
        "1 tuples of s failed by timeout (3 s); held by b (1)",
    ]
