"""Which tasks get an emit, in which order, and which emits are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.table_top import bolt, one_bolt, run_both, spout, topology_text

T3 = {"topology.message.timeout.secs": 3}


# -- order (scenarios S3 and S4 of docs/storm.md)


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


def test_a_partial_key_grouping_shares_a_key_between_two_tasks() -> None:
    rows = "[" + '["the"] ' * 3 + '["dog"] ["dog"] ["the"] ["cat"]' + "]"
    text = topology_text(
        spout(rows),
        bolt("b", "Tells", '{"s" (org.apache.storm.grouping.PartialKeyGrouping.)}', rest=":p 4"),
    )
    sent = [message.split(" to ")[1] for message in run_both(text).said("s") if " to " in message]
    assert sent == ["[3]", "[4]", "[3]", "[4]", "[3]", "[4]", "[5]"]


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


# -- refusals (S15 to S17)


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
