"""Measure, and print the table: ``python -m benchmarks [--only NAME]... [--quick] [--into docs/performance.md]``.

One table says what is measured together, what rows come of it, and each row's goal.
"""

from __future__ import annotations

import argparse
import difflib
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks import (
    components,
    local_cluster,
    pages,
    simulation,
    starting,
    submitting,
    testing,
)
from benchmarks.measure import Result


class Goal(NamedTuple):
    """What the median is to be, at least or at most; of a ratio, or of a difference in this unit."""

    bound: float
    at_least: bool
    unit: str = "x"

    def is_met(self, median: float) -> bool:
        return median >= self.bound if self.at_least else median <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{self.unit}"


at_least = partial(Goal, at_least=True)
at_most = partial(Goal, at_least=False)


class Row(NamedTuple):
    figure: str
    against: str
    goal: Goal


class Measure(Protocol):
    def __call__(self, *, quick: bool) -> Sequence[Result | None]: ...


class Measurement(NamedTuple):
    """What is measured in one go, in the order of its rows."""

    name: str
    measure: Measure
    rows: Sequence[Row]


def _loop(kind: components.Kind, *, awaited: bool, goal: float) -> Measurement:
    ids = "awaited" if awaited else "not awaited"
    figure = f"{kind} loop, task ids {ids}"
    return Measurement(
        f"{kind}-ids" if awaited else kind,
        partial(components.loop, kind, awaited=awaited),
        [
            Row(figure, "streamparse 5.0.1", at_least(goal)),
            Row(figure, "pystorm 3.1.4", at_least(goal)),
            Row(figure, "the bare loop", at_least(0.85)),
        ],
    )


FLAT = at_most(1.15)  # a cost that falls is no miss

TABLE = (
    Measurement(
        "local-cluster",
        local_cluster.storms,
        [
            Row("spout tuples/s, all acked, processes", "LocalCluster 2.8.3", at_least(15)),
            Row(
                "command to first tuple in the last bolt, speedup",
                "`sparse run` on 2.8.3, the JVM only",
                at_least(40),
            ),
        ],
    ),
    Measurement(
        "submit",
        submitting.submits,
        [
            Row(
                'command to "submitted", by Thrift, speedup',
                "`sparse submit` with Leiningen on 2.8.3, its JVM known",
                at_least(10),
            )
        ],
    ),
    Measurement(
        "transports",
        simulation.transports,
        [Row("spout tuples/s, all acked, in process", "component processes", at_least(1.5))],
    ),
    _loop("bolt", awaited=False, goal=2.5),
    _loop("bolt", awaited=True, goal=2.0),
    _loop("spout", awaited=False, goal=2.5),
    _loop("spout", awaited=True, goal=2.5),
    Measurement(
        "recorded",
        components.recorded,
        [
            Row("a tuple of a bolt that is recorded", "not recorded", at_most(1.03)),
            Row("the same behind the limit of its recording", "not recorded", at_most(1.001)),
        ],
    ),
    Measurement(
        "recorded-work",
        components.recorded_work,
        [Row("a tuple of a recorded bolt that works for 1 ms", "not recorded", at_most(1.03))],
    ),
    Measurement(
        "handshake",
        starting.handshakes,
        [
            Row("spawn to handshake reply, cold", "starting Python", at_most(1.5)),
            Row("spawn to handshake reply, fork server", "starting Python", at_most(0.2)),
        ],
    ),
    Measurement(
        "imports",
        starting.imports,
        [
            Row("`import streamparse`, processor time", "starting Python", at_most(1.5)),
            Row("`sparse --help`, processor time", "starting Python", at_most(3)),
        ],
    ),
    Measurement(
        "plugin",
        testing.plugin,
        [Row("pytest, no test uses the plugin", "without the plugin", at_most(5, unit=" ms"))],
    ),
    Measurement(
        "one-bolt",
        testing.one_bolt,
        [Row("test of one bolt, fixture included", "by hand with a mock", at_most(1, unit=" ms"))],
    ),
    Measurement(
        "topology-tests",
        testing.topologies,
        [
            Row("small whole-topology test, in process", "starting Python", at_most(0.3)),
            Row("small whole-topology test, processes", "starting Python", at_most(2)),
            Row("200 explored runs, four components, in process", "starting Python", at_most(15)),
        ],
    ),
    Measurement(
        "forks",
        testing.forks,
        [
            Row(
                "one more run, which differs at the end of 10,000 tuples",
                "no time at all",
                at_most(20, unit=" ms"),
            )
        ],
    ),
    Measurement(
        "sweep",
        testing.sweep,
        [
            Row(
                "sweep of `examples/retries`, all kinds of faults",
                "no time at all",
                at_most(2, unit=" s"),
            )
        ],
    ),
    Measurement(
        "replays",
        testing.replays,
        [
            Row(
                "replay of a recording of 10,000 tuples, in process",
                "no time at all",
                at_most(5, unit=" s"),
            )
        ],
    ),
    Measurement(
        "many-tasks",
        starting.many_tasks,
        [Row("200 tasks, to the first tuple in each", "starting Python 200 times", at_most(0.1))],
    ),
    Measurement(
        "sizes",
        simulation.sizes,
        [
            Row("cost of a tuple, run of 10^5", "run of 10^4", FLAT),
            Row("cost of a tuple, run of 10^6", "run of 10^4", FLAT),
            Row("peak memory, run of 10^6, trace off", "run of 10^4", at_most(1.1)),
            Row("peak memory, run of 10^6, trace to a file", "run of 10^4", at_most(1.1)),
        ],
    ),
    *(
        Measurement(
            f"tasks{suffix}",
            partial(simulation.tasks, mode),
            [
                Row(f"cost of a tuple with {n} tasks, {where}", "with 2 tasks", FLAT)
                for n in (20, 200)
            ],
        )
        for mode, where, suffix in simulation.MODES
    ),
    *(
        Measurement(
            f"depth{suffix}",
            partial(simulation.depth, mode),
            [Row(f"cost of a hop, trees {n} deep, {where}", "trees 2 deep", FLAT) for n in (8, 32)],
        )
        for mode, where, suffix in simulation.MODES
    ),
    *(
        Measurement(
            f"work{suffix}",
            partial(simulation.work, mode),
            [
                Row(
                    f"cost of a tuple whose work takes virtual time, {where}",
                    "no work",
                    at_most(1.3),
                )
            ],
        )
        for mode, where, suffix in simulation.MODES
    ),
    Measurement(
        "page-kept",
        pages.kept,
        [Row("a run that keeps what its page needs, in process", "the run alone", at_most(1.05))],
    ),
    Measurement(
        "page",
        pages.page,
        [
            Row(
                "page of 100,000 events, made and written, processor time",
                "no time at all",
                at_most(2, unit=" s"),
            ),
            Row(
                "the same, opened, to the answer to the first click",
                "no time at all",
                at_most(1, unit=" s"),
            ),
        ],
    ),
    Measurement(
        "reading",
        simulation.reading,
        [
            Row("`.clj` of 300 components: read, validate, draw", "`.clj` of 30", at_most(12)),
            Row("the same in seconds", "one second", at_most(1, unit=" s")),
        ],
    ),
)
HEAD = (
    "| figure | value | compared with | median (smallest to largest, pairs) | goal | result |",
    "|---|---|---|---|---|---|",
)
BEGIN, END = "<!-- the table: make bench -->", "<!-- the table ends -->"  # in a page


def line(row: Row, result: Result | None) -> str:
    """A line of the table, in Markdown."""
    if result is None:
        return f"| {row.figure} | not measured | {row.against} | | {row.goal} | |"
    median, unit = statistics.median(result.pairs), row.goal.unit
    low, high, number = min(result.pairs), max(result.pairs), len(result.pairs)
    spread = f"{median:.2f}{unit} ({low:.2f} to {high:.2f}, {number})"
    met = "met" if row.goal.is_met(median) else "**missed**"
    return f"| {row.figure} | {result.value} | {row.against} | {spread} | {row.goal} | {met} |"


def lines(measurements: Sequence[Measurement], *, quick: bool) -> Iterator[str]:
    """The table, line by line as it is measured; how long each took goes to stderr."""
    yield from HEAD
    for each in measurements:
        began = time.monotonic()
        results = each.measure(quick=quick)
        print(f"{each.name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        yield from (line(*pair) for pair in zip(each.rows, results, strict=True))


def chosen(names: Sequence[str]) -> Sequence[Measurement]:
    """The measurements of these names; all when there are none."""
    known = {each.name: each for each in TABLE}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; {near[0]!r} is near" if near else ""
            sys.exit(f"--only {name}: {', '.join(known)} would do{hint}")
    return [known[name] for name in names] or TABLE


def replace_table(page: str, table: str) -> str:
    """The page with this table between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"there is no {BEGIN} ... {END}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add: Callable[..., object] = parser.add_argument
    names = ", ".join(each.name for each in TABLE)
    add("--only", action="append", default=[], metavar="NAME", help=f"can be repeated: {names}")
    add("--quick", action="store_true", help="few rounds, nothing that takes a minute: for a look")
    add("--into", type=Path, metavar="PAGE", help="also put the table between the marks in a page")
    args = parser.parse_args()
    # What is installed has its bytecode; so has what is measured here, from the first round or warm-up on.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    table = []
    for text in lines(chosen(args.only), quick=args.quick):
        print(text, flush=True)
        table.append(text)
    minutes = (time.monotonic() - began) / 60
    about = (
        f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}. "
        f"The whole measurement took {minutes:.1f} minutes."
    )
    print(f"\n{about}")
    if args.into:
        page = args.into.read_text(encoding="utf-8")
        text = replace_table(page, "\n".join([*table, "", about]))
        args.into.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
