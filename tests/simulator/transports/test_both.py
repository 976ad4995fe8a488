"""What components say and draw, the same over both transports; and processes that misbehave."""

from __future__ import annotations

import random
import re

import pytest

from tests.support.table_top import WIDE, bolt, one_bolt, run, run_both, spout, topology_text


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


def test_a_bolt_may_put_a_stream_of_its_own_in_place_of_its_output() -> None:
    assert run_both(one_bolt('[["count-what-is-said"]]')).said("b") == ["1"]


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


def test_a_topology_of_200_tasks_runs() -> None:
    text = topology_text(
        spout("[" + '["x"] ' * 8 + "]"),
        bolt("a", "Pass", outputs='["a"]', rest=":p 100")
        + bolt("b", "Pass", '{"a" :shuffle}', '["a"]', ":p 99"),
    )
    done = run(text, mode="process")
    assert (done.report.stopped, done.report.components["s"].acked) == ("idle", 8)


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
