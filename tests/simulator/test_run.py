"""One call from a topology to a report."""

from __future__ import annotations

import sys

import pytest

from simulator import (
    RUN_CONF,
    Feed,
    RunOptions,
    TopologyError,
    parse_topology,
    refuse_what_cannot_run,
    simulate,
)
from tests.support.table_top import HERE, Heard, bolt, run, run_both, spout, topology_text

CONF = {**RUN_CONF, "topology.python.path": sys.executable}


def test_a_custom_grouping_is_refused_unless_a_function_stands_in_for_it() -> None:
    text = topology_text(
        spout('[["a"] ["bb"] ["ccc"]]'),
        bolt("b", "Tells", '{"s" (my.ByLength. "x")}', rest=":p 2"),
    )
    with pytest.raises(TopologyError, match=r"custom grouping my\.ByLength is"):
        run(text)
    custom = {"my.ByLength": lambda values, tasks: [tasks[len(values[0]) % 2]]}
    done = run_both(text, custom=custom)
    assert [said.split(" to ")[1] for said in done.said("s") if " to " in said] == [
        "[4]",
        "[3]",
        "[4]",
    ]


# -- how a run ends

SPOUT_ONLY = topology_text(spout('[["ack-it"] ["ack-it"]]'), bolt("b", "Obeys"))


def test_a_run_without_a_limit_ends_when_nothing_is_left_to_do() -> None:
    report = run(SPOUT_ONLY, seconds=None).report  # type: ignore[arg-type]  # that is what is tested
    assert (report.stopped, report.components["s"].acked) == ("idle", 2)


def test_when_time_is_up_what_is_on_its_way_is_carried_to_its_end() -> None:
    done = run_both(
        topology_text(spout("[" + '["ack-it"] ' * 50 + "]"), bolt("b", "Obeys")), seconds=0.01
    )
    report = done.report
    assert (report.stopped, report.virtual_ms, report.components["s"].acked) == ("time", 10, 10)


def test_a_component_that_cannot_start_ends_the_run_before_it_begins() -> None:
    report = run_both(topology_text(spout("[]"), bolt("b", "Unready"))).report
    assert (report.stopped, report.virtual_ms, [each.component for each in report.failures]) == (
        "error", 0, ["b"],
    )  # fmt: skip


class Interrupts(Heard):
    """Presses Ctrl-C at the first progress."""

    def progress(self, now_ms: int) -> None:
        raise KeyboardInterrupt


def test_an_interrupt_is_in_the_report() -> None:
    topology = parse_topology(SPOUT_ONLY, options=CONF)
    report = simulate(topology, conf=CONF, cwd=HERE, mode="inprocess", listener=Interrupts())
    assert report.stopped == "interrupted"


def test_options_may_be_a_value_and_some_of_them_changed_by_name() -> None:
    topology = parse_topology(SPOUT_ONLY, options=CONF)
    options = RunOptions(conf=CONF, cwd=HERE, mode="inprocess", seed=1)
    reports = [simulate(topology, options), simulate(topology, options, seed=2)]
    assert [each.seed for each in reports] == [1, 2]
    with pytest.raises(TypeError, match="no_such_option"):
        simulate(topology, options, no_such_option=1)


# -- what cannot run here

JVM_TEXT = topology_text(
    '"java" (spout-spec (my.Spout.))',
    '"other" (bolt-spec {"java" :shuffle} (my.Bolt.)) "b" (python-bolt-spec options {"java" :all} "parts.Tells" [])',
)


def test_a_component_that_needs_a_jvm_is_refused_with_what_stands_in_for_it() -> None:
    with pytest.raises(TopologyError) as refused:
        simulate(parse_topology(JVM_TEXT, options=CONF))
    spout_line, bolt_line = str(refused.value).splitlines()
    assert (
        'component "java": my.Spout needs a JVM, and there is none in a simulation; ' in spout_line
    )
    assert "--stub java=rows.jsonl, or --stub 'java=package.module.Class[field,...]'" in spout_line
    assert 'component "other": my.Bolt needs a JVM' in bolt_line
    assert "rows.jsonl" not in bolt_line


def test_a_feed_stands_in_for_a_spout_that_needs_a_jvm() -> None:
    topology = parse_topology(JVM_TEXT, options=CONF)
    with pytest.raises(TopologyError) as refused:
        refuse_what_cannot_run(topology, RunOptions(feeds={"java": Feed([["x"]])}))
    assert [problem.component for problem in refused.value.problems] == ["other"]
