"""What a spout sends to Storm, message by message."""

from __future__ import annotations

import io
from inspect import getsourcelines
from typing import Any

import pytest

from streamparse import Spout
from tests.support.messages import Message, said, written


def test_a_spout_syncs_after_every_command(talk: Any) -> None:
    class Source(Spout):
        def next_tuple(self) -> None:
            self.emit(["a"], tup_id=1)

        def ack(self, tup_id: Any) -> None:
            self.log(f"acked {tup_id!r}")

        def fail(self, tup_id: Any) -> None:
            self.log(f"failed {tup_id!r}")

        def activate(self) -> None:
            self.log("on")

        def deactivate(self) -> None:
            self.log("off")

    commands: list[Message] = [
        {"command": "activate", "id": ""},
        {"command": "next", "id": ""},
        [4],
        {"command": "ack", "id": 1},
        {"command": "fail", "id": {"n": 1}},
        {"command": "deactivate", "id": ""},
        {"command": "bogus", "id": ""},
    ]
    messages, status = talk(Source, *commands)
    assert [m.get("msg") or m.get("tuple") or m["command"] for m in messages] == [
        "on", "sync", ["a"], "sync", "acked 1", "sync", "failed {'n': 1}", "sync", "off", "sync", "sync",
    ]  # fmt: skip
    assert status == 0


def test_emit_many_gives_each_tuple_its_id_and_refuses_a_missing_one() -> None:
    spout = Spout(io.StringIO(written([4], [5])), io.StringIO())
    with pytest.deprecated_call():
        assert spout.emit_many([["a"], ["b"]], tup_ids=[1, 2]) == [[4], [5]]
    assert [message["id"] for message in said(spout)] == [1, 2]
    with pytest.raises(ValueError, match="1 ids for 2 tuples"), pytest.deprecated_call():
        spout.emit_many([["a"], ["b"]], tup_ids=[1])
    with pytest.raises(TypeError, match="not as str"), pytest.deprecated_call():
        spout.emit_many("ab")


def test_a_spout_without_next_tuple_says_so_in_one_line(talk: Any) -> None:
    class Forgets(Spout):
        pass

    messages, _ = talk(Forgets, {"command": "next", "id": ""})
    (said,) = (each["msg"] for each in messages if each["command"] == "error")
    line = getsourcelines(Forgets)[1]
    assert said == (
        f"{__file__}:{line}: Forgets has no method next_tuple; expected def next_tuple(self)\n"
    )
