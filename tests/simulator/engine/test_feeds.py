"""Rows in place of a spout, and sinks in place of bolts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from simulator import Topology, parse_topology
from simulator.engine import feeds
from simulator.engine.effects import Emitted, Notified, Settlement
from simulator.engine.feeds import Feed, FeedTask, SinkTask, read_rows
from simulator.model import did_you_mean
from tests.support.engine import copy, engine_of
from tests.support.table_top import bolt, run, spout, topology_text


def feed_tasks(feed: Feed, tasks: int = 1, **options: Any) -> list[FeedTask]:
    """The tasks that emit the rows of a feed."""
    text = topology_text(
        spout("[]", outputs='{"default" ["a"] "other" ["a"]}', p=tasks), bolt("b", "Tells")
    )
    found = engine_of(text, feeds={"s": feed}, **options).tasks.spouts
    assert all(isinstance(task, FeedTask) for task in found)
    return found  # type: ignore[return-value]  # as was asserted


def wave(
    task: FeedTask, turns: int = 1, *notices: Settlement, room: int | None = None
) -> list[object]:
    """What the task does in a wave: the values that it emits, and the ids that it was notified of."""
    task.inbox += notices
    task.work(turns=turns, room=room)
    effects, task.effects = task.effects, []
    return [
        (each.emit.id, each.emit.values)
        if isinstance(each, Emitted)
        else each.settlement.message_id
        for each in effects
        if isinstance(each, (Emitted, Notified))
    ]


def test_rows_are_emitted_one_a_turn_with_their_index_as_id() -> None:
    (task,) = feed_tasks(Feed([["x"], ["y"], ["z"]]))
    assert wave(task, 2) == [(0, ["x"]), (1, ["y"])]
    assert (wave(task, 2), task.turns_taken, task.silent_turns) == ([(2, ["z"])], 2, 1)
    assert (wave(task, 2), task.turns_taken, task.silent_turns) == ([], 1, 2)


def test_rows_are_dealt_in_turn_over_the_tasks_of_the_spout() -> None:
    tasks = feed_tasks(Feed([[n] for n in range(5)]), tasks=2)
    assert [wave(task, 9) for task in tasks] == [
        [(0, [0]), (2, [2]), (4, [4])], [(1, [1]), (3, [3])],
    ]  # fmt: skip


def test_no_more_rows_are_emitted_than_there_is_room_for() -> None:
    (task,) = feed_tasks(Feed([["x"], ["y"], ["z"]]))
    assert [wave(task, 9, room=room) for room in (2, 0, 5)] == [
        [(0, ["x"]), (1, ["y"])], [], [(2, ["z"])],
    ]  # fmt: skip


def test_a_failed_row_is_emitted_again_behind_the_others_as_often_as_was_asked() -> None:
    (task,) = feed_tasks(Feed([["x"], ["y"]], retries=1))
    fail = Settlement("fail", 0, 0)
    assert [wave(task), wave(task, 9, fail), wave(task, 9, fail)] == [
        [(0, ["x"])], [0, (1, ["y"]), (0, ["x"])], [0],
    ]  # fmt: skip


def test_a_feed_is_done_when_every_row_is_acked_or_has_failed_for_good() -> None:
    (task,) = feed_tasks(Feed([["x"], ["y"]], retries=1))
    done = [task.is_done]
    wave(task, 9)
    done.append(task.is_done)
    wave(task, 0, Settlement("ack", 1, 0), Settlement("fail", 0, 0))
    done.append(task.is_done)  # row 0 is to be emitted again
    wave(task, 1)
    wave(task, 0, Settlement("fail", 0, 0))
    assert [*done, task.is_done] == [False, False, False, True]


def test_a_row_that_timed_out_for_good_is_remembered() -> None:
    (task,) = feed_tasks(Feed([["x"], ["y"], ["z"]]))
    wave(task, 9)
    wave(
        task,
        0,
        Settlement("fail", 1, 0),
        Settlement("fail", 2, 0, "timeout"),
        Settlement("ack", 0, 0),
    )
    assert (task.timed_out, task.is_done) == ([2], True)


def test_rows_may_be_added_while_the_feed_runs() -> None:
    feed = Feed([["x"]])
    (task,) = feed_tasks(feed)
    wave(task, 9)
    feed.rows.append(["y"])
    assert wave(task, 9) == [(1, ["y"])]


FED = Feed([["x"]] * 3, every=["10ms"])


def test_rows_come_with_the_time_between_them_that_was_asked_for() -> None:
    lines = run(topology_text(spout("[]"), bolt("b", "Tells")), feeds={"s": FED}).lines
    events = map(json.loads, lines)
    emits = [each["at"] for each in events if each["event"] == "emit" and each["component"] == "s"]
    assert emits == [10, 20, 30]


def test_the_rows_themselves_are_never_changed() -> None:
    feed = Feed([[{"n": 1, "a": 2}]])
    (task,) = feed_tasks(feed)
    assert str(wave(task)) == "[(0, [{'a': 2, 'n': 1}])]"  # in Java's order
    assert str(feed.rows) == "[[{'n': 1, 'a': 2}]]"


def test_rows_may_go_out_on_another_stream_where_nobody_gets_them() -> None:
    (task,) = feed_tasks(Feed([["x"]], stream="other"), storm="1.2.4")
    # Up to 1.x a reliable emit to nobody is acked inside the emit.
    assert (wave(task), task.is_done) == ([(0, ["x"]), 0], True)


def test_a_feed_survives_the_death_of_its_worker() -> None:
    text = topology_text(spout("[]"), bolt("b", "Obeys"))
    conf = {"topology.workers": 1, "topology.message.timeout.secs": 3}
    feed = Feed([["ack-it"], ["die"]], retries=0)
    done = run(text, conf=conf, feeds={"s": feed}, on_crash="restart")
    assert [event["task"] for event in done.named("restart")] == [3]
    assert [(event["id"], event["reason"]) for event in done.events("failed", "s")] == [
        (1, "timeout")
    ]


def test_a_sink_holds_all_that_it_is_given() -> None:
    engine = engine_of(topology_text(spout("[]"), bolt("b", "Tells")), sinks=["b"])
    sink = engine.tasks.bolt(3)
    assert isinstance(sink, SinkTask)
    engine.network.send([copy("1", 3), copy("2", 3)])
    sink.work(1)
    assert ([each.id for each in sink.batch], list(sink.held), engine.inbox(3)) == (
        ["1", "2"], ["1", "2"], [],
    )  # fmt: skip
    assert (sink.done, sink.effects, sink.is_local) == (True, [], True)


# -- files

TOPOLOGY = parse_topology(
    topology_text(
        spout("[]", outputs='["word" "n"]')
        + '"java" (spout-spec (my.Spout.))'
        + '"odd" (python-spout-spec options "parts.Rows" {"other" ["a"]})',
        bolt("b", "Tells", '{"s" :all ["odd" "other"] :all "java" :all}'),
    )
)


def read(tmp_path: Path, text: str, spout: str = "s") -> tuple[Topology, Feed]:
    """What comes of a file with this text, which is called rows.jsonl."""
    path = tmp_path / "rows.jsonl"
    path.write_text(text, encoding="utf-8")
    return read_rows(TOPOLOGY, spout, path, retries=2)


def test_only_line_breaks_end_a_row_and_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    """JSON may have the separators of Unicode in its texts; Windows writes the mark, and line breaks of two bytes."""
    words = ["a\u2028b", "c\u0085d", "e"]
    text = "\ufeff" + "\r\n".join(f'["{word}", 1]' for word in words)
    _, feed = read(tmp_path, text)
    assert [list(row) for row in feed.rows] == [[word, 1] for word in words]


def test_rows_are_lists_of_values_or_objects_by_field_name(tmp_path: Path) -> None:
    topology, feed = read(tmp_path, '["dog", 1]\n\n{"n": 2, "word": "cat"}\n')
    assert (topology, feed) == (TOPOLOGY, Feed([["dog", 1], ["cat", 2]], retries=2))


@pytest.mark.parametrize(
    ("text", "fields", "rows"),
    [
        ('{"a": 1, "b": 2}\n[3, 4]\n', ("a", "b"), [[1, 2], [3, 4]]),
        ("[1, 2]\n[3, 4]\n", ("field0", "field1"), [[1, 2], [3, 4]]),
        ("", (), []),
    ],
)
def test_a_spout_that_needs_a_jvm_gets_the_fields_of_its_first_row(
    tmp_path: Path, text: str, fields: tuple[str, ...], rows: list[list[object]]
) -> None:
    topology, feed = read(tmp_path, text, "java")
    assert topology.components["java"].outputs["default"].fields == fields
    assert feed.rows == rows


REFUSED = [  # (the spout, the file's text, what is wrong)
    ("s", '["dog"]', "{path}:1: a row [\"dog\"]; expected 2 values: ['word', 'n']"),
    ("s", '\n{"word": "dog"}', "{path}:2: a row with the keys ['word']; expected ['word', 'n']"),
    (
        "s",
        '{"word": "dog", "n": 1, "m": 2}',
        "{path}:1: a row with the keys ['m', 'n', 'word']; expected ['word', 'n']",
    ),
    ("s", "7", "{path}:1: a row 7; expected 2 values: ['word', 'n']"),
    (
        "s",
        '["dog", 1]\n[1',
        "{path}:2:3: no JSON: expecting ',' delimiter; expected an array of values, or an object by field name",
    ),
    (
        "s",
        '["dog", 1]\n{"word": "dog", "n": 1, "word": "cat"}',
        '{path}:2:25: the key "word" stands twice, and only the last would count; leave one out',
    ),
    (
        "b",
        "",
        "rows can be fed to a spout, and 'b' is a bolt; another class can run in its place: b=package.module.Class",
    ),
    (
        "jaba",
        "",
        "rows can be fed to a spout, and there is no spout 'jaba'"
        + did_you_mean("jaba", TOPOLOGY.spouts),
    ),
    ("odd", "", "spout 'odd' has no default stream to emit rows on"),
]


@pytest.mark.parametrize(("spout", "text", "finding"), REFUSED)
def test_what_cannot_be_fed_is_refused_with_its_line(
    tmp_path: Path, spout: str, text: str, finding: str
) -> None:
    whole = re.escape(finding.format(path=tmp_path / "rows.jsonl"))
    with pytest.raises(ValueError, match=f"^{whole}$"):
        read(tmp_path, text, spout)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with pytest.raises(ValueError, match="No such file or directory"):
        read_rows(TOPOLOGY, "s", path)
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(ValueError, match=r"rows\.jsonl: 'utf-8' codec"):
        read_rows(TOPOLOGY, "s", path)


@pytest.mark.parametrize(
    ("depth", "reason"), [(401, "nested more than 400 deep"), (100_000, "nested too deeply")]
)
def test_a_row_that_is_nested_too_deeply_is_refused_by_its_line(
    depth: int, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('["a"]\n' + "[" * depth + "]" * depth)
    topology = parse_topology(topology_text(spout("[]"), bolt("b", "Tells")))
    with pytest.raises(ValueError, match=rf"rows\.jsonl:2: {reason}$"):
        read_rows(topology, "s", path)


def test_a_file_of_rows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_CHARS", 1000)
    topology = parse_topology(topology_text(spout("[]"), bolt("b", "Tells")))
    with pytest.raises(ValueError, match=r"^/dev/zero: more than 1000 characters; expected JSON"):
        read_rows(topology, "s", Path("/dev/zero"))
