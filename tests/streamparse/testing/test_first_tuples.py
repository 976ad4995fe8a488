"""A real spout that is asked for its first tuples only."""

from __future__ import annotations

from typing import Any

from streamparse.testing.first_tuples import only_first


class Endless:
    """A spout as the simulator sees it: emits 0, 1, 2, ... and what has failed before the next."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.again: list[Any] = []
        self.number = 0

    def emit(self, tup: Any, tup_id: Any = None) -> list[int]:
        self.sent.append(tup_id)
        return [7]

    def next_tuple(self) -> None:
        if self.again:
            self.emit(["again"], tup_id=self.again.pop(0))
            return
        self.emit([self.number], tup_id=self.number)
        self.number += 1

    def fail(self, tup_id: Any) -> None:
        self.again.append(tup_id)


def asked(spout: Endless, times: int) -> list[Any]:
    before = len(spout.sent)
    for _ in range(times):
        spout.next_tuple()
    return spout.sent[before:]


def test_an_endless_spout_comes_to_an_end_and_replays_what_fails() -> None:
    spout = Endless()
    only_first(3)(spout)
    assert asked(spout, 100) == [0, 1, 2]
    spout.fail(1)
    assert asked(spout, 100) == [1]


def test_a_spout_that_does_not_replay_emits_nothing_new_for_what_fails() -> None:
    class Forgets(Endless):
        def fail(self, tup_id: Any) -> None:
            return None

    spout = Forgets()
    only_first(2)(spout)
    asked(spout, 10)
    spout.fail(0)
    assert asked(spout, 100) == []


def test_tuples_without_an_id_count_as_well() -> None:
    class Untracked(Endless):
        def next_tuple(self) -> None:
            self.emit(["x"])

    spout = Untracked()
    only_first(2)(spout)
    assert asked(spout, 10) == [None, None]
