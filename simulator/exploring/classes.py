"""Classes of equal faults: those that strike at the same place of the same life."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from simulator.exploring.cases import Fault, Kind
from simulator.exploring.fault_points import FaultPoints, single_faults
from simulator.exploring.lives import Life, Lives, Place


class FaultClass(NamedTuple):
    """What faults have in common that do the same to roots that go the same way.

    Attributes:
        fault: one of them, as if it were the first of its component.
        place: where it strikes; None where that is in no root's life.
        nth: which it is, where that is in no root's life; else 0.
    """

    fault: Fault
    place: Place | None
    nth: int


def place_of(fault: Fault, lives: Sequence[Lives]) -> Place | None:
    """Return where in the life of a root a fault strikes; None where that is in none.

    Args:
        fault: the fault.
        lives: of each topology of a run that the fault would strike in.
    """
    if fault.topology >= len(lives):
        return None
    point = "fail" if fault.kind == "lost-fail" else fault.after or fault.before
    places = lives[fault.topology].places.get((fault.component, point), ())
    return places[fault.nth - 1] if fault.nth <= len(places) else None


def class_of(fault: Fault, lives: Sequence[Lives]) -> FaultClass:
    """Return the class of a fault in a run with these lives."""
    place = place_of(fault, lives)
    first = fault if fault.nth == 1 else replace(fault, nth=1)
    return FaultClass(first, place, fault.nth if place is None else 0)


def in_turn(faults: Iterable[Fault], lives: Sequence[Lives]) -> list[Fault]:
    """Return the faults so that the most telling come first: one of each class, then a second of each, and so on.

    Within a class the middle comes first, where much has been done and much is still to do, then the first and the
    last, and so on in smaller and smaller steps.
    """
    classes: dict[FaultClass, list[Fault]] = {}
    for fault in faults:
        classes.setdefault(class_of(fault, lives), []).append(fault)
    ordered = [_middle_first(each) for each in classes.values()]
    longest = max(map(len, ordered), default=0)
    return [each[nth] for nth in range(longest) for each in ordered if nth < len(each)]


def _middle_first(faults: Sequence[Fault]) -> list[Fault]:
    """Return all of them: the middle, the first, the last, and then the middles of what is left."""
    size = len(faults)
    order: dict[int, None] = dict.fromkeys((size // 2, 0, size - 1))
    parts = [(0, size)]
    while parts:
        parts = [
            part
            for start, end in parts
            for part in ((start, (start + end) // 2), ((start + end) // 2 + 1, end))
            if part[0] < part[1]
        ]
        order.update(dict.fromkeys((start + end) // 2 for start, end in parts))
    return [faults[nth] for nth in order]


class Plain:
    """What the fault-free run has: what is not in it was brought about by a fault, or by the schedule.

    Args:
        points: of each of its topologies.
        lives: of each of its topologies.
        kinds: of faults.
    """

    def __init__(
        self, points: Sequence[FaultPoints], lives: Sequence[Lives], kinds: Sequence[Kind]
    ) -> None:
        self._faults = frozenset(single_faults(points, kinds))
        self._lives = so_far(lives)

    def has(self, fault: Fault, lives: Sequence[Lives]) -> bool:
        """Return whether a fault strikes what happens without faults too.

        Args:
            fault: the fault.
            lives: of the run in which it would strike.
        """
        place = place_of(fault, lives)
        return fault in self._faults if place is None else place.so_far in self._lives


def strikes_at(fault: Fault, lives: Sequence[Lives]) -> FaultClass:
    """Return the class of faults at places to which roots have come in the same way, wherever they go from there."""
    kind = class_of(fault, lives)
    place = kind.place
    return (
        kind
        if place is None
        else FaultClass(kind.fault, Place(place.so_far, place.so_far), kind.nth)
    )


def so_far(lives: Sequence[Lives]) -> frozenset[Life]:
    """Return every life, and every part of one, at which something can strike."""
    return frozenset(
        place.so_far for each in lives for places in each.places.values() for place in places
    )
