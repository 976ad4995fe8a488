"""``sparse diff``: the first difference of two traces, by cause and by time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from streamparse.cli.colour import GREEN, RED, painted
from streamparse.cli.output import say, visible
from streamparse.cli.trace_text import event_line, reading
from streamparse.project import UsageError

if TYPE_CHECKING:
    from simulator.engine import Head, events
    from simulator.traces import CauseDifference, Difference, KnownTuples, Step, TimeDifference

DIFFERENT = 1  # as diff(1) has it
MOST_BEFORE = 3  # steps of a story that are the same, before the one that differs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("first", metavar="A", help="a file of `sparse simulate --trace FILE`")
    add("second", metavar="B", help="another one, such as that of a run with another seed")


def run(args: argparse.Namespace) -> int:
    """Show the first difference; 0 when there is none, else 1."""
    from simulator.traces import KnownTuples, find_difference

    if args.first == args.second == "-":
        raise UsageError("diff - -: stdin is one trace; expected two")
    known = KnownTuples(), KnownTuples()
    with reading(args.first) as one, reading(args.second) as two:
        found = find_difference(
            _noted(known[0], one), _noted(known[1], two), one.component_of, two.component_of
        )
        names = visible(one.name), visible(two.name)
        for line in _head_lines(one.head, two.head):
            say(line)
        for line in _lines(found, names, known):
            say(line)
    return 0 if found.by_time is None else DIFFERENT


def _noted(known: KnownTuples, happened: Iterable[events.Event]) -> Iterator[events.Event]:
    """The events; what they say of tuples is known from then on."""
    for event in happened:
        known.read(event)
        yield event


def _head_lines(one: Head | None, two: Head | None) -> Iterator[str]:
    """What the heads say is different: other runs are expected to do something else."""
    if one is None or two is None:
        return
    for name in ("topology", "storm", "seed", "timeout_ms"):
        mine, other = getattr(one, name), getattr(two, name)
        if mine != other:
            yield visible(f"the runs differ in {_NAMES[name]}: {mine} and {other}")
    if one.components != two.components:
        mine, other = ({each.id: each for each in head.components} for head in (one, two))
        names = [
            name for name in dict.fromkeys([*mine, *other]) if mine.get(name) != other.get(name)
        ]
        yield visible(f"the topologies differ in {', '.join(names)}")


_NAMES = {
    "topology": "topology",
    "storm": "version of Storm",
    "seed": "seed",
    "timeout_ms": "message timeout, in ms",
}


def _lines(
    found: Difference, names: tuple[str, str], known: tuple[KnownTuples, KnownTuples]
) -> Iterator[str]:
    if found.by_time is None:
        yield f"the traces are the same: {found.first_events} events"
        return
    yield from _cause_lines(found, names, known)
    yield ""
    yield from _time_lines(found.by_time, names, known)


# -- by cause ---------------------------------------------------------------------------------------------------


def _cause_lines(
    found: Difference, names: tuple[str, str], known: tuple[KnownTuples, KnownTuples]
) -> Iterator[str]:
    by_cause = found.by_cause
    if by_cause is None:
        yield f"by cause: nothing differs{_scope(found)}"
        return
    if by_cause.root is None:
        yield "by cause: the same came of every root, but not all else is the same"
    else:
        yield from _story_lines(by_cause, names)
    for name, only, told in zip(
        names, (by_cause.only_first, by_cause.only_second), known, strict=True
    ):
        if only:
            until = "" if by_cause.root is None else " until then"
            yield f"only in {name}{until}:"
            yield from (f"    {event_line(event, told.predicate(event))}" for event in only)


def _scope(found: Difference) -> str:
    """For what part of the traces it is true that nothing differs by cause, and what differs all the same."""
    assert found.by_time is not None
    if found.is_partial:
        return " in the beginning, which was compared"
    if found.by_time.first is None or found.by_time.second is None:
        return " as far as both go"
    return ": the same came of every root; only times, tasks or the order differ"


def _story_lines(by_cause: CauseDifference, names: tuple[str, str]) -> Iterator[str]:
    root = by_cause.root
    assert root is not None
    from simulator.traces import short_json, task_name

    emit = root.emit
    if emit.id_json is None:
        whose = f"the tuple {short_json(emit.values)} of {emit.component}"
    else:
        attempt = f", attempt {root.attempt}" if root.attempt > 1 else ""
        whose = f"id {short_json(emit.id)} of {task_name(emit.component, emit.task)}{attempt}"
    others = "" if not by_cause.others else f"; {by_cause.others} other roots differ as well"
    yield visible(f"by cause: {whose} is the first that goes another way{others}")
    if len(by_cause.before) > MOST_BEFORE:
        yield "      ..."
    for step in by_cause.before[-MOST_BEFORE:]:
        yield f"      {_step(step)}"
    yield _side("-", names[0], _step(by_cause.first_step))
    yield _side("+", names[1], _step(by_cause.second_step))


def _step(step: Step | None) -> str:
    from simulator.traces import shown_ms

    if step is None:
        return "nothing more happens to it"
    at = "" if step.event is None else f" at {shown_ms(step.event.at_ms)}"
    return visible(f"{step.text}{at}").replace("\n", "\\n")


def _side(sign: str, name: str, text: str) -> str:
    return painted(f"    {sign} {name}: {text}", RED if sign == "-" else GREEN, sys.stdout)


# -- by time ----------------------------------------------------------------------------------------------------


def _time_lines(
    found: TimeDifference, names: tuple[str, str], known: tuple[KnownTuples, KnownTuples]
) -> Iterator[str]:
    yield f"by time: event {found.number} is the first that differs"
    for same in found.before:
        yield f"      {event_line(same, known[0].predicate(same))}"
    for sign, told, event, after in (
        ("-", known[0], found.first, found.after_first),
        ("+", known[1], found.second, found.after_second),
    ):
        if event is None:
            name = names[0 if sign == "-" else 1]
            yield painted(f"    {sign} {name} ends here", RED if sign == "-" else GREEN, sys.stdout)
            continue
        for each in (event, *after):
            line = event_line(each, told.predicate(each), has_colour=False)
            yield painted(f"    {sign} {line}", RED if sign == "-" else GREEN, sys.stdout)
