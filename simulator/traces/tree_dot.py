"""Trees of a message id in DOT, Graphviz' language: a box for the root and for each copy, an arrow for each emit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from simulator.engine import events
from simulator.traces.fates import fate, outcome_words, task_name
from simulator.traces.instants import shown_ms
from simulator.traces.timed_trees import Sent, Taken
from simulator.traces.words import short_json
from streamparse.multilang import DEFAULT_STREAM

__all__ = ["trees_to_dot"]

GOOD: Final = "#e4f5e1"
BAD: Final = "#fbe0dd"
OPEN: Final = "#fff3cd"


def trees_to_dot(roots: Sequence[Sent]) -> str:
    """Return the trees of these roots as one graph."""
    lines = [
        "digraph trees {",
        "    graph [rankdir=TB];",
        '    node [shape=box, style=filled, fontname="monospace"];',
        '    edge [fontname="monospace"];',
    ]
    numbers: dict[int, str] = {}
    for root in roots:
        lines += _root(root, numbers)
    return "\n".join([*lines, "}"]) + "\n"


def _root(root: Sent, numbers: dict[int, str]) -> Iterator[str]:
    emit = root.emit
    name = _name(root, numbers)
    attempt = [] if emit.id_json is None else [f"id {short_json(emit.id)}, attempt {root.attempt}"]
    label = [
        f"{task_name(emit.component, emit.task)} emits {short_json(emit.values)}",
        *attempt,
        outcome_words(root),
    ]
    colour = {"acked": GOOD, "untracked": GOOD, "pending": OPEN}.get(root.outcome_name, BAD)
    yield _node(name, label, colour, ', style="filled,rounded"')
    left: list[tuple[str, Sent]] = [(name, root)]
    seen: set[int] = set()
    while left:
        source, sent = left.pop()
        for taken in sent.copies:
            target = _name(taken, numbers)
            yield f"    {source} -> {target} [label={_label(_emit_lines(sent))}];"
            if id(taken) in seen:  # below a join
                continue
            seen.add(id(taken))
            label = [task_name(taken.component, taken.task), fate(taken)]
            yield _node(target, label, _colour(taken))
            left += [(target, each) for each in reversed(taken.emitted)]
        if not sent.copies and sent is not root:  # no bolt subscribes to the stream
            target = f"{source}_{len(numbers)}"
            numbers[-len(numbers) - 1] = target
            yield f'    {target} [shape=point, label=""];'
            yield f"    {source} -> {target} [label={_label(_emit_lines(sent))}];"


def _name(node: Sent | Taken, numbers: dict[int, str]) -> str:
    return numbers.setdefault(id(node), f"n{len(numbers)}")


def _emit_lines(sent: Sent) -> list[str]:
    stream = sent.emit.stream
    on = [] if stream == DEFAULT_STREAM else [f"on {stream}"]
    return [short_json(sent.emit.values), *on, f"at {shown_ms(sent.emit.at_ms)}"]


def _colour(taken: Taken) -> str:
    if isinstance(taken.settled, events.Ack):
        return GOOD
    return OPEN if taken.is_held and taken.died is None else BAD


def _node(name: str, label: Sequence[str], colour: str, more: str = "") -> str:
    return f'    {name} [label={_label(label)}, fillcolor="{colour}"{more}];'


def _label(lines: Sequence[str]) -> str:
    from simulator.drawing import (
        dot_lines,
        printable,
    )  # here: tests load this package, and draw nothing

    return dot_lines(printable(line) for line in lines)
