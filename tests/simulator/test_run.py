"""One call from a topology to a report."""

from __future__ import annotations

import os
import sys

import pytest

from simulator import (
    RUN_CONF,
    Feed,
    Mode,
    RunOptions,
    TopologyError,
    environment_of,
    parse_topology,
    ready,
    refuse_what_cannot_run,
    simulate,
)
from simulator.engine import Simulation
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
    report = run(SPOUT_ONLY, seconds=None).report
    assert (report.stopped, report.components["s"].acked) == ("idle", 2)


def test_when_time_is_up_what_is_on_its_way_is_carried_to_its_end() -> None:
    done = run_both(
        topology_text(spout("[" + '["ack-it"] ' * 50 + "]"), bolt("b", "Obeys")), seconds=0.01
    )
    report = done.report
    assert (report.stopped, report.virtual_ms, report.components["s"].acked) == ("time", 10, 10)


@pytest.mark.parametrize(("seconds", "enough", "asked", "ends_ms"), [
    (1.0, 300, [0, 101, 202, 303], 304),  # what is on its way then takes a millisecond
    (0.25, 300, [0, 101, 202, 251], 250),
    (0.05, 300, [0, 51], 50),
])  # fmt: skip
def test_a_run_ends_when_it_is_enough_and_at_its_time_at_the_latest(
    seconds: float, enough: int, asked: list[int], ends_ms: int
) -> None:
    seen: list[int] = []

    def is_enough(simulation: Simulation) -> bool:
        seen.append(simulation.now_ms)
        return simulation.now_ms >= enough

    text = topology_text(spout("[]", cls="Endless"), bolt("b", "Fussy"))
    done = run(text, seconds=seconds, is_enough=is_enough)
    assert (seen, done.report.virtual_ms, done.report.stopped) == (asked, ends_ms, "time")


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


# -- the environment of components

TELLS = topology_text(
    spout('[["x"]]'),
    '"b" (python-bolt-spec options {"s" :shuffle} "surroundings.Tells" ["import" "start" "colour" "number" "other"])',
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, {}),
        ({"topology.environment": None}, {}),
        ({"topology.environment": "A=1"}, {}),
        ({"topology.environment": {"A": "1", "B": 2, "C": None}}, {"A": "1", "B": "2"}),
    ],
)
def test_the_environment_of_a_topology_is_a_map_of_texts(
    found: dict[str, object], expected: dict[str, str]
) -> None:
    assert environment_of(found) == expected


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_components_have_the_environment_of_their_topology_and_the_caller_keeps_his(
    mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLOUR", "blue")
    monkeypatch.setenv("OTHER", "mine")
    monkeypatch.delenv("NUMBER", raising=False)
    monkeypatch.delitem(sys.modules, "surroundings", raising=False)
    conf = {"topology.environment": {"COLOUR": "red", "NUMBER": "7", "NONE": None}}
    assert run(TELLS, mode=mode, conf=conf).values("b") == [["red", "red", "red", "7", "mine"]]
    own = [os.environ.get(name) for name in ("COLOUR", "NUMBER", "OTHER")]
    assert own == ["blue", None, "mine"]


def test_each_tuple_that_a_bolt_is_handed_is_told_with_its_time() -> None:
    handed: list[tuple[int, str, list[object]]] = []
    run(
        topology_text(spout('[["a"] ["b"]]'), bolt("b", "Tells")),
        on_delivery=lambda delivery, now_ms: handed.append((now_ms, delivery.id, delivery.values)),
    )
    assert handed == [(1, "1", ["a"]), (2, "2", ["b"])]


def test_a_run_that_is_ready_is_driven_by_its_caller_and_ends_with_the_context() -> None:
    topology = parse_topology(
        topology_text(spout('[["a"] ["b"]]'), bolt("b", "Tells")), options=CONF
    )
    options = RunOptions(conf=CONF, cwd=HERE, mode="inprocess", turns=1)
    handed: list[tuple[str, int]] = []
    heard = Heard()
    with ready(
        topology,
        options,
        listener=heard,
        on_delivery=lambda delivery, now_ms: handed.append((delivery.text, now_ms)),
    ) as run:
        assert (run.until_ms, run.stop_when_idle, run.simulation.open()) == (10_000, True, True)
        while run.simulation.advance(run.until_ms, stop_when_idle=run.stop_when_idle) is None:
            pass
    assert handed == [('["a"]', 1), ('["b"]', 2)]
    assert run.simulation.trace.sha256 == simulate(topology, options).trace_sha256
