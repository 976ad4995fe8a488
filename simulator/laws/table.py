"""The laws: what a topology owes whatever happens to it. Each is a function of the evidence of runs alone.

A law says of a run that it holds, that it is broken (and how, a line each), or nothing: it is not about such a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.engine import events
from simulator.exploring import (
    Changeable,
)
from simulator.laws.evidence import NO_RESULT, Evidence, Reference
from simulator.laws.result import compared, last_bolts
from simulator.model import did_you_mean
from simulator.testing import (
    HarnessError,
)

MANY_ATTEMPTS = 10  # at one root, in a run that does not end: it will not be settled by another
TIMES = (
    4  # as many emits, or pending roots, as in the fault-free run: what a few replays make is less
)
#: None: the law is not about this run. No lines: it holds.
Judged = Sequence[str] | None


@dataclass(frozen=True)
class Law:
    """A law.

    Attributes:
        name: what switches it on and off.
        title: what the report calls it.
        sentence: what it says, in one sentence.
        judge: judges a run, given what it is compared with.
        is_default: it is judged when no laws are named.
        group: runs that break laws of one group fail in the same way; which law it is, the smallest case shows.
        undecidable: what a report says where no run was judged.
    """

    name: str
    title: str
    sentence: str
    judge: Callable[[Evidence, Reference], Judged]
    is_default: bool = True
    group: str = ""
    undecidable: str = "no run was about it"

    @property
    def failure(self) -> tuple[object, ...]:
        """What runs that break it share."""
        return ("law", self.group or self.name)


# -- laws about what was settled ----------------------------------------------------------------------------------


def _settled(run: Evidence, reference: Reference) -> Judged:
    if run.end.died or run.end.violated or run.end.waits:
        return None
    many = [
        f"{spout}: id {number} was emitted {len(attempts)} times and is not settled"
        for (spout, number), attempts in run.roots.items()
        if len(attempts) >= MANY_ATTEMPTS
    ]
    if not run.end.is_over and many:
        return many
    return [*run.end.pending, *run.end.timed_out]


def _no_timeout(run: Evidence, reference: Reference) -> Judged:
    if not _is_plain(run, reference) or run.end.died or run.end.violated:
        return None
    return [*_timeouts(run), *run.end.held]


def _timeouts(run: Evidence) -> list[str]:
    return [
        f"{each.component}: id {each.id_json} timed out at {each.at_ms} ms"
        for each in run.events
        if isinstance(each, events.Failed) and each.reason == "timeout"
    ]


def _tick_phase(run: Evidence, reference: Reference) -> Judged:
    has_phases = any(step.stream.endswith("/phase") for step in run.case.schedule)
    if not has_phases or run.case.faults or run.case.changes or run.end.died or run.end.violated:
        return None
    return _timeouts(run)


def _alive(run: Evidence, reference: Reference) -> Judged:
    return run.end.died.splitlines()


def _invariants(run: Evidence, reference: Reference) -> Judged:
    if run.end.violated:
        return [run.end.violated]
    return [] if run.end.invariants else None


def _tracked(run: Evidence, reference: Reference) -> Judged:
    with_id: set[tuple[str, str]] = set()
    without: set[tuple[str, str]] = set()
    for event in run.events:
        if isinstance(event, events.Emit) and event.anchors is None:
            (without if event.id_json is None else with_id).add((event.component, event.stream))
    return [
        f"{spout} emits on {stream} with message ids, and without: {_first_without_id(run, spout, stream)}"
        for spout, stream in sorted(with_id & without)
    ]


def _unique(run: Evidence, reference: Reference) -> Judged:
    waits: set[tuple[int, str]] = set()
    lines: dict[str, None] = {}
    for event in run.events:
        if isinstance(event, events.Emit) and event.id_json is not None:
            key = event.task, event.id_json
            if key in waits:
                lines[f"{event.component} emits id {event.id_json} while it waits for that id"] = (
                    None
                )
            waits.add(key)
        elif isinstance(event, (events.Acked, events.Failed)):
            waits.discard((event.task, event.id_json))
        elif isinstance(event, events.Restart):
            waits = {key for key in waits if key[0] != event.task}
    return [*lines]


def _first_without_id(run: Evidence, spout: str, stream: str) -> str:
    return next(
        each.values_json
        for each in run.events
        if isinstance(each, events.Emit)
        and (each.component, each.stream, each.id_json) == (spout, stream, None)
    )


def _anchored(run: Evidence, reference: Reference) -> Judged:
    return list(_loose_emits(run))


def _loose_emits(run: Evidence) -> Iterator[str]:
    tracked: set[str] = set()  # tuples whose root is waited for
    settled: set[str] = set()
    told = set()
    for event in run.events:
        if isinstance(event, (events.Ack, events.Fail)):
            settled.add(event.tuple_id)
        if not isinstance(event, events.Emit):
            continue
        anchors = event.anchors
        if anchors is None:
            is_tracked = event.id_json is not None
        else:
            is_tracked = any(each in tracked and each not in settled for each in anchors)
        if is_tracked:
            tracked.update(tuple_id for _, tuple_id in event.to)
        elif event.component not in told:
            told.add(event.component)
            why = "without a message id" if anchors is None else "without an anchor"
            if anchors:
                why = "after its anchor was settled" if settled & {*anchors} else "of no root"
            yield f"{event.component} emits {event.values_json} {why}"


# -- laws about the result ----------------------------------------------------------------------------------------


def _is_plain(run: Evidence, reference: Reference) -> bool:
    """True for the fault-free run."""
    return run.case == reference.run.case


def _has_result(run: Evidence, reference: Reference) -> bool:
    if run.end.died or run.end.violated or run.end.waits or not run.end.is_over:
        return False
    return reference.run.end.result is not NO_RESULT or bool(last_bolts(reference.topology))


def _same_without_fault(run: Evidence, reference: Reference) -> Judged:
    """The difference that another schedule makes."""
    if run.verdicts or _is_plain(run, reference) or not _has_result(run, reference):
        return None
    return compared(reference.topology, reference.run, run, "same")


def _schedule(run: Evidence, reference: Reference) -> Judged:
    is_about = run.case.schedule and not run.case.changes
    return _same_without_fault(run, reference) if is_about else None


def _shuffle(run: Evidence, reference: Reference) -> Judged:
    is_about = not run.case.schedule and not run.case.changes
    return _same_without_fault(run, reference) if is_about else None


def _whatever(variable: Changeable) -> Callable[[Evidence, Reference], Judged]:
    """Return what judges that the result is the same whatever this is."""

    def judge(run: Evidence, reference: Reference) -> Judged:
        is_about = any(each.name == variable for each in run.case.changes)
        return _same_without_fault(run, reference) if is_about else None

    return judge


def _at_least_once(run: Evidence, reference: Reference) -> Judged:
    if not run.verdicts or not _has_result(run, reference):
        return None
    lines = compared(reference.topology, reference.run, run, "all")
    return [*_given_up(run, reference), *lines] if lines else []


def _given_up(run: Evidence, reference: Reference) -> list[str]:
    """A line for the first root that is acked in the fault-free run, and never in this one."""
    for (spout, number), attempts in run.roots.items():
        if "acked" in reference.run.roots.get((spout, number), ()) and "acked" not in attempts:
            how = "timed out" if attempts[-1] == "timeout" else attempts[-1]
            return [f"{spout}: id {number} {how} and was not emitted again"]
    return []


def _has_recovered(run: Evidence, reference: Reference) -> bool:
    """True when the run has a result, and every root of the fault-free run was acked in it too."""
    return _has_result(run, reference) and not _given_up(run, reference)


def _idempotent(run: Evidence, reference: Reference) -> Judged:
    if "crash" in run.verdicts or not (run.verdicts and run.is_replayed):
        return None
    if not _has_recovered(run, reference):
        return None
    return compared(reference.topology, reference.run, run, "again")


def _restart(run: Evidence, reference: Reference) -> Judged:
    if "crash" not in run.verdicts or not _has_recovered(run, reference):
        return None
    return compared(reference.topology, reference.run, run, "again")


def _exactly_once(run: Evidence, reference: Reference) -> Judged:
    if not run.verdicts or not _has_result(run, reference):
        return None
    return compared(reference.topology, reference.run, run, "same")


# -- laws about how much ------------------------------------------------------------------------------------------


def _repeatable(run: Evidence, reference: Reference) -> Judged:
    first: dict[tuple[str, str], set[str]] = {}
    lines = []
    for tree in run.trees:
        if tree.outcome != "acked":
            continue
        emitted = "\n".join(str(tree).splitlines()[1:]).replace(" (duplicate)", "")
        known = first.setdefault((tree.component, str(tree.id)), set())
        if known and emitted not in known:
            lines.append(
                f"{tree.component}: attempt {tree.attempt} at id {tree.id} emits something else"
            )
        known.add(emitted)
    return lines


def _bounded(run: Evidence, reference: Reference) -> Judged:
    most = TIMES * reference.run.emits
    if run.emits <= most:
        return []
    return [f"{run.emits} tuples are emitted, {reference.run.emits} without a fault"]


def _pending(run: Evidence, reference: Reference) -> Judged:
    most = TIMES * max(reference.run.most_pending, 1)
    if run.most_pending <= most:
        return []
    return [
        f"{run.most_pending} roots are pending at one time, {reference.run.most_pending} without a fault"
    ]


_NO_FAULT = "no run with such a fault"
_NO_RECOVERY = "no run in which every root was acked in spite of such a fault"
_NO_RUN = "no run differed in this alone"
LAWS: Mapping[str, Law] = {
    law.name: law
    for law in (
        Law(
            "alive", "no component fails by itself",
            "A component dies, or breaks the protocol, only where a fault has killed it.",
            _alive,
        ),
        Law(
            "invariants", "every invariant holds",
            "After every wave each function that `storm.invariant` has decorated holds.",
            _invariants, undecidable="there is no invariant",
        ),
        Law(
            "settled", "every root is settled",
            "At the end of a run no root is pending, no last attempt at a row has timed out, and none comes again for "
            "ever.",
            _settled,
        ),
        Law(
            "no-timeout", "no timeout without a fault",
            "In the fault-free run no root times out, and at its end no bolt holds a tuple.",
            _no_timeout,
        ),
        Law(
            "tracked", "a stream is tracked or not",
            "A spout emits on a stream always with message ids, or never.",
            _tracked,
        ),
        Law(
            "unique-ids", "no id is pending twice",
            "A spout emits no message id that it still waits for: an ack of one of the two would be taken for the "
            "other's.",
            _unique,
        ),
        Law(
            "tick-phase", "in time whatever the tick phase",
            "Without a fault no root times out, whenever in their period ticks begin.",
            _tick_phase, undecidable="no run had ticks that begin later",
        ),
        Law(
            "schedule", "independent of the schedule",
            "Without a fault the result is the same whatever the order and the times in which tuples arrive.",
            _schedule, group="independent", undecidable=_NO_RUN,
        ),
        Law(
            "shuffle", "independent of the shuffle",
            "Without a fault the result is the same whichever task a shuffle grouping chooses, and whatever `random` "
            "gives.",
            _shuffle, group="independent", undecidable=_NO_RUN,
        ),
        Law(
            "parallelism", "independent of :p",
            "Without a fault the result is the same however many tasks a bolt has.",
            _whatever("parallelism"), group="independent", undecidable=_NO_RUN,
        ),
        Law(
            "workers", "independent of the workers",
            "Without a fault the result is the same however many workers there are.",
            _whatever("workers"), group="independent", undecidable=_NO_RUN,
        ),
        Law(
            "hash-seed", "independent of the hash seed",
            "Without a fault the result is the same whatever the hash seed of component processes.",
            _whatever("hash seed"), group="independent",
            undecidable=f"{_NO_RUN}; where components run in this process it cannot differ",
        ),
        Law(
            "storm-version", "independent of Storm's version",
            'Without a fault the result is the same as which Storm version runs it; with `vary=["storm version"]`.',
            _whatever("storm version"), is_default=False, group="independent", undecidable=_NO_RUN,
        ),
        Law(
            "at-least-once", "at least once after any fault",
            "After faults and recovery nothing is missing from the result.",
            _at_least_once, undecidable=_NO_FAULT,
        ),
        Law(
            "idempotent", "idempotent",
            "A tuple that comes twice leaves the result as it was; items of a list may be there twice.",
            _idempotent, undecidable=_NO_RECOVERY,
        ),
        Law(
            "restart", "survives a restart",
            "After a crash and recovery the result is as without a fault; items of a list may be there twice.",
            _restart, undecidable=_NO_RECOVERY,
        ),
        Law(
            "exactly-once", "exactly once after any fault",
            "After faults and recovery the result equals that of the fault-free run.",
            _exactly_once, is_default=False, undecidable=_NO_FAULT,
        ),
        Law(
            "anchored", "every emit is anchored",
            "What a bolt emits is anchored to a tuple of a tracked root that it has not settled yet.",
            _anchored, is_default=False,
        ),
        Law(
            "repeatable", "a replay does the same",
            "All attempts at a root that are acked have the same tuple tree.",
            _repeatable, is_default=False,
        ),
        Law(
            "bounded", f"at most {TIMES} times the emits",
            f"No run emits more than {TIMES} times as many tuples as the fault-free run.",
            _bounded, is_default=False,
        ),
        Law(
            "pending", f"at most {TIMES} times pending",
            f"In no run more than {TIMES} times as many roots are pending at one time as in the fault-free run.",
            _pending, is_default=False,
        ),
    )
}  # fmt: skip
DEFAULT = tuple(name for name, law in LAWS.items() if law.is_default)


def chosen_laws(names: object, *, exactly_once: bool = False) -> tuple[Law, ...]:
    """Return the laws that names choose, in the order of the table.

    Args:
        names: names of laws, with "-" in front those to leave out of the usual ones, with "+" those to add; None: the
            usual ones; "all".
        exactly_once: add that law.

    Raises:
        HarnessError: a name is none of a law, or this is no list.
    """
    wanted = _chosen(names)
    if exactly_once:
        wanted.add("exactly-once")
    return tuple(law for name, law in LAWS.items() if name in wanted)


def _chosen(names: object) -> set[str]:
    if names is None:
        return {*DEFAULT}
    if names == "all":
        return {*LAWS}
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise HarnessError(f"laws={names!r}: expected a list of names, such as {list(DEFAULT[:3])}")
    if not names:
        raise HarnessError("laws=[]: expected a law; None is the usual ones")
    signs = [str(each)[:1] for each in names]
    wanted = {*DEFAULT} if all(sign in ("+", "-") for sign in signs) else set[str]()
    for each in map(str, names):
        name = each.lstrip("+-")
        if name not in LAWS:
            raise HarnessError(
                f"no law is called {name!r}{did_you_mean(name, LAWS)}; expected {', '.join(LAWS)}"
            )
        (wanted.discard if each.startswith("-") else wanted.add)(name)
    return wanted
