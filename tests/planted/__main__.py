"""Look for every planted bug: ``python -m tests.planted [--seeds 10] [--only NAME]... [--into PAGE]``."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from simulator.model import did_you_mean
from tests.planted.catalogue import PAIRS
from tests.planted.hunt import RUNS, Hunt, check, explore
from tests.planted.pair import Pair
from tests.planted.report import Effort, Row, page, summary


class Job(NamedTuple):
    """A pair to be measured, in a process of its own."""

    name: str
    effort: Effort


def measure(job: Job) -> Row:
    """Hunt for one bug, and in its twin."""
    warnings.simplefilter("ignore")  # what is suspicious in a wrong component is on purpose
    pair, effort = PAIRS[job.name], job.effort
    return Row(
        pair.name,
        [explore(pair, wrong=True, seed=seed, runs=effort.runs) for seed in range(effort.seeds)],
        [
            check(pair, wrong=True, seed=seed, runs=effort.law_runs)
            for seed in range(effort.law_seeds)
        ],
        [*_twins(pair, effort)],
    )


def _twins(pair: Pair, effort: Effort) -> Iterator[Hunt]:
    for seed in range(effort.twin_seeds):
        yield explore(pair, wrong=False, seed=seed, runs=effort.runs)
        if effort.law_seeds:
            yield check(pair, wrong=False, seed=seed, runs=effort.law_runs)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a line for each pair, and write the page; 1 when a bug is missed or a twin fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds (default: 10)")
    parser.add_argument(
        "--law-seeds", type=int, metavar="N", help="how many for the laws, if fewer"
    )
    parser.add_argument(
        "--twin-seeds", type=int, metavar="N", help="how many for the twins, if fewer"
    )
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of each (default: {RUNS})")
    parser.add_argument("--only", action="append", metavar="NAME", help="a pair, or several")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time (default: 1)")
    parser.add_argument(
        "--without-laws", action="store_true", help="tests only: a third of the time"
    )
    parser.add_argument("--into", type=Path, metavar="PAGE", help="the page to be written")
    args = parser.parse_args(argv)
    if args.only and args.into:
        parser.error("--into writes all pairs; expected no --only beside it")
    names = args.only or list(PAIRS)
    for name in names:
        if name not in PAIRS:
            parser.error(f"--only {name!r}: there is no such pair{did_you_mean(name, PAIRS)}")
    rows: dict[str, Row] = {}
    law_seeds = args.seeds if args.law_seeds is None else args.law_seeds
    effort = Effort(
        args.seeds,
        args.runs,
        0 if args.without_laws else law_seeds,
        args.runs if args.law_runs is None else args.law_runs,
        args.seeds if args.twin_seeds is None else args.twin_seeds,
    )
    jobs = [Job(name, effort) for name in names]
    with ProcessPoolExecutor(args.jobs) as pool:
        for row in pool.map(measure, jobs):
            rows[row.name] = row
            print(summary(row), flush=True)
    if args.into:
        args.into.write_text(page(rows, effort), encoding="utf-8")
        print(f"{args.into} is written")
    return 0 if all(row.is_as_it_should_be for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
