"""The tuple tree of each root, made from the trace.

A trace is in the order in which things happened, so another schedule gives another trace. A tree is in the order of
cause: a root, the copies of it at the bolts that took it, what each of those emitted because of it, and so on. Task
ids, tuple ids and times are left out, siblings are sorted by what they are and not by when they came; so what does
not matter to the tuples does not change their trees.

Trees can be as deep as a topology with a loop likes, so nothing here calls itself.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.engine.events import (
    Ack,
    Acked,
    Emit,
    Event,
    Fail,
    Failed,
    Fault,
    Late,
    Restart,
)
from streamparse.multilang import DEFAULT_STREAM

State = Literal["acked", "failed", "held", "lost"]
Outcome = Literal["acked", "failed", "timeout", "pending", "untracked"]
MOST_TOLD = 10  # trees of a story; who wants more has the trace
DEPTH = 20  # levels that are indented; below, a loop would print more blanks than words


@dataclass(frozen=True, repr=False)
class Emission:
    """A tuple that a bolt emitted, and its copies at the bolts that listen; none when nobody does."""

    values: list[Any]
    stream: str
    copies: tuple[Copy, ...]
    anchors: int  # how many tuples it is anchored to

    def __repr__(self) -> str:
        return f"<{self._line()}>"

    def _line(self) -> str:
        shared = f" (anchored to {self.anchors} tuples)" if self.anchors > 1 else ""
        return f"-> {_shown(self.values, self.stream)}{shared}"


@dataclass(frozen=True, repr=False)
class Copy:
    """One copy of a tuple, at the bolt that took it.

    Attributes:
        state: "acked", "failed", "held" (on its way or taken, and not settled) or "lost" (with its worker, or dropped).
        note: what was done to it on purpose: "dropped", "delayed", "duplicate", "failed on its way" or
            "its ack was lost".
        emitted: what was emitted anchored to it.
    """

    component: str
    values: list[Any]
    stream: str
    state: State
    note: str
    emitted: tuple[Emission, ...]

    def __repr__(self) -> str:
        return f"<{self._line()}>"

    def _line(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.component} {_shown(self.values, self.stream)}: {self.state}{note}"


@dataclass(frozen=True, repr=False)
class Tree:
    """One root and all that came of it. ``str(tree)`` is the tree as indented text.

    Attributes:
        id: the spout's message id; None when Storm did not track it, or a bolt emitted it without an anchor.
        attempt: 1 for the first emission of its id, then 2, 3, ...
        outcome: "acked", "failed" (a bolt failed it), "timeout", "pending", or "untracked".
    """

    component: str
    values: list[Any]
    stream: str
    id: Any
    attempt: int
    outcome: Outcome
    copies: tuple[Copy, ...]

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def __repr__(self) -> str:
        return f"<{self._line()}>"

    def _line(self) -> str:
        told = "" if self.outcome == "untracked" else f" id {_json(self.id)}"
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.component} {_shown(self.values, self.stream)}{told}{again}: {self.outcome}"

    @property
    def is_plain(self) -> bool:
        """True when all went as in a fault-free run: every copy acked at the first attempt, and no fault."""
        if self.attempt > 1 or self.outcome not in ("acked", "untracked"):
            return False
        copies = (node for _, node in _walk(self) if isinstance(node, Copy))
        return all(copy.state == "acked" and not copy.note for copy in copies)


class Trees(list[Tree]):
    """The trees of a run: spouts by name, their roots in the order of emission, attempts together; then what bolts
    emitted without an anchor. ``str(trees)`` is the text of all."""

    def __str__(self) -> str:
        return "".join(f"{tree}\n" for tree in self)

    def of(self, ids: Collection[Any]) -> Trees:
        """Those with one of these message ids."""
        wanted = {_json(each) for each in ids}
        return Trees(
            tree for tree in self if tree.outcome != "untracked" and _json(tree.id) in wanted
        )

    def telling(self) -> Trees:
        """Those of which there is something to tell: every attempt of an id that did not go plainly."""
        told = {_key(tree) for tree in self if not tree.is_plain}
        return Trees(tree for tree in self if _key(tree) in told)


def story(trees: Trees, ids: Collection[Any] | None = None) -> str:
    """The trees with these ids as text; without ids those that did not go plainly, or all when all did.

    Where something without an anchor went wrong, the tree that it should have been in is among the others: so they
    are told too.
    """
    chosen = trees.of(ids) if ids is not None else trees.telling() or trees
    if ids is None and any(tree.outcome == "untracked" for tree in chosen):
        # Not by value: a tree full of joins is long to compare.
        told = {id(tree) for tree in chosen}
        chosen = Trees([*chosen, *(tree for tree in trees if id(tree) not in told)])
    left = len(chosen) - MOST_TOLD
    more = f"and {left} more trees\n" if left > 0 else ""
    return str(Trees(chosen[:MOST_TOLD])) + more


def _key(tree: Tree) -> tuple[str, str]:
    name = _json(tree.values) if tree.outcome == "untracked" else f"id {_json(tree.id)}"
    return tree.component, name


# -- text -------------------------------------------------------------------------------------------------------

Node = Tree | Copy | Emission


def _walk(tree: Tree) -> Iterator[tuple[int, Node]]:
    """Every node with its depth, parents first; what two tuples anchor comes below each of them."""
    left: list[tuple[int, Node]] = [(0, tree)]
    seen: set[int] = set()
    while left:
        depth, node = left.pop()
        yield depth, node
        if isinstance(node, Emission):
            if id(node) in seen:  # told already; again and again would double with every join
                continue
            seen.add(id(node))
        below: Sequence[Node] = node.emitted if isinstance(node, Copy) else node.copies
        # Copies say what was emitted, so an emission that somebody took has no line, and no depth, of its own.
        under = depth if isinstance(node, Emission) and not _has_line(node) else depth + 1
        left += [(under, each) for each in reversed(below)]


def _has_line(node: Node) -> bool:
    return not isinstance(node, Emission) or not node.copies or node.anchors > 1


def _lines(tree: Tree) -> Iterator[str]:
    for depth, node in _walk(tree):
        if _has_line(node):
            yield "  " * min(depth, DEPTH) + node._line()


def _shown(values: list[Any], stream: str) -> str:
    return _json(values) + (f" on {stream}" if stream != DEFAULT_STREAM else "")


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Half a surrogate pair is JSON, and no UTF-8: a file could not hold it.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


# -- growing ----------------------------------------------------------------------------------------------------


@dataclass
class _Sent:
    """A tuple that was emitted, while its tree grows."""

    component: str
    task: int
    values: list[Any]
    stream: str
    told: bool = False  # it has a message id, so a spout waits for it
    id: Any = None
    by_bolt: bool = False
    anchors: int = 0
    outcome: Outcome = "untracked"
    copies: list[_Taken] = field(default_factory=list)
    grown: Emission | None = None


@dataclass
class _Taken:
    """A copy of it, while its tree grows."""

    component: str
    task: int
    sent: _Sent
    state: State = "held"
    note: str = ""
    due_ms: int = -1  # when it arrives, if it is late
    emitted: list[_Sent] = field(default_factory=list)
    grown: tuple[tuple[str, str], Copy] | None = None  # with its place among its siblings


class _Grower:
    """Reads events in order; ``trees`` is what has grown from them."""

    def __init__(self, components: Mapping[int, str]) -> None:
        self._components = components
        self._roots: list[_Sent] = []
        self._all: list[_Sent] = []  # parents before children
        self._taken: dict[str, _Taken] = {}  # by Storm's tuple id
        self._unsettled: dict[int, dict[str, _Taken]] = {}  # by task
        self._waiting: dict[tuple[str, int, str], deque[_Sent]] = {}

    def read(self, event: Event) -> None:
        handle = self._HANDLERS.get(type(event))
        if handle is not None:
            handle(self, event)

    def _emit(self, event: Emit) -> None:
        sent = _Sent(event.component, event.task, event.values, event.stream)
        self._all.append(sent)
        parents = [self._taken[each] for each in event.anchors or () if each in self._taken]
        sent.by_bolt, sent.anchors = event.anchors is not None, len(parents)
        for parent in parents:
            parent.emitted.append(sent)
        if not parents:
            self._roots.append(sent)
        if event.id_json is not None:
            sent.told, sent.id, sent.outcome = True, event.id, "pending"
            key = (sent.component, sent.task, event.id_json)
            self._waiting.setdefault(key, deque()).append(sent)
        for task, tuple_id in event.to:
            self._add(tuple_id, _Taken(self._name(task), task, sent))

    def _name(self, task: int) -> str:
        return self._components.get(task, f"task {task}")

    def _add(self, tuple_id: str, taken: _Taken) -> None:
        taken.sent.copies.append(taken)
        self._taken[tuple_id] = taken
        self._unsettled.setdefault(taken.task, {})[tuple_id] = taken

    def _settle(self, event: Ack | Fail) -> None:
        taken = self._taken.get(event.tuple_id)
        if taken is not None:
            taken.state = "acked" if isinstance(event, Ack) else "failed"
            self._unsettled[taken.task].pop(event.tuple_id, None)

    def _acked(self, event: Acked) -> None:
        self._notify(event, "acked")

    def _failed(self, event: Failed) -> None:
        self._notify(event, "timeout" if event.reason == "timeout" else "failed")

    def _notify(self, event: Acked | Failed, outcome: Outcome) -> None:
        waiting = self._waiting.get((event.component, event.task, event.id_json))
        if waiting:
            waiting.popleft().outcome = outcome

    def _fault(self, event: Fault) -> None:
        taken = self._taken.get(event.tuple_id)
        if taken is None:
            return
        if event.copy_id is not None:
            copy = _Taken(taken.component, taken.task, taken.sent, note="duplicate")
            self._add(event.copy_id, copy)
            return
        taken.note = _NOTES[event.verdict]
        if event.due_ms is not None:
            taken.due_ms = event.due_ms
        elif event.verdict in ("drop", "fail"):
            taken.state = "lost" if event.verdict == "drop" else "failed"
            self._unsettled[taken.task].pop(event.tuple_id, None)

    def _late(self, event: Late) -> None:
        self._taken[event.tuple_id].due_ms = event.due_ms

    def _restart(self, event: Restart) -> None:
        """Lose what the task held, and what had arrived and was not taken."""
        unsettled = self._unsettled.get(event.task, {})
        for tuple_id, taken in list(unsettled.items()):
            if taken.due_ms <= event.at_ms:
                taken.state = "lost"
                del unsettled[tuple_id]

    _HANDLERS: Mapping[type[Event], Any] = {
        Emit: _emit,
        Ack: _settle,
        Fail: _settle,
        Acked: _acked,
        Failed: _failed,
        Fault: _fault,
        Late: _late,
        Restart: _restart,
    }

    def trees(self) -> Trees:
        for sent in reversed(self._all):  # children first
            copies = sorted((_grown(taken) for taken in sent.copies), key=lambda each: each[0])
            below = tuple(copy for _, copy in copies)
            sent.grown = Emission(sent.values, sent.stream, below, sent.anchors)
        return Trees([*self._of_spouts(), *self._of_bolts()])

    def _of_spouts(self) -> Iterator[Tree]:
        """Grouped by spout, task and id, each where it was first emitted."""
        groups: dict[tuple[str, int, str], list[_Sent]] = {}
        for number, sent in enumerate(self._roots):
            if not sent.by_bolt:
                name = _json(sent.id) if sent.told else f"untracked {number}"
                groups.setdefault((sent.component, sent.task, name), []).append(sent)
        for _, attempts in sorted(groups.items(), key=lambda group: group[0][:2]):
            yield from (_tree(sent, attempt) for attempt, sent in enumerate(attempts, 1))

    def _of_bolts(self) -> Iterable[Tree]:
        """A bolt emits in the order in which its tuples came, which is the schedule's: so sorted."""
        trees = [_tree(sent, 1) for sent in self._roots if sent.by_bolt]
        return sorted(trees, key=str)


_NOTES = {
    "drop": "dropped",
    "fail": "failed on its way",
    "delay": "delayed",
    "lost-ack": "its ack was lost",
}


def _tree(sent: _Sent, attempt: int) -> Tree:
    assert sent.grown is not None  # roots are among all that was sent
    return Tree(
        sent.component,
        sent.values,
        sent.stream,
        sent.id if sent.told else None,
        attempt,
        sent.outcome,
        sent.grown.copies,
    )


def _grown(taken: _Taken) -> tuple[tuple[str, str], Copy]:
    """The copy, and what it is sorted by: its own line, then (as a digest) all that is below it."""
    emitted = tuple(sent.grown for sent in taken.emitted if sent.grown is not None)
    values, stream = taken.sent.values, taken.sent.stream
    copy = Copy(taken.component, values, stream, taken.state, taken.note, emitted)
    below = hashlib.sha256()
    for sent in taken.emitted:
        below.update(f"{_shown(sent.values, sent.stream)}\n".encode())
        for child in sent.copies:
            assert child.grown is not None  # children have grown first
            below.update("".join(child.grown[0]).encode())
    taken.grown = ((copy._line(), below.hexdigest()), copy)
    return taken.grown


def grow(events: Iterable[Event], components: Mapping[int, str]) -> Trees:
    """The trees of a trace's events; ``components`` says whose the tasks are."""
    grower = _Grower(components)
    for event in events:
        grower.read(event)
    return grower.trees()
