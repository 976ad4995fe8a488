"""Curves: what a topology under load did on a real Storm, second by second.

Times are in seconds since the first spout's process was initialized. A file has one curve.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RECORDED = Path(__file__).parent / "recorded"


@dataclass(frozen=True)
class SpoutCurve:
    """The counts of a spout's task at each second, from 1 on.

    Attributes:
        emitted, acked, failed: so far.
        first: when it emitted its first tuple; of one with a rate, when its process was initialized.
        latency: the mean complete latency, in seconds; None: nothing was acked.
        per_ack: the seconds from one ack or fail to the next where it was always busy with them, else those that one
            took in its own code; None: none to speak of.
    """

    emitted: Sequence[int]
    acked: Sequence[int]
    failed: Sequence[int]
    first: float
    latency: float | None = None
    per_ack: float | None = None


@dataclass(frozen=True)
class BoltCurve:
    """The counts of a bolt's task at each second, from 1 on.

    Attributes:
        executed: the tuples that it was done with so far.
        first: when it began with its first tuple, as if it had had to do since then.
        busy: the seconds in its own code, all together; of several threads the sum.
        per_tuple: the seconds from one tuple to the next while it had to do all the time; None where it had not.
        ticks: when it got each tick.
        batches: when it began with each batch, and how many tuples were in it.
    """

    executed: Sequence[int]
    first: float
    busy: float
    per_tuple: float | None = None
    ticks: Sequence[float] = ()
    batches: Sequence[tuple[float, int]] = ()


@dataclass(frozen=True)
class Curve:
    """What a scenario did.

    Attributes:
        scenario: its name.
        storm: the Storm version.
        clocks: from when Storm counts ticks and message timeouts, for each task.
        died: when Storm took a component for dead; None: it did not.
        cold: whether its JVM was so cold that the first ``SETTLED_S`` seconds say nothing.
        spouts, bolts: the curves of tasks, by ``component.task``.
    """

    scenario: str
    storm: str
    clocks: Mapping[str, float]
    died: float | None
    spouts: Mapping[str, SpoutCurve]
    bolts: Mapping[str, BoltCurve] = field(default_factory=dict)
    cold: bool = False

    def tasks_of(self, component: str) -> list[str]:
        """The tasks of a component, by number."""
        named = [each for each in (*self.spouts, *self.bolts) if component_of(each) == component]
        return sorted(named, key=lambda name: int(name.rpartition(".")[2]))

    @property
    def seconds(self) -> int:
        """How many seconds were recorded."""
        return max(len(each.emitted) for each in self.spouts.values())


def component_of(task: str) -> str:
    """The component of ``component.task``."""
    return task.rpartition(".")[0]


def path_of(scenario: str, storm: str) -> Path:
    """Where the curve of a scenario is kept."""
    return RECORDED / storm / f"{scenario}.json"


def recorded(scenario: str, storm: str) -> Curve:
    """What was recorded of a scenario on a Storm."""
    return load(path_of(scenario, storm).read_text(encoding="utf-8"))


def load(text: str) -> Curve:
    """The curve in a file's text."""
    found = json.loads(text)
    spouts = {name: SpoutCurve(**each) for name, each in found.pop("spouts").items()}
    bolts = {
        name: BoltCurve(**{**each, "batches": [(at, size) for at, size in each.get("batches", ())]})
        for name, each in found.pop("bolts").items()
    }
    return Curve(**found, spouts=spouts, bolts=bolts)


def dump(curve: Curve) -> str:
    """The text of a file: a line for each task."""

    def told(each: SpoutCurve | BoltCurve) -> str:
        given = {key: value for key, value in vars(each).items() if value not in (None, (), [])}
        return json.dumps(given, separators=(",", ":"))

    def lines(tasks: Mapping[str, SpoutCurve] | Mapping[str, BoltCurve]) -> str:
        return ",\n".join(f'  "{name}": {told(each)}' for name, each in tasks.items())

    head = {key: value for key, value in vars(curve).items() if key not in ("spouts", "bolts")}
    first = json.dumps(head)[1:-1]
    return (
        f'{{\n {first},\n "spouts": {{\n{lines(curve.spouts)}}},\n'
        f' "bolts": {{\n{lines(curve.bolts)}}}\n}}\n'
    )


SETTLED_S = 10  # by then a JVM has warmed up
AT_WORK = 0.9  # of a second: such a task had to do all the time
COLD_S = 1.0  # lost in that time: more than a warm JVM loses


@dataclass(frozen=True)
class Pace:
    """When a bolt's task began, and how long a tuple took.

    Attributes:
        first: when it began with its first tuple, as if it had had to do since then.
        per_tuple: the seconds from one tuple to the next while it had to do all the time; None where it had not.
        cold: whether it lost more than ``COLD_S`` before ``SETTLED_S``: then both are of the time after that.
    """

    first: float
    per_tuple: float | None
    cold: bool = False


def pace(executed: Sequence[int], busy: Sequence[float], started: float, parallel: int = 1) -> Pace:
    """The pace of a bolt's task.

    Args:
        executed, busy: so far, at each second from 1 on.
        started: when its process was initialized.
        parallel: the number of tuples that it works on at the same time.
    """
    first = _began(executed, busy, started, parallel)
    end, settled = len(executed) - 1, SETTLED_S - 1

    def had_to_do(since: int) -> bool:
        return since < end and busy[end] - busy[since] >= AT_WORK * parallel * (end - since)

    def per_tuple(since: int) -> float:
        return (end - since) * parallel / (executed[end] - executed[since])

    begun = next((at for at, done in enumerate(executed) if done), end)
    if had_to_do(settled):
        line = SETTLED_S - executed[settled] * per_tuple(settled) / parallel
        if line - begun - 1 > COLD_S:
            return Pace(round(line, 3), round(per_tuple(settled), 6), cold=True)
    return Pace(first, round(per_tuple(begun), 6) if had_to_do(begun) else None)


def _began(executed: Sequence[int], busy: Sequence[float], started: float, parallel: int) -> float:
    for second, (before, behind) in enumerate(zip([0.0, *busy], busy, strict=False)):
        if second < SETTLED_S and behind - before >= AT_WORK * parallel:
            half = behind / executed[second] / 2
            return round(max(started, second - before / parallel - half), 3)
    return round(started, 3)
