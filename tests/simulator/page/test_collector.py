"""What a run shows is kept for its page, and handed on to those who show it at once."""

from __future__ import annotations

import sys

from simulator import RUN_CONF, Trace, parse_topology, simulate
from simulator.engine import Head
from simulator.engine.faults import CrashOrder
from simulator.page import Collector, ErrorReport, graph_of
from simulator.page.collector import MOST_LOGS
from tests.support.pages import source_of
from tests.support.table_top import HERE, Heard, bolt, one_bolt, spout, topology_text

TELLS = topology_text(spout('[["a"] ["b"]]', cls="Rows"), bolt("b", "Tells"))


def test_a_run_is_the_same_whether_it_is_collected_or_not() -> None:
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    topology, plain = parse_topology(TELLS, options=conf), Trace(keep=True)
    heard, printed = Heard(), list[str]()
    collector = Collector(heard, heard.err, printed.append)
    simulate(topology, conf=conf, cwd=HERE, seconds=1.0, mode="inprocess", trace=plain)
    simulate(
        topology, conf=conf, cwd=HERE, seconds=1.0, mode="inprocess", trace=collector.trace,
        listener=collector, on_stderr=collector.stderr, on_delivery=collector.take,
    )  # fmt: skip
    source = collector.source("t", graph_of(topology, conf))
    head, *lines = "".join(printed).split("\n", 1)
    assert (collector.trace.sha256, lines) == (plain.sha256, [str(plain)])
    assert Head.is_line(head)
    assert [each.message for each in source.logs] == [message for *_, message in heard.logs]


def test_lines_and_tuples_have_their_virtual_time() -> None:
    source = source_of(TELLS, seconds=1.0)
    assert [(each.at_ms, each.component, each.message) for each in source.logs] == [
        (0, "s", "sent ['a'] to [3]"),
        (1, "b", "s[4] default ['a']"),
        (1, "s", "sent ['b'] to [3]"),
        (2, "b", "s[4] default ['b']"),
        (2, "s", "acked 0"),
        (3, "s", "acked 1"),
    ]
    assert source.taken == {"1": 1, "2": 2}
    assert source.waves[:3] == [(1, 1), (3, 2), (5, 3)]


def test_an_error_has_its_traceback_and_its_time() -> None:
    source = source_of(one_bolt('[["die"]]'), seconds=1.0)
    (error,) = source.errors
    assert error[:3] == ErrorReport(1, "b", 3, "")[:3]
    assert "Traceback" in error.text
    assert error.text.rstrip().endswith("ValueError: as told")


def test_a_death_as_ordered_is_no_error_of_the_component() -> None:
    orders = [CrashOrder("b")]
    source = source_of(TELLS, seconds=1.0, orders=orders, on_crash="restart")
    assert source.errors == []


def test_so_many_events_are_kept_and_a_note_says_how_many_were_not() -> None:
    source = source_of(TELLS, seconds=1.0, collector=Collector(most_events=4))
    assert (len(source.events), len(source.waves), source.notes) == (
        4,
        3,
        ["2 events after the first 4 were not kept."],
    )


def test_so_many_log_lines_are_kept_and_a_note_says_how_many_were_not() -> None:
    collector = Collector()
    for number in range(MOST_LOGS + 2):
        collector.log("b", 3, 2, str(number))
    collector.stderr("b", 3, "one more")
    topology = parse_topology(TELLS, options=RUN_CONF)
    source = collector.source("t", graph_of(topology, RUN_CONF))
    assert (len(source.logs), source.notes) == (
        MOST_LOGS,
        ["3 log lines after the first 20,000 were not kept."],
    )
