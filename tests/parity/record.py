"""Run scenarios on real Storms and compare: with the simulator, and with what was recorded before.

``python -m tests.parity.record [--line 2.8.3 | --cluster] [--only NAME] [--accept]``. What drifts from the
recorded files is shown, and the status is 1; ``--accept`` writes the new ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.parity.cluster import CLUSTER, VERSION, run_cluster
from tests.parity.conversations import Run, dump, load, reduced
from tests.parity.live import run_live
from tests.parity.scenarios import SCENARIOS, Scenario
from tests.parity.simulated import simulate
from tests.parity.verdicts import Verdict, judge, rows
from tests.parity.views import differences
from tests.support.storm_lines import VERSIONS

MOST_SHOWN = 3000  # characters of a view
AT_ONCE = 2  # lines: most of the time goes in waiting for what is silent or gone
RECORDED = Path(__file__).parent / "recorded"


def recorded_path(version: str, scenario: Scenario) -> Path:
    folder = f"cluster-{version}" if scenario.restarts else version
    return RECORDED / folder / f"{scenario.name}.jsonl"


def recorded(version: str, scenario: Scenario) -> Run | None:
    """What was recorded of a scenario on a line; None when nothing was."""
    path = recorded_path(version, scenario)
    return load(path) if path.is_file() else None


def of_line(
    version: str,
    only: Sequence[str] = (),
    *,
    deaths: bool = True,
    among: Sequence[Scenario] = SCENARIOS,
) -> list[Scenario]:
    """The scenarios that run on this line; without ``deaths`` only those that leave their worker alive."""
    return [
        each
        for each in among
        if each.runs_on(version) and (each.name in only if only else deaths or not each.alone)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.record", description=__doc__)
    parser.add_argument(
        "--line", action="append", choices=list(VERSIONS), help="a Storm; all by default"
    )
    parser.add_argument(
        "--cluster",
        action="store_true",
        help=f"crash and restart, on a cluster of {VERSION}; nothing else",
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
    if args.cluster and args.line:
        parser.error(f"--cluster is for {VERSION} alone; leave --line out")
    drifted = False
    verdicts: dict[tuple[str, str], Verdict | None] = {}
    versions = [VERSION] if args.cluster else args.line or list(VERSIONS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in chain.from_iterable(pool.map(lambda version: _run(version, args), versions)):
            verdicts[found.scenario.name, found.version] = found.verdict
            print(found)
            if found.run.end != "deadline" and (
                found.before is None or (found.drift and args.accept)
            ):
                write(found)
            drifted |= bool(found.drift and not args.accept) or not found.verdict.is_good
    print(_table(["scenario", *versions], rows(verdicts, versions)))
    return 1 if drifted else 0


def _run(version: str, args: argparse.Namespace) -> Iterator[Comparison]:
    """Run on this line what is asked for; it has run when this returns."""
    among = CLUSTER if args.cluster else SCENARIOS
    scenarios = of_line(version, args.only, deaths=not args.no_deaths, among=among)
    if args.missing:
        scenarios = [each for each in scenarios if recorded(version, each) is None]
    began = time.monotonic()
    keep = args.keep / version if args.keep else None
    runs = run_cluster(scenarios, keep) if args.cluster else run_live(version, scenarios, keep)
    print(f"{version}: {len(scenarios)} scenarios in {time.monotonic() - began:.0f} s", flush=True)
    # Simulated one after the other, where they are asked for: a simulation changes sys.path.
    return (compare(version, each, runs[each.name]) for each in scenarios)


@dataclass(frozen=True)
class Comparison:
    """A new run of a scenario beside the recorded one, which may not exist, and beside the simulator's."""

    version: str
    scenario: Scenario
    run: Run
    before: Run | None
    verdict: Verdict

    @property
    def drift(self) -> dict[str, tuple[object, object]]:
        """The views in which the run is not what was recorded."""
        if self.before is None:
            return {}
        return differences(self.scenario.compared, self.before, self.run)

    @property
    def is_good(self) -> bool:
        return not self.drift and self.verdict.is_good

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.version} {self.scenario.name}: {self.verdict}",
                *_shown(self.verdict.unexplained, "Storm", "simulator"),
                *_shown(self.drift, "recorded", "now"),
            ]
        )


def compare(version: str, scenario: Scenario, run: Run) -> Comparison:
    """What to make of a new run."""
    run = reduced(run, scenario.compared)  # as the recorded one has come
    verdict = judge(scenario, version, run, simulate(scenario, version))
    return Comparison(version, scenario, run, recorded(version, scenario), verdict)


def described(found: Iterable[Comparison], directory: Path) -> list[str]:
    """A line for each run that is not as it should be, with the file that has all of the difference and of the run."""
    lines = []
    for each in found:
        if each.is_good:
            continue
        path = directory / f"{each.version}-{each.scenario.name}.txt"
        whole = [
            *_shown(each.verdict.unexplained, "Storm", "simulator", None),
            *_shown(each.drift, "recorded", "now", None),
        ]
        path.write_text(
            "\n".join([str(each.verdict), *whole, dump(each.run, each.scenario.name)]),
            encoding="utf-8",
        )
        lines.append(f"{str(each).splitlines()[0]}; all of it is in {path}")
    return lines


def write(new: Comparison) -> None:
    """Let the new run be the recorded one."""
    path = recorded_path(new.version, new.scenario)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(new.run, new.scenario.name), encoding="utf-8")


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    lines = [
        [each.ljust(width) for each, width in zip(row, widths, strict=True)]
        for row in (head, *body)
    ]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _shown(
    found: Mapping[str, tuple[object, object]], one: str, other: str, most: int | None = MOST_SHOWN
) -> Iterator[str]:
    for name, values in found.items():
        for whose, value in zip((one, other), values, strict=True):
            yield f"  {name}, {whose}: {json.dumps(value, ensure_ascii=False)[:most]}"


if __name__ == "__main__":
    sys.exit(main())
