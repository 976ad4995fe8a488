"""Which tuple trees are complete: Storm's XOR ledger, and the rotating buckets that time them out.

Every copy of a tuple is an edge with a random 64-bit number. The ledger keeps one number per root: each edge is
XORed in when it is made and once more when its tuple is acked, so the number is zero exactly when every copy has
been acked (but for one chance in 2**64). Nothing else about the tree is remembered, however large it grows.

Source: ``backtype.storm.daemon.acker`` (0.9), ``org.apache.storm.daemon.Acker`` and ``RotatingMap`` (2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Ledger:
    """One number per root, dealt over the acker tasks as Storm deals them (fields grouping on the root)."""

    def __init__(self, ackers: int) -> None:
        self._ackers = ackers
        self._values: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, root: int) -> bool:
        return root in self._values

    def open(self, root: int, edges: int) -> bool:
        """Begin a tree with the XOR of its first edges; true when it is complete at once (it has none)."""
        if not edges:
            return True
        self._values[root] = edges
        return False

    def xor(self, root: int, value: int) -> bool:
        """Bring ``value`` into the root's number; true when that completes the tree.

        A root that is not here (failed, expired, lost with its acker) is no concern any more.
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
        """Close the tree; true when it was open, so that of all failures only the first is told."""
        return self._values.pop(root, None) is not None

    forget = fail

    def acker_of(self, root: int) -> int:
        """The index of the acker task that keeps this root (hash of a java.lang.Long, floor mod)."""
        word = (root ^ (root >> 32)) & 0xFFFFFFFF
        return (31 + (word - (1 << 32) if word >> 31 else word)) % self._ackers

    def lose(self, dead: Callable[[int], bool]) -> None:
        """Forget what the acker tasks kept whose index is dead: their trees can only time out."""
        lost = [root for root in self._values if dead(self.acker_of(root))]
        for root in lost:
            del self._values[root]


class RotatingMap(Generic[Key, Value]):
    """A map whose entries expire after ``buckets`` rotations: between (buckets-1) and buckets periods."""

    def __init__(self, buckets: int = 2) -> None:
        self._buckets: list[dict[Key, Value]] = [{} for _ in range(buckets)]

    def __len__(self) -> int:
        return sum(map(len, self._buckets))

    def put(self, key: Key, value: Value) -> None:
        self._buckets[0][key] = value

    def pop(self, key: Key) -> Value | None:
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
