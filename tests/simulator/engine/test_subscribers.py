"""Which tasks get an emit, in which order, and which emits are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from simulator.engine.subscribers import Subscriber, Subscribers
from simulator.model import profile
from simulator.wire import Emit
from streamparse.multilang import ProtocolError
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


# -- the subscribers of a task alone


def everybody(*tasks: int) -> Subscriber:
    """A subscriber all of whose tasks get every tuple."""
    return Subscriber(f"b{tasks[0]}", tasks, lambda values: tasks)


def direct(*tasks: int) -> Subscriber:
    """A subscriber that is to be named by the emit."""
    return Subscriber(f"d{tasks[0]}", tasks, None)


def cannot(values: Sequence[object]) -> Sequence[int]:
    """A grouping that refuses its tuple."""
    raise ValueError("no place for it")


def subscribers(
    *default: Subscriber, storm: str = "2.5.0", strict: bool = True, named: Subscriber | None = None
) -> Subscribers:
    """What ``me`` may emit on: "default" with two fields, and "named" with one, which is direct."""
    return Subscribers(
        component="me",
        fields={"default": ("word", "n"), "named": ("word",)},
        streams={"default": default, "named": [named] if named else []},
        profile=profile(storm),
        strict=strict,
    )


def test_tasks_are_named_in_the_order_of_the_subscribers() -> None:
    found = subscribers(everybody(7, 8), everybody(3), everybody(5))
    assert found.choose(Emit(["dog", 1])) == [7, 8, 3, 5]


def test_a_stream_without_subscribers_reaches_nobody() -> None:
    assert list(subscribers().choose(Emit(["dog", 1]))) == []


def test_a_grouping_is_asked_once_for_each_tuple_and_sees_its_values() -> None:
    seen = []

    def choose(values: Sequence[object]) -> Sequence[int]:
        seen.append(list(values))
        return (3,)

    one = subscribers(Subscriber("b", (3,), choose))
    two = subscribers(Subscriber("b", (3,), choose), everybody(4))
    assert [one.choose(Emit(["dog", 1])), two.choose(Emit(["cat", 2]))] == [(3,), [3, 4]]
    assert seen == [["dog", 1], ["cat", 2]]


def test_a_direct_emit_reaches_the_task_that_it_names_and_no_other_subscriber() -> None:
    found = subscribers(direct(3, 4), everybody(5))
    assert found.choose(Emit(["dog", 1], task=4)) == (4,)


Refusal = tuple[Subscribers, Emit, str, str, str]

REFUSED: dict[str, Refusal] = {  # (subscribers, emit, the finding, what Storm does, the excerpt)
    "an undeclared stream, up to 1.2": (
        subscribers(storm="1.2.4"),
        Emit(["dog"], "nmaed"),
        'an emit on stream "nmaed", which "me" does not declare; did you mean "named"?',
        "the tuple is dropped silently",
        "",
    ),
    "an undeclared stream, from 2.0 on": (
        subscribers(storm="2.0.0", strict=False),
        Emit(["dog"], "else"),
        'an emit on stream "else", which "me" does not declare; it declares ["default" "named"]',
        "the worker dies: Unknown stream ID: else",
        "",
    ),
    "too few values for somebody": (
        subscribers(everybody(3), strict=False),
        Emit(["dog"]),
        'an emit of 1 values on stream "default", which declares 2: ["word" "n"]',
        "the worker dies: Tuple created with wrong number of fields. Expected 2 fields but got 1 fields",
        "'[\"dog\"]'",
    ),
    "too many values for nobody": (
        subscribers(),
        Emit(["dog", 1, 2]),
        'an emit of 3 values on stream "default", which declares 2: ["word" "n"]',
        "nobody listens to the stream, so it passes unnoticed",
        "'[\"dog\",1,2]'",
    ),
    "a regular emit where somebody is to be named": (
        subscribers(everybody(3), direct(4), strict=False),
        Emit(["dog", 1]),
        'a regular emit on stream "default", to which "d4" listens :direct; name its task with direct_task=',
        "the worker dies: Cannot do regular emit to direct stream",
        "",
    ),
    "a regular emit on a stream of one direct subscriber": (
        subscribers(named=direct(4)),
        Emit(["dog"], "named"),
        'a regular emit on stream "named", to which "d4" listens :direct; name its task with direct_task=',
        "the worker dies: Cannot do regular emit to direct stream",
        "",
    ),
    "values that a grouping cannot place": (
        subscribers(Subscriber("b", (3,), cannot)),
        Emit(["dog", 1]),
        'an emit on stream "default" that its grouping cannot place: no place for it',
        "the worker dies: no place for it",
        "'[\"dog\",1]'",
    ),
    "values that one of two groupings cannot place": (
        subscribers(everybody(4), Subscriber("b", (3,), cannot), strict=False),
        Emit(["dog", 1]),
        'an emit on stream "default" that its grouping cannot place: no place for it',
        "the worker dies: no place for it",
        "'[\"dog\",1]'",
    ),
    "a direct emit, from 2.6 on": (
        subscribers(named=direct(4), storm="2.6.0", strict=False),
        Emit(["dog"], "named", task=4),
        "a direct emit to task 4",
        "every direct emit of a component kills its worker from Storm 2.6 on (Integer cannot be cast to Long); "
        "it works up to 2.5",
        "",
    ),
    "a direct emit to a task that does not listen :direct": (
        subscribers(everybody(3), strict=False),
        Emit(["dog", 1], task=3),
        'a direct emit to task 3 of "b3", which does not listen :direct to stream "default"',
        "the worker dies: Cannot emitDirect to a task expecting a regular grouping",
        "",
    ),
    "a direct emit to a task that does not listen at all": (
        subscribers(everybody(3)),
        Emit(["dog", 1], task=9),
        'a direct emit to task 9, which does not listen to stream "default"',
        "the tuple is dropped silently",
        "",
    ),
}


@pytest.mark.parametrize("refusal", REFUSED.values(), ids=REFUSED)
def test_a_refusal_says_what_was_emitted_and_what_storm_does(refusal: Refusal) -> None:
    found, emit, finding, storm, excerpt = refusal
    with pytest.raises(ProtocolError) as refused:
        found.choose(emit)
    error = refused.value
    assert (error.finding, error.storm, error.excerpt) == (finding, storm, excerpt)


DROPPED = {
    "an undeclared stream, up to 1.2": (subscribers(storm="1.2.4", strict=False), Emit([], "else")),
    "the wrong number of values for nobody": (subscribers(strict=False), Emit(["dog"])),
    "a direct emit to a task that does not listen": (
        subscribers(everybody(3), strict=False),
        Emit(["dog", 1], task=9),
    ),
}


@pytest.mark.parametrize(("found", "emit"), DROPPED.values(), ids=DROPPED)
def test_leniently_what_storm_drops_silently_reaches_nobody(found: Subscribers, emit: Emit) -> None:
    assert list(found.choose(emit)) == []
