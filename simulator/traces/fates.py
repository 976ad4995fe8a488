"""What became of the copies of a root, in words, and so why a root timed out, failed or is pending."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.engine import events
from simulator.traces.instants import shown_ms
from simulator.traces.timed_trees import Sent, Taken
from simulator.traces.words import short_json

__all__ = ["fate", "outcome_words", "reasons", "subtree", "task_name"]


def task_name(component: str | None, task: int) -> str:
    """Return the name of a task as users read it: ``count-bolt[4]``, or ``task 4`` of an unknown component."""
    return f"task {task}" if component is None else f"{component}[{task}]"


def subtree(root: Sent) -> Iterator[Taken]:
    """Yield every copy below a root, each once, parents first."""
    seen: set[int] = set()
    left = [*reversed(root.copies)]
    while left:
        taken = left.pop()
        if id(taken) not in seen:
            seen.add(id(taken))
            yield taken
            left += [each for sent in reversed(taken.emitted) for each in reversed(sent.copies)]


def outcome_words(root: Sent) -> str:
    """Return what the spout was notified of, and when: ``failed by timeout at 120 s``."""
    at = "" if root.outcome is None else f" at {shown_ms(root.outcome.at_ms)}"
    if root.forgotten is not None:
        at = f" at {shown_ms(root.forgotten.at_ms)}"
    words = {
        "acked": "acked",
        "failed": "failed",
        "timeout": "failed by timeout",
        "forgotten": "forgotten: its spout was started again",
        "pending": "still pending",
        "untracked": "without a message id",
    }
    return f"{words[root.outcome_name]}{at}"


def fate(taken: Taken) -> str:
    """Return what became of a copy: ``acked at 12 ms``, ``held: neither acked nor failed``."""
    notes = [_fault_words(each) for each in taken.faults]
    return ", ".join([*notes, _end(taken)] if _end(taken) else notes)


def _fault_words(each: events.Fault | events.Late) -> str:
    at = shown_ms(each.at_ms)
    if isinstance(each, events.Late) or each.verdict == "delay":
        until = "" if each.due_ms is None else f" until {shown_ms(each.due_ms)}"
        return f"{'late' if isinstance(each, events.Late) else 'delayed'}{until}"
    return {
        "drop": f"dropped on its way at {at}",
        "fail": f"failed on its way at {at}",
        "reorder": f"reordered at {at}",
        "replay": f"its root was failed by a fault at {at}",
        "duplicate": f"doubled at {at}",
        "lost-ack": f"its ack was lost at {at}",
        "lost-fail": f"its fail was lost at {at}",
    }[each.verdict]


def _end(taken: Taken) -> str:
    if taken.settled is not None:
        verb = "acked" if isinstance(taken.settled, events.Ack) else "failed"
        return f"{verb} at {shown_ms(taken.settled.at_ms)}"
    if taken.died is not None:
        again = ", and was started again" if taken.lost is not None else ""
        return f"lost: its task died at {shown_ms(taken.died.at_ms)}{again}"
    if taken.lost is not None:
        return f"lost: its worker was started again at {shown_ms(taken.lost.at_ms)}"
    return "held: neither acked nor failed" if taken.is_held else ""


def reasons(root: Sent) -> Sequence[str]:
    """Return why a root was not acked, a clause for each copy that kept it from that: who had it, and what happened."""
    end_ms = None if root.outcome is None else root.outcome.at_ms
    found = [words for taken in subtree(root) for words in _reasons(taken, end_ms)]
    if not found and root.outcome_name in ("timeout", "pending"):
        return ["every copy was acked" if root.copies else "no bolt was sent a copy"]
    return found


def _reasons(taken: Taken, end_ms: int | None) -> Iterator[str]:
    who = task_name(taken.component, taken.task)
    what = short_json(taken.sent.emit.values)
    for each in taken.faults:
        if isinstance(each, events.Fault) and each.verdict in ("lost-ack", "lost-fail"):
            kind = each.verdict.removeprefix("lost-")
            yield f"the {kind} of {what} by {who} was lost at {shown_ms(each.at_ms)}"
    if taken.is_dropped:
        yield f"{what} was dropped on its way to {who}"
    elif taken.is_failed_by_fault:
        yield f"{what} was failed on its way to {who}"
    elif isinstance(taken.settled, events.Fail):
        yield f"{who} failed {what} at {shown_ms(taken.settled.at_ms)}"
    elif taken.settled is not None:
        if end_ms is not None and taken.settled.at_ms > end_ms:
            yield f"{who} acked {what} at {shown_ms(taken.settled.at_ms)}, too late"
    elif taken.died is not None:
        yield f"{who} died at {shown_ms(taken.died.at_ms)} and had {what}"
    elif taken.lost is not None:
        yield f"{who} had {what} when its worker was started again at {shown_ms(taken.lost.at_ms)}"
    else:
        sent_ms = taken.due_ms()
        yield f"{who} neither acked nor failed {what}, sent to it at {shown_ms(sent_ms)}"
