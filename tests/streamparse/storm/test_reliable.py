"""A spout that emits again what has failed, until it has failed too often."""

from __future__ import annotations

import io
from typing import Any

import pytest

from streamparse import ReliableSpout
from streamparse.testing import Storm


class Numbers(ReliableSpout):
    """Emits a number a turn."""

    max_fails = 2

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.number = 0

    def next_tuple(self) -> None:
        self.number += 1
        self.emit([self.number], tup_id=self.number)


def test_a_failed_tuple_is_emitted_again_and_given_up_in_the_end() -> None:
    with Storm() as storm:
        spout = storm.spout(Numbers, outputs=["number"])
        spout.next_tuple()
        again = [[each.id for each in spout.fail(1).emitted] for _ in range(3)]
        assert again == [[1], [1], []]
        assert spout.next_tuple().emitted == [[2]]


def test_an_acked_tuple_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    spout = Numbers(io.StringIO(), io.StringIO())
    spout.emit([1], tup_id=1, need_task_ids=False)
    spout.ack(1)
    assert (spout.unacked_tuples, spout.failed_tuples) == ({}, {})
    spout.ack(1)
    spout.fail(1)
    assert [each.getMessage() for each in caplog.records] == [
        "an ack for an unknown message id: 1",
        "a fail for an unknown message id: 1",
    ]


def test_a_tuple_without_an_id_is_refused() -> None:
    spout = Numbers.__new__(Numbers)
    with pytest.raises(ValueError, match="needs a tup_id"):
        spout.emit([1])
