"""What recordings tell besides a replay: rows, values, times, rates, and how a component has died."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import parse_duration
from streamparse import Bolt, Spout
from streamparse.recordings import REDACTED, Head, read_recordings
from streamparse.replaying import (
    ConversationError,
    Death,
    Recorded,
    by_component,
    read_conversation,
)
from streamparse.replaying.recorded import MOST_SAMPLES, sampled
from streamparse.storm import Tuple
from streamparse.testing import rows
from tests.support import taped


class Prices(Bolt):
    """Takes [item, cents]; raises at a negative price."""

    def process(self, tup: Tuple) -> None:
        if tup.values[1] < 0:
            raise ValueError(tup.values[1])
        self.emit(tup.values)


class Items(Spout):
    """Emits three items, every third turn."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.turns = 0

    def next_tuple(self) -> None:
        self.turns += 1
        if self.turns % 3 == 0:
            self.emit([f"item-{self.turns}", self.turns], need_task_ids=False)


FIELDS = {"default": ["item", "cents"]}
BOLT = taped.handshake(within=taped.context("price", outputs=FIELDS, inputs={"items": FIELDS}))
SPOUT = taped.handshake(within=taped.context("items", outputs=FIELDS, inputs={}))


def recorded(directory: Path, text: str) -> Recorded:
    """What a recording tells of its only component."""
    path = taped.write(directory / "r.jsonl", text)
    (found,) = by_component(map(read_conversation, read_recordings(path))).values()
    return found


def prices(*cents: int, **more: Any) -> str:
    """A recording of the bolt."""
    given = [
        taped.given(number, "milk" if each % 2 else "tea", each, source="items")
        for number, each in enumerate(cents, 1)
    ]
    return taped.tape(Prices, given, shaken=BOLT, **more)


def items(turns: int = 9) -> str:
    """A recording of the spout."""
    return taped.tape(Items, [taped.command("next")] * turns, shaken=SPOUT)


def test_the_rows_of_a_bolt_are_those_that_it_was_given(tmp_path: Path) -> None:
    found = recorded(tmp_path, prices(3, 4))
    assert found.rows() == found.rows(source="items") == [["milk", 3], ["tea", 4]]
    with pytest.raises(ConversationError, match=r"has no tuples on stream 'defualt' .did you mean"):
        found.rows("defualt")


def test_the_rows_of_a_spout_are_those_that_it_has_emitted(tmp_path: Path) -> None:
    assert recorded(tmp_path, items()).rows() == [["item-3", 3], ["item-6", 6], ["item-9", 9]]


def test_values_are_a_range_of_integers_and_what_was_seen(tmp_path: Path) -> None:
    found = recorded(tmp_path, prices(3, 4, 9)).values()
    assert found == {"item": ["milk", "tea"], "cents": range(3, 10)}
    made = rows(**found)
    assert {row["item"] for row in made} == {"milk", "tea"}
    assert {row["cents"] for row in made} == set(range(3, 10))


def test_of_many_values_the_least_and_the_greatest_are_there() -> None:
    found = sampled(range(10_000))
    assert (len(found), found[0], found[-1]) == (MOST_SAMPLES, 0, 9999)
    assert sampled([3, 1, 2]) == [1, 2, 3]


def test_redacted_fields_have_no_values_and_make_no_rows(tmp_path: Path) -> None:
    taken = prices(3, 4).replace('"milk"', json.dumps(REDACTED))
    found = recorded(tmp_path, taken)
    assert found.values() == {"cents": range(3, 5)}
    with pytest.raises(ConversationError, match="1 of 2 recorded tuples of price have redacted"):
        found.rows()


def test_times_are_those_up_to_the_last_that_was_said(tmp_path: Path) -> None:
    found = recorded(tmp_path, prices(3, 4)).work()
    assert found == {"price": ["2us", "2us"]}  # the emit and the ack take a microsecond each
    assert parse_duration(found["price"], "price").mean_us == 2
    spout = recorded(tmp_path, items()).work()
    assert spout == {"items": ["2us"] * 3}  # idle turns tell no time


def test_the_rate_of_a_spout_is_the_times_between_its_emits(tmp_path: Path) -> None:
    found = recorded(tmp_path, items()).gaps()
    # Two idle turns are between two emits: 1000 us from an input to the next, and 1 us for all that is said.
    assert found == ["3004us", "3004us"]


def test_a_simulation_in_which_nothing_takes_time_tells_no_times(tmp_path: Path) -> None:
    bolt = recorded(tmp_path, re.sub(r",\d+,", ",0,", prices(3, 4)))
    spout = recorded(tmp_path, re.sub(r",\d+,", ",0,", items()))
    assert (bolt.work(), spout.work(), spout.gaps()) == ({}, {}, [])


def test_an_exception_is_a_death_at_its_tuple(tmp_path: Path) -> None:
    assert recorded(tmp_path, prices(3, 4, -1, why="exception")).death() == Death(
        "price", "tuple", 3, True, "ValueError: -1"
    )


def test_a_recording_without_an_end_is_of_a_process_that_was_killed(tmp_path: Path) -> None:
    assert recorded(tmp_path, prices(3, 4, why="")).death() == Death(
        "price", "tuple", 2, False, "it was cut off, as by kill -9"
    )
    assert recorded(tmp_path, prices(3)).death() is None
    assert recorded(tmp_path, prices(3, why="limit")).death() is None


def test_recordings_are_put_together_by_component(tmp_path: Path) -> None:
    path = taped.write(tmp_path / "r.jsonl", items(3) + prices(3) + prices(4))
    found = by_component(map(read_conversation, read_recordings(path)))
    assert {name: (each.kind, len(each.conversations)) for name, each in found.items()} == {
        "items": ("spout", 1),
        "price": ("bolt", 2),
    }
    assert found["price"].rows() == [["milk", 3], ["tea", 4]]


def test_a_storm_that_tells_no_fields_tells_no_values(tmp_path: Path) -> None:
    old = json.dumps(
        {"pidDir": "", "conf": {}, "context": {"taskid": 4, "task->component": {"4": "price"}}}
    )
    lines = [("<", 0, old), (">", 1, '{"pid": 0}'), ("<", 2, taped.given(1, "tea", 4))]
    found = recorded(tmp_path, taped.text_of(Head("shop", "price", 4, 1), lines))
    with pytest.raises(ConversationError, match="tells no fields of stream 'default'; expected"):
        found.values()
