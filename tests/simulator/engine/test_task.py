"""What the conversations with spouts and bolts have in common (scenario S19 of docs/storm.md)."""

from __future__ import annotations

import pytest

from simulator.engine.bolt_task import BoltTask
from simulator.engine.effects import Reported
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
