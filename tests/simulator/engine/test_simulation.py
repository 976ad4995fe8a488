"""What Storm does with a topology's tuples. Every scenario runs over both transports, which must agree.

The numbers S1 to S25 are those of the conformance scenarios in docs/storm.md.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from simulator import RUN_CONF, simulate
from simulator.clj.file import parse_topology
from simulator.engine.events import Event
from simulator.engine.faults import CrashOrder, HangOrder
from simulator.engine.trace import Trace
from simulator.model.problems import TopologyError
from tests.support.table_top import HERE, Run, run, run_both, topology_text

T3 = {"topology.message.timeout.secs": 3}


def spout(rows: str, conf: str = "", outputs: str = '["a"]', cls: str = "Rows", **kw: Any) -> str:
    extra = " ".join(f":{key} {value}" for key, value in kw.items())
    settings = f':conf {{"rows" {rows} {conf}}}'
    return f'"s" (python-spout-spec options "parts.{cls}" {outputs} {settings} {extra})'


def bolt(
    name: str, cls: str, inputs: str = '{"s" :shuffle}', outputs: str = "[]", rest: str = ""
) -> str:
    return f'"{name}" (python-bolt-spec options {inputs} "parts.{cls}" {outputs} {rest})'


def one_bolt(rows: str, cls: str = "Obeys", outputs: str = "[]", rest: str = "") -> str:
    return topology_text(spout(rows), bolt("b", cls, outputs=outputs, rest=rest))


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


# -- trees (S5, S6)

TREES = [  # (value for the middle bolt, what the sink does, what the spout hears, when)
    ("ack-it", "ack-it", ["acked 0"]),
    ("fail-it", "ack-it", ["failed 0"]),
    ("drop", "ack-it", ["failed 0"]),
    ("pass-on", "ack-it", ["acked 0"]),
    ("pass-on", "fail-it", ["failed 0"]),
    ("pass-on", "drop", ["failed 0"]),
    ("pass-unanchored", "drop", ["acked 0"]),
    ("pass-unanchored", "fail-it", ["acked 0"]),
    ("pass-to-two", "ack-it", ["acked 0"]),
    ("pass-to-two", "fail-it", ["failed 0"]),
]


@pytest.mark.parametrize(("middle", "sink", "heard"), TREES)
def test_a_spout_hears_what_became_of_the_whole_tree(
    middle: str, sink: str, heard: list[str]
) -> None:
    text = topology_text(
        spout(f'[["{middle}" "{sink}"]]', outputs='["a" "b"]'),
        bolt("mid", "Obeys", outputs='{"default" ["a"] "two" ["a"]}')
        + bolt("sink", "Obeys", '{"mid" :shuffle ["mid" "two"] :all}', rest=":p 2"),
    )
    done = run_both(text, conf=T3)
    assert done.said("s")[1:] == heard


def test_two_copies_fail_their_root_once() -> None:
    text = topology_text(
        spout('[["fail-it"]]'), bolt("b", "Obeys", inputs='{"s" :all}', rest=":p 2")
    )
    done = run_both(text)
    assert done.said("s") == ["sent ['fail-it'] to [3, 4]", "failed 0"]


@pytest.mark.parametrize(
    ("sink", "heard"), [("fail-it", ["failed 0", "failed 1"]), ("ack-it", ["acked 0", "acked 1"])]
)
def test_a_tuple_with_two_anchors_decides_both_roots(sink: str, heard: list[str]) -> None:
    text = topology_text(
        spout(f'[["keep" "x"] ["join" "{sink}"]]', outputs='["a" "b"]'),
        bolt("mid", "Obeys", outputs='["a"]') + bolt("sink", "Obeys", '{"mid" :shuffle}'),
    )
    assert sorted(run_both(text).said("s")[2:]) == heard


def test_a_failed_row_can_be_emitted_again() -> None:
    text = topology_text(spout('[["fail-it"]]', '"retries" 2'), bolt("b", "Obeys"))
    assert run_both(text).said("s")[1::2] == ["failed 0"] * 3


# -- replies (S3, S4)


def test_replies_name_the_tasks_of_all_subscribers_in_storms_order() -> None:
    text = topology_text(
        spout("[[1]]"),
        bolt("z", "Tells")
        + bolt("alert-bolt", "Tells", '{"s" :all}', rest=":p 2")
        + bolt("count-bolt", "Tells", '{"s" :global}', rest=":p 2")
        + bolt("log-bolt", "Tells", '{"s" :none}'),
    )
    done = run_both(text, conf={"topology.acker.executors": 1})
    assert done.said("s")[0] == "sent [1] to [6, 4, 8, 2, 3]"


def test_fields_go_where_java_hashes_them() -> None:
    rows = '[["the"] ["dog"] [""] [-1] [1.5] [nil] [true] ["apple"]]'
    text = topology_text(
        spout(rows, outputs='{"default" ["word"] "other" ["x"]}'),
        bolt("count-bolt", "Tells", '{"s" ["word"]}', rest=":p 2") + bolt("Alert-bolt", "Tells"),
    )
    said = [message for message in run_both(text).said("s") if message.startswith("sent")]
    assert [message.split(" to ")[1] for message in said] == [
        "[4, 1]", "[5, 1]", "[5, 1]", "[4, 1]", "[5, 1]", "[5, 1]", "[4, 1]", "[5, 1]",
    ]  # fmt: skip


def test_older_storms_hash_small_negative_integers_otherwise() -> None:
    text = topology_text(spout("[[-1]]"), bolt("b", "Tells", '{"s" ["a"]}', rest=":p 2"))
    assert [
        run_both(text, storm=version).said("s")[0] for version in ("2.5.0", "2.8.3", "0.9.5")
    ] == ["sent [-1] to [4]", "sent [-1] to [3]", "sent [-1] to [4]"]


# -- what is said and told stays as it was


def test_a_message_may_be_written_in_pieces_and_what_is_said_in_between_is_part_of_it() -> None:
    done = run_both(one_bolt('[["in-pieces"]]'))
    assert done.said("b") == ["piece by piece"]
    assert '{"command": "log", "msg": {"command": "ack", "id": "1"}' in done.finding


def test_a_tuple_is_what_it_was_when_it_was_emitted() -> None:
    text = topology_text(
        spout('[["change-what-was-emitted"]]'),
        bolt("b", "Obeys", outputs='["a" "b"]') + bolt("c", "Tells", '{"b" :shuffle}'),
    )
    done = run_both(text)
    assert done.values("b") == [["as", 1], ["as", "was"]]
    assert [said.split("default ")[1] for said in done.said("c")] == ["['as', 1]", "['as', 'was']"]


def test_a_lone_surrogate_is_a_question_mark_to_the_next_bolt() -> None:
    text = topology_text(
        spout('[["surrogate"]]'),
        bolt("b", "Obeys", outputs='["a"]') + bolt("c", "Tells", '{"b" :shuffle}'),
    )
    assert run_both(text).said("c") == ["b[3] default ['?x']"]


def test_a_bolt_may_put_a_stream_of_its_own_in_place_of_its_output() -> None:
    assert run_both(one_bolt('[["count-what-is-said"]]')).said("b") == ["1"]


def test_a_custom_grouping_changes_no_tuple() -> None:
    def choose(values: Any, tasks: Sequence[int]) -> Sequence[int]:
        values[:] = ["ack-it", "changed"]
        return tasks

    text = topology_text(
        spout('[["ack-it" "as it was"]]', outputs='["a" "b"]'),
        bolt("b", "Tells", '{"s" (my.Ends. "x")}'),
    )
    done = run_both(text, custom={"my.Ends": choose})
    assert done.said("b") == ["s[4] default ['ack-it', 'as it was']"]


def test_a_tuple_is_each_tasks_own() -> None:
    text = topology_text(
        spout('[["change-what-was-taken" "as it was"]]', outputs='["a" "b"]'),
        bolt("b", "Obeys", '{"s" :all}', rest=":p 3"),
    )
    assert run_both(text).said("b") == ["['change-what-was-taken', 'changed']"] * 3
    assert run_both(text).values("s") == [["change-what-was-taken", "as it was"]]


# -- time (S8, S9, S13)


@pytest.mark.parametrize(("emitted_s", "failed_s"), [(0.4, 6), (2.9, 6), (3.1, 9)])
def test_a_tuple_expires_at_the_second_rotation_after_its_emit(
    emitted_s: float, failed_s: int
) -> None:
    # A turn of the spout takes a millisecond: rows before ours put off its emit.
    wait = round(emitted_s * 1000)
    rows = "[" + '["ack-it"] ' * wait + '["drop"]]'
    text = topology_text(spout(rows), bolt("b", "Obeys"))
    done = run(text, conf=T3)
    (failed,) = done.events("failed", "s")
    assert (failed["id"], failed["at"], failed["reason"]) == (wait, failed_s * 1000, "timeout")
    assert done.events("emit", "s")[wait]["at"] == wait


def test_before_2_0_two_tasks_in_one_executor_rotate_twice() -> None:
    text = topology_text(
        '"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {"topology.tasks" 2 "rows" [["drop"]]})',
        bolt("b", "Obeys"),
    )
    at = [
        {event["at"] for event in run_both(text, conf=T3, storm=version).events("failed", "s")}
        for version in ("1.2.4", "2.8.3")
    ]
    assert at == [{3000}, {6000}]


def test_max_spout_pending_holds_an_executor_back_until_its_tuples_expire() -> None:
    rows = "[" + '["drop"] ' * 4 + "]"
    text = topology_text(
        f'"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {{"topology.tasks" 2 "rows" {rows}}})',
        bolt("b", "Obeys"),
    )
    done = run_both(text, conf={**T3, "topology.max.spout.pending": 2}, seconds=7)
    at = [(event["task"], event["at"] // 1000) for event in done.events("emit", "s")]
    assert at == [(4, 0), (5, 0), (4, 0), (5, 0), (4, 6), (5, 6), (4, 6), (5, 6)]
    assert [event["at"] for event in done.events("failed", "s")] == [6000] * 4


def test_ticks_reach_every_task_of_a_bolt_and_no_spout() -> None:
    text = topology_text(
        spout('[["drop"]]'),
        bolt("fast", "Tells", rest=':p 1 :conf {"topology.tasks" 2}')
        + bolt("never", "Obeys", rest=':conf {"topology.tick.tuple.freq.secs" nil}')
        + bolt("slow", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 2}'),
    )
    done = run_both(text, conf={"topology.tick.tuple.freq.secs": 1}, seconds=4)
    ticks = [(event["component"], event["task"], event["at"]) for event in done.named("tick")]
    fast = [("fast", task, at) for at in (1000, 2000, 3000, 4000) for task in (3, 4)]
    assert sorted(ticks) == sorted([*fast, ("slow", 7, 2000), ("slow", 7, 4000)])
    assert done.said("slow")[1:] == ["__system[-1] __tick [2]"] * 2


@pytest.mark.parametrize(
    ("storm", "value", "times"),
    [("2.8.3", '"2"', [2000, 4000]), ("1.2.4", "1.5", [1500, 3000, 4500]), ("1.2.4", "false", [])],
)
def test_ticks_come_as_often_as_that_storm_reads_it(
    storm: str, value: str, times: list[int]
) -> None:
    text = one_bolt('[["drop"]]', rest=f':conf {{"topology.tick.tuple.freq.secs" {value}}}')
    done = run_both(text, storm=storm, seconds=5)
    assert [event["at"] for event in done.events("tick", "b")] == times


def test_a_tick_that_kills_the_worker_is_refused_before_anything_runs() -> None:
    text = one_bolt('[["drop"]]', rest=':conf {"topology.tick.tuple.freq.secs" "soon"}')
    with pytest.raises(TopologyError) as caught:
        run(text)
    assert str(caught.value) == (
        '<string>:2:171: component "b": :conf "topology.tick.tuple.freq.secs" is "soon" (Storm: 2.8.3 accepts it, '
        'and the worker dies: For input string: "soon"); a whole number of seconds would do'
    )
    whole = {"topology.tick.tuple.freq.secs": 1.0}
    with pytest.raises(
        TopologyError, match=r'^<string>: option "topology\.tick\.tuple\.freq\.secs" is 1\.0 '
    ):
        run(one_bolt('[["drop"]]'), conf=whole)


def test_the_run_is_not_idle_before_a_ticking_bolt_has_been_ticked_on_its_last_tuple() -> None:
    text = topology_text(
        spout("[[1] [2]]"), bolt("b", "Tells", rest=':conf {"topology.tick.tuple.freq.secs" 2}')
    )
    done = run_both(text)
    assert (done.said("b")[2:], done.report.stopped) == (["__system[-1] __tick [2]"], "idle")


def test_a_batch_waits_for_its_second_tick() -> None:
    text = one_bolt(
        '[["dog"] ["cat"] ["dog"]]',
        "Counts",
        '["w" "n"]',
        ':conf {"topology.tick.tuple.freq.secs" 2}',
    )
    done = run_both(text)
    assert [(event["at"], event["values"]) for event in done.events("emit", "b")] == [
        (4000, ["dog", 2]),
        (4000, ["cat", 1]),
    ]
    assert done.said("s")[3:] == ["acked 0", "acked 2", "acked 1"]
    assert done.report.stopped == "idle"


def test_a_tickless_bolt_follows_the_virtual_clock() -> None:
    done = run_both(one_bolt('[["dog"] ["dog"]]', "TimedCounts", '["w" "n"]'))
    assert [(event["at"], event["values"]) for event in done.events("emit", "b")] == [
        (1500, ["dog", 2])
    ]
    assert done.report.stopped == "idle"


def test_a_silent_spout_is_asked_again_and_the_run_ends_when_nothing_is_left() -> None:
    done = run_both(topology_text(spout("[]", cls="Lively"), bolt("b", "Tells")))
    assert (done.said("s"), done.report.stopped) == (["activate", "next", "next", "next"], "idle")


def test_before_1_1_no_spout_is_activated() -> None:
    text = topology_text(spout("[]", cls="Lively"), bolt("b", "Tells"))
    assert run_both(text, storm="1.0.6").said("s") == ["next"] * 3


# -- ids, ackers (S10, S11, S12)


def test_any_json_value_but_null_is_a_message_id() -> None:
    ids = '"ids" [false "" 0 1.5 [1 "x"] {"n" 1 "a" 2} nil]'
    text = topology_text(spout("[" + '["ack-it"] ' * 7 + "]", ids), bolt("b", "Obeys"))
    acked = [said for said in run_both(text).said("s") if said.startswith("acked")]
    assert acked == [
        "acked False", "acked ''", "acked 0", "acked 1.5", "acked [1, 'x']", "acked {'a': 2, 'n': 1}",
    ]  # fmt: skip


def test_before_2_0_false_is_no_message_id() -> None:
    text = topology_text(spout('[["ack-it"]]', '"ids" [false]'), bolt("b", "Obeys"))
    assert run_both(text, storm="1.2.4").said("s") == ["sent ['ack-it'] to [3]"]


def test_without_ackers_an_emit_that_waits_for_ids_hangs_on_storm_and_is_named_here() -> None:
    done = run_both(one_bolt('[["drop"]]'), conf={"topology.acker.executors": 0})
    assert (
        "s[2]: a reliable emit (id 0) that waits for task ids where nothing tracks it"
        in done.finding
    )


def test_without_ackers_every_reliable_emit_is_acked_at_once() -> None:
    text = topology_text(spout('[["drop"] ["drop"]]', '"need_task_ids" false'), bolt("b", "Obeys"))
    done = run_both(text, conf={"topology.acker.executors": 0})
    assert done.said("s") == [
        "sent ['drop'] to None", "acked 0", "sent ['drop'] to None", "acked 1",
    ]  # fmt: skip
    assert done.report.components["b"].tasks == (1,)


@pytest.mark.parametrize("storm", ["0.9.5", "2.8.3"])
def test_a_reliable_emit_to_nobody_is_acked(storm: str) -> None:
    text = topology_text(
        spout('[["x"]]', '"stream" "other"', '{"default" ["a"] "other" ["a"]}'), bolt("b", "Obeys")
    )
    assert run_both(text, storm=storm).said("s") == ["sent ['x'] to []", "acked 0"]


# -- what a component may not say (S7, S15 to S18)

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


def test_a_spout_may_say_only_what_spouts_say() -> None:
    done = run_both(topology_text(spout("[]", cls="Unasked"), bolt("b", "Tells")))
    assert 's[4]: the command "bogus" from a spout; Storm: the worker dies' in done.finding


def test_leniently_an_old_storm_drops_what_is_emitted_on_an_undeclared_stream() -> None:
    text = one_bolt('[["undeclared"]]')
    assert run_both(text, storm="0.9.5", strict=False, conf=T3).said("s")[1:] == ["failed 0"]
    assert "dropped silently" in run_both(text, storm="0.9.5").finding


def test_a_direct_emit_reaches_the_task_it_names_up_to_2_5_and_kills_its_worker_after() -> None:
    text = topology_text(
        spout('[["direct" 4 "x"]]', outputs='["a" "b" "c"]'),
        bolt("b", "Obeys", outputs='{"dir" (direct-stream ["x"])}')
        + bolt("c", "Tells", '{["b" "dir"] :direct}', rest=":p 2"),
    )
    done = run_both(text, storm="2.5.0")
    assert (done.said("c"), done.said("s")[1:]) == (["b[3] dir ['x']"], ["acked 0"])
    assert "from Storm 2.6 on" in run_both(text, storm="2.6.0").finding


def test_a_direct_emit_to_a_task_that_does_not_listen_is_named() -> None:
    text = topology_text(
        spout('[["direct" 5 "x"]]', outputs='["a" "b" "c"]'),
        bolt("b", "Obeys", outputs='{"dir" (direct-stream ["x"])}')
        + bolt("c", "Tells", '{["b" "dir"] :direct}'),
    )
    assert "task 5, which does not listen to stream" in run_both(text, storm="0.10.2").finding


# -- error, log (S19)


def test_an_error_is_reported_and_the_component_goes_on() -> None:
    done = run_both(one_bolt('[["error"] ["ack-it"]]'))
    assert done.said("s")[2:] == ["acked 0", "acked 1"]
    assert [event["message"] for event in done.events("error", "b")] == ["boom"]


def test_log_levels_are_storms_and_anything_else_is_info() -> None:
    done = run_both(one_bolt('[["levels"]]'))
    assert [(level, message) for name, _, level, message in done.logs if name == "b"] == [
        (0, "at 0"), (1, "at 1"), (2, "at 2"), (3, "at 3"), (4, "at 4"), (2, "at 5"), (2, "at x"), (2, "at None"),
    ]  # fmt: skip


# -- death (S22)


def test_an_exception_stops_the_run_and_says_which_tuple_did_it() -> None:
    done = run_both(one_bolt('[["ack-it"] ["die"]]'))
    assert done.finding == "b[3]: ended with exit status 1; it held tuple 2 '[\"die\"]' from s[4]"
    assert "ValueError: as told" in done.report.failures[0].error
    assert done.events("died", "b")[0]["reason"] == "ValueError: as told"


def test_the_tuple_a_dying_bolt_fails_is_the_one_that_did_it() -> None:
    rows = '[["dog"] ["bad"] ["cat"]]'
    done = run_both(one_bolt(rows, "Fussy"), turns=10)
    assert done.finding == "b[3]: ended with exit status 1; it held tuple 2 '[\"bad\"]' from s[4]"


def test_a_component_that_ends_itself_is_named_with_its_status() -> None:
    assert run_both(one_bolt('[["exit"]]')).finding.startswith(
        "b[3]: ended with exit status 3; it held tuple 1"
    )


def test_what_cannot_be_initialized_stops_the_run_before_it_begins() -> None:
    done = run_both(one_bolt('[["x"]]', "Unready"))
    assert (done.report.virtual_ms, done.report.stopped) == (0, "error")
    assert "OSError: no database" in done.report.failures[0].error


def test_with_restart_what_a_dead_bolt_held_or_was_sent_times_out() -> None:
    text = topology_text(spout('[["drop"] ["die"] ["ack-it"] ["ack-it"]]'), bolt("b", "Obeys"))
    # Three executors are dealt to two workers in turn: the spout is in the other one.
    one_acker = {**T3, "topology.acker.executors": 1}
    done = run_both(text, conf=one_acker, on_crash="restart")
    assert done.said("s")[4:] == ["acked 3", "failed 0", "failed 1", "failed 2"]
    assert [(event["at"], event["event"]) for event in done.named("died") + done.named("restart")] == [
        (2, "died"), (2, "restart"),
    ]  # fmt: skip
    assert done.report.components["b"].restarts == 1


def test_an_ordered_crash_strikes_once_and_the_row_is_replayed() -> None:
    text = topology_text(spout('[["ack-it"] ["ack-it"]]', '"retries" 3'), bolt("b", "Obeys"))

    def crash() -> Run:
        order = CrashOrder("b", before="ack", nth=2)
        return run(text, conf=T3, on_crash="restart", orders=[order], seconds=30)

    done = crash()
    assert done.lines == crash().lines
    assert done.report.components["b"].restarts == 1


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


NOT_REGISTERED = "the worker dies: Class is not registered: "


@pytest.mark.parametrize(
    ("row", "conf", "storm", "java_class"),
    [
        ("[1 2]", {}, "2.8.3", "org.apache.storm.shade.net.minidev.json.JSONArray"),
        ("[1 2]", {}, "1.2.4", "org.apache.storm.shade.org.json.simple.JSONArray"),
        ('{"a" 1}', {}, "2.8.3", "org.apache.storm.shade.net.minidev.json.JSONObject"),
        ("0.30000000000000004", {}, "2.8.3", "java.math.BigDecimal"),
        ("0.30000000000000004", {}, "1.2.4", ""),
        ("[1 2]", {}, "0.10.2", ""),
        ('"x"', {}, "2.8.3", ""),
        ("[1 2]", {"topology.workers": 1}, "2.8.3", ""),
        ("[1 2]", {"topology.fall.back.on.java.serialization": True}, "2.8.3", ""),
    ],
)
def test_values_that_kryo_does_not_know_kill_their_worker_on_the_way_to_another(
    row: str, conf: dict[str, object], storm: str, java_class: str
) -> None:
    text = topology_text(spout(f"[[{row}] [{row}]]"), bolt("b", "Tells", '{"s" :all}', rest=":p 3"))
    done = run_both(text, conf=conf, storm=storm)
    assert [failure.storm for failure in done.report.failures] == (
        [NOT_REGISTERED + java_class] if java_class else []
    )


# -- processes that misbehave as only processes can


def test_half_a_message_and_an_exit_status_are_shown() -> None:
    done = run(one_bolt('[["half-a-message"]]'), mode="process")
    assert (
        'ended with exit status 7 in the middle of a message: b\'{"command": "em\'' in done.finding
    )


def test_bytes_that_are_no_utf_8_are_shown() -> None:
    done = run(one_bolt('[["invalid-utf8"]]'), mode="process")
    assert 'no UTF-8 (at byte 13): b\'{"command": "\\xff\\xfe"}\'' in done.finding


def test_a_component_that_never_answers_is_told_with_its_stack() -> None:
    done = run(one_bolt('[["sleep"]]'), mode="process", hang_seconds=0.5)
    assert "b[3]: has not answered for 0.5 s" in done.finding
    assert 'its last message: b\'{"command": "sync"}\'' in done.finding
    assert re.search(r'parts.py", line \d+ in sleep', done.report.failures[0].stack)
    assert done.stderr == []


def test_a_component_that_hangs_and_never_falls_silent_on_stderr_is_told_too() -> None:
    done = run(one_bolt('[["shout"]]'), mode="process", hang_seconds=0.5)
    assert "b[3]: has not answered for 0.5 s" in done.finding
    assert re.search(r'parts.py", line \d+ in shout', done.report.failures[0].stack)


def test_a_component_that_floods_its_stdout_is_stopped() -> None:
    done = run(one_bolt('[["flood-stdout"]]'), mode="process")
    assert "MiB on stdout without an answer" in done.finding


def test_a_component_that_floods_its_stderr_is_not() -> None:
    done = run(one_bolt('[["flood-stderr"]]'), mode="process")
    assert done.said("s")[1:] == ["acked 0"]


def test_a_component_that_closes_its_stdout_is_told() -> None:
    done = run(one_bolt('[["close-stdout"]]'), mode="process")
    assert "b[3]: closed its stdout and runs on" in done.finding


@pytest.mark.parametrize(
    ("command", "finding"),
    [
        ('["no-such-command"]', "cannot be started: no-such-command: No such file or directory"),
        ('["./parts.py"]', "cannot be started: ./parts.py: Permission denied"),
        ('["true"]', "ended with exit status 0"),
        ('["sh" "-c" "echo oops >&2; exit 9"]', "ended with exit status 9"),
    ],
)
def test_a_command_that_cannot_run_is_named(command: str, finding: str) -> None:
    text = topology_text(spout("[]"), f'"b" (shell-bolt-spec {{"s" :shuffle}} {command} [])')
    done = run(text, mode="process")
    assert finding in done.finding
    if "oops" in command:
        assert done.report.failures[0].stderr == "oops\n"


# -- groupings that only Java objects name


def test_a_partial_key_grouping_shares_a_key_between_two_tasks() -> None:
    rows = "[" + '["the"] ' * 3 + '["dog"] ["dog"] ["the"] ["cat"]' + "]"
    text = topology_text(
        spout(rows),
        bolt("b", "Tells", '{"s" (org.apache.storm.grouping.PartialKeyGrouping.)}', rest=":p 4"),
    )
    sent = [message.split(" to ")[1] for message in run_both(text).said("s") if " to " in message]
    assert sent == ["[3]", "[4]", "[3]", "[4]", "[3]", "[4]", "[5]"]


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


@pytest.mark.parametrize(
    ("rows", "grouping", "finding"),
    [
        ("[[nil]]", "(org.apache.storm.grouping.PartialKeyGrouping.)", "first value of null"),
        ('[["x"]]', '(my.Strange. "x")', "custom grouping my.Strange: chose [99]"),
    ],
)
def test_what_a_grouping_cannot_place_is_the_emitters_error(
    rows: str, grouping: str, finding: str
) -> None:
    text = topology_text(spout(rows), bolt("b", "Tells", f'{{"s" {grouping}}}'))
    done = run_both(text, custom={"my.Strange": lambda values, tasks: [99]})
    assert done.finding.startswith(
        's[4]: an emit on stream "default" that its grouping cannot place'
    )
    assert finding in done.finding


def test_a_shuffle_to_a_bolt_without_tasks_is_refused_from_2_0_on_and_skipped_before() -> None:
    text = topology_text(
        spout("[[1]]"),
        bolt("b", "Tells", rest=':conf {"topology.tasks" 0}') + bolt("c", "Tells"),
    )
    with pytest.raises(TopologyError, match="component \"b\": it cannot be sent the tuples of 's'"):
        run(text)
    assert run_both(text, storm="1.2.4").said("s") == ["sent [1] to [3]", "acked 0"]


@pytest.mark.parametrize("turns", [1, 100])
def test_max_spout_pending_holds_for_all_tasks_of_an_executor_together(turns: int) -> None:
    rows = "[" + '["drop"] ' * 100 + "]"
    text = topology_text(
        f'"s" (python-spout-spec options "parts.Rows" ["a"] :p 1 :conf {{"topology.tasks" 2 "rows" {rows}}})',
        bolt("b", "Obeys"),
    )
    done = run_both(text, conf={"topology.max.spout.pending": 4}, seconds=1, turns=turns)
    assert done.report.components["s"].pending == 8


def test_a_topology_of_200_tasks_runs() -> None:
    text = topology_text(
        spout("[" + '["x"] ' * 8 + "]"),
        bolt("a", "Pass", outputs='["a"]', rest=":p 100")
        + bolt("b", "Pass", '{"a" :shuffle}', '["a"]', ":p 99"),
    )
    done = run(text, mode="process")
    assert (done.report.stopped, done.report.components["s"].acked) == ("idle", 8)


# -- determinism


WIDE = topology_text(
    spout("[" + " ".join(f'["luck" "w{n % 7}"]' for n in range(60)) + "]", outputs='["a" "b"]'),
    bolt("mid", "Obeys", outputs='["n"]', rest=":p 3")
    + bolt("sink", "Tells", '{"mid" :shuffle}', rest=":p 2"),
)


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    digests = [run_both(WIDE, seed=seed).report.trace_sha256 for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


def test_the_callers_own_luck_is_left_alone() -> None:
    random.seed(5)
    expected = random.Random(5).random()
    run(WIDE)
    assert random.random() == expected


def test_a_component_draws_its_own_luck_from_the_moment_it_is_made() -> None:
    text = topology_text(spout('[["luck"] ["luck"]]'), bolt("b", "Lottery", rest=":p 2"))
    random.seed(5)
    expected = random.Random(5).random()
    first, second = sorted(run_both(text).said("b"))
    assert first.split(",")[0] != second.split(",")[0]
    assert random.random() == expected


def test_adding_a_bolt_leaves_the_luck_of_the_others_alone() -> None:
    more = WIDE.replace(
        '"sink"', '"aaa" (python-bolt-spec options {"mid" :all} "parts.Tells" []) "sink"'
    )
    assert run(more).values("mid") == run(WIDE).values("mid")


@pytest.mark.parametrize("turns", [1, 7, 100])
def test_a_spout_may_take_several_turns_a_wave(turns: int) -> None:
    done = run_both(WIDE, turns=turns)
    assert done.report.components["s"].acked == 60
    assert [event["at"] for event in done.events("emit", "s")] == list(range(60))
