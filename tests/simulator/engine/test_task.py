"""What the conversations with spouts and bolts have in common (scenario S19 of docs/storm.md)."""

from __future__ import annotations

import pytest

from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import Reported, Settled, Slept
from simulator.wire import protocol
from streamparse.multilang import ProtocolError, Reader
from tests.support.engine import Engine, copy, engine_of
from tests.support.table_top import one_bolt, run_both


def test_an_error_is_reported_and_the_component_goes_on() -> None:
    done = run_both(one_bolt('[["error"] ["ack-it"]]'))
    assert done.said("s")[2:] == ["acked 0", "acked 1"]
    assert [event["message"] for event in done.events("error", "b")] == ["boom"]


def test_log_levels_are_storms_and_anything_else_is_info() -> None:
    done = run_both(one_bolt('[["levels"]]'))
    assert [(level, message) for name, _, level, message in done.logs if name == "b"] == [
        (0, "at 0"), (1, "at 1"), (2, "at 2"), (3, "at 3"), (4, "at 4"), (2, "at 5"), (2, "at x"), (2, "at None"),
    ]  # fmt: skip


# -- messages, one by one, all at once, or as they were made

PID = b'{"pid":7}'
LOG, SYNC = b'{"command":"log","msg":"hi","level":3}', b'{"command":"sync"}'
EMIT, ACK = b'{"command":"emit","tuple":["x"]}', b'{"command":"ack","id":"1"}'


def begun(storm: str = "2.8.3") -> tuple[Engine, BoltTask]:
    """An engine, and its bolt b, task 3, which has been handed tuple "1"; its stream has no subscribers."""
    engine = engine_of(one_bolt("[]", "Tells", '["a"]'), storm=storm)
    task = engine.tasks.bolt(3)
    task.begin(b"")
    task.receive(PID)
    task.receive(SYNC)
    task.inbox.append(copy("1", 3))
    task.work()
    return engine, task


def frames(*messages: bytes) -> bytes:
    return b"".join(message + b"\nend\n" for message in messages)


def test_the_first_message_has_to_be_the_pid() -> None:
    task = engine_of(one_bolt("[]")).tasks.bolt(3)
    task.begin(b"hello\nend\n")
    with pytest.raises(ProtocolError, match="answered the handshake with"):
        task.receive(b"[7]")


def test_messages_of_a_block_are_taken_as_one_by_one() -> None:
    _, one_by_one = begun()
    _, all_at_once = begun()
    replies = [one_by_one.receive(message) for message in (EMIT, EMIT, ACK)]
    assert all_at_once.receive_all(frames(EMIT, EMIT, ACK)) == (b"".join(replies), ())
    assert (all_at_once.done, len(all_at_once.effects)) == (False, len(one_by_one.effects))


def test_messages_behind_the_last_that_was_expected_are_left() -> None:
    _, task = begun()
    assert task.receive_all(frames(ACK, SYNC, EMIT, SYNC)) == (b"", [EMIT, SYNC])
    assert task.done


@pytest.mark.parametrize("block", [frames(ACK, LOG), frames(b"rubbish")])
def test_a_block_with_a_message_that_wants_a_closer_look_is_left_whole(block: bytes) -> None:
    _, task = begun()
    assert task.receive_all(block) == (b"", Reader().feed(block))
    assert task.effects == []


def test_the_messages_before_a_broken_rule_have_been_taken() -> None:
    _, task = begun()
    with pytest.raises(ProtocolError, match="ack of tuple 1"):
        task.receive_all(frames(EMIT, ACK, ACK))
    assert len(task.effects) == 2


def test_a_message_is_taken_as_it_was_made_where_its_json_would_say_the_same() -> None:
    _, task = begun()
    assert task.receive_unprinted({"command": "emit", "tuple": ["x"]}) == b"[]\nend\n"
    assert task.receive_unprinted({"command": "emit", "tuple": [0.1]}) is None
    assert task.receive_unprinted({"command": "log", "msg": "hi"}) is None
    assert len(task.effects) == 1


def test_before_the_pid_and_in_older_dialects_a_message_is_not_taken_as_it_was_made() -> None:
    task = engine_of(one_bolt("[]")).tasks.bolt(3)
    _, older = begun("2.5.0")
    sync = {"command": "sync"}
    assert [task.receive_unprinted(sync), older.receive_unprinted(sync)] == [None, None]


def test_logs_and_errors_are_handed_on() -> None:
    engine, task = begun()
    task.receive(LOG)
    task.receive(b'{"command":"error","msg":"Traceback\\nValueError: no"}')
    assert engine.logs == [(3, protocol.Log("hi", 3))]
    assert (task.last_error, task.effects) == (
        "Traceback\nValueError: no", [Reported("Traceback\nValueError: no")],
    )  # fmt: skip


# -- outside its turns


def test_what_a_task_says_outside_its_turns_is_taken_and_a_sync_waits_for_the_next() -> None:
    _, task = begun()
    assert task.receive(SYNC) == b""
    assert task.done
    task.hear()
    assert [task.receive(each) for each in (SYNC, ACK, SYNC)] == [b""] * 3
    assert (task.done, task.stray_syncs, [type(each) for each in task.effects]) == (
        False, 2, [Settled],
    )  # fmt: skip
    assert list(task.heard()) == [SYNC, SYNC]
    assert (task.done, task.stray_syncs, list(task.heard())) == (True, 0, [])


def test_a_sync_ends_a_turn_that_goes_on_while_it_is_listened_to() -> None:
    _, task = begun()
    task.in_turn = True
    task.hear()
    assert (list(task.heard()), task.in_turn, task.done) == ([], True, False)
    task.hear()
    task.receive(SYNC)
    assert (list(task.heard()), task.in_turn, task.done) == ([], False, True)


def test_a_task_may_speak_outside_its_turns_once_it_has_told_of_threads() -> None:
    _, task = begun()
    before = task.may_speak
    task.receive(b'{"command":"threads"}')
    assert (before, task.may_speak) == (False, True)


def test_a_clock_that_goes_ahead_is_a_sleep_and_one_that_does_not_is_none() -> None:
    _, task = begun()
    for ms in (200, 200, 100, 350):
        task.receive(b'{"command":"clock","ms":%d}' % ms)
    assert (task.effects, task.slept_until_ms) == ([Slept(200), Slept(350)], 350)
