"""A recorded curve beside its simulation: errors at each mark, shares, ticks, batches, deaths and verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from simulator.clj import parse_topology
from simulator.engine import ComponentReport, LoadReport, Report, RunOptions, Sample
from simulator.load import Verdict, judge
from simulator.model import profile
from tests.parity.load.curves import SETTLED_S, BoltCurve, Curve
from tests.parity.load.scenarios import Known, Scenario
from tests.parity.load.simulated import DEATH_WITHIN_S, Simulated, simulate

MARK_EACH_S = 5
LEAST = 20  # an error is a part of the recorded number, and of no less than this
WITHIN = 0.02  # the mean error of a count
SHARE_WITHIN = 0.03
EDGE = 0.05  # a wait that is so near to the timeout, as a part of it, is at the edge
BATCH_WITHIN_S = 0.2  # of the time from one batch to the next
LATENCY_WITHIN_S = 0.1  # the mean complete latency may differ by so much,
LATENCY_WITHIN = 0.05  # or by this part of it
TICK_WITHIN_S = 0.3  # half of the ticks may come so much later or earlier
COUNTS = ("emitted", "acked", "failed", "executed")


@dataclass(frozen=True)
class Error:
    """The error of a count over all marks: the mean, and the worst."""

    mean: float
    worst: float


@dataclass(frozen=True)
class Comparison:
    """A recorded curve beside its simulation.

    Attributes:
        errors: of each count.
        by_second: the mean error of each count, where bolts are as fast in each second as they were.
        shares: the greatest difference of a task's share of its bolt's tuples.
        ticks: by how many seconds the lateness of ticks differs in the median, where bolts are as fast in each second
            as they were, and the greatest lateness; None: no ticks.
        latency: the mean complete latency of all spouts, Storm's and the simulation's, in seconds, where bolts are as
            fast in each second as they were; None: nothing was acked.
        batches: by how many seconds the times between batches differ on average; None: no batches.
        died: when Storm and when the simulation took a component for dead.
        verdicts: Storm's and the simulation's.
    """

    scenario: Scenario
    storm: str
    errors: Mapping[str, Error]
    by_second: Mapping[str, float]
    shares: float
    ticks: tuple[float, float] | None
    latency: tuple[float, float] | None
    batches: float | None
    died: tuple[float | None, float | None]
    verdicts: tuple[str, str]

    @property
    def known(self) -> list[Known]:
        """The differences that are known on this Storm."""
        return self.scenario.known_on(self.storm)

    def within(self, view: str) -> float:
        """The mean error that a count may have."""
        given = [each.within for each in self.known if view in each.views and each.within]
        return given[0] if given else WITHIN

    @property
    def different(self) -> set[str]:
        """The views that differ by more than the recording allows."""
        found = {view for view, error in self.errors.items() if error.mean > WITHIN}
        if self.shares > SHARE_WITHIN:
            found.add("shares")
        if self.ticks and self.ticks[0] > TICK_WITHIN_S:
            found.add("ticks")
        if self.latency and abs(self.latency[0] - self.latency[1]) > max(
            LATENCY_WITHIN_S, LATENCY_WITHIN * self.latency[0]
        ):
            found.add("latency")
        if self.batches is not None and self.batches > BATCH_WITHIN_S:
            found.add("batches")
        storm, ours = self.died
        if (storm is None) != (ours is None) or abs((storm or 0) - (ours or 0)) > DEATH_WITHIN_S:
            found.add("death")
        if self.verdicts[0] != self.verdicts[1]:
            found.add("verdict")
        if self.scenario.at_edge:
            found.discard("failed")
        return found

    @property
    def unexplained(self) -> list[str]:
        """The views that differ and are not known to, and those that differ by more than is known."""
        explained = {view for each in self.known for view in each.views}
        too_much = {
            view for view, error in self.errors.items() if error.mean > self.within(view)
        } & explained
        bounded = {view for each in self.known if each.within for view in each.views}
        return sorted((self.different - explained) | (too_much & bounded))

    @property
    def unlike(self) -> list[str]:
        """The views that differ, whatever the speed of the machine, and are not known to."""
        explained = {view for each in self.known for view in each.views}
        if self.scenario.at_edge:
            explained.add("failed")
        counts = {view for view, error in self.by_second.items() if error > WITHIN}
        return sorted((counts | (self.different - {*COUNTS})) - explained)

    @property
    def stale(self) -> list[str]:
        """What is known to differ and does not."""
        return [each.why for each in self.known if not self.different & set(each.views)]


def compare(scenario: Scenario, curve: Curve) -> Comparison:
    """Simulate a scenario as it was recorded, and compare."""
    marks = marks_of(scenario, curve)
    ours = simulate(scenario, curve, marks)
    is_cut = curve.storm in scenario.simulated
    exact = ours if is_cut else simulate(scenario, curve, marks, by_second=True)
    return Comparison(
        scenario,
        curve.storm,
        errors(scenario, curve, ours),
        {view: each.mean for view, each in errors(scenario, curve, exact).items()},
        _share_difference(scenario, curve, ours),
        _tick_difference(scenario, curve, exact),
        _latencies(scenario, curve, exact),
        _batch_difference(curve, ours),
        (curve.died, ours.died),
        (
            word(scenario, recorded_verdict(scenario, curve, marks[-1])),
            word(scenario, ours.verdict),
        ),
    )


def marks_of(scenario: Scenario, curve: Curve) -> list[int]:
    """The seconds at which a recording is compared: to the end, or until its component was taken for dead."""
    end = min(scenario.simulated.get(curve.storm, scenario.seconds), curve.seconds)
    if curve.died is not None:
        end = min(end, int(curve.died))
    begin = SETTLED_S if curve.cold else MARK_EACH_S
    return list(range(begin, end + 1, MARK_EACH_S))


def errors(scenario: Scenario, curve: Curve, ours: Simulated) -> dict[str, Error]:
    """The error of each count, of all tasks of a component together."""
    found: dict[str, list[float]] = {view: [] for view in COUNTS}
    for mark, (before, behind) in ours.marks.items():
        spouts = [[name] for name in scenario.spouts]
        for together in [[*scenario.spouts]] if scenario.as_one else spouts:
            curves = [curve.spouts[task] for name in together for task in curve.tasks_of(name)]
            for at, view in enumerate(("emitted", "acked", "failed")):
                real = sum(getattr(task, view)[mark - 1] for task in curves)
                low, high = (
                    sum(each.spouts[name][at] for name in together) for each in (before, behind)
                )
                found[view].append(_error(real, low, high))
        for bolt, spec in scenario.bolts.items():
            if spec.kind != "Batcher":  # it has taken what it has not worked on
                tasks = curve.tasks_of(bolt)
                real = sum(curve.bolts[task].executed[mark - 1] for task in tasks)
                low, high = (
                    sum(each.executed[task] for task in tasks) for each in (before, behind)
                )
                found["executed"].append(_error(real, low, high))
    return {view: Error(fmean(each), max(each)) for view, each in found.items() if each}


def _error(real: int, low: int, high: int) -> float:
    return max(0, low - real, real - high) / max(real, LEAST)


def _share_difference(scenario: Scenario, curve: Curve, ours: Simulated) -> float:
    *_, (last, (_, behind)) = ours.marks.items()
    worst = 0.0
    for bolt in scenario.bolts:
        tasks = curve.tasks_of(bolt)
        real = [curve.bolts[task].executed[last - 1] for task in tasks]
        found = [behind.executed[task] for task in tasks]
        for one, other in zip(_shares(real), _shares(found), strict=True):
            worst = max(worst, abs(one - other))
    return worst


def _shares(counts: Sequence[int]) -> list[float]:
    return [each / max(1, sum(counts)) for each in counts]


def _tick_difference(
    scenario: Scenario, curve: Curve, ours: Simulated
) -> tuple[float, float] | None:
    differences: list[float] = []
    greatest = 0.0
    for bolt, spec in scenario.bolts.items():
        if spec.tick:
            for task in curve.tasks_of(bolt):
                clock = curve.clocks[task]
                if not profile(curve.storm).timers_follow_prepare:
                    (clock, *_) = (curve.clocks[name] for name in curve.spouts)
                real = list(_lateness(curve.bolts[task].ticks, curve.clocks[task], spec.tick))
                found = list(_lateness(ours.ticks.get(task, ()), clock, spec.tick))
                differences += [abs(a - b) for a, b in zip(real, found, strict=False)]
                greatest = max(greatest, *real)
    return (median(differences), greatest) if differences else None


def _lateness(ticks: Sequence[float], clock: float, period: int) -> Iterator[float]:
    for number, at in enumerate(ticks, 1):
        yield at - clock - number * period


def _latencies(scenario: Scenario, curve: Curve, ours: Simulated) -> tuple[float, float] | None:
    real = [(spout.acked[-1], spout.latency) for spout in curve.spouts.values()]
    found = [
        (each.acked, (each.mean_ms or 0) / 1000)
        for each in ours.report.components.values()
        if each.type == "spout"
    ]
    cut_off = len(ours.marks) < scenario.seconds // MARK_EACH_S - 1
    if cut_off or not all(acked for acked, _ in real):
        return None
    one, other = (
        sum(acked * (latency or 0) for acked, latency in each)
        / max(1, sum(acked for acked, _ in each))
        for each in (real, found)
    )
    return one, other


def _batch_difference(curve: Curve, ours: Simulated) -> float | None:
    differences: list[float] = []
    for task, bolt in curve.bolts.items():
        found = ours.batches.get(task, [])
        differences += [
            abs(one - other) for one, other in zip(_gaps(bolt.batches), _gaps(found), strict=False)
        ]
    return fmean(differences) if differences else None


def _gaps(batches: Sequence[tuple[float, int]]) -> list[float]:
    return [other[0] - one[0] for one, other in pairwise(batches)]


# -- verdicts ------------------------------------------------------------------------------------------------------


def word(scenario: Scenario, verdict: Verdict) -> str:
    """A verdict in a word or two; at the edge nothing else is said."""
    wait = verdict.wait_s
    if wait is not None and abs(wait / scenario.timeout - 1) < EDGE:
        return "at the edge"
    return verdict.kind


def recorded_verdict(scenario: Scenario, curve: Curve, seconds: int) -> Verdict:
    """The verdict on what a real Storm did, by the rules for simulations."""
    conf = scenario.whole_conf()
    topology = parse_topology(
        scenario.text(), path=f"{scenario.name}.clj", options=conf, storm_version=curve.storm
    )
    return judge(_report(scenario, curve, seconds), topology, RunOptions(conf=conf))


def _report(scenario: Scenario, curve: Curve, seconds: int) -> Report:
    """What a simulation would report that had done this."""
    components: dict[str, ComponentReport] = {}
    series: dict[str, list[Sample]] = {}
    for name in scenario.spouts:
        tasks = curve.tasks_of(name)
        emitted, acked, failed = (
            [sum(getattr(curve.spouts[task], view)[at] for task in tasks) for at in range(seconds)]
            for view in ("emitted", "acked", "failed")
        )
        by_bolts = any(bolt.fails for bolt in scenario.bolts.values())
        components[name] = _component(
            name,
            "spout",
            tasks,
            emitted=emitted[-1],
            acked=acked[-1],
            failed=failed[-1],
            pending=emitted[-1] - acked[-1] - failed[-1],
            timeouts=0 if by_bolts else failed[-1],
        )
        series[name] = [
            Sample(*each, 0) for each in zip(emitted, [0] * seconds, acked, failed, strict=True)
        ]
    for name, spec in scenario.bolts.items():
        tasks = curve.tasks_of(name)
        bolts = [curve.bolts[task] for task in tasks]
        done = [sum(each.executed[at] for each in bolts) for at in range(seconds)]
        came = [
            sum(
                series[source][at].emitted * (spec.p if how == "all" else 1)
                for source, how in spec.inputs.items()
            )
            for at in range(seconds)
        ]
        components[name] = _component(
            name,
            "bolt",
            tasks,
            executed=done[-1],
            load=_load(bolts, spec.parallel, max(0, came[-1] - done[-1])),
        )
        series[name] = [
            Sample(spec.emits * now, now, now, 0, max(0, sent - now))
            for now, sent in zip(done, came, strict=True)
        ]
    return Report(
        topology=scenario.name,
        storm=curve.storm,
        seed=0,
        virtual_ms=seconds * 1000,
        stopped="time",
        components=components,
        outputs={},
        trace_sha256="",
        warnings=[],
        failures=[],
        series=series,
    )


def _component(name: str, kind: str, tasks: Sequence[str], **counts: object) -> ComponentReport:
    given: dict[str, object] = {
        "executed": 0,
        "acked": 0,
        "failed": 0,
        "pending": 0,
        "restarts": 0,
        "mean_ms": None,
        "slowest_ms": 0,
        "seconds": 0.0,
        **counts,
        "emitted": {"default": counts.get("emitted", 0)},
    }
    ids = [int(task.rpartition(".")[2]) for task in tasks]
    return ComponentReport(name, kind, ids, **given)  # type: ignore[arg-type]


def _load(bolts: Sequence[BoltCurve], parallel: int, waiting: int) -> LoadReport:
    done = [each.executed[-1] for each in bolts]
    busy = sum(each.busy for each in bolts)
    shares = [each.busy / len(each.executed) / parallel for each in bolts]
    return LoadReport(
        busy=fmean(shares),
        busiest=max(shares),
        queue=0,
        waited_ms=0.0,
        service_ms=1000 * busy / sum(done) if sum(done) else 0.0,
        shares=_shares(done),
        waiting=waiting,
        parallel=parallel,
    )
