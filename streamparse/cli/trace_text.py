"""What several commands show of a trace: opening a file, the line of an event, the trees of a message id.

Values are data of a topology: nothing in these lines is obeyed by a terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from streamparse.cli.colour import RED, YELLOW, painted
from streamparse.cli.output import visible, warn
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator.engine import events
    from simulator.traces import Sent, TraceReader

__all__ = ["event_line", "id_lines", "near_ids", "reading", "trees_of_id"]

MOST_NEAR = 5  # message ids that are named when one is unknown
MOST_IDS = 100_000  # that are compared with an unknown one


@contextmanager
def reading(path: str) -> Iterator[TraceReader]:
    """Open a trace; at the end say what of it could not be read.

    Raises:
        UsageError: it cannot be opened, or is no trace.
    """
    from simulator.traces import TraceFileError, TraceReader, open_trace, unpacked

    try:
        file: BinaryIO = unpacked(sys.stdin.buffer) if path == "-" else open_trace(path)
        with file:
            reader = TraceReader(file, "stdin" if path == "-" else path)
            yield reader
    except TraceFileError as error:
        raise UsageError(visible(str(error))) from None
    sys.stdout.flush()
    warn(map(visible, reader.problems))


def event_line(event: events.Event, words: str, *, has_colour: bool = True) -> str:
    """Return the line of an event: when, who and what; nothing in it can be obeyed by a terminal.

    Args:
        event: the event.
        words: what it says.
        has_colour: whether the line may have a colour of its own.
    """
    from simulator.traces import task_name

    who = task_name(event.component, event.task)
    at = f"{event.at_ms / 1000:.3f} s"
    line = visible(f"{at:>10}  {who} {words}").replace("\n", "\\n")
    colour = _COLOURS.get(event.event)
    return line if colour is None or not has_colour else painted(line, colour, sys.stdout)


_COLOURS = {
    "failed": RED,
    "fail": RED,
    "died": RED,
    "error": RED,
    "fault": YELLOW,
    "late": YELLOW,
    "restart": YELLOW,
}


def trees_of_id(
    text: str, happened: Iterable[events.Event], name_of: Mapping[int, str]
) -> tuple[list[Sent], Iterable[str]]:
    """Return the roots with a message id, and the other message ids, as JSON; only these roots are kept in memory.

    Args:
        text: the message id as a user types it: JSON, or a string without its quotes.
        happened: the events; they are read once.
        name_of: the component of each task; it may be filled in while the events are read.
    """
    from simulator.traces import TreeBuilder

    texts = _id_texts(text)
    others: dict[str, None] = {}

    def wanted(emit: events.Emit) -> bool:
        if emit.id_json is None:
            return False
        if emit.id_json in texts or _plain_json(emit.id_json) in texts:
            return True
        if len(others) < MOST_IDS:
            others[emit.id_json] = None
        return False

    builder = TreeBuilder(name_of, wanted)
    for event in happened:
        builder.read(event)
    return builder.roots, others


def id_lines(roots: Sequence[Sent]) -> Iterator[str]:
    """Yield the lines about roots with the same message id: of each spout task apart; no terminal obeys them."""
    from simulator.traces import id_text

    for number, own in enumerate(_by_spout(roots)):
        if number:
            yield ""
        yield from map(visible, id_text(own))


def _by_spout(roots: Sequence[Sent]) -> Iterable[list[Sent]]:
    """The roots of each spout task and message id together."""
    found: dict[tuple[int, str | None], list[Sent]] = {}
    for root in roots:
        found.setdefault((root.emit.task, root.emit.id_json), []).append(root)
    return found.values()


def _id_texts(text: str) -> set[str]:
    """How a message id may be written in a trace: as this JSON, or as a string with this text."""
    found = {_plain_json(text), json.dumps(text), json.dumps(text, ensure_ascii=False)}
    return {each for each in found if each}


def _plain_json(text: str) -> str:
    """A JSON text without the freedom of its spelling; what is no JSON is "", which no id is."""
    try:
        return json.dumps(json.loads(text))
    except (ValueError, RecursionError):
        return ""


def near_ids(text: str, others: Iterable[str]) -> str:
    """Return the message ids nearest to an unknown one, for an error."""
    from simulator.traces import short_json

    ids = [json.loads(each) for each in others]
    if not ids:
        return "; there are no message ids"
    numbers: list[int] = [each for each in ids if type(each) is int]
    near: Sequence[object]
    if re.fullmatch(r"-?[0-9]{1,18}", text) and numbers:
        wanted = int(text)
        by_distance = sorted(numbers, key=lambda number: (abs(number - wanted), number))
        near = by_distance

    else:
        import difflib

        by_text = {str(each) if isinstance(each, str) else json.dumps(each): each for each in ids}
        names = [*by_text][:1000]
        near = [
            by_text[each] for each in difflib.get_close_matches(text[:200], names, MOST_NEAR, 0.3)
        ] or ids
    return f"; the nearest are {', '.join(map(short_json, near[:MOST_NEAR]))}"
