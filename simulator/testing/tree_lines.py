"""Tuple trees as lines of a report: those in which something is unusual, and what repeats only once."""

from __future__ import annotations

from itertools import groupby

from simulator.engine import trees


def tree_lines(found: trees.Trees) -> list[str]:
    """Return the unusual trees, or all where none is; attempts at one id that end like the one before are counted.

    Args:
        found: all trees of a run.
    """
    chosen = trees.chosen(found)
    lines: list[str] = []
    for _, group in groupby(chosen, key=_without_number):
        attempts = list(group)
        lines += str(attempts[0]).splitlines()
        if len(attempts) > 1:
            first, last = attempts[1].attempt, attempts[-1].attempt
            which = f"attempt {first}" if first == last else f"attempts {first} to {last}"
            lines.append(f"  {which}: the same")
    return lines


def _without_number(tree: trees.Tree) -> object:
    """What tells a tree from one that is no other attempt at the same id with the same end."""
    if tree.outcome == "untracked":
        return id(tree)
    below = str(tree).splitlines()[1:]
    return (tree.component, str(tree.id), tree.outcome, below)
