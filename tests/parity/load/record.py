"""Run scenarios under load on real Storms and compare: with the simulator, and with what was recorded before.

``python -m tests.parity.load.record [--line 2.8.3] [--only NAME] [--accept]``. Where a simulation with the new numbers
differs, or the verdict or the shares are not those that were recorded, this is shown, and the status is 1. ``--accept``
writes the new curve. Each scenario runs in a LocalCluster of its own, for its seconds and some twenty more.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean

from tests.parity.live import run_jvm, workshop
from tests.parity.load.comparison import (
    COUNTS,
    SHARE_WITHIN,
    Comparison,
    compare,
    marks_of,
    recorded_verdict,
    word,
)
from tests.parity.load.curves import (
    AT_WORK,
    BoltCurve,
    Curve,
    Pace,
    SpoutCurve,
    component_of,
    dump,
    pace,
    path_of,
    recorded,
)
from tests.parity.load.scenarios import LINES, SCENARIOS, Scenario

MORE_SECONDS = 8  # for processes that start later than the first


def run_live(version: str, scenario: Scenario, keep: Path | None = None) -> Curve:
    """Run a scenario on a real Storm of this version, and return its curve.

    Raises:
        RuntimeError: Storm ended before it did.
    """
    with workshop(keep) as directory:
        topology = directory / f"{scenario.name}.clj"
        topology.write_text(scenario.text(), encoding="utf-8")
        job = _job(scenario, topology, directory)
        (directory / "plan.json").write_text(json.dumps([job]), encoding="utf-8")
        run_jvm(version, directory)
        return read_curve(scenario, version, directory)


def _job(scenario: Scenario, topology: Path, directory: Path) -> dict[str, object]:
    over, notes = directory / "over", directory / "load"
    over.mkdir()
    return {
        "name": scenario.name,
        "path": str(topology),
        "conf": {
            **scenario.whole_conf(),
            "topology.python.path": sys.executable,  # nothing stands between a component and Storm
            "load.notes": str(notes),
            "streamparse.log.path": str(directory / "logs"),
        },
        "over": str(over),
        "notes": str(notes),
        "markers": 1,  # there will be none: it ends at the deadline
        "linger": 0,
        "deadline": 1000 * (scenario.seconds + MORE_SECONDS),
        "alone": any(bolt.stall for bolt in scenario.bolts.values()),  # its worker may die
        "acts": [],
    }


# -- what was noted ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A line of the notes of a task: what it did, when (in seconds since the epoch), and a number."""

    what: str
    at: float
    number: float


def read_curve(scenario: Scenario, version: str, directory: Path) -> Curve:
    """The curve of a scenario that has run in this directory."""
    notes = {path.name: _notes(path) for path in sorted((directory / "load").iterdir())}
    (first, *_) = scenario.spouts
    origin = min(each[0].at for name, each in notes.items() if component_of(name) == first)
    seconds = scenario.seconds + 1

    def counted(what: str, task: Sequence[Note]) -> list[int]:
        return _counted([each.at - origin for each in task if each.what == what], seconds)

    bolts: dict[str, BoltCurve] = {}
    cold = False
    for name, task in notes.items():
        if spec := scenario.bolts.get(component_of(name)):
            executed = counted("done", task)
            busy = [
                sum(
                    each.number
                    for each in task
                    if each.what == "done" and each.at - origin <= second
                )
                for second in range(1, seconds + 1)
            ]
            started = task[0].at - origin
            found = (
                pace(executed, busy, started, spec.parallel)
                if spec.is_steady
                else Pace(round(started, 3), None)
            )
            cold |= found.cold
            bolts[name] = BoltCurve(
                executed,
                found.first,
                round(busy[-1], 3),
                found.per_tuple,
                [round(each.at - origin, 3) for each in task if each.what == "tick"],
                [
                    (round(each.at - origin, 3), int(each.number))
                    for each in task
                    if each.what == "batch"
                ],
            )
    spouts: dict[str, SpoutCurve] = {}
    for name, task in notes.items():
        if spout := scenario.spouts.get(component_of(name)):
            is_free = spout.rate is None and not spout.pause
            emits = [each.at - origin for each in task if each.what == "emit"]
            spouts[name] = SpoutCurve(
                counted("emit", task),
                counted("ack", task),
                counted("fail", task),
                round(emits[0] if is_free and emits else task[0].at - origin, 3),
                _latency(task, origin + scenario.seconds),
                _per_ack(task, origin + scenario.seconds),
            )
    clocks, died = _read_log(directory / "storm.log", origin, notes)
    if died is not None and died > scenario.seconds:
        died = None
    return Curve(scenario.name, version, clocks, died, spouts, bolts, cold)


def _notes(path: Path) -> list[Note]:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [Note(*json.loads(line)) for line in lines if line.endswith("\n")]


def _counted(times: Sequence[float], seconds: int) -> list[int]:
    counts, at = [], 0
    for second in range(1, seconds + 1):
        while at < len(times) and times[at] <= second:
            at += 1
        counts.append(at)
    return counts


def _latency(task: Sequence[Note], until: float) -> float | None:
    """The mean complete latency of a spout's task."""
    emitted: dict[float, float] = {}
    acked = []
    for each in task:
        if each.what == "emit":
            emitted[each.number] = each.at
        elif each.what == "ack" and each.at <= until:
            acked.append(each.at - emitted[each.number])
    return round(fmean(acked), 3) if acked else None


def _per_ack(task: Sequence[Note], until: float) -> float | None:
    """The mean seconds from one ack or fail to the next where it is always busy with them, else those for one."""
    told = [each for each in task if each.what == "told" and each.at <= until]
    if len(told) < 2:
        return None
    own = fmean(each.number for each in told)
    apart = (told[-1].at - told[0].at) / (len(told) - 1)
    return round(apart if own >= AT_WORK * apart else own, 6)


#: Storm counts ticks and timeouts from here: up to 0.9 since an executor was loaded, then since its task was ready.
_READY = re.compile(r"(Opened spout|Prepared bolt) (\S+?):[(\[]([\d ]+)[)\]]")
_LOADED = re.compile(r"Loaded executor tasks (\S+?):\[(\d+) (\d+)\]")
_DIED = re.compile(r"ShellBolt died|Halting process|Worker died")


def _read_log(
    log: Path, origin: float, tasks: Mapping[str, object]
) -> tuple[dict[str, float], float | None]:
    """When the clock of each task began, and when a component was taken for dead, in seconds since ``origin``."""
    ready: dict[str, float] = {}
    loaded: dict[str, float] = {}
    died: float | None = None
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        at = _moment(line[:23])
        if at is None:
            continue
        if found := _READY.search(line):
            for task in found[3].split():
                ready.setdefault(f"{found[2]}.{task}", round(at - origin, 3))
        elif found := _LOADED.search(line):
            for number in range(int(found[2]), int(found[3]) + 1):
                loaded.setdefault(f"{found[1]}.{number}", round(at - origin, 3))
        elif died is None and _DIED.search(line):
            died = round(at - origin, 3)
    clocks = {**ready, **loaded}
    return {task: clocks.get(task, 0.0) for task in tasks}, died


def _moment(stamp: str) -> float | None:
    try:
        return datetime.fromisoformat(stamp.replace(",", ".")).timestamp()
    except ValueError:
        return None


# -- beside what there is ------------------------------------------------------------------------------------------


def described(found: Comparison) -> str:
    """A line about a comparison."""
    counts = ", ".join(
        f"{view} {100 * error.mean:.1f} % ({100 * found.by_second[view]:.1f} % as fast as it was)"
        for view, error in found.errors.items()
        if view in COUNTS
    )
    return (
        f"{found.storm} {found.scenario.name}: {counts}; verdict {found.verdicts[0]}, "
        f"simulated {found.verdicts[1]}"
    )


def drift(scenario: Scenario, before: Curve, now: Curve) -> list[str]:
    """What of a new curve is not what was recorded, apart from the speed of the machine."""
    lines = []
    words = [
        word(scenario, recorded_verdict(scenario, each, marks_of(scenario, each)[-1]))
        for each in (before, now)
    ]
    if words[0] != words[1]:
        lines.append(f"the verdict was {words[0]} and is {words[1]}")
    if (before.died is None) != (now.died is None):
        lines.append(f"a component died at {before.died} s, and now at {now.died} s")
    for bolt in scenario.bolts:
        shares = [_shares(each, bolt) for each in (before, now)]
        if any(
            abs(one - other) > SHARE_WITHIN for one, other in zip(*map(sorted, shares), strict=True)
        ):
            lines.append(f"the shares of the tasks of {bolt} were {shares[0]} and are {shares[1]}")
    return lines


def _shares(curve: Curve, bolt: str) -> list[float]:
    done = [curve.bolts[task].executed[-1] for task in curve.tasks_of(bolt)]
    return [round(each / max(1, sum(done)), 3) for each in done]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.load.record", description=__doc__)
    parser.add_argument("--line", action="append", choices=LINES, help="a Storm; all by default")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="a scenario; all by default"
    )
    parser.add_argument("--missing", action="store_true", help="only what is not recorded yet")
    parser.add_argument("--accept", action="store_true", help="write the new curves")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave logs and notes there")
    args = parser.parse_args(arguments)
    is_good = True
    for scenario in SCENARIOS:
        if args.only and scenario.name not in args.only:
            continue
        for version in (*scenario.lines, *scenario.unrecorded):
            path = path_of(scenario.name, version)
            if (args.line and version not in args.line) or (args.missing and path.is_file()):
                continue
            keep = args.keep / f"{scenario.name}-{version}" if args.keep else None
            is_good &= _record(version, scenario, keep, accept=args.accept)
    return 0 if is_good else 1


def _record(version: str, scenario: Scenario, keep: Path | None, *, accept: bool) -> bool:
    curve = run_live(version, scenario, keep)
    found = compare(scenario, curve)
    print(described(found), flush=True)
    path = path_of(scenario.name, version)
    bad = [f"{view} is not as simulated" for view in found.unlike]
    if path.is_file():
        bad += drift(scenario, recorded(scenario.name, version), curve)
    for line in bad:
        print(f"  {line}", flush=True)
    if accept or not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(curve), encoding="utf-8")
    return not bad or accept


if __name__ == "__main__":
    sys.exit(main())
