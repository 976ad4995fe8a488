"""The layout of a layered drawing: the rank of each box, its order within the rank, and its place along the rank.

This is Sugiyama's method in its simplest form. Loops are broken at the edges that lead back. The rank of a box is the
length of the longest path from a source. Within a rank each box moves to the mean place of its neighbours, in a few
sweeps down and up, and the order with the fewest crossings is kept. The places are a least-squares fit that keeps order
and spacing (pool adjacent violators). Equal input gives an equal layout.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Generic, TypeVar

__all__ = ["arrange", "back_edges", "ranks_of", "reading_order"]

Key = TypeVar("Key", bound=Hashable)

ORDER_SWEEPS = 12  # more improved no drawing that was tried
PLACE_SWEEPS = 16


def back_edges(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the edges that lead back to a node on the way, in a depth-first walk; without them there is no loop."""
    targets = _targets(nodes, edges)
    back: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for start in nodes:
        if start in seen:
            continue
        seen.add(start)
        on_the_way = {start}
        walk = [(start, iter(targets[start]))]
        while walk:  # not recursive: a chain may be longer than Python's stack
            node, following = walk[-1]
            target = next(following, None)
            if target is None:
                walk.pop()
                on_the_way.discard(node)
            elif target in on_the_way:
                back.add((node, target))
            elif target not in seen:
                seen.add(target)
                on_the_way.add(target)
                walk.append((target, iter(targets[target])))
    return back


def reading_order(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[str]:
    """Return the nodes, each after those that feed it, chains kept together. The edges must have no loop."""
    edges = list(edges)
    targets = _targets(nodes, edges)
    waiting = dict.fromkeys(nodes, 0)
    for _, target in dict.fromkeys(edges):
        waiting[target] += 1
    ready = [node for node in reversed(nodes) if not waiting[node]]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for target in reversed(targets[node]):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return order


def ranks_of(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the number of edges of the longest path to each node. The edges must have no loop."""
    edges = list(edges)
    targets = _targets(nodes, edges)
    ranks = dict.fromkeys(nodes, 0)
    for node in reading_order(nodes, edges):
        for target in targets[node]:
            ranks[target] = max(ranks[target], ranks[node] + 1)
    return ranks


def _targets(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in dict.fromkeys(edges):
        targets[source].append(target)
    return targets


def arrange(
    ranks: Sequence[Sequence[Key]],
    links: Iterable[tuple[Key, Key]],
    breadths: Mapping[Key, float],
    *,
    gap: float,
) -> dict[Key, float]:
    """Return the middle of each box along its rank, from 0 on.

    Args:
        ranks: the boxes of each rank.
        links: pairs of boxes of neighbouring ranks, the upper one first. A link across several ranks is a chain of
            links, with a box of no breadth in each rank between.
        breadths: the size of each box along its rank.
        gap: the least distance between two boxes of a rank.
    """
    above: dict[Key, list[Key]] = {key: [] for rank in ranks for key in rank}
    below: dict[Key, list[Key]] = {key: [] for rank in ranks for key in rank}
    for upper, lower in links:
        below[upper].append(lower)
        above[lower].append(upper)
    order = _untangled(ranks, above, below)
    return _placed(order, above, below, breadths, gap)


# -- the order within a rank -------------------------------------------------------------------------------------


def _untangled(
    ranks: Sequence[Sequence[Key]],
    above: Mapping[Key, Sequence[Key]],
    below: Mapping[Key, Sequence[Key]],
) -> list[list[Key]]:
    order = [list(rank) for rank in ranks]
    best, fewest = order, _crossings(order, below)
    for sweep in range(ORDER_SWEEPS):
        if not fewest:
            break
        downward = sweep % 2 == 0
        order = _swept(order, above if downward else below, downward=downward)
        crossings = _crossings(order, below)
        if crossings < fewest:
            best, fewest = order, crossings
    return best


def _swept(
    order: list[list[Key]], neighbours: Mapping[Key, Sequence[Key]], *, downward: bool
) -> list[list[Key]]:
    new = list(order)
    steps = range(1, len(order)) if downward else range(len(order) - 2, -1, -1)
    for rank in steps:
        fixed = new[rank - 1] if downward else new[rank + 1]
        places = {key: float(place) for place, key in enumerate(fixed)}
        wanted = {
            key: _mean([places[each] for each in neighbours[key]], place)
            for place, key in enumerate(new[rank])
        }
        new[rank] = sorted(new[rank], key=wanted.__getitem__)
    return new


def _crossings(order: Sequence[Sequence[Key]], below: Mapping[Key, Sequence[Key]]) -> int:
    total = 0
    for upper, lower in pairwise(order):
        places = {key: place for place, key in enumerate(lower)}
        passed: list[int] = []  # where the links further left end
        for key in upper:
            ends = sorted(places[each] for each in below[key])
            total += sum(len(passed) - bisect(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return total


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


# -- how far along a rank ----------------------------------------------------------------------------------------


def _placed(
    order: Sequence[Sequence[Key]],
    above: Mapping[Key, Sequence[Key]],
    below: Mapping[Key, Sequence[Key]],
    breadths: Mapping[Key, float],
    gap: float,
) -> dict[Key, float]:
    places: dict[Key, float] = {}
    for rank in order:
        _fit(rank, dict.fromkeys(rank, 0.0), places, breadths, gap)
    for sweep in range(PLACE_SWEEPS):
        downward = sweep % 2 == 0
        # The last two sweeps take both neighbours, so that neither end of the drawing dominates.
        both = sweep >= PLACE_SWEEPS - 2
        for rank in order if downward else reversed(order):
            wanted = {}
            for key in rank:
                looked_at = above[key] if downward else below[key]
                if both or not looked_at:
                    looked_at = [*above[key], *below[key]]
                wanted[key] = _mean([places[each] for each in looked_at], places[key])
            _fit(rank, wanted, places, breadths, gap)
    _straighten(order, above, below, places, breadths, gap)
    left = min((places[key] - breadths[key] / 2 for key in places), default=0.0)
    return {key: place - left for key, place in places.items()}


def _fit(
    rank: Sequence[Key],
    wanted: Mapping[Key, float],
    places: dict[Key, float],
    breadths: Mapping[Key, float],
    gap: float,
) -> None:
    """Place the boxes of a rank as near to the wanted places as order and spacing allow."""
    offsets: list[float] = []
    for place, key in enumerate(rank):
        before = rank[place - 1] if place else key
        distance = (breadths[before] + breadths[key]) / 2 + gap
        offsets.append(offsets[-1] + distance if place else 0.0)
    # Less its offset, each place is at least the one before: the least-squares fit pools neighbours that are not.
    pools: list[tuple[float, int]] = []  # mean, how many
    for key, offset in zip(rank, offsets, strict=True):
        mean, size = wanted[key] - offset, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean = (mean * size + other * others) / (size + others)
            size += others
        pools.append((mean, size))
    fitted = [mean for mean, size in pools for _ in range(size)]
    for key, offset, mean in zip(rank, offsets, fitted, strict=True):
        places[key] = mean + offset


def _straighten(
    order: Sequence[Sequence[Key]],
    above: Mapping[Key, Sequence[Key]],
    below: Mapping[Key, Sequence[Key]],
    places: dict[Key, float],
    breadths: Mapping[Key, float],
    gap: float,
) -> None:
    """Make each long edge straight for as many ranks as possible; it bends only where a box is in its way."""
    bends = {key for key in places if not breadths[key] and len(above[key]) == len(below[key]) == 1}
    free = _Room(order, places, breadths, gap)
    for rank in order:
        for key in rank:
            if key not in bends or above[key][0] in bends:
                continue
            run = [key]
            while below[run[-1]][0] in bends:
                run.append(below[run[-1]][0])
            place = places[above[key][0]]
            while run:
                reach, low, high = free.reach(run)
                place = min(max(place, low), high)
                places.update(dict.fromkeys(run[:reach], place))
                run = run[reach:]


class _Room(Generic[Key]):
    """Tells how far boxes can move before they come too near to the present places of their neighbours."""

    def __init__(
        self,
        order: Sequence[Sequence[Key]],
        places: Mapping[Key, float],
        breadths: Mapping[Key, float],
        gap: float,
    ) -> None:
        self._order = order
        self._at = {
            key: (rank, place) for rank, keys in enumerate(order) for place, key in enumerate(keys)
        }
        self._places = places
        self._breadths = breadths
        self._gap = gap

    def reach(self, run: Sequence[Key]) -> tuple[int, float, float]:
        """Return how many boxes, from the first on, have room at a common place, and the range of such places."""
        low, high = self._between(run[0])
        for count, key in enumerate(run[1:], 1):
            own_low, own_high = self._between(key)
            if max(low, own_low) > min(high, own_high):
                return count, low, high
            low, high = max(low, own_low), min(high, own_high)
        return len(run), low, high

    def _between(self, key: Key) -> tuple[float, float]:
        rank, place = self._at[key]
        keys = self._order[rank]
        own = self._breadths[key] / 2 + self._gap
        low, high = -inf, inf
        if place:
            before = keys[place - 1]
            low = self._places[before] + self._breadths[before] / 2 + own
        if place + 1 < len(keys):
            after = keys[place + 1]
            high = self._places[after] - self._breadths[after] / 2 - own
        # Rounding may leave a negative room: then the box stays where it is.
        return (low, high) if low <= high else (self._places[key], self._places[key])
