"""Storm's half of the conversation with a spout (scenarios S2, S10 to S12 and S18 of docs/storm.md)."""

from __future__ import annotations

import pytest

from tests.support.table_top import bolt, one_bolt, run_both, spout, topology_text


def test_a_failed_row_can_be_emitted_again() -> None:
    text = topology_text(spout('[["fail-it"]]', '"retries" 2'), bolt("b", "Obeys"))
    assert run_both(text).said("s")[1::2] == ["failed 0"] * 3


def test_before_1_1_no_spout_is_activated() -> None:
    text = topology_text(spout("[]", cls="Lively"), bolt("b", "Tells"))
    assert run_both(text, storm="1.0.6").said("s") == ["next"] * 3


# -- message ids (S12)


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


# -- acks inside an emit (S10, S11)


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


# -- refusals (S18)


def test_a_spout_may_say_only_what_spouts_say() -> None:
    done = run_both(topology_text(spout("[]", cls="Unasked"), bolt("b", "Tells")))
    assert 's[4]: the command "bogus" from a spout; Storm: the worker dies' in done.finding
