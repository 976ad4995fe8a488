"""Run scenarios on real Storms and compare: with the simulator, and with what was recorded before.

``python -m parity.record [--line 2.8.3] [--only NAME] [--accept]``, from ``tests/``. What drifts from the recorded
files is shown, and the status is 1; ``--accept`` writes the new ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from parity.conversations import Run, dump, load
from parity.live import run_live
from parity.scenarios import SCENARIOS, Scenario
from parity.simulated import simulate
from parity.verdicts import judge
from parity.views import differences
from storm_lines import LINES

MOST_SHOWN = 3000  # characters of a view
RECORDED = Path(__file__).parent / "recorded"


def recorded_path(version: str, name: str) -> Path:
    return RECORDED / version / f"{name}.json"


def recorded(version: str, scenario: Scenario) -> Run | None:
    """What was recorded of a scenario on a line; None when nothing was."""
    path = recorded_path(version, scenario.name)
    return load(path.read_text(encoding="utf-8")) if path.is_file() else None


def of_line(version: str, only: Sequence[str] = (), *, deaths: bool = True) -> list[Scenario]:
    """The scenarios that run on this line; without ``deaths`` only those that leave their worker alive."""
    return [
        each
        for each in SCENARIOS
        if each.runs_on(version) and (each.name in only if only else deaths or not each.alone)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m parity.record", description=__doc__)
    parser.add_argument(
        "--line", action="append", choices=list(LINES), help="a Storm; all by default"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a scenario; all by default"
    )
    parser.add_argument(
        "--no-deaths",
        action="store_true",
        help="leave out what ends its worker: each takes seconds",
    )
    parser.add_argument("--missing", action="store_true", help="only what is not recorded yet")
    parser.add_argument(
        "--accept", action="store_true", help="write what differs from the recorded files"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave logs and raw notes there")
    args = parser.parse_args(arguments)
    drifted = False
    for version in args.line or LINES:
        began = time.monotonic()
        scenarios = of_line(version, args.only, deaths=not args.no_deaths)
        if args.missing:
            scenarios = [each for each in scenarios if recorded(version, each) is None]
        keep = args.keep / version if args.keep else None
        runs = run_live(version, scenarios, keep)
        for each in scenarios:
            drifted |= _judge(version, each, runs[each.name], accept=args.accept)
        print(f"{version}: {len(scenarios)} scenarios in {time.monotonic() - began:.0f} s")
    return 1 if drifted else 0


def _judge(version: str, scenario: Scenario, run: Run, *, accept: bool, write: bool = True) -> bool:
    """Compare a new run with the recorded one and with the simulator's; whether there is something to see to."""
    if run.end == "deadline":
        print(
            f"{version} {scenario.name}: did not come to its end in {scenario.deadline_ms / 1000:g} s"
        )
        return True
    text = dump(run, scenario.compared)
    run = load(text)
    verdict = judge(scenario, version, run, simulate(scenario, version))
    print(f"{version} {scenario.name}: {verdict}")
    _show(verdict.unexplained, "Storm", "simulator")
    before = recorded(version, scenario)
    drift = {} if before is None else differences(scenario.compared, before, run)
    _show(drift, "recorded", "now")
    if write and (before is None or (drift and accept)):
        path = recorded_path(version, scenario.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return bool(drift and not accept) or not verdict.is_good


def _show(found: Mapping[str, tuple[object, object]], one: str, other: str) -> None:
    for name, values in found.items():
        for whose, value in zip((one, other), values, strict=True):
            print(f"  {name}, {whose}: {json.dumps(value, ensure_ascii=False)[:MOST_SHOWN]}")


if __name__ == "__main__":
    sys.exit(main())
