"""The cause of a failure, in lines: what was different from a run that passed, who died with what, what came too late.

A report leads with these lines. Each tells something that happened, and none is a number that only another run could
explain. A failing run of an exploration is compared with the fault-free run: in which order tuples came, which task got
which, when ticks began, what was logged.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from simulator.engine import events
from simulator.testing.account import Account, Handed, Sent
from simulator.traces import shown_ms

MOST_LINES = 25  # of a report, before the commands
MOST_WIDTH = 118  # characters of a line
MOST_DEATHS = 2
MOST_LATE = 3  # tuples that the schedule delays, and rows that are acked too late
MOST_LOGGED = 4
MOST_TASKS = 4  # that took tuples, or ticked
_FAR_MS = 1000  # a tick that begins so much later is another one

Take = tuple[Handed, Sent]
Key = tuple[str, str, str]


def causes(account: Account, other: Account | None = None) -> list[str]:
    """Return what explains a run, most telling first; no line where there is nothing to tell.

    Args:
        account: of the run.
        other: of a run that passed, which it is compared with.
    """
    parts = [_deaths(account), _faults(account)]
    if other is not None:
        if not any(isinstance(event, events.Died) for event in account.events):
            parts.append(_tasks(account, other))
        parts += [_ticks(account, other), _order(account, other)]
    parts += [_late_acks(account), _not_again(account), _logged(account, other)]
    return [_cut(line) for part in parts for line in part]


def shortened(lines: Sequence[str], most: int = MOST_LINES) -> list[str]:
    """Return the first lines, at most so many, and how many there would be more."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"  (and {len(lines) - most + 1} more lines)"]


def _cut(line: str) -> str:
    return line if len(line) <= MOST_WIDTH else f"{line[: MOST_WIDTH - 3]}..."


def _task(account: Account, task: int) -> str:
    return f"{account.name(task)}[{task}]"


def _listed(words: Iterable[str], most: int = 6) -> str:
    """Words one behind the other; equal ones once."""
    each = list(dict.fromkeys(words))
    return ", ".join(each[:most]) + (f" and {len(each) - most} more" if len(each) > most else "")


# -- who died, and with what ----------------------------------------------------------------------------------------


class _Death(NamedTuple):
    """A death, and what its victims had.

    Attributes:
        died: the tasks that died by themselves.
        at_ms: when.
        reason: of what.
        victims: all tasks that were started again for it.
        place: the index of the event.
    """

    died: Sequence[int]
    at_ms: int
    reason: str
    victims: Sequence[int]
    place: int


def _deaths(account: Account) -> Iterator[str]:
    found = list(_deaths_of(account))
    for death in found[:MOST_DEATHS]:
        yield from _death(account, death)
    if len(found) > MOST_DEATHS:
        yield f"and {len(found) - MOST_DEATHS} more deaths, the last at {shown_ms(found[-1].at_ms)}"


def _deaths_of(account: Account) -> Iterator[_Death]:
    numbered = list(enumerate(account.events))
    for (at_ms, is_death), group in groupby(
        numbered, key=lambda each: (each[1].at_ms, isinstance(each[1], events.Died))
    ):
        died = [(place, event) for place, event in group if isinstance(event, events.Died)]
        if not is_death or died[0][1].component == "__acker":
            continue
        place = died[0][0]
        victims: list[int] = []
        for event in account.events[died[-1][0] + 1 :]:
            if isinstance(event, events.Restart):
                victims.append(event.task)
            elif victims or (isinstance(event, events.Died) and event.at_ms > at_ms):
                break
        first = died[0][1]
        yield _Death([each.task for _, each in died], at_ms, first.reason, victims, place)


def _death(account: Account, death: _Death) -> Iterator[str]:
    who = ", ".join(_task(account, each) for each in death.died[:MOST_TASKS])
    with_it = [each for each in death.victims if each not in death.died]
    victims = (
        f", and with it {_listed(_task(account, each) for each in with_it)}" if with_it else ""
    )
    how = f"dies ({death.reason})" if death.reason else "is killed"
    yield f"at {shown_ms(death.at_ms)} {who} {how}{victims}:"
    for task in [*death.died, *with_it]:
        yield from _victim(account, death, task)


def _victim(account: Account, death: _Death, task: int) -> Iterator[str]:
    """What a task had that has died: what it held, what waited for it, and what it had acked since it was started."""
    whose = f"  {_task(account, task)}"
    found, acked, sent = _state(account, death, task)
    handed = {each.tuple_id for each in account.handed if each.at_ms <= death.at_ms}
    again = _comes_again(account, death)
    held = [each for each in found if each in handed]
    waiting = [each for each in found if each not in handed]
    for what, tuple_ids, lost, kept in (
        ("held", held, "lost for good", "lost, and comes again"),
        ("had in front of it", waiting, "lost for good", "lost, and comes again"),
        (
            "had acked",
            acked,
            "gone from its memory, and does not come again",
            "acked once more when it comes again",
        ),
    ):
        for is_again, end in ((False, lost), (True, kept)):
            if some := [each for each in tuple_ids if again(each) == is_again]:
                yield f"{whose} {what} {_words(account, some)}: {end}"
    if sent:
        yield f"{whose} had emitted {sent}, and never hears of it"


def _comes_again(account: Account, death: _Death) -> Callable[[str], bool]:
    """Return a function that tells whether a root of a tuple was emitted once more behind a death."""
    later = {
        (event.component, event.id_json)
        for event in account.events[death.place :]
        if isinstance(event, events.Emit)
    }
    return lambda tuple_id: not later.isdisjoint(account.sent[tuple_id].roots)


def _words(account: Account, tuple_ids: Iterable[str]) -> str:
    return _listed(account.words(account.sent[each]) for each in tuple_ids)


def _state(account: Account, death: _Death, task: int) -> tuple[list[str], list[str], str]:
    """The ids of the tuples that a task had and had acked, and the message ids that it waited for."""
    open_ids: dict[str, None] = {}
    acked: list[str] = []
    waited: dict[str, None] = {}
    due_ms: dict[str, int] = {}
    for event in account.events[: death.place]:
        if isinstance(event, events.Emit):
            open_ids.update((each, None) for target, each in event.to if target == task)
        if isinstance(event, events.Late):
            due_ms[event.tuple_id] = event.due_ms
        elif isinstance(event, events.Fault):
            if event.due_ms is not None:
                due_ms[event.tuple_id] = event.due_ms
            if event.verdict in ("drop", "fail"):
                open_ids.pop(event.tuple_id, None)
        if event.task != task:
            continue
        if isinstance(event, events.Restart):
            open_ids, acked, waited = {}, [], {}
        elif isinstance(event, (events.Ack, events.Fail)):
            open_ids.pop(event.tuple_id, None)
            if isinstance(event, events.Ack) and event.tuple_id in account.sent:
                acked.append(event.tuple_id)
        elif isinstance(event, events.Emit) and event.id_json is not None:
            waited[event.id_json] = None
        elif isinstance(event, (events.Acked, events.Failed)):
            waited.pop(event.id_json, None)
    arrived = [each for each in open_ids if due_ms.get(each, 0) <= death.at_ms]
    return arrived, acked, _listed(f"id {each}" for each in waited)


# -- what happened to tuples on their way ----------------------------------------------------------------------------


def _faults(account: Account) -> Iterator[str]:
    late = [event for event in account.events if isinstance(event, events.Late)]
    struck = [event for event in account.events if isinstance(event, events.Fault)]
    for event in struck[:MOST_LATE]:
        sent = account.sent.get(event.tuple_id)
        if sent is not None:
            words = _STRUCK[event.verdict].format(
                what=account.words(sent),
                task=_task(account, sent.task),
                due="" if event.due_ms is None else shown_ms(event.due_ms),
            )
            yield f"at {shown_ms(event.at_ms)} {words}"
    if len(struck) > MOST_LATE:
        yield f"and {len(struck) - MOST_LATE} more faults"
    for each in late[:MOST_LATE]:
        sent = account.sent.get(each.tuple_id)
        if sent is not None:
            what = f"{account.words(sent)} reaches {_task(account, sent.task)} late"
            yield (
                f"{what}: sent at {shown_ms(each.at_ms)}, there at {shown_ms(each.due_ms)}"
                f"{_behind_tick(account, sent.task, each.at_ms, each.due_ms)}"
            )
    if len(late) > MOST_LATE:
        yield f"and {len(late) - MOST_LATE} more tuples come late"


def _behind_tick(account: Account, task: int, from_ms: int, until_ms: int) -> str:
    ticks = [
        event.at_ms
        for event in account.events
        if isinstance(event, events.Tick)
        and event.task == task
        and from_ms <= event.at_ms <= until_ms
    ]
    return f", behind the tick at {shown_ms(ticks[0])}" if ticks else ""


def _not_again(account: Account) -> Iterator[str]:
    """The ids that have failed and were not emitted again."""
    last: dict[tuple[str, int, str], events.Failed] = {}
    for event in account.events:
        if isinstance(event, events.Failed):
            last[event.component, event.task, event.id_json] = event
        elif isinstance(event, events.Emit) and event.id_json is not None:
            last.pop((event.component, event.task, event.id_json), None)
    for event in list(last.values())[:MOST_LATE]:
        how = "by a timeout" if event.reason == "timeout" else "for a bolt has failed it"
        yield (
            f"{_task(account, event.task)} hears at {shown_ms(event.at_ms)} that id {event.id_json} has failed {how}, "
            "and does not emit it again"
        )
    if len(last) > MOST_LATE:
        yield f"and {len(last) - MOST_LATE} more ids that failed are not emitted again"


_STRUCK: Mapping[str, str] = {
    "drop": "{what} to {task} is lost",
    "fail": "{what} to {task} is failed on its way",
    "delay": "{what} to {task} is on its way until {due}",
    "reorder": "{what} to {task} is on its way until {due}, and others overtake it",
    "replay": "the root of {what} to {task} fails, and comes again",
    "duplicate": "{what} to {task} comes twice",
    "lost-ack": "the ack of {what} by {task} is lost",
    "lost-fail": "the fail of {what} by {task} is lost",
}


def _late_acks(account: Account) -> Iterator[str]:
    """Rows that timed out although their last tuple was acked: too late."""
    emitted_ms: dict[tuple[str, int, str], list[int]] = {}
    times = _times_of_roots(account)
    lines: list[str] = []
    for event in account.events:
        if isinstance(event, events.Emit) and event.id_json is not None:
            key = (event.component, event.task, event.id_json)
            emitted_ms.setdefault(key, []).append(event.at_ms)
        elif isinstance(event, events.Failed) and event.reason == "timeout":
            since = emitted_ms.get((event.component, event.task, event.id_json), [0]).pop(0)
            found = times.get((event.component, event.id_json))
            lines += [] if found is None else _late_ack(account, event, since, found)
    yield from lines[:MOST_LATE]
    if len(lines) > MOST_LATE:
        yield f"and {len(lines) - MOST_LATE} more were acked too late"


@dataclass
class _RootTimes:
    """When a spout emitted something under one message id, and what came of it.

    Attributes:
        emitted_ms: by the spout, in order.
        sent_ms: by the id of a tuple in its tree, when it was emitted.
        acks: of these tuples, in order.
    """

    emitted_ms: list[int] = field(default_factory=list)
    sent_ms: dict[str, int] = field(default_factory=dict)
    acks: list[events.Ack] = field(default_factory=list)


def _times_of_roots(account: Account) -> Mapping[tuple[str, str], _RootTimes]:
    found: defaultdict[tuple[str, str], _RootTimes] = defaultdict(_RootTimes)
    for event in account.events:
        if isinstance(event, events.Emit):
            if event.id_json is not None:
                found[event.component, event.id_json].emitted_ms.append(event.at_ms)
            for _, tuple_id in event.to:
                for root in account.sent[tuple_id].roots:
                    found[root].sent_ms[tuple_id] = event.at_ms
        elif isinstance(event, events.Ack) and event.tuple_id in account.sent:
            for root in account.sent[event.tuple_id].roots:
                found[root].acks.append(event)
    return found


def _late_ack(
    account: Account, failed: events.Failed, since_ms: int, times: _RootTimes
) -> Iterator[str]:
    later = times.emitted_ms[bisect_left(times.emitted_ms, failed.at_ms) :]
    first_late = bisect_left(times.acks, failed.at_ms, key=lambda ack: ack.at_ms)
    for ack in times.acks[first_late:]:
        if not later or times.sent_ms[ack.tuple_id] < later[0]:
            text = account.sent[ack.tuple_id].text
            yield (
                f"id {failed.id_json} of {failed.component}, emitted at {shown_ms(since_ms)}, timed out at "
                f"{shown_ms(failed.at_ms)}; {_task(account, ack.task)} acked {text} at {shown_ms(ack.at_ms)}, "
                "too late to count"
            )
            return


# -- compared with a run that passed ----------------------------------------------------------------------------------


def _key(sent: Sent) -> Key:
    return (sent.source, sent.stream, sent.values_json)


def _order(account: Account, other: Account) -> Iterator[str]:
    """The first two tuples that came the other way round: at one task, else at the tasks of one component."""
    found = _swapped(
        account,
        other,
        lambda account, take: (account.name(take[0].task), account.place(take[0].task)),
    )
    found = found or _swapped(
        account, other, lambda account, take: (account.name(take[0].task), -1)
    )
    if found is None:
        return
    first, second, mine, theirs = found
    one, two = account.words(first[1]), account.words(second[1])
    who, then = _task(account, first[0].task), _task(account, second[0].task)
    if who == then:
        yield f"{who} takes {one} {_at(first)} before {two} {_at(second)}, not after it:"
    else:
        yield f"{who} takes {one} {_at(first)}, before {then} {two} {_at(second)}, not after it:"
    yield f"  it takes   {_listed((account.words(sent) for _, sent in mine), 9)}"
    yield f"  instead of {_listed((other.words(sent) for _, sent in theirs), 9)}"


def _at(take: Take) -> str:
    return f"({shown_ms(take[0].at_ms)})"


def _swapped(
    account: Account, other: Account, group: Callable[[Account, Take], tuple[str, int]]
) -> tuple[Take, Take, list[Take], list[Take]] | None:
    mine, theirs = _grouped(account, group), _grouped(other, group)
    found = []
    for name, takes in mine.items():
        wanted = theirs.get(name, [])
        for place, (take, expected) in enumerate(zip(takes, wanted, strict=False)):
            if _key(take[1]) == _key(expected[1]):
                continue
            later = [each for each in takes[place:] if _key(each[1]) == _key(expected[1])]
            is_there = any(_key(each[1]) == _key(take[1]) for each in wanted[place:])
            if later and is_there:
                found.append((take, later[0], takes, wanted))
            break
    return min(found, key=lambda each: each[0][0].at_ms, default=None)


def _grouped(
    account: Account, group: Callable[[Account, Take], tuple[str, int]]
) -> dict[tuple[str, int], list[Take]]:
    found: dict[tuple[str, int], list[Take]] = {}
    for take in account.taken():
        found.setdefault(group(account, take), []).append(take)
    return found


def _tasks(account: Account, other: Account) -> Iterator[str]:
    """Which task got which tuples, where that is not as in the other run."""
    mine, theirs = _by_task(account), _by_task(other)
    for bolt, tasks in mine.items():
        before = theirs.get(bolt, {})
        if list(map(_set, tasks.values())) == list(map(_set, before.values())):
            continue
        if len(tasks) < 2 and len(before) < 2:
            continue
        for name, who, each in (("", account, tasks), ("instead of ", other, before)):
            for task, takes in list(each.items())[:MOST_TASKS]:
                words = _listed(who.words(sent) for _, sent in takes)
                yield f"{name}{_task(who, task)} takes {words}"


def _set(takes: Sequence[Take]) -> frozenset[Key]:
    return frozenset(_key(sent) for _, sent in takes)


def _by_task(account: Account) -> dict[str, dict[int, list[Take]]]:
    found: dict[str, dict[int, list[Take]]] = {}
    for take in account.taken():
        task = take[0].task
        found.setdefault(account.name(task), {}).setdefault(task, []).append(take)
    return {bolt: dict(sorted(tasks.items())) for bolt, tasks in found.items()}


def _ticks(account: Account, other: Account) -> Iterator[str]:
    """The tasks whose ticks began at another time."""
    mine, theirs = _first_ticks(account), _first_ticks(other)
    lines = [
        f"{_task(account, task)} gets its first tick at {shown_ms(at_ms)} instead of {shown_ms(theirs[task])}"
        for task, at_ms in mine.items()
        if task in theirs and abs(at_ms - theirs[task]) >= _FAR_MS
    ]
    yield from lines[:MOST_TASKS]


def _first_ticks(account: Account) -> dict[int, int]:
    found: dict[int, int] = {}
    for event in account.events:
        if isinstance(event, events.Tick):
            found.setdefault(event.task, event.at_ms)
    return found


# -- what was logged --------------------------------------------------------------------------------------------------


def _logged(account: Account, other: Account | None) -> Iterator[str]:
    """What was logged and reported, and not in the other run as well; without another run, the warnings."""
    before = {(each.component, each.message) for each in _errors(other)} if other else set()
    errors = [
        each
        for each in _errors(account)
        if other is not None and (each.component, each.message) not in before
    ]
    known = Counter((each.component, each.message) for each in other.logged) if other else Counter()
    new = []
    for each in account.logged:
        key = (each.component, each.message)
        if known[key]:
            known[key] -= 1
        else:
            new.append(each)
    if other is None:
        new = [each for each in new if each.level in ("warn", "error")]
    lines = [
        f"{_task(account, each.task)} reports at {shown_ms(each.at_ms)}: {each.message}"
        for each in errors
    ]
    told = sorted(new, key=lambda each: each.level not in ("warn", "error"))
    lines += [
        f"{each.component}[{each.task}] logs at {shown_ms(each.time_ms)}, {each.level}: {_one_line(each.message)}"
        for each in dict.fromkeys(told)
    ]
    lines = list(dict.fromkeys(lines))
    yield from lines[:MOST_LOGGED]
    if len(lines) > MOST_LOGGED:
        yield f"and {len(lines) - MOST_LOGGED} more messages"


def _errors(account: Account) -> Iterator[events.Error]:
    return (event for event in account.events if isinstance(event, events.Error))


def _one_line(text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return lines[0] + (" ..." if len(lines) > 1 else "")
