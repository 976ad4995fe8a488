"""The ledger of the ackers, which knows when a tuple tree is complete, and the map whose entries time out.

Every copy of a tuple is an edge with a random 64-bit number. The ledger keeps one number for each root. An edge is
XORed into it when the copy is made, and once more when the copy is acked. So the number is zero when every copy has
been acked, and otherwise by a chance of one in 2**64. Nothing else of a tree is kept, however large the tree is.

Source: ``backtype.storm.daemon.acker`` (0.9), ``org.apache.storm.daemon.Acker`` and ``RotatingMap`` (2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

BUCKETS = 2  # of the maps of Storm whose entries time out


class Ledger:
    """One number for each root. A root belongs to an acker task, as in Storm (fields grouping on the root).

    Args:
        ackers: the number of acker tasks.
    """

    def __init__(self, ackers: int) -> None:
        self._ackers = ackers
        self._values: dict[int, int] = {}

    def __contains__(self, root: int) -> bool:
        return root in self._values

    def open(self, root: int, edges: int) -> bool:
        """Begin a tree with the XOR of its first edges; return whether it is complete at once, since it has none."""
        if not edges:
            return True
        self._values[root] = edges
        return False

    def xor(self, root: int, value: int) -> bool:
        """XOR ``value`` into the number of a root; return whether that completes its tree.

        A root that is not in the ledger (failed, expired, lost with its acker) is ignored.
        """
        known = self._values.get(root)
        if known is None:
            return False
        left = known ^ value
        if left:
            self._values[root] = left
            return False
        del self._values[root]
        return True

    def fail(self, root: int) -> bool:
        """Close a tree; return whether it was open. Only the first failure of a tree finds it open."""
        return self._values.pop(root, None) is not None

    def forget(self, root: int) -> None:
        """Forget a tree that nobody waits for any more."""
        self.fail(root)

    def acker_of(self, root: int) -> int:
        """The index of the acker task that keeps a root (hash of a java.lang.Long, floor modulo)."""
        code = (31 + (root ^ (root >> 32))) & 0xFFFFFFFF  # an int of Java's: it wraps at 32 bits
        return (code - (1 << 32) if code >> 31 else code) % self._ackers

    def lose(self, dead: Callable[[int], bool], up_ms: int) -> None:
        """Forget the trees of dead acker tasks: they can only time out.

        Args:
            dead: tells of the index of an acker task whether it is dead.
            up_ms: when they are up again, in virtual milliseconds.
        """
        lost = [root for root in self._values if dead(self.acker_of(root))]
        for root in lost:
            del self._values[root]


class RotatingLedger(Ledger):
    """The ledger of ackers that forget a root of which they hear nothing for two message timeouts.

    A root is forgotten at the second rotation of its acker after the last news of it. It is no failure: the spout hears
    nothing, and its own timeout fails the tuple, if there is one. What comes later of a forgotten root is ignored.

    Source: ``acker.clj``, and ``setup-ticks!`` of ``executor.clj``, which ticks ackers in 1.0.6, 1.0.7 and from 1.1.2
    to 1.2.4 only. The ``Acker`` of 2.x has a third bucket, so there a spout's timeout always comes first.

    Args:
        ackers: the number of acker tasks.
        period_ms: the message timeout, in milliseconds.
        now_ms: tells the virtual time.
    """

    def __init__(self, ackers: int, period_ms: int, now_ms: Callable[[], int]) -> None:
        super().__init__(ackers)
        self._period_ms = period_ms
        self._now_ms = now_ms
        self._heard_ms: dict[int, int] = {}
        self._began_ms = [0] * ackers

    def open(self, root: int, edges: int) -> bool:
        """Begin a tree; see ``Ledger``."""
        return self._heard(root, super().open(root, edges))

    def xor(self, root: int, value: int) -> bool:
        """XOR ``value`` into the number of a root that is not forgotten; see ``Ledger``."""
        self._forget_old(root)
        return self._heard(root, super().xor(root, value))

    def fail(self, root: int) -> bool:
        """Close a tree that is not forgotten; see ``Ledger``."""
        self._forget_old(root)
        return self._heard(root, super().fail(root))

    def lose(self, dead: Callable[[int], bool], up_ms: int) -> None:
        """Forget the trees of dead acker tasks, whose rotations begin anew; see ``Ledger``."""
        super().lose(dead, up_ms)
        self._heard_ms = {root: ms for root, ms in self._heard_ms.items() if root in self}
        for index in filter(dead, range(len(self._began_ms))):
            self._began_ms[index] = up_ms

    def _heard(self, root: int, result: bool) -> bool:
        """Note that there was news of a root, as far as its tree is open."""
        if root in self:
            self._heard_ms[root] = self._now_ms()
        else:
            self._heard_ms.pop(root, None)
        return result

    def _forget_old(self, root: int) -> None:
        if root in self:
            began_ms = self._began_ms[self.acker_of(root)]
            rotations = (self._now_ms() - began_ms) // self._period_ms
            if rotations - (self._heard_ms[root] - began_ms) // self._period_ms >= BUCKETS:
                del self._values[root]


class RotatingMap(Generic[Key, Value]):
    """A map whose entries expire at the ``buckets``-th rotation after they were put in.

    Where it is rotated once a period, an entry lives longer than ``buckets - 1`` periods, and ``buckets`` at most.
    """

    def __init__(self, buckets: int = BUCKETS) -> None:
        self._buckets: list[dict[Key, Value]] = [{} for _ in range(buckets)]

    def __len__(self) -> int:
        return sum(map(len, self._buckets))

    def put(self, key: Key, value: Value) -> None:
        """Put in a new entry."""
        self._buckets[0][key] = value

    def pop(self, key: Key) -> Value | None:
        """Take out an entry; None when there is none."""
        for bucket in self._buckets:
            if key in bucket:
                return bucket.pop(key)
        return None

    def values(self) -> list[Value]:
        """Every value, oldest first."""
        return [value for bucket in reversed(self._buckets) for value in bucket.values()]

    def rotate(self) -> list[Value]:
        """Let one period pass; return what has expired, oldest first."""
        expired = self._buckets.pop()
        self._buckets.insert(0, {})
        return list(expired.values())
