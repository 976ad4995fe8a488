"""Tuple trees: each root of a run with everything that came of it, built from the events of a trace.

A trace lists events in the order in which they happened, so another schedule gives another trace. A tree is in the
order of cause and effect: a root, its copies at the bolts, what each bolt emitted because of its copy, and so on. Task
ids, tuple ids and times are left out, and siblings are sorted by their content, not by when they came. So what does not
matter to the tuples does not change their trees.

A topology with a loop makes trees of any depth, so nothing here is recursive.
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
MOST_SHOWN = 10  # trees in a summary; the trace has all of them
DEPTH = 20  # levels that are indented; a loop makes trees that are much deeper


@dataclass(frozen=True, repr=False)
class Emission:
    """A tuple that a bolt emitted because of another.

    Attributes:
        values: its values.
        stream: the stream it was emitted on.
        copies: its copies at the bolts that subscribe to the stream; none when no bolt does.
        anchors: the number of tuples that it is anchored to.
    """

    values: list[Any]
    stream: str
    copies: tuple[Copy, ...]
    anchors: int

    def __repr__(self) -> str:
        return f"<{self._line()}>"

    def _line(self) -> str:
        shared = f" (anchored to {self.anchors} tuples)" if self.anchors > 1 else ""
        return f"-> {_shown(self.values, self.stream)}{shared}"


@dataclass(frozen=True, repr=False)
class Copy:
    """One copy of a tuple, at the bolt that it was sent to.

    Attributes:
        component: the bolt.
        values: its values.
        stream: the stream it was emitted on.
        state: "acked", "failed", "held" (on its way to the bolt, or not settled by it) or "lost" (dropped, or with its
            worker).
        note: the fault that was injected: "dropped", "delayed", "reordered", "duplicate", "failed on its way",
            "its root failed", "its ack was lost" or "its fail was lost";
            else empty.
        emitted: the tuples that are anchored to it.
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
    """One root with everything that came of it. ``str(tree)`` is the tree as indented text.

    Attributes:
        component: the component that emitted the root.
        values: its values.
        stream: the stream it was emitted on.
        id: the spout's message id; None when the root has none, or a bolt emitted it without an anchor.
        attempt: 1 for the first emission of its id, then 2, 3, ...
        outcome: "acked", "failed" (a bolt failed a copy), "timeout", "pending", or "untracked" (it has no message id).
        copies: the copies of the root.
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
        message_id = "" if self.outcome == "untracked" else f" id {_json(self.id)}"
        attempt = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.component} {_shown(self.values, self.stream)}{message_id}{attempt}: {self.outcome}"

    @property
    def is_plain(self) -> bool:
        """True when it looks as in a fault-free run: every copy was acked at the first attempt, and no fault struck."""
        if self.attempt > 1 or self.outcome not in ("acked", "untracked"):
            return False
        copies = (node for _, node in _walk(self) if isinstance(node, Copy))
        return all(copy.state == "acked" and not copy.note for copy in copies)


class Trees(list[Tree]):
    """The trees of a run. ``str(trees)`` is the text of all of them.

    The roots of spouts come first: by the name of the spout, in the order of emission, the attempts at one id together.
    The tuples that bolts emitted without an anchor follow.
    """

    def __str__(self) -> str:
        return "".join(f"{tree}\n" for tree in self)

    def of(self, ids: Collection[Any]) -> Trees:
        """The trees with one of these message ids.

        Args:
            ids: message ids, any JSON values.
        """
        wanted = {_json(each) for each in ids}
        return Trees(
            tree for tree in self if tree.outcome != "untracked" and _json(tree.id) in wanted
        )

    def telling(self) -> Trees:
        """The unusual trees: all attempts at each id of which some tree is not ``is_plain``."""
        unusual = {_key(tree) for tree in self if not tree.is_plain}
        return Trees(tree for tree in self if _key(tree) in unusual)


def story(trees: Trees, ids: Collection[Any] | None = None) -> str:
    """A summary in text: the trees with these ids; without ids the unusual ones, or all when none is unusual.

    Where a tuple without an anchor is unusual, any of the other trees may be the one that it should have been in. So
    the others follow.
    """
    shown = trees.of(ids) if ids is not None else chosen(trees)
    left = len(shown) - MOST_SHOWN
    more = f"and {left} more trees\n" if left > 0 else ""
    return str(Trees(shown[:MOST_SHOWN])) + more


def chosen(trees: Trees) -> Trees:
    """The trees of a summary: the unusual ones, or all when none is, and all behind one without an anchor."""
    found = trees.telling() or trees
    if any(tree.outcome == "untracked" for tree in found):
        # By identity: a tree with many joins takes long to compare by value.
        unusual = {id(tree) for tree in found}
        found = Trees([*found, *(tree for tree in trees if id(tree) not in unusual)])
    return found


def _key(tree: Tree) -> tuple[str, str]:
    name = _json(tree.values) if tree.outcome == "untracked" else f"id {_json(tree.id)}"
    return tree.component, name


# -- text -------------------------------------------------------------------------------------------------------

Node = Tree | Copy | Emission


def _walk(tree: Tree) -> Iterator[tuple[int, Node]]:
    """Every node with its depth, parents before children; a tuple with two anchors comes below each of them."""
    left: list[tuple[int, Node]] = [(0, tree)]
    seen: set[int] = set()
    while left:
        depth, node = left.pop()
        yield depth, node
        if isinstance(node, Emission):
            if (
                id(node) in seen
            ):  # what is below it is not repeated: it would double with every join
                continue
            seen.add(id(node))
        below: Sequence[Node] = node.emitted if isinstance(node, Copy) else node.copies
        # The lines of its copies show an emission, so it has a line and a depth of its own only without copies.
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


# -- building ---------------------------------------------------------------------------------------------------


@dataclass
class _Sent:
    """A tuple that was emitted, while its tree is being built."""

    component: str
    task: int
    values: list[Any]
    stream: str
    has_id: bool = False  # a spout waits for it
    id: Any = None
    by_bolt: bool = False
    anchors: int = 0
    outcome: Outcome = "untracked"
    copies: list[_Taken] = field(default_factory=list)
    built: Emission | None = None


@dataclass
class _Taken:
    """A copy of a tuple, while its tree is being built."""

    component: str
    task: int
    sent: _Sent
    state: State = "held"
    note: str = ""
    due_ms: int = -1  # when it arrives, if it is late
    emitted: list[_Sent] = field(default_factory=list)
    built: tuple[tuple[str, str], Copy] | None = (
        None  # with what it is sorted by among its siblings
    )


class _Builder:
    """Reads events in order, then builds their trees."""

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
            sent.has_id, sent.id, sent.outcome = True, event.id, "pending"
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
        """Lose what the task held, and what had arrived at it; a spout's task is never notified of what was pending."""
        unsettled = self._unsettled.get(event.task, {})
        for tuple_id, taken in list(unsettled.items()):
            if taken.due_ms <= event.at_ms:
                taken.state = "lost"
                del unsettled[tuple_id]
        for key in [key for key in self._waiting if key[1] == event.task]:
            del self._waiting[key]

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
            copies = sorted((_built(taken) for taken in sent.copies), key=lambda each: each[0])
            below = tuple(copy for _, copy in copies)
            sent.built = Emission(sent.values, sent.stream, below, sent.anchors)
        return Trees([*self._of_spouts(), *self._of_bolts()])

    def _of_spouts(self) -> Iterator[Tree]:
        """The trees of spouts: grouped by spout, task and id, each group where its id was first emitted."""
        groups: dict[tuple[str, int, str], list[_Sent]] = {}
        for number, sent in enumerate(self._roots):
            if not sent.by_bolt:
                name = _json(sent.id) if sent.has_id else f"untracked {number}"
                groups.setdefault((sent.component, sent.task, name), []).append(sent)
        for _, attempts in sorted(groups.items(), key=lambda group: group[0][:2]):
            yield from (_tree(sent, attempt) for attempt, sent in enumerate(attempts, 1))

    def _of_bolts(self) -> Iterable[Tree]:
        """The trees of bolts, sorted: the order in which a bolt emits depends on the schedule."""
        trees = [_tree(sent, 1) for sent in self._roots if sent.by_bolt]
        return sorted(trees, key=str)


_NOTES = {
    "drop": "dropped",
    "fail": "failed on its way",
    "delay": "delayed",
    "reorder": "reordered",
    "replay": "its root failed",
    "lost-ack": "its ack was lost",
    "lost-fail": "its fail was lost",
}


def _tree(sent: _Sent, attempt: int) -> Tree:
    assert sent.built is not None  # all that was sent is built before the trees
    return Tree(
        sent.component,
        sent.values,
        sent.stream,
        sent.id if sent.has_id else None,
        attempt,
        sent.outcome,
        sent.built.copies,
    )


def _built(taken: _Taken) -> tuple[tuple[str, str], Copy]:
    """The copy, with what it is sorted by: its own line, then a digest of everything below it."""
    emitted = tuple(sent.built for sent in taken.emitted if sent.built is not None)
    values, stream = taken.sent.values, taken.sent.stream
    copy = Copy(taken.component, values, stream, taken.state, taken.note, emitted)
    below = hashlib.sha256()
    for sent in taken.emitted:
        below.update(f"{_shown(sent.values, sent.stream)}\n".encode())
        for child in sent.copies:
            assert child.built is not None  # children are built first
            below.update("".join(child.built[0]).encode())
    taken.built = ((copy._line(), below.hexdigest()), copy)
    return taken.built


def build(events: Iterable[Event], components: Mapping[int, str]) -> Trees:
    """The trees of a trace's events; ``components`` is the component of each task."""
    builder = _Builder(components)
    for event in events:
        builder.read(event)
    return builder.trees()
