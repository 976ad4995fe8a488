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

    forget = fail

    def acker_of(self, root: int) -> int:
        """The index of the acker task that keeps a root (hash of a java.lang.Long, floor modulo)."""
        code = (31 + (root ^ (root >> 32))) & 0xFFFFFFFF  # an int of Java's: it wraps at 32 bits
        return (code - (1 << 32) if code >> 31 else code) % self._ackers

    def lose(self, dead: Callable[[int], bool]) -> None:
        """Forget the trees of dead acker tasks: they can only time out.

        Args:
            dead: tells of the index of an acker task whether it is dead.
        """
        lost = [root for root in self._values if dead(self.acker_of(root))]
        for root in lost:
            del self._values[root]


class RotatingMap(Generic[Key, Value]):
    """A map whose entries expire at the ``buckets``-th rotation after they were put in.

    Where it is rotated once a period, an entry lives longer than ``buckets - 1`` periods, and ``buckets`` at most.
    """

    def __init__(self, buckets: int = 2) -> None:
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
