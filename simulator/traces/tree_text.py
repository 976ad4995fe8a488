"""The trees of a message id as indented text: every attempt, each copy with its task, and what became of it when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from simulator.traces.fates import fate, outcome_words, reasons, task_name
from simulator.traces.instants import shown_ms
from simulator.traces.timed_trees import Sent, Taken
from simulator.traces.words import short_json
from streamparse.multilang import DEFAULT_STREAM

__all__ = ["id_text", "tree_lines"]

DEPTH = 20  # levels that are indented; a loop makes trees that are much deeper
MOST_LINES = 400  # of one tree
MOST_REASONS = 5


def id_text(roots: Sequence[Sent]) -> list[str]:
    """Return the lines about all attempts at one message id of one spout, which are at least one."""
    first = roots[0].emit
    if len(roots) == 1:
        outcome = outcome_words(roots[0])
    else:
        outcomes = Counter(each.outcome_name for each in roots)
        counted = ", ".join(f"{count} {name}" for name, count in outcomes.items())
        outcome = f"{len(roots)} attempts: {counted}"
    lines = [f"id {short_json(first.id)} of {task_name(first.component, first.task)}: {outcome}"]
    for root in roots:
        lines += ["", *tree_lines(root)]
        if root.outcome_name != "acked":
            lines += _why(root)
    return lines


def _why(root: Sent) -> list[str]:
    found = reasons(root)
    more = len(found) - MOST_REASONS
    shown = [*found[:MOST_REASONS], *([f"and {more} more copies"] if more > 0 else [])]
    return [f"  why: {each}" for each in shown]


def tree_lines(root: Sent) -> list[str]:
    """Return the lines of one tree, ``MOST_LINES`` at most: the root, its copies, what came of each."""
    lines: list[str] = []
    for depth, line in _walk(root):
        if len(lines) == MOST_LINES:
            lines.append("  (the tree is larger: only its beginning is shown)")
            break
        lines.append("  " * min(depth, DEPTH) + line)
    return lines


def _walk(root: Sent) -> Iterator[tuple[int, str]]:
    emit = root.emit
    attempt = f"attempt {root.attempt}: " if emit.id_json is not None else ""
    yield (
        0,
        f"{attempt}{task_name(emit.component, emit.task)} emits {_values(root)} "
        f"at {shown_ms(emit.at_ms)}; {outcome_words(root)}",
    )
    left: list[tuple[int, Sent | Taken]] = [(1, each) for each in reversed(root.copies)]
    seen: set[int] = set()
    while left:
        depth, node = left.pop()
        if isinstance(node, Taken):
            yield depth, _copy(node)
            left += [(depth + 1, each) for each in reversed(node.emitted)]
            continue
        yield depth, f"emits {_values(node)} at {shown_ms(node.emit.at_ms)}{_joined(node)}"
        if id(node) in seen:  # what is below it is not repeated: it would double with every join
            if node.copies:
                yield depth + 1, "(its copies are above)"
            continue
        seen.add(id(node))
        left += [(depth + 1, each) for each in reversed(node.copies)]


def _copy(taken: Taken) -> str:
    what = f"{task_name(taken.component, taken.task)} gets {_values(taken.sent)}"
    return f"{what}: {fate(taken)}"


def _values(sent: Sent) -> str:
    stream = sent.emit.stream
    on = "" if stream == DEFAULT_STREAM else f" on {stream}"
    return f"{short_json(sent.emit.values)}{on}"


def _joined(sent: Sent) -> str:
    count = len(sent.emit.anchors or ())
    return f" (anchored to {count} tuples)" if count > 1 else ""
