"""Write docs/parity-load.md from scenarios, recordings and simulations: ``python -m tests.parity.load.report``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from statistics import fmean

from tests.parity.load.comparison import COUNTS, Comparison, compare
from tests.parity.load.curves import recorded
from tests.parity.load.forecasts import (
    ADVISED,
    ADVISED_SECONDS,
    CAPACITIES,
    CHANGES,
    STEADY,
    STORM,
    advised,
    happened,
)
from tests.parity.load.scenarios import LINES, SCENARIOS, Scenario, shape_of
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "parity-load.md"

#: By scenario and Storm.
Comparisons = Mapping[tuple[str, str], Comparison]

HEAD = """\
# Parity under load

This page compares simulations in which [work](simulating.md) takes time with real Storms under load. A topology has
spouts that emit without end, or at a rate, and bolts that sleep over each tuple. On a real Storm its counts are
recorded at each second. The simulation has to have the same curve.

`python -m tests.parity.load.report` writes this page from the table in `tests/parity/load/scenarios.py` and the curves
in `tests/parity/load/recorded`. A test checks that it is up to date. [Parity](parity.md) compares what components and
Storm say to each other.

## How it works

- **Recording.** The components are in `tests/parity/project/src/scripted/load.py`. On a real Storm they really sleep,
  and note each emit, ack, fail, tuple and tick with its time. The real side is a LocalCluster. `make parity-load`
  records again: `make parity-load ARGS="--only a-1000 --line 2.8.3"`.
- **Simulation.** The same components run in a simulation, without a sleep. Each bolt has one number as its work: the
  mean time from one of its tuples to the next, as it was recorded. The simulation is also given when each process was
  ready, and from when Storm counted timeouts. One command to a spout takes 0.06 ms; a spout that sleeps in `ack` has
  the mean time of an ack. Nothing else is given.
- **Error.** At each fifth second, each count of the recording is compared with that of the simulation 0.1 s before and
  behind it, or 0.35 s where a message timeout passes at that moment. The error is the distance from that range, divided
  by the recorded number, or by 20 where it is less. The table shows the mean over all marks and the worst mark. Where
  two spouts emit without end (`l-even`, `l-late`), the counts are of both together: Storm leaves open how the rows of
  two sources mix, and here that lasts, for each ack makes room for one more row of the same spout.
- **Speed of the machine.** A sleep of 30 ms takes 30.3 to 31.5 ms on a busy machine, and more where it stands still. So
  each scenario is simulated once more, with the bolts as fast in each second as they were, and so a spout that is
  always busy with acks. The last column of errors shows the greatest mean error of all counts then. What is left is
  not the speed of the machine. The count of executed tuples follows from what is given then, the others do not.
- **Verdict.** The rules of `sparse simulate --work` judge the recorded curve, and the simulation. "At the edge" is said
  where a tuple waits about as long as the message timeout: there 1 % of speed changes the number of fails by a third.
- **Ticks.** The lateness of a tick is the time from when it was due to when the bolt got it. The column shows how much
  the lateness differs in the median, and the greatest lateness.
- **Latency.** The mean complete latency on Storm and in the simulation, with the bolts as fast as they were.

A difference of more than 2 % has a number, and is explained below the table. Two recordings of 0.9.4 are compared from
their tenth second on, because their JVM was cold and busy until then.
"""

RULES = """\
## Would a scenario notice a broken rule?

`tests/parity/load/test_broken_rules.py` breaks the rules below in the simulator, one after another. A scenario notices
each of them.

| rule | scenario | Storm |
|---|---|---|
"""


def page(found: Comparisons) -> str:
    """The whole page."""
    parts = [_summary, _shapes, _table, _known]
    lines = [line for part in parts for line in part(found)]
    return "\n".join([HEAD, *lines, *_more(), *_capacities(), *_advice(), _rules()])


def comparisons() -> dict[tuple[str, str], Comparison]:
    """Every scenario on every Storm that it is recorded on."""
    return {
        (each.name, version): compare(each, recorded(each.name, version))
        for each in SCENARIOS
        for version in each.lines
    }


def _summary(found: Comparisons) -> Iterator[str]:
    for version in LINES:
        mine = [each for (_, storm), each in found.items() if storm == version]
        shapes = {shape_of(each.scenario.name) for each in mine}
        good = [each for each in mine if not each.different & set(COUNTS)]
        mean = fmean(
            error.mean for each in good for view, error in each.errors.items() if view in COUNTS
        )
        yield (
            f"- **{version}:** {len(mine)} curves of {len(shapes)} topologies; {len(good)} of them differ by no more "
            f"than 2 % in each count, by "
            f"{_percent(mean)} % on average; {sum(_is_same_verdict(each) for each in mine)} verdicts are the same."
        )
    yield ""


def _shapes(found: Comparisons) -> Iterator[str]:
    yield "## Topologies\n"
    yield (
        "How many settings of each topology are recorded: other limits of pending tuples, timeouts, tasks, workers, "
        "times or rates. In parentheses, of how many the verdict is the same; it is said only where it is not of all.\n"
    )
    yield f"| topology | {' | '.join(LINES)} |"
    yield f"|---|{'---|' * len(LINES)}"
    for shape in dict.fromkeys(shape_of(name) for name, _ in found):
        cells = []
        for version in LINES:
            mine = [
                each
                for (name, storm), each in found.items()
                if (shape_of(name), storm) == (shape, version)
            ]
            same = sum(_is_same_verdict(each) for each in mine)
            cells.append(
                (f"{len(mine)}" if same == len(mine) else f"{len(mine)} ({same})") if mine else "–"
            )
        yield f"| {shape} | {' | '.join(cells)} |"
    yield ""


def _is_same_verdict(found: Comparison) -> bool:
    return found.verdicts[0] == found.verdicts[1]


def _table(found: Comparisons) -> Iterator[str]:
    yield "## Scenarios\n"
    yield (
        "| scenario | what it is about | Storm | emitted | acked | failed | executed | as fast as it was | latency "
        "| ticks | verdict of Storm | of the simulation | |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    numbers = _numbers(found)
    for (name, version), each in found.items():
        cells = [_error(each, view) for view in COUNTS]
        exact = max(
            value
            for view, value in each.by_second.items()
            if not (view == "failed" and each.scenario.at_edge)
        )
        notes = " ".join(f"{numbers[known.why]}" for known in each.known)
        yield (
            f"| `{name}` | {each.scenario.about} | {version} | {' | '.join(cells)} | {_percent(exact)} "
            f"| {_latency(each)} | {_ticks(each)} | {each.verdicts[0]} | {each.verdicts[1]} | {notes} |"
        )
    yield ""
    yield (
        "Errors are in percent: the mean, and in parentheses the worst mark. Latencies and the lateness of ticks are "
        "in seconds.\n"
    )


def _error(found: Comparison, view: str) -> str:
    error = found.errors.get(view)
    if error is None:
        return "–"
    if view == "failed" and found.scenario.at_edge:
        return "at the edge"
    return f"{_percent(error.mean)} ({_percent(error.worst)})"


def _percent(part: float) -> str:
    percent = 100 * part
    return f"{percent:.1f}" if percent < 100 else f"{percent:,.0f}"


def _latency(found: Comparison) -> str:
    return "–" if found.latency is None else f"{found.latency[0]:.2f}, {found.latency[1]:.2f}"


def _ticks(found: Comparison) -> str:
    if found.ticks is None:
        return "–"
    difference, greatest = found.ticks
    return f"{difference:.1f} of {greatest:.1f}"


def _numbers(found: Comparisons) -> dict[str, int]:
    reasons = dict.fromkeys(known.why for each in found.values() for known in each.known)
    return {why: number for number, why in enumerate(reasons, 1)}


def _known(found: Comparisons) -> Iterator[str]:
    yield "## Known differences\n"
    for why, number in _numbers(found).items():
        where = ", ".join(
            f"`{name}` on {version}"
            for (name, version), each in found.items()
            if any(known.why == why for known in each.known)
        )
        views = sorted(
            {
                view
                for each in found.values()
                for known in each.known
                if known.why == why
                for view in known.views
            }
        )
        yield f"{number}. {why[0].upper()}{why[1:]} ({', '.join(views)}; {where})."
    yield ""
    yield (
        "A component that Storm took for dead, and when. Storm's log of `i-stall-3` on 1.2.4 was lost: its time is "
        "that of the last tuple that reached the bolt.\n"
    )
    for (name, version), each in found.items():
        if each.died[0] is not None:
            yield f"- `{name}` on {version}: at {each.died[0]:.1f} s; {_death(each)}"
    yield ""


def _death(found: Comparison) -> str:
    return "not in the simulation" if found.died[1] is None else f"{found.died[1]:.1f} s here"


def _capacities() -> Iterator[str]:
    yield "## Forecasts of capacity\n"
    yield (
        "`sparse capacity` says what rate an example holds. On a real Storm "
        f"{STORM} the same topology, with the components of the example and bolts that sleep for that time, was "
        "offered a rate just below, and one just above. It holds a rate if no queue grows.\n"
    )
    yield (
        "| example | command | forecast | offered | acked a second | pending at the end | growth in the second half "
        "| latency | holds |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in CAPACITIES:
        for offer in each.offers():
            holds = "yes" if offer.grown <= STEADY else "no"
            yield (
                f"| `{each.name}` | `{each.command}` | {each.rate():.1f} | {offer.offered:.1f} | {offer.acked:.1f} "
                f"| {offer.pending} | {offer.grown} | {offer.latency:.2f} s | {holds} |"
            )
    yield ""


def _advice() -> Iterator[str]:
    yield "## Advice\n"
    yield (
        f"`{ADVISED}` in `examples/load` says what each change does. Some of them were made on a real Storm {STORM}. "
        f"The counts are of the tuples that were acked by second {ADVISED_SECONDS}.\n"
    )
    yield "| change | advice | acked | real Storm | acked |"
    yield "|---|---|---|---|---|"
    for change in CHANGES:
        ours, real = advised()[change], happened(change)
        yield f"| `{change}` | {ours.verdict} | {ours.acked} | {real.verdict} | {real.acked} |"
    yield ""


def _more() -> Iterator[str]:
    missing: list[Scenario] = [each for each in SCENARIOS if each.unrecorded]
    if missing:
        yield "These scenarios are in the table of `scenarios.py`, and their curves are not here yet:\n"
        for each in missing:
            yield f"- `{each.name}`: {each.about} ({', '.join(each.unrecorded)})"
        yield ""


def _rules() -> str:
    from tests.parity.load.test_broken_rules import RULES as BROKEN

    rows = [f"| {rule} | `{name}` | {version} |" for rule, (_, name, version) in BROKEN.items()]
    return RULES + "\n".join(rows) + "\n"


def main() -> int:
    PAGE.write_text(page(comparisons()), encoding="utf-8")
    print(f"{PAGE.name} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
