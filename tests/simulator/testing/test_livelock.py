"""Livelock: which runs go on for ever, and which only for long."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from simulator.testing.livelock import MANY
from streamparse import Bolt, Spout, Tuple
from streamparse.testing import PendingError, RunningTopology, Storm
from tests.support.explored_store import PLANTED, ROWS


class Retries(Spout):
    """Emits what has failed, again and again."""

    most: ClassVar[int] = 1_000_000  # attempts at a row
    gives_new_ids: ClassVar[bool] = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.left = [(number, row, 1) for number, row in enumerate(ROWS)]
        self.under_way: dict[int, tuple[list[Any], int]] = {}
        self.next_id = len(ROWS)

    def next_tuple(self) -> None:
        if self.left:
            number, row, attempt = self.left.pop(0)
            self.under_way[number] = (row, attempt)
            self.emit(row, tup_id=number)

    def ack(self, tup_id: Any) -> None:
        del self.under_way[tup_id]

    def fail(self, tup_id: Any) -> None:
        row, attempt = self.under_way.pop(tup_id)
        if attempt < self.most:
            if self.gives_new_ids:
                tup_id = self.next_id
                self.next_id += 1
            self.left.append((tup_id, row, attempt + 1))


class NewIds(Retries):
    """Emits what has failed under a new id."""

    gives_new_ids = True


class GivesUp(Retries):
    """Emits what has failed, but not for ever."""

    most = MANY - 1


class RefusesCats(Bolt):
    """Cannot process one row."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        if tup.values[1] == "cat":
            self.fail(tup)
        else:
            self.ack(tup)


class LosesCats(RefusesCats):
    """Forgets one row."""

    def process(self, tup: Tuple) -> None:
        if tup.values[1] != "cat":
            self.ack(tup)


class GetsBetter(RefusesCats):
    """Processes the row in the end."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.refused = 0

    def process(self, tup: Tuple) -> None:
        if tup.values[1] == "cat" and self.refused < MANY - 1:
            self.refused += 1
            self.fail(tup)
        else:
            self.ack(tup)


def topology(storm: Storm, spout: type, bolt: type) -> RunningTopology:
    return storm.topology(
        PLANTED / "store.clj", spouts={"rows": spout}, bolts={"store-bolt": bolt}, mode="inprocess"
    )


@pytest.mark.parametrize(
    ("spout", "bolt", "how"),
    [
        (Retries, RefusesCats, "is failed"),
        (Retries, LosesCats, "times out"),
        (NewIds, RefusesCats, "is failed"),
    ],
)
def test_a_row_that_fails_for_ever_is_named(
    empty_storm: Storm, spout: type, bolt: type, how: str
) -> None:
    running = topology(empty_storm, spout, bolt)
    with pytest.raises(PendingError) as raised:
        running.complete()
    first, *tree = str(raised.value).splitlines()
    assert first.startswith('livelock: rows [1, "cat"] id ')
    assert f"fails for ever the same way: it {how} and comes again, " in first
    assert tree[-1].startswith('    store-bolt [1, "cat"]: ')


@pytest.mark.parametrize(("spout", "bolt"), [(GivesUp, RefusesCats), (Retries, GetsBetter)])
def test_a_row_that_fails_often_but_not_for_ever_is_let_alone(
    empty_storm: Storm, spout: type, bolt: type
) -> None:
    running = topology(empty_storm, spout, bolt).complete()
    assert running["store-bolt"].received.count([1, "cat"]) >= MANY - 1


def test_rows_that_are_fed_end_with_their_retries(empty_storm: Storm) -> None:
    feed = empty_storm.feed(ROWS, retries=2 * MANY)
    bolts = {"store-bolt": RefusesCats}
    running = empty_storm.topology(
        PLANTED / "store.clj", spouts={"rows": feed}, bolts=bolts, mode="inprocess"
    )
    assert running.complete()["store-bolt"].received.count([1, "cat"]) == 2 * MANY + 1


class NeedsTheFirst(Bolt):
    """Refuses every other row until the first one has been here."""

    auto_ack = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.is_open = False

    def process(self, tup: Tuple) -> None:
        self.is_open = self.is_open or tup.values == list(ROWS[0])
        if self.is_open:
            self.ack(tup)
        else:
            self.fail(tup)


def test_a_row_that_waits_for_one_that_is_still_to_time_out_is_no_livelock(
    empty_storm: Storm,
) -> None:
    running = empty_storm.topology(
        PLANTED / "store.clj",
        spouts={"rows": Retries},
        bolts={"store-bolt": NeedsTheFirst},
        conf={"topology.message.timeout.secs": 1},
        mode="inprocess",
    )
    running["store-bolt"].drop(nth=1)
    running.complete()
    assert len(running["store-bolt"].failed) > MANY
    assert running["rows"].pending == []


def test_a_limit_of_emits_ends_a_row_that_fails_for_ever(empty_storm: Storm) -> None:
    running = topology(empty_storm, Retries, RefusesCats)
    assert running.run_at_most(seconds=1000, emits=40) == "limit"


def test_rows_that_wait_for_one_that_is_still_to_time_out_wait_at_a_limit_of_emits_too(
    empty_storm: Storm,
) -> None:
    running = topology(empty_storm, Retries, NeedsTheFirst)
    running["store-bolt"].drop(nth=1)
    assert running.run_at_most(seconds=1000, emits=40) == "waits"


def test_an_exploration_gives_up_a_run_that_spins_while_it_waits_and_says_so(
    empty_storm: Storm,
) -> None:
    for run in empty_storm.explore(1):
        with run.topology(
            PLANTED / "store.clj", spouts={"rows": Retries}, bolts={"store-bolt": NeedsTheFirst}
        ) as running:
            running["store-bolt"].drop(nth=1)
            running.complete()
    assert empty_storm.warnings[-1].startswith(
        "explore: 1 of 1 runs were given up while a root failed again and again"
    )


@pytest.mark.parametrize(
    ("bolt", "retries", "ended"),
    [
        (NeedsTheFirst, 5, "ran out"),
        (NeedsTheFirst, 0, "over"),  # a row comes once only, as the test says
        (RefusesCats, 5, "over"),  # nothing else is pending by then
    ],
)
def test_rows_run_out_of_their_retries_where_another_one_is_pending(
    empty_storm: Storm, bolt: type, retries: int, ended: str
) -> None:
    running = empty_storm.topology(
        PLANTED / "store.clj",
        spouts={"rows": empty_storm.feed(ROWS, retries=retries)},
        bolts={"store-bolt": bolt},
        mode="inprocess",
    )
    if bolt is NeedsTheFirst:
        running["store-bolt"].drop(nth=1)
    assert running.run_at_most(seconds=1000, emits=1000) == ended


def test_an_exploration_gives_up_a_run_whose_rows_have_run_out_so(empty_storm: Storm) -> None:
    for run in empty_storm.explore(1):
        with run.topology(
            PLANTED / "store.clj",
            spouts={"rows": empty_storm.feed(ROWS, retries=5)},
            bolts={"store-bolt": NeedsTheFirst},
        ) as running:
            running["store-bolt"].drop(nth=1)
            running.complete()
            assert running["rows"].failed == []
    assert empty_storm.warnings[-1].startswith("explore: 1 of 1 runs were given up while")
