"""One component in this process, and its conversation."""

from __future__ import annotations

import sys
from typing import Any

from streamparse import Bolt, Tuple, multilang
from streamparse.testing import Storm
from tests.support.table_top import bolt, one_bolt, run_both, spout, topology_text


def emitted(cls: type, outputs: str, *rows: list[Any]) -> list[list[Any]]:
    """The values that a bolt emits for these rows."""
    with Storm() as storm:
        bolt = storm.bolt(cls, inputs=["x"], outputs=outputs.split())
        return [list(record) for row in rows for record in bolt.process(row).emitted]


class Mixed(Bolt):
    """Emits what JSON brings back as it is, and what it does not."""

    def process(self, tup: Tuple) -> None:
        self.emit([{"n": (1, 2)}, "é", 0.5])
        self.emit(["plain", 1, None])


class Hosted(Bolt):
    """Says what surrounds it."""

    def process(self, tup: Tuple) -> None:
        self.emit([multilang.HOST.get().virtual_clock, multilang.SPEAKER.get() is self])


class Exits(Bolt):
    """Ends what it takes for its process."""

    def process(self, tup: Tuple) -> None:
        try:
            self.fail(tup)
        finally:
            sys.exit(tup.values[0])


def test_what_is_emitted_is_what_json_makes_of_it_plain_or_not() -> None:
    assert emitted(Mixed, "map text number", ["x"]) == [
        [{"n": [1, 2]}, "é", 0.5],
        ["plain", 1, None],
    ]


def test_a_component_knows_what_surrounds_it_while_it_is_its_turn() -> None:
    during = emitted(Hosted, "virtual speaker", ["x"])
    after = (multilang.HOST.get().virtual_clock, multilang.SPEAKER.get())
    assert (during, after) == ([[True, True]], (False, None))


def test_an_exit_is_the_death_of_the_component_alone() -> None:
    with Storm() as storm:
        bolt = storm.bolt(Exits, inputs=["x"], outputs=["y"])
        result = bolt.process([7], check=False)
    assert result.error
    assert "ended with exit status 7" in str(result.error)


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
