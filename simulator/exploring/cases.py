"""Cases: what a run of an exploration depends on besides the code, and its file.

A case is a seed, faults, and the choices of the schedule that were not benign; the same case gives the same run. Its
file is for readers: one fault or choice a line, by name, and no number that only another run could explain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from simulator.engine import Simulation, Step, faults
from simulator.exploring.changes import CHANGEABLE, Change
from simulator.model import JsonInputError, did_you_mean, read_json
from simulator.testing import HarnessError, is_test_error

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Point = faults.Point
Kind = Literal[
    "crash",
    "lost-ack",
    "replay",
    "delay",
    "drop",
    "fail",
    "lost-fail",
    "outage",
    "worker",
    "acker",
    "rebalance",
    "deactivate",
    "duplicate",
    "reorder",
]

ALL_KINDS: tuple[Kind, ...] = get_args(Kind)
#: What no Storm does; only where a test asks for it.
OPT_IN: tuple[Kind, ...] = ("duplicate", "reorder")
#: What Storm may do to a topology.
KINDS: tuple[Kind, ...] = tuple(kind for kind in ALL_KINDS if kind not in OPT_IN)
#: Those of a run, unless a test asks for others.
USUAL_KINDS: tuple[Kind, ...] = ("crash", "lost-ack", "replay", "delay")
#: Those that strike a tuple on its way to a bolt, at the n-th of them.
ON_TUPLES: tuple[Kind, ...] = (
    "lost-ack",
    "replay",
    "delay",
    "drop",
    "fail",
    "duplicate",
    "reorder",
)
#: Those that strike no component but a worker, an acker or the topology, before bolts take their n-th tuple.
ON_TOPOLOGY: tuple[Kind, ...] = ("worker", "acker", "rebalance", "deactivate")
#: How long a worker takes to come up again in an outage. One that is up at once, and whose spout emits at once, would
#: die in every millisecond of it.
OUTAGE_RESTART_MS = 1000
#: Those that have a duration: how late a tuple comes, how long an outage takes, a worker is down, ...
WITH_MS: tuple[Kind, ...] = ("crash", "delay", "reorder", "outage", *ON_TOPOLOGY)
POINTS: tuple[Point, ...] = faults.POINTS
_VERDICTS: Mapping[str, faults.Verdict] = {
    "lost-ack": faults.LostAck(),
    "replay": faults.Replay(),
    "duplicate": faults.Duplicate(),
    "drop": faults.Drop(),
    "fail": faults.Fail(),
}


#: What strikes for a fault, in a simulation.
Added = faults.CrashOrder | faults.OutageOrder | faults.Nth | faults.LostFail | faults.TopologyEvent


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong on purpose, once.

    Attributes:
        kind: what goes wrong.
        component: the component; "" of a fault that strikes a worker, an acker or the topology.
        nth: at which tuple, emit, ack and so on of the component, counted over its tasks from 1; of a fault without a
            component, before which tuple of all bolts.
        before: a crash's point.
        ms: how late a delayed tuple comes, how long an outage takes, how long a worker that crashes stays down (0: it
            is up again at once), how long a rebalance waits and a topology is not active.
        topology: which topology of the run, for a test that builds several (from 0).
        after: a crash's point when it strikes behind it, in place of ``before``.
        number: which worker or acker, from 0; of a rebalance, how many workers there are then (0: as many as before).
        step: of a crash before "initialize": strike inside of it, before this step, from 1; 0: not inside.
        place: the file and the line where the step was in the fault-free run; for the reader only.
    """

    kind: Kind
    component: str
    nth: int
    before: Point = "tuple"
    ms: int = 0
    topology: int = 0
    after: Point | None = None
    number: int = 0
    step: int = 0
    place: str = field(default="", compare=False)

    def order(self) -> faults.CrashOrder | faults.OutageOrder | None:
        """Return a new order to the component; None when the fault is none."""
        if self.kind == "outage":
            return faults.OutageOrder(
                self.component, self.ms, self.nth, restart_ms=min(OUTAGE_RESTART_MS, self.ms)
            )
        if self.kind != "crash":
            return None
        return faults.CrashOrder(
            self.component,
            self.before,
            self.nth,
            after=self.after,
            restart_ms=self.ms or None,
            step=self.step,
        )

    def rule(self) -> faults.Nth | faults.LostFail | None:
        """Return a new rule on what is on its way; None when the fault is none."""
        if self.kind == "lost-fail":
            return faults.LostFail(self.component, self.nth)
        if self.kind not in ON_TUPLES:
            return None
        if self.kind == "delay":
            verdict: faults.Verdict = faults.Delay(self.ms)
        elif self.kind == "reorder":
            verdict = faults.Reorder(self.ms)
        else:
            verdict = _VERDICTS[self.kind]
        return faults.Nth(verdict, self.component, self.nth)

    def event(self) -> faults.TopologyEvent | None:
        """Return a new event of the topology; None when the fault strikes a component."""
        if self.kind not in ON_TOPOLOGY:
            return None
        action = cast("faults.Action", self.kind)
        return faults.TopologyEvent(action, self.nth, self.number, self.ms)

    def add_to(self, simulation: Simulation) -> Added:
        """Have the fault strike in a simulation; return what strikes there.

        Raises:
            FaultError: it cannot strike there.
        """
        added: Added
        if order := self.order():
            simulation.injection.order(order)
            added = order
        elif rule := self.rule():
            simulation.injection.add_rule(rule)
            added = rule
        else:
            event = self.event()
            assert event is not None  # it is one of the three
            simulation.operations.add(event)
            added = event
        return added

    def __str__(self) -> str:
        words = self._at_topology() if self.kind in ON_TOPOLOGY else self._at_component()
        return words + (f" (topology {self.topology + 1} of the test)" if self.topology else "")

    def _at_component(self) -> str:
        nth, where, who = ordinal(self.nth), f"tuple to {self.component}", self.component
        seconds = f"{self.ms / 1000:g} s"
        return {
            "crash": f"{who} crashes {self._crash_point()}, and its worker with it"
            + (f", for {seconds}" if self.ms else ""),
            "outage": f"{who} crashes at every tuple for {seconds}, from its {nth} on",
            "lost-ack": f"the ack of the {nth} {where} is lost",
            "lost-fail": f"the {nth} fail of {who} is lost",
            "replay": f"the root of the {nth} {where} fails behind it, and comes again",
            "duplicate": f"the {nth} {where} comes twice",
            "delay": f"the {nth} {where} comes {seconds} late",
            "reorder": f"the {nth} {where} comes {seconds} late, and others overtake it",
            "drop": f"the {nth} {where} is lost",
            "fail": f"the {nth} {where} is failed on its way",
        }[self.kind]

    def _crash_point(self) -> str:
        nth = ordinal(self.nth)
        if self.step:
            at = f" ({self.place})" if self.place else ""
            return f"inside its {nth} {self.before}, before step {self.step}{at}"
        if self.after == "tuple":
            return f"while it is idle, after its {nth} tuple"
        side, point = ("before", self.before) if self.after is None else ("after", self.after)
        return f"{side} its {nth} {point}"

    def _at_topology(self) -> str:
        when = f"before the {ordinal(self.nth)} tuple of all bolts"
        seconds = f"{self.ms / 1000:g} s"
        workers = f", to {self.number} workers" if self.number else ""
        return {
            "worker": f"worker {self.number} crashes {when}"
            + (f", for {seconds}" if self.ms else ""),
            "acker": f"acker {self.number} loses what it knows {when}",
            "rebalance": f"a rebalance begins {when}, and waits for {seconds}{workers}",
            "deactivate": f"the topology is deactivated {when}, for {seconds}",
        }[self.kind]


@dataclass(frozen=True)
class Case:
    """All that a run depends on. Without faults and schedule the run is fault-free, and first come, first served.

    Attributes:
        seed: decides every other free choice.
        faults: what goes wrong.
        schedule: the choices that were not benign.
        changes: what is different from the test.
        topology: the name of the first topology, as its file says; "" when nothing does.
    """

    seed: int | str
    faults: tuple[Fault, ...] = ()
    schedule: tuple[Step, ...] = ()
    changes: tuple[Change, ...] = ()
    topology: str = field(default="", compare=False)

    def in_words(self) -> list[str]:
        """Return the case in words: a line for each fault and each change, and one for the schedule."""
        lines = [str(fault) for fault in self.faults] or ["no fault is needed"]
        lines += map(str, self.changes)
        if self.schedule:
            lines.append(_steps_in_words(self.schedule))
        return lines


def _steps_in_words(steps: Sequence[Step], most: int = 5) -> str:
    """The choices of a schedule that are not first come, first served."""
    words = [_step_in_words(step) for step in steps[:most]]
    if len(steps) > most:
        words.append(f"and {len(steps) - most} more choices that are not first come, first served")
    return ", ".join(words)


def _step_in_words(step: Step) -> str:
    task, _, what = step.stream.rpartition("/")
    nth, value = ordinal(step.at + 1), step.value
    match what:
        case "late":
            return f"the {nth} tuple to {task} is {value + 1} ms on its way"
        case "batch":
            return f"{task} is given all but {value} of what waits for it, the {nth} time"
        case "loaded":
            return f"a shuffle of {task} sends to all tasks, as under load"
        case "phase":
            return f"the ticks of {task} begin {value}/{step.limit} of their period later"
        case "drift":
            return f"the {nth} tick of {task} comes {value} ms late"
        case _:
            return f"at the {nth} choice between tasks the {ordinal(value + 1)} of them comes first"


def ordinal(number: int) -> str:
    """Return an ordinal number: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def check_kinds(names: object) -> tuple[Kind, ...]:
    """Return the kinds of faults that these names mean; ``"all"`` means ``KINDS``, all that Storm may do.

    Raises:
        HarnessError: a name is none of ``ALL_KINDS``, or this is no list.
    """
    if names == "all":
        return KINDS
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise HarnessError(
            f'faults={names!r}: expected "all", or a list of names, such as {list(KINDS[:4])}'
        )
    kinds = tuple(names)
    for name in kinds:
        if name not in ALL_KINDS:
            raise HarnessError(f"no fault is called {name!r}{_expected_kind(name)}")
    return cast("tuple[Kind, ...]", kinds)


def _expected_kind(name: object) -> str:
    return f"{did_you_mean(str(name), ALL_KINDS)}; expected {', '.join(ALL_KINDS)}"


# -- files ------------------------------------------------------------------------------------------------------

VERSION = 1  # of the files
_FAULT_KEYS = ("fault", "component", "before", "after", "nth", "step", "place", "ms", "topology")


def to_text(case: Case, failure: str = "", topology: str = "") -> str:
    """Return the case as JSON, with one fault or choice a line.

    Args:
        case: what to write.
        failure: how it fails, in one line; like "description" it is for the reader, and ``read_case`` ignores it.
        topology: the name of the first topology.
    """
    told = {"topology": topology, "failure": failure}
    known = {key: value for key, value in told.items() if value}
    head = {"explore": VERSION, **known, "description": case.in_words(), "seed": case.seed}
    parts = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    parts.append(_listing("faults", [_fault_to_dict(fault) for fault in case.faults]))
    parts.append(_listing("schedule", [_step_to_dict(step) for step in case.schedule]))
    if case.changes:
        parts.append(_listing("varied", [_change_to_dict(change) for change in case.changes]))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value)


def _listing(name: str, rows: Sequence[Mapping[str, object]]) -> str:
    lines = ",".join(f"\n  {_json(row)}" for row in rows)
    return f' "{name}": [{lines}' + ("\n ]" if rows else "]")


def _fault_to_dict(fault: Fault) -> dict[str, object]:
    row: dict[str, object] = {"fault": fault.kind}
    if fault.kind not in ON_TOPOLOGY:
        row["component"] = fault.component
    if fault.kind == "crash":
        row |= {"before": fault.before} if fault.after is None else {"after": fault.after}
    row["nth"] = fault.nth
    if fault.step:
        row |= {"step": fault.step, "place": fault.place}
    if fault.number or fault.kind in ("worker", "acker"):
        row[_number_key(fault.kind)] = fault.number
    if fault.ms or fault.kind in ("delay", "reorder"):
        row["ms"] = fault.ms
    if fault.topology:
        row["topology"] = fault.topology
    return row


def _number_key(kind: str) -> str:
    return "workers" if kind == "rebalance" else kind


def _step_to_dict(step: Step) -> dict[str, object]:
    return {"choice": step.stream, "at": step.at, "takes": step.value, "of": step.limit}


def _change_to_dict(change: Change) -> dict[str, object]:
    row: dict[str, object] = {"vary": change.name}
    if change.component:
        row["component"] = change.component
    row["value"] = change.value
    if change.topology:
        row["topology"] = change.topology
    return row


def read_case(path: Path) -> Case:
    """Return the case of a file.

    Raises:
        HarnessError: there is no such file, or it is not what ``to_text`` writes; it says where.
    """
    try:
        found = read_json(path.read_text(encoding="utf-8"))
    except JsonInputError as error:
        raise HarnessError(f"{path}{error.place}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(found, dict) or found.get("explore") != VERSION:
        raise HarnessError(f'{path}: not a case of storm.explore: expected "explore": {VERSION}')
    seed = _get(found, "seed", (int, str), str(path))
    rows = {
        name: _get(found, name, (list,), str(path)) if name in found else []
        for name in ("faults", "schedule", "varied")
    }
    return Case(
        seed,
        tuple(_fault(row, f"{path}: faults[{at}]") for at, row in enumerate(rows["faults"])),
        tuple(_step(row, f"{path}: schedule[{at}]") for at, row in enumerate(rows["schedule"])),
        tuple(_change(row, f"{path}: varied[{at}]") for at, row in enumerate(rows["varied"])),
        topology=_get({"topology": "", **found}, "topology", (str,), str(path)),
    )


def _fault(row: object, where: str) -> Fault:
    kind = _get(row, "fault", (str,), where)
    if kind not in ALL_KINDS:
        raise HarnessError(f"{where}: no fault is called {kind!r}{_expected_kind(kind)}")
    fields = cast("dict[str, Any]", row)
    _check_keys(
        fields, (*_FAULT_KEYS, *([_number_key(kind)] if kind in ON_TOPOLOGY else [])), where
    )
    sides = [side for side in ("before", "after") if side in fields]
    if kind == "crash" and len(sides) != 1:
        raise HarnessError(
            f'{where} has {" and ".join(sides) or "no side"}; expected "before" or "after"'
        )
    point = _get(row, sides[0], (str,), where) if kind == "crash" else "tuple"
    if point not in POINTS:
        raise HarnessError(
            f'{where}: "{sides[0]}" is {point!r}; expected {", ".join(POINTS)}{did_you_mean(point, POINTS)}'
        )
    is_after = kind == "crash" and sides == ["after"]
    step = _number({"step": 0, **fields}, "step", where)
    if step and (is_after or point != "initialize"):
        raise HarnessError(f'{where}: "step" is {step}; expected "before": "initialize" with it')
    return Fault(
        kind=kind,
        component="" if kind in ON_TOPOLOGY else _get(row, "component", (str,), where),
        nth=_number(row, "nth", where, least=1),
        before="tuple" if is_after else point,
        ms=_ms(kind, fields, where),
        topology=_number({"topology": 0, **fields}, "topology", where),
        after=point if is_after else None,
        number=_number({_number_key(kind): 0, **fields}, _number_key(kind), where)
        if kind in ON_TOPOLOGY
        else 0,
        step=step,
        place=_get({"place": "", **fields}, "place", (str,), where),
    )


def _ms(kind: Kind, row: Mapping[str, object], where: str) -> int:
    if kind not in WITH_MS:
        return 0
    if kind in ("delay", "reorder", "outage"):
        return _number(row, "ms", where, least=kind == "outage")
    return _number({"ms": 0, **row}, "ms", where)


def _step(row: object, where: str) -> Step:
    value = _number(row, "takes", where, least=1)
    _check_keys(cast("dict[str, Any]", row), ("choice", "at", "takes", "of"), where)
    return Step(
        _get(row, "choice", (str,), where),
        _number(row, "at", where),
        value,
        _number(row, "of", where, least=value + 1),
    )


def _change(row: object, where: str) -> Change:
    name = _get(row, "vary", (str,), where)
    if name not in CHANGEABLE:
        raise HarnessError(
            f"{where}: nothing is called {name!r}{did_you_mean(name, CHANGEABLE)}; expected {', '.join(CHANGEABLE)}"
        )
    _check_keys(cast("dict[str, Any]", row), ("vary", "component", "value", "topology"), where)
    is_version = name == "storm version"
    return Change(
        name=name,
        value=_get(row, "value", (str,), where) if is_version else _number(row, "value", where),
        component=_get(row, "component", (str,), where) if name == "parallelism" else "",
        topology=_number({"topology": 0, **cast("dict[str, Any]", row)}, "topology", where),
    )


def _check_keys(row: Mapping[str, object], known: Sequence[str], where: str) -> None:
    for key in row:
        if key not in known:
            raise HarnessError(
                f"{where} has an unknown key {json.dumps(key)}{did_you_mean(key, known)}; expected {', '.join(known)}"
            )


def _number(row: object, key: str, where: str, *, least: int = 0) -> int:
    number: int = _get(row, key, (int,), where)
    if number < least:
        raise HarnessError(f'{where}: "{key}" is {number}; expected at least {least}')
    return number


def _get(row: object, key: str, kinds: tuple[type, ...], where: str) -> Any:
    """Any: JSON; the type has been looked at."""
    if not isinstance(row, dict):
        raise HarnessError(f"{where} is {json.dumps(row)[:60]}; expected an object")
    if key not in row:
        raise HarnessError(f'{where} has no "{key}"')
    value = row[key]
    if not isinstance(value, kinds) or isinstance(value, bool):
        wanted = {int: "a whole number", str: "a string", list: "a list"}
        expected = " or ".join(wanted[kind] for kind in kinds)
        raise HarnessError(f'{where}: "{key}" is {json.dumps(value)[:60]}; expected {expected}')
    return value
