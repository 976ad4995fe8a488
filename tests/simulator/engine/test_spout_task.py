"""Storm's half of the conversation with a spout (scenarios S2, S10 to S12 and S18 of docs/storm.md)."""

from __future__ import annotations

import pytest

from simulator.engine.effects import Emitted, Settlement, Switch
from simulator.engine.spout_task import SpoutTask
from streamparse.multilang import ProtocolError
from tests.support.engine import engine_of
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


# -- the conversation, byte for byte


def spout_task(
    storm: str = "2.8.3", conf: dict[str, object] | None = None, *, ours: bool = True
) -> SpoutTask:
    """A spout's task whose handshake is still to be answered; one of another library unless it is ``ours``."""
    own = spout("[]") if ours else '"s" (shell-spout-spec ["node" "s.js"] ["a"])'
    engine = engine_of(topology_text(own, bolt("b", "Tells")), conf, storm=storm)
    (task,) = engine.tasks.spouts
    task.begin(b"hello\nend\n")
    assert (task.whole_opening(), task.done) == (b"hello\nend\n", False)
    return task


def opened(
    storm: str = "2.8.3", conf: dict[str, object] | None = None, *, ours: bool = True
) -> SpoutTask:
    """A spout's task that is open."""
    task = spout_task(storm, conf, ours=ours)
    if task.receive(PID):
        task.receive(SYNC)
    assert task.done
    return task


PID, SYNC = b'{"pid":7}', b'{"command":"sync"}'
NEXT, EMIT = b'{"id":"","command":"next"}\nend\n', b'{"command":"emit","tuple":["x"],"id":1}'


@pytest.mark.parametrize(
    ("storm", "answer"), [("2.8.3", b'{"id":"","command":"activate"}\nend\n'), ("1.0.6", b"")]
)
def test_the_pid_is_answered_with_activate_from_1_1_on(storm: str, answer: bytes) -> None:
    task = spout_task(storm)
    assert task.receive(PID) == answer
    assert task.done is not bool(answer)


def test_a_spout_of_ours_is_written_all_commands_of_a_wave_at_once() -> None:
    task = opened()
    task.inbox += [Settlement("ack", 1, 0), Settlement("fail", {"a": 1}, 0), Switch("deactivate")]
    task.work(turns=3, room=None)
    assert task.whole_opening() == (
        b'{"id":1,"command":"ack"}\nend\n{"id":{"a":1},"command":"fail"}\nend\n'
        b'{"id":"","command":"deactivate"}\nend\n' + NEXT  # one turn: it has not emitted yet
    )
    replies = [task.receive(SYNC) for _ in range(4)]
    assert (replies, task.done, task.turns_taken) == ([b""] * 4, True, 1)


def test_another_spout_is_written_one_command_at_a_time() -> None:
    task = opened(ours=False)
    task.inbox += [Settlement("ack", 1, 0), Settlement("fail", 2, 0)]
    task.work(turns=3, room=None)
    said = [task.whole_opening(), task.receive(SYNC), task.receive(SYNC), task.receive(SYNC)]
    assert said == [
        b'{"id":1,"command":"ack"}\nend\n', b'{"id":2,"command":"fail"}\nend\n', NEXT, b"",
    ]  # fmt: skip
    assert task.done


def test_a_spout_gets_more_turns_in_the_next_wave_while_it_emits() -> None:
    task = opened()
    asked = []
    for emits in (True, True, True, False, True):
        task.work(turns=1000, room=None)
        asked.append(task.whole_opening().count(NEXT))
        for _ in range(asked[-1]):
            if emits:
                task.receive(EMIT)
            task.receive(SYNC)
    assert asked == [1, 2, 8, 128, 1]  # 2, 8, 128 turns: doubled at each turn, 128 at most


@pytest.mark.parametrize(("room", "asked"), [(None, 1), (5, 1), (0, 0), (-2, 0)])
def test_a_spout_without_room_is_asked_for_nothing(room: int | None, asked: int) -> None:
    task = opened()
    task.work(turns=1, room=room)
    assert (task.whole_opening(), task.done) == (NEXT * asked, not asked)


def test_turns_without_an_emit_are_counted_until_it_emits() -> None:
    task = opened()
    silent = []
    for says in ([], [], [EMIT], []):
        task.work(turns=1, room=None)
        for message in [*says, SYNC]:
            task.receive(message)
        silent.append(task.silent_turns)
    assert silent == [1, 2, 0, 1]


def test_an_emit_is_answered_with_its_tasks_unless_it_does_not_wait_for_them() -> None:
    task = opened()
    task.work(turns=1, room=None)
    assert task.receive(EMIT) == b"[3]\nend\n"
    assert task.receive(b'{"command":"emit","tuple":["y"],"need_task_ids":false}') == b""
    emitted = [each for each in task.effects if isinstance(each, Emitted)]
    assert [(each.text, each.targets, each.offset_ms) for each in emitted] == [
        ('["x"]', (3,), 0), ('["y"]', (3,), 0),
    ]  # fmt: skip


def test_the_effects_of_a_turn_say_which_turn_of_the_wave_it_was() -> None:
    task = opened()
    task._burst = 4
    task.work(turns=2, room=None)
    for message in (SYNC, EMIT, SYNC):
        task.receive(message)
    assert [each.offset_ms for each in task.effects if isinstance(each, Emitted)] == [1]


def test_without_ackers_the_ack_is_written_inside_the_emit_and_its_sync_comes_first() -> None:
    task = opened(conf={"topology.acker.executors": 0})
    task.work(turns=1, room=None)
    ack = task.receive(b'{"command":"emit","tuple":["x"],"id":1,"need_task_ids":false}')
    assert ack == b'{"id":1,"command":"ack"}\nend\n'
    task.receive(SYNC)
    assert (task.done, task.turns_taken) == (False, 0)
    task.receive(SYNC)
    assert (task.done, task.turns_taken) == (True, 1)


def test_what_is_on_its_way_to_a_spout_is_counted_until_the_router_takes_it() -> None:
    task = opened()
    task.inbox += [Settlement("ack", 1, 0), Switch("deactivate"), Settlement("fail", 2, 0)]
    assert task.unnotified == 2
    task.work(turns=1, room=None)
    task.inbox.append(Settlement("ack", 3, 0))  # for the next wave
    assert task.unnotified == 3
    task.effects.clear()
    assert task.unnotified == 1


REFUSED = [  # (what the spout sends, the Storm version, the finding, the command to Storm)
    (b'{"command":"ack","id":"1"}', "2.8.3", 'the command "ack" from a spout', "ack"),
    (b'{"command":"timer","after_ms":1}', "2.8.3", 'the command "timer" from a spout', "timer"),
    (b'{"command":"bogus"}', "2.8.3", 'the command "bogus" from a spout', "bogus"),
    (
        b'{"command":"error","msg":"Traceback\\nValueError: no"}',
        "0.9.4",
        "reported ValueError: no",
        "error",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "storm", "finding", "command"), REFUSED)
def test_what_no_spout_sends_is_refused_with_what_storm_does(
    message: bytes, storm: str, finding: str, command: str
) -> None:
    task = opened(storm)
    task.work(turns=1, room=None)
    with pytest.raises(ProtocolError) as refused:
        task.receive(message)
    assert refused.value.finding == finding
    assert refused.value.storm == f"the worker dies: Unknown command received: {command}"
