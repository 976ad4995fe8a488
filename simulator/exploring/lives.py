"""Lives: what became of each root of a run, in order, without task ids, tuple ids and times.

The life of a root is all that happened to it: emitted, handed on, acked, failed, timed out, emitted again. Attempts at
one message id are one life; so is what has failed and what is then emitted with the same values under another id. Two
roots with equal lives went the same way, so a fault at the same place of either does the same, as far as a trace can
tell. A search therefore counts the lives that it has seen, and prefers runs that show a new one.

A life is kept as a checksum and the number of its events, so it takes no more memory the longer it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from simulator.engine import events

MOST_ROOTS = 8  # of one tuple: a batch may be anchored to thousands, and its first ones tell enough
MOST_RESTARTS = 2  # of a task that are told apart


class Life(NamedTuple):
    """A life, or the part of it that has gone by.

    Attributes:
        checksum: of its events.
        size: how many events.
    """

    checksum: int = 0
    size: int = 0


class Place(NamedTuple):
    """Where in the life of a root something happens.

    Attributes:
        so_far: the life before it.
        whole: the whole life.
        is_struck: a fault has struck the root, which has not been settled since.
        is_meanwhile: a fault has struck another root, which has not been settled since.
    """

    so_far: Life
    whole: Life
    is_struck: bool = False
    is_meanwhile: bool = False


@dataclass(frozen=True)
class Lives:
    """The lives of a run.

    Attributes:
        seen: those of all its roots.
        places: by component and point ("tuple", "emit", "ack" or "fail"), the place of each, in the order in which they
            are counted; those of the tuples of all bolts by "". A spout's "ack" and "fail" are those it is notified of.
        tasks: by component, the task of each tuple to it; empty where the run goes on from another one.
    """

    seen: frozenset[Life] = frozenset()
    places: Mapping[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)
    tasks: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class LivesMark:
    """How far the lives of a run had been read when another run went on from there.

    Attributes:
        roots: how many roots there were.
        points: by component and point, how often it had been reached.
        later: the numbers of the roots to which the first run did something behind it.
    """

    roots: int
    points: Mapping[tuple[str, str], int]
    later: frozenset[int]


@dataclass(frozen=True)
class LivesRest:
    """The lives of a run that went on from another one, as far as they are not those of that run.

    Attributes:
        roots: the numbers of the earlier roots that may have other lives.
        seen: their lives, and those of later roots.
        changed: by component and point, places of them before the mark, by index.
        places: by component and point, the places behind the mark.
    """

    roots: frozenset[int]
    seen: frozenset[Life]
    changed: Mapping[tuple[str, str], Mapping[int, Place]]
    places: Mapping[tuple[str, str], tuple[Place, ...]]


def lives_of(trace: Iterable[events.Event], components: Mapping[int, str]) -> Lives:
    """Return the lives of a run.

    Args:
        trace: its events.
        components: the component of each task.
    """
    reader = LivesReader(components)
    for event in trace:
        reader.read(event)
    return reader.lives()


class _Root:
    """A root, while its life is being read."""

    def __init__(self, number: int, said: tuple[int, str, str]) -> None:
        self.number = number
        self.said = said  # the task, the stream and the values
        self.life = Life()
        self.points: list[tuple[tuple[str, str], int]] = []  # where it was, and at which index

    def add(self, word: str) -> None:
        checksum, size = self.life
        self.life = Life(crc32(word.encode("utf-8", "replace"), checksum), size + 1)


class _Point(NamedTuple):
    """A point at which a root was, or none was: a place as soon as the whole life is known."""

    root: _Root | None
    so_far: Life
    is_struck: bool
    is_meanwhile: bool

    @property
    def place(self) -> Place:
        whole = Life() if self.root is None else self.root.life
        return Place(self.so_far, whole, self.is_struck, self.is_meanwhile)


class LivesReader:
    """Reads the lives of a run, event by event.

    Args:
        components: the component of each task.

    Attributes:
        events: how many it has read.
        log: the number of the root of each thing that happened to one.
    """

    def __init__(self, components: Mapping[int, str]) -> None:
        self.events = 0
        self._counted: dict[int, Counter[Life]] = {}
        self.log: list[int] = []
        self._components = components
        self._roots: list[_Root] = []
        self._by_id: dict[tuple[int, str], _Root] = {}  # by task and message id
        # By task, stream and values, the last that has failed and was not emitted again.
        self._failed: dict[tuple[int, str, str], _Root] = {}
        self._roots_of: dict[str, tuple[_Root, ...]] = {}  # by tuple id
        self._held: dict[int, dict[str, tuple[_Root, ...]]] = {}  # by task and tuple id
        self._restarts: dict[int, int] = {}
        self._last: dict[int, int] = {}  # by task: the highest number of a root that it has settled
        self._struck: set[int] = set()  # numbers of roots that a fault has struck, until settled
        self._points: dict[tuple[str, str], list[_Point]] = {}
        self._tasks: dict[str, list[int]] = {}  # of tuples, by component

    def read(self, event: events.Event) -> None:
        """Read the next event."""
        self.events += 1
        if isinstance(event, events.Emit):
            self._emit(event)
        elif isinstance(event, events.Ack | events.Fail):
            self._settle(event)
        elif isinstance(event, events.Acked | events.Failed):
            root = self._by_id.get((event.task, event.id_json))
            if root is not None:
                point = "fail" if isinstance(event, events.Failed) else "ack"
                self._point(event.component, point, (root,))
                self._struck.discard(root.number)
                if isinstance(event, events.Failed):
                    self._failed[root.said] = root
                self._add([root], f"{event.event} {getattr(event, 'reason', '')}")
        elif isinstance(event, events.Fault):
            roots = self._roots_of.get(event.tuple_id, ())
            self._struck.update(root.number for root in roots)
            self._add(roots, f"{event.verdict} {event.component}")
            if event.copy_id is not None:
                self._send(event.task, event.copy_id, roots)
        elif isinstance(event, events.Restart):
            self._restarts[event.task] = self._restarts.get(event.task, 0) + 1
            held = self._roots_held(event.task)
            self._struck.update(root.number for root in held)
            self._add(held, f"restart {event.component}")
            self._held.pop(event.task, None)
        elif isinstance(event, events.Tick | events.Timer):
            self._add(self._roots_held(event.task), f"tick {event.component}")

    def _emit(self, event: events.Emit) -> None:
        roots: tuple[_Root, ...]
        if event.anchors:
            found = {
                root.number: root for each in event.anchors for root in self._roots_of.get(each, ())
            }
            roots = tuple(found.values())[:MOST_ROOTS]
        else:
            roots = (self._root_of(event),)
            self._struck.discard(roots[0].number)  # another attempt
        self._point(event.component, "emit", roots)
        to = " ".join(self._components.get(task, "") for task, _ in event.to)
        self._add(roots, f"emit {self._name(event)} {event.stream} {to}")
        for task, tuple_id in event.to:
            component = self._components.get(task, "")
            self._tasks.setdefault(component, []).append(task)
            self._point(component, "tuple", roots)
            self._point("", "tuple", roots)
            self._send(task, tuple_id, roots)

    def _root_of(self, event: events.Emit) -> _Root:
        """The root of an emit of a spout: a new one, or one that has failed, which may come again under another id."""
        said = event.task, event.stream, event.values_json
        key = None if event.id_json is None else (event.task, event.id_json)
        failed = self._failed.pop(said, None)
        if key is not None and key in self._by_id:
            return self._by_id[key]
        root = failed
        if root is None:
            root = _Root(len(self._roots), said)
            self._roots.append(root)
        if key is not None:
            self._by_id[key] = root
        return root

    def _send(self, task: int, tuple_id: str, roots: tuple[_Root, ...]) -> None:
        self._roots_of[tuple_id] = roots
        self._held.setdefault(task, {})[tuple_id] = roots

    def _settle(self, event: events.Ack | events.Fail) -> None:
        roots = self._roots_of.get(event.tuple_id, ())
        self._held.get(event.task, {}).pop(event.tuple_id, None)
        self._point(event.component, event.event, roots)
        number = roots[0].number if roots else 0
        is_overtaken = number < self._last.get(event.task, 0)
        self._last[event.task] = max(number, self._last.get(event.task, 0))
        self._add(roots, f"{event.event} {self._name(event)}{' overtaken' if is_overtaken else ''}")

    def _name(self, event: events.Event) -> str:
        """The component, and which life of its task it is in."""
        restarts = min(self._restarts.get(event.task, 0), MOST_RESTARTS)
        return event.component + "'" * restarts

    def _roots_held(self, task: int) -> Collection[_Root]:
        held = self._held.get(task, {})
        return {root.number: root for roots in held.values() for root in roots}.values()

    def _add(self, roots: Iterable[_Root], word: str) -> None:
        for root in roots:
            root.add(word)
            self.log.append(root.number)

    def _point(self, component: str, point: str, roots: tuple[_Root, ...]) -> None:
        root = roots[0] if roots else None
        here = Life() if root is None else root.life
        points = self._points.setdefault((component, point), [])
        if root is not None:
            root.points.append(((component, point), len(points)))
        is_struck = root is not None and root.number in self._struck
        points.append(_Point(root, here, is_struck, bool(self._struck) and not is_struck))

    def lives(self) -> Lives:
        """Return the lives that were read."""
        return Lives(
            frozenset(root.life for root in self._roots),
            {key: tuple(each.place for each in points) for key, points in self._points.items()},
            {component: tuple(tasks) for component, tasks in self._tasks.items()},
        )

    # -- a run that goes on from another one

    def mark(self, later: Iterable[int] = ()) -> LivesMark:
        """Return how far it has read.

        Args:
            later: the numbers of the roots to which something happens behind it.
        """
        sizes = {key: len(points) for key, points in self._points.items()}
        return LivesMark(len(self._roots), sizes, frozenset(later))

    def rest(self, mark: LivesMark, since: int) -> LivesRest:
        """Return what was read behind a mark.

        Args:
            mark: of the run that this one goes on from.
            since: the size of the log there.
        """
        numbers = mark.later.union(self.log[since:])
        early = [self._roots[number] for number in numbers if number < mark.roots]
        changed: dict[tuple[str, str], dict[int, Place]] = {}
        for root in early:
            for key, index in root.points:
                points = self._points[key]
                if index < mark.points.get(key, 0):
                    changed.setdefault(key, {})[index] = points[index].place
        return LivesRest(
            frozenset(root.number for root in early),
            frozenset(root.life for root in [*early, *self._roots[mark.roots :]]),
            changed,
            {
                key: tuple(each.place for each in points[mark.points.get(key, 0) :])
                for key, points in self._points.items()
            },
        )

    def whole(self, lives: Lives, mark: LivesMark, rest: LivesRest) -> Lives:
        """Return all lives of a run that went on from this one, which has been read to its end.

        Args:
            lives: of this run.
            mark: where the other one went on.
            rest: what it did there.
        """
        same = self._lives_of(mark.roots).copy()
        same.subtract(self._roots[number].life for number in rest.roots)
        places = {}
        for key, behind in rest.places.items():
            early = list(lives.places.get(key, ())[: mark.points.get(key, 0)])
            for index, place in rest.changed.get(key, {}).items():
                early[index] = place
            places[key] = (*early, *behind)
        return Lives(rest.seen.union(life for life, many in same.items() if many), places)

    def _lives_of(self, roots: int) -> Counter[Life]:
        """How many of the first roots have each life; of a run that has been read to its end."""
        if roots not in self._counted:
            self._counted[roots] = Counter(root.life for root in self._roots[:roots])
        return self._counted[roots]
