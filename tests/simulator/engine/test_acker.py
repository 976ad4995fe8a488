"""The XOR ledger against a model that remembers whole trees, and the buckets that time them out."""

import random

from hypothesis import example, given
from hypothesis import strategies as st

from simulator.engine.acker import Ledger, RotatingLedger, RotatingMap
from simulator.model.groupings import fields_index
from simulator.model.profiles import profile


class WholeTrees:
    """The reference: which copies of each root are still out."""

    def __init__(self) -> None:
        self.out: dict[int, set[int]] = {}

    def is_complete(self, root: int) -> bool:
        return not self.out[root]


@given(st.integers(), st.integers(1, 5), st.integers(0, 40))
def test_a_tree_is_complete_exactly_when_every_copy_has_been_acked(
    seed: int, roots: int, steps: int
) -> None:
    rng = random.Random(seed)
    ledger, model = Ledger(2), WholeTrees()
    copies: list[tuple[int, int]] = []  # (root, edge)
    for root in range(roots):
        edges = [rng.getrandbits(64) for _ in range(rng.randint(1, 3))]
        total = 0
        for edge in edges:
            total ^= edge
            copies.append((root, edge))
        model.out[root] = set(edges)
        assert ledger.open(root, total) is False
    for _ in range(steps):
        if not copies:
            break
        root, edge = copies.pop(rng.randrange(len(copies)))
        children = [rng.getrandbits(64) for _ in range(rng.choice([0, 0, 1, 2]))]
        ackval = 0
        for child in children:
            ackval ^= child
            copies.append((root, child))
            model.out[root].add(child)
        model.out[root].discard(edge)
        assert ledger.xor(root, edge ^ ackval) == model.is_complete(root)
    assert sorted(root for root in model.out if root in ledger) == sorted(
        root for root in model.out if not model.is_complete(root)
    )


def test_a_tree_without_copies_is_complete_at_once() -> None:
    assert Ledger(1).open(1, 0) is True


def test_only_the_first_failure_of_a_tree_counts_and_a_late_ack_is_ignored() -> None:
    ledger = Ledger(1)
    ledger.open(1, 5)
    assert [ledger.fail(1), ledger.fail(1), ledger.xor(1, 5)] == [True, False, False]


def test_a_dead_acker_takes_its_trees_with_it() -> None:
    ledger = Ledger(2)
    for root in range(100):
        ledger.open(root, 1)
    kept = [root for root in range(100) if ledger.acker_of(root) == 1]
    ledger.lose(lambda acker: acker == 0, 0)
    assert [root for root in range(100) if root in ledger] == kept
    assert 0 < len(kept) < 100


def test_a_ledger_that_rotates_forgets_a_root_at_the_second_rotation_after_the_last_news() -> None:
    now = [0]
    ledger = RotatingLedger(1, 10, lambda: now[0])

    def at(ms: int) -> int:
        now[0] = ms
        return ms

    for root in (1, 2, 3):
        ledger.open(root, 5)
    at(19)
    assert ledger.xor(1, 0) is False  # news of 1
    assert ledger.xor(2, 5) is True
    at(20)
    assert (ledger.xor(3, 5), ledger.fail(3), 3 in ledger) == (False, False, False)
    assert ledger.xor(1, 5) is True
    ledger.open(4, 5)
    at(29)
    ledger.lose(lambda acker: True, 34)
    assert 4 not in ledger
    at(34)
    ledger.open(5, 5)
    at(53)
    assert ledger.xor(5, 5) is True  # rotations at 44 and 54, for its acker began at 34


def test_an_entry_expires_at_the_second_rotation_after_it_was_put() -> None:
    pending: RotatingMap[int, str] = RotatingMap()
    pending.put(1, "early")
    assert pending.rotate() == []
    pending.put(2, "late")
    assert (len(pending), pending.values()) == (2, ["early", "late"])
    assert pending.rotate() == ["early"]
    assert pending.pop(2) == "late"
    assert pending.rotate() == []


@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 9))
@example(2147483617, 3)  # 31 more than it is no longer an int of Java's
@example(2147483647, 3)
def test_a_root_is_kept_by_the_acker_that_a_fields_grouping_on_it_chooses(
    root: int, ackers: int
) -> None:
    # Storm's roots are Longs, as every integer is up to 2.5.
    chosen = fields_index([root], ackers, profile("2.5.0"))
    assert Ledger(ackers).acker_of(root % 2**64) == chosen
