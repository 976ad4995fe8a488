"""A recorder writes what a component and Storm say to each other, and never gets in the way."""

from __future__ import annotations

import builtins
import json
import os
import signal
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from tests.support.component_process import Talk
from tests.support.messages import HEARTBEAT, tup
from tests.support.recorded_components import (
    Asking,
    Counting,
    Echo,
    lines,
    record,
    recordings,
    times,
)

DOG = '{"id": "1", "comp": "words", "stream": "default", "task": 5, "tuple": ["dog", "c"]}'
CAT = '{"id": "2", "comp": "words", "stream": "default", "task": 5, "tuple": ["cat", "c"]}'
EMIT_DOG = '{"command": "emit", "tuple": ["dog", "c"], "anchors": ["1"]}'
NEXT: dict[str, object] = {"command": "next", "id": ""}


def test_a_recording_has_the_head_the_handshake_and_both_directions_and_an_end(
    tmp_path: Path,
) -> None:
    record(Echo, tmp_path, True, tup("1", "dog", "c"), conf={"my.password": "hunter2"})
    [found] = recordings(tmp_path)
    head = found.head
    assert (
        found.path.name,
        (head.topology, head.component, head.task, head.pid, head.kind, head.clock),
        (head.name, head.keep, head.tuples, head.part, head.redacted, head.function),
    ) == (
        f"streamparse_t_count_4_{os.getpid()}.0.jsonl.zst",
        ("t", "count", 4, os.getpid(), "bolt", "real"),
        (f"{Echo.__module__}.Echo", "first", 10_000, 0, [], None),
    )
    handshake = json.loads(found.said[0].text)  # type: ignore[union-attr]  # a message
    assert (handshake["pidDir"], handshake["context"]["taskid"], handshake["conf"]) == (
        "",
        4,
        {
            "topology.name": "t",
            "streamparse.log.path": str(tmp_path),
            "my.password": {"streamparse": "redacted"},
        },
    )
    assert lines(found) == [
        f"< {DOG}",
        '> {"command": "emit", "tuple": ["dog", "c"], "anchors": ["1"], "need_task_ids": false}',
        '> {"command": "ack", "id": "1"}',
        "= closed 1",
    ]
    assert sorted(times(found)) == times(found)


@pytest.mark.parametrize("cls", [Echo, Asking, Counting])
def test_a_component_says_the_same_whether_it_is_recorded_or_not(cls: Any, tmp_path: Path) -> None:
    messages = (
        [NEXT] * 4 if cls is Counting else [tup("1", "dog", "c"), tup("2", "cat", "c"), [7], [8]]
    )
    assert record(cls, tmp_path, True, *messages) == record(cls, tmp_path, False, *messages)
    assert len(recordings(tmp_path)) == 1


def test_a_tuple_that_is_read_ahead_stands_where_its_turn_begins(tmp_path: Path) -> None:
    record(Asking, tmp_path, True, tup("1", "dog", "c"), tup("2", "cat", "c"), [7], [8])
    [found] = recordings(tmp_path)
    assert lines(found) == [
        f"< {DOG}",
        f"> {EMIT_DOG}",
        "< [7]",
        '> {"command": "ack", "id": "1"}',
        f"< {CAT}",
        '> {"command": "emit", "tuple": ["cat", "c"], "anchors": ["2"]}',
        "< [8]",
        '> {"command": "ack", "id": "2"}',
        "= closed 2",
    ]


def test_heartbeats_are_left_out_and_the_sync_of_an_error_is_not(tmp_path: Path) -> None:
    record(Echo, tmp_path, True, HEARTBEAT, {"nothing": 1}, HEARTBEAT)
    [found] = recordings(tmp_path)
    marks = [json.loads(line[2:]).get("command") for line in lines(found)[:-1]]
    assert (marks, lines(found)[-1]) == ([None, "error", "sync"], "= exception 1")


def test_turns_with_nothing_to_say_are_counted(tmp_path: Path) -> None:
    record(Counting, tmp_path, True, NEXT, NEXT, NEXT, {"command": "ack", "id": "4000-1234"})
    [found] = recordings(tmp_path)
    assert lines(found) == [
        "~ 1",
        '< {"command": "next", "id": ""}',
        '> {"command": "emit", "tuple": ["dog", "4000-1234"], "id": "4000-1234", "need_task_ids": false}',
        '> {"command": "sync"}',
        "~ 1",
        '< {"command": "ack", "id": "4000-1234"}',
        '> {"command": "sync"}',
        "= closed 1",
    ]


def test_the_first_tuples_are_kept_with_all_that_came_of_them(tmp_path: Path) -> None:
    record(Echo, tmp_path, {"tuples": 2}, HEARTBEAT, *(tup(str(n), "a", "c") for n in range(5)))
    [found] = recordings(tmp_path)
    acked = [line for line in lines(found) if "ack" in line]
    assert (acked, lines(found)[-1]) == (
        ['> {"command": "ack", "id": "0"}', '> {"command": "ack", "id": "1"}'],
        "= limit 2",
    )


def test_a_ring_keeps_the_last_two_parts_each_whole_by_itself(tmp_path: Path) -> None:
    tuples = [tup(str(n), "a", "c") for n in range(7)]
    record(Echo, tmp_path, {"tuples": 2, "keep": "last"}, *tuples)
    found = recordings(tmp_path)
    assert [
        (each.head.part, [line for line in lines(each) if '"ack"' in line], lines(each)[-1])
        for each in found
    ] == [
        (2, ['> {"command": "ack", "id": "4"}', '> {"command": "ack", "id": "5"}'], "= part 2"),
        (3, ['> {"command": "ack", "id": "6"}'], "= closed 1"),
    ]
    assert len({each.said[0] for each in found}) == 1  # the handshake


def test_a_limit_in_bytes_ends_a_recording(tmp_path: Path) -> None:
    tuples = [tup(str(n), os.urandom(40).hex(), "c") for n in range(1000)]
    record(Echo, tmp_path, {"bytes": 1000}, *tuples)
    [found] = recordings(tmp_path)
    assert found.end is not None
    assert (found.end.why, 0 < found.end.tuples < 1000) == ("limit", True)


def test_what_user_code_writes_to_the_stream_itself_is_recorded(tmp_path: Path) -> None:
    class Writes(Echo):
        def process(self, tup: Any) -> None:
            self.output_stream.write('{"command":\n "log", "msg": "a"}\nend\n')
            self.output_stream.write("no json\nend\n")
            self.output_stream.flush()

    record(Writes, tmp_path, True, tup("1", "dog", "c"))
    [found] = recordings(tmp_path)
    assert lines(found)[1:3] == ['> {"command":  "log", "msg": "a"}', "> no json"]


# -- what it cannot do ---------------------------------------------------------------------------------------------


def _logged(written: str) -> list[str]:
    messages = [json.loads(each) for each in written.split("\nend\n") if each]
    return [each["msg"] for each in messages if each.get("command") == "log"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (7, 'streamparse.record is 7; expected true, or an object such as {"tuples": 1000}'),
        (
            {"tuples": 0},
            "streamparse.record.tuples is 0; expected a number of at least 1",
        ),
        (
            {"reduct": ["card"]},
            "streamparse.record.reduct: unknown; expected tuples, bytes, keep, redact, function",
        ),
        (
            {"function": "tests.support.messages.CONF"},
            "tests.support.messages.CONF is no function; expected package.module.function(component, stream, values)",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_in_the_log_and_no_recording(
    setting: object, words: str, tmp_path: Path
) -> None:
    written = record(Echo, tmp_path, setting, tup("1", "dog", "c"))
    assert (_logged(written), recordings(tmp_path)) == ([f"nothing is recorded: {words}"], [])
    assert '"ack"' in written


def test_a_directory_that_is_not_there_is_one_line_in_the_log(tmp_path: Path) -> None:
    gone = {"streamparse.log.path": str(tmp_path / "gone")}
    written = record(Echo, tmp_path, True, tup("1", "dog", "c"), conf=gone)
    [line] = _logged(written)
    assert line == (
        f"nothing is recorded: {tmp_path}/gone/streamparse_t_count_4_{os.getpid()}.0.jsonl.zst: "
        "No such file or directory"
    )
    assert '"ack"' in written


def test_a_full_disk_ends_the_recording_with_one_line_and_not_the_component(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"streamparse_t_count_4_{os.getpid()}.0.jsonl.zst").touch()
    real = os.open

    def open_full(path: Any, flags: int, *more: int) -> int:
        is_recording = ".jsonl" in str(path)
        return real("/dev/full" if is_recording else path, flags & ~os.O_EXCL, *more)

    monkeypatch.setattr(os, "open", open_full)
    written = record(Echo, tmp_path, True, tup("1", "dog", "c"))
    assert _logged(written) == ["nothing is recorded: OSError: [Errno 28] No space left on device"]
    assert '"ack"' in written


def test_a_disk_that_is_full_later_ends_the_recording_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fills(Echo):
        def process(self, tup: Any) -> None:
            if tup.id == "3":
                full = os.open("/dev/full", os.O_WRONLY)
                os.dup2(full, self._recorder._file._fd)  # type: ignore[union-attr]
                os.close(full)
            super().process(tup)

    tuples = [tup(str(n), "a", "c") for n in range(1000)]
    written = record(Fills, tmp_path, True, *tuples)
    assert _logged(written) == [
        "the recording has ended: OSError: [Errno 28] No space left on device"
    ]
    assert written.count('"ack"') == 1000
    [found] = recordings(tmp_path)
    assert (found.end, found.damage, len(found.said) < 20) == (None, "", True)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("fails", "fails raised ValueError"),
        ("ends", "ends raised SystemExit"),
        (
            "returns_text",
            "returns_text returned a str; expected a list of 2, as many values as it was given",
        ),
        (
            "returns_nothing",
            "returns_nothing returned a NoneType; expected a list of 2, as many values as it was given",
        ),
        (
            "returns_fewer",
            "returns_fewer returned a list of 1; expected a list of 2, as many values as it was given",
        ),
        ("returns_bytes", "TypeError: Object of type bytes is not JSON serializable"),
    ],
)
def test_a_redaction_that_fails_ends_the_recording_and_quotes_no_value(
    function: str, words: str, tmp_path: Path
) -> None:
    setting = {"function": f"{__name__}.{function}"}
    written = record(Echo, tmp_path, setting, tup("1", "dog", "c"))
    assert _logged(written) == [f"the recording has ended: {words}"]
    [found] = recordings(tmp_path)
    assert (lines(found), '"ack"' in written) == ([], True)


def fails(component: str, stream: str, values: list[Any]) -> list[Any]:
    raise ValueError(f"no {values}")


def ends(component: str, stream: str, values: list[Any]) -> list[Any]:
    raise SystemExit(3)


def returns_text(component: str, stream: str, values: list[Any]) -> Any:
    return "x" * len(values)


def returns_nothing(component: str, stream: str, values: list[Any]) -> Any:
    values.clear()


def returns_fewer(component: str, stream: str, values: list[Any]) -> Any:
    return values[1:]


def returns_bytes(component: str, stream: str, values: list[Any]) -> Any:
    return [b"x" for _ in values]


# -- a process -----------------------------------------------------------------------------------------------------


def test_what_was_written_is_read_after_kill_9(components: Path) -> None:
    settings: Any = {"streamparse.log.path": str(components), "streamparse.record": True}
    talk = Talk(components, ["-m", "streamparse.run", "alone.Alone"], **settings)
    assert talk.hear() == {"pid": talk.process.pid}
    for number in range(1000):
        talk.say(tup(str(number), "dog"))
        assert [talk.hear()["command"], talk.hear()["command"]] == ["emit", "ack"]
    talk.process.send_signal(signal.SIGKILL)
    talk.process.communicate()
    [found] = recordings(components)
    acked = [line for line in lines(found) if '"ack"' in line]
    assert (found.end, found.damage) == (None, "")
    assert acked == [f'> {{"command": "ack", "id": "{number}"}}' for number in range(len(acked))]
    assert len(acked) >= 500  # all but the last block, which has 128 KB


def test_a_component_that_is_not_recorded_loads_nothing_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__
    loaded: list[str] = []

    def note(name: str, *more: Any, **others: Any) -> Any:
        loaded.append(name)
        return real(name, *more, **others)

    monkeypatch.setattr(builtins, "__import__", note)
    from tests.support import recorded_components

    handshake = {"pidDir": str(tmp_path), "conf": {}, "context": recorded_components.CONTEXT}
    import io

    from tests.support.messages import written

    component = Echo(io.StringIO(written(handshake)), io.StringIO())
    component._start()
    assert [name for name in loaded if name.startswith("streamparse.recordings")] == []
    assert [type(component._pending_commands), type(component._emits_that_wait)] == [deque, deque]
