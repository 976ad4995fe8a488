"""Cases: what a run of an exploration depends on besides the code, and its file.

A case is a seed, faults, and the choices of the schedule that were not benign; the same case gives the same run. Its
file is for readers: one fault or choice a line, by name, and no number that only another run could explain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from simulator.engine import Step, faults
from simulator.model import did_you_mean
from simulator.testing.errors import HarnessError, is_test_error

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Kind = Literal["crash", "lost-ack", "duplicate", "delay", "drop", "fail"]
Point = Literal["tuple", "emit", "ack"]

KINDS: tuple[Kind, ...] = ("crash", "lost-ack", "duplicate", "delay", "drop", "fail")
POINTS: tuple[Point, ...] = ("tuple", "emit", "ack")
_VERDICTS: Mapping[str, faults.Verdict] = {
    "lost-ack": faults.LostAck(),
    "duplicate": faults.Duplicate(),
    "drop": faults.Drop(),
    "fail": faults.Fail(),
}


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong on purpose at a bolt, once.

    Attributes:
        kind: what goes wrong.
        component: the bolt.
        nth: at which tuple, emit or ack of the component, counted over its tasks from 1.
        before: a crash's point.
        ms: how late a delayed tuple comes.
        topology: which topology of the run, for a test that builds several (from 0).
    """

    kind: Kind
    component: str
    nth: int
    before: Point = "tuple"
    ms: int = 0
    topology: int = 0

    def order(self) -> faults.CrashOrder | None:
        """Return a new order to the component; None when the fault is a verdict."""
        if self.kind != "crash":
            return None
        return faults.CrashOrder(self.component, self.before, self.nth)

    def rule(self) -> faults.Rule | None:
        """Return a new rule with the verdict; None for a crash."""
        if self.kind == "crash":
            return None
        verdict = faults.Delay(self.ms) if self.kind == "delay" else _VERDICTS[self.kind]
        return faults.Nth(verdict, self.component, self.nth)

    def __str__(self) -> str:
        nth, where = ordinal(self.nth), f"tuple to {self.component}"
        words = {
            "crash": f"{self.component} crashes before its {nth} {self.before}, and its worker with it",
            "lost-ack": f"the ack of the {nth} {where} is lost",
            "duplicate": f"the {nth} {where} comes twice",
            "delay": f"the {nth} {where} comes {self.ms / 1000:g} s late",
            "drop": f"the {nth} {where} is lost",
            "fail": f"the {nth} {where} is failed on its way",
        }[self.kind]
        return words + (f" (topology {self.topology + 1} of the test)" if self.topology else "")


@dataclass(frozen=True)
class Case:
    """All that a run depends on. Without faults and schedule the run is fault-free, and first come, first served.

    Attributes:
        seed: decides every other free choice.
        faults: what goes wrong.
        schedule: the choices that were not benign.
    """

    seed: int | str
    faults: tuple[Fault, ...] = ()
    schedule: tuple[Step, ...] = ()

    def in_words(self) -> list[str]:
        """Return the case in words: a line for each fault, and one for the schedule."""
        lines = [str(fault) for fault in self.faults] or ["no fault is needed"]
        steps = len(self.schedule)
        if steps:
            many = f"{steps} choices are" if steps > 1 else "one choice is"
            lines.append(f"{many} not first come, first served: {_steps_in_words(self.schedule)}")
        return lines


def _steps_in_words(steps: Sequence[Step], most: int = 5) -> str:
    words = [f"{stream} #{at + 1} takes {value}" for stream, at, value, _ in steps[:most]]
    return ", ".join(words) + (", ..." if len(steps) > most else "")


def ordinal(number: int) -> str:
    """Return an ordinal number: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def check_kinds(names: object) -> tuple[Kind, ...]:
    """Return the kinds of faults that these names mean.

    Raises:
        HarnessError: a name is none of ``KINDS``, or this is no list.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise HarnessError(f"faults={names!r}: expected a list of names, such as {list(KINDS)}")
    kinds = tuple(names)
    for name in kinds:
        if name not in KINDS:
            raise HarnessError(
                f"no fault is called {name!r}{did_you_mean(str(name), KINDS)}; expected {', '.join(KINDS)}"
            )
    return cast("tuple[Kind, ...]", kinds)


# -- files ------------------------------------------------------------------------------------------------------

VERSION = 1  # of the files


def to_text(case: Case, failure: str = "") -> str:
    """Return the case as JSON, with one fault or choice a line.

    Args:
        case: what to write.
        failure: how it fails, in one line; like "description" it is for the reader, and ``read_case`` ignores it.
    """
    failed = {"failure": failure} if failure else {}
    head = {"explore": VERSION, **failed, "description": case.in_words(), "seed": case.seed}
    parts = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    parts.append(_listing("faults", [_fault_to_dict(fault) for fault in case.faults]))
    parts.append(_listing("schedule", [_step_to_dict(step) for step in case.schedule]))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value)


def _listing(name: str, rows: Sequence[Mapping[str, object]]) -> str:
    lines = ",".join(f"\n  {_json(row)}" for row in rows)
    return f' "{name}": [{lines}' + ("\n ]" if rows else "]")


def _fault_to_dict(fault: Fault) -> dict[str, object]:
    row: dict[str, object] = {"fault": fault.kind, "component": fault.component}
    if fault.kind == "crash":
        row["before"] = fault.before
    row["nth"] = fault.nth
    if fault.kind == "delay":
        row["ms"] = fault.ms
    if fault.topology:
        row["topology"] = fault.topology
    return row


def _step_to_dict(step: Step) -> dict[str, object]:
    return {"choice": step.stream, "at": step.at, "takes": step.value, "of": step.limit}


def read_case(path: Path) -> Case:
    """Return the case of a file.

    Raises:
        HarnessError: there is no such file, or it is not what ``to_text`` writes; it says where.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise HarnessError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(found, dict) or found.get("explore") != VERSION:
        raise HarnessError(f'{path}: not a case of storm.explore: expected "explore": {VERSION}')
    seed = _get(found, "seed", (int, str), str(path))
    rows = {
        name: _get(found, name, (list,), str(path)) if name in found else []
        for name in ("faults", "schedule")
    }
    return Case(
        seed,
        tuple(_fault(row, f"{path}: faults[{at}]") for at, row in enumerate(rows["faults"])),
        tuple(_step(row, f"{path}: schedule[{at}]") for at, row in enumerate(rows["schedule"])),
    )


def _fault(row: object, where: str) -> Fault:
    kind = _get(row, "fault", (str,), where)
    if kind not in KINDS:
        raise HarnessError(f"{where}: no fault is called {kind!r}; expected {', '.join(KINDS)}")
    before = _get(row, "before", (str,), where) if kind == "crash" else "tuple"
    if before not in POINTS:
        raise HarnessError(f'{where}: "before" is {before!r}; expected {", ".join(POINTS)}')
    return Fault(
        kind=kind,
        component=_get(row, "component", (str,), where),
        nth=_number(row, "nth", where, least=1),
        before=before,
        ms=_number(row, "ms", where) if kind == "delay" else 0,
        topology=_number({"topology": 0, **cast("dict[str, Any]", row)}, "topology", where),
    )


def _step(row: object, where: str) -> Step:
    value = _number(row, "takes", where, least=1)
    return Step(
        _get(row, "choice", (str,), where),
        _number(row, "at", where),
        value,
        _number(row, "of", where, least=value + 1),
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
