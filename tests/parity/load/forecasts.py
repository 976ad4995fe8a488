"""What the simulator forecasts for examples, beside what a real Storm did: how much they hold, and what would help."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from simulator import RUN_CONF, RunOptions, parse_topology
from simulator.load import advise, capacity
from simulator.model import Topology
from tests.parity.load.comparison import marks_of, recorded_verdict
from tests.parity.load.curves import recorded
from tests.parity.load.scenarios import Scenario, example_text, scenario
from tests.parity.project.src.scripted import examples

STORM = "2.8.3"
ADVISED_SECONDS = 45
ADVISED = (
    f"sparse simulate -t {ADVISED_SECONDS} --work price=30ms -o topology.max.spout.pending=1000 "
    "-o topology.message.timeout.secs=10 --advise"
)
STEADY = 5  # tuples: where more come in than are done, more are pending after half a minute


@dataclass(frozen=True)
class Offer:
    """What a real Storm did with a rate that a spout offered.

    Attributes:
        offered: tuples a second.
        acked: a second, in the second half of the run.
        pending: at the end.
        grown: by how many more tuples were pending at the end than at the half.
        latency: the mean, in seconds.
    """

    offered: float
    acked: float
    pending: int
    grown: int
    latency: float


@dataclass(frozen=True)
class Forecast:
    """How much an example holds by ``sparse capacity``, and a real Storm with a little less and a little more.

    Attributes:
        example: its topology file in ``examples/``.
        component: its bottleneck.
        work: how long a task of that is busy with a tuple.
        tasks: of the bottleneck.
        scenarios: what was recorded, with less and with more.
    """

    example: str
    component: str
    work: str
    tasks: int
    scenarios: tuple[str, str]

    @property
    def name(self) -> str:
        """Its directory."""
        return f"examples/{self.example.partition('/')[0]}"

    @property
    def command(self) -> str:
        """How to get it, in the directory of the example."""
        return f"sparse capacity -w 1 --work {self.component}={self.work} --tasks {self.tasks}"

    def rate(self) -> float:
        """The tuples a second that it holds, by the simulator."""
        return _rate(self)

    def offers(self) -> tuple[Offer, Offer]:
        """What a real Storm did with a little less, and with a little more."""
        below, above = self.scenarios
        return _offer(scenario(below)), _offer(scenario(above))


CAPACITIES = (
    Forecast("load/topologies/shop.clj", "price", "30ms", 1, ("shop-below", "shop-above")),
    Forecast(
        "wordcount/topologies/wordcount.clj",
        "count-bolt",
        "25ms",
        2,
        ("words-below", "words-above"),
    ),
)

#: Of the changes that are advised for ``examples/load``, those that a real Storm has made; and the scenario of each.
CHANGES: Mapping[str, str] = {
    "as it is": "shop-as-is",
    "-o topology.max.spout.pending=300": "shop-300",
    ":p 2 of price": "shop-p2",
    ":p 2 of price, and -w 1": "shop-p2w1",
}


@dataclass(frozen=True)
class Outcome:
    """What came of a topology: the verdict, and the tuples acked by second 45."""

    verdict: str
    acked: int


@cache
def _rate(forecast: Forecast) -> float:
    topology, options = _project(
        forecast.example, {forecast.component: forecast.work}, {"topology.workers": 1}
    )
    _, (found,) = capacity(topology, options, [forecast.tasks])
    return found.rate


def _offer(each: Scenario) -> Offer:
    curve = recorded(each.name, STORM)
    ((name, spec),) = each.spouts.items()
    (task,) = curve.tasks_of(name)
    spout = curve.spouts[task]
    assert spec.rate is not None
    assert spout.latency is not None
    end, half = each.seconds - 1, each.seconds // 2 - 1
    pending = [spout.emitted[at] - spout.acked[at] - spout.failed[at] for at in (half, end)]
    return Offer(
        spec.rate,
        (spout.acked[end] - spout.acked[half]) / (end - half),
        pending[1],
        pending[1] - pending[0],
        spout.latency,
    )


@cache
def advised() -> Mapping[str, Outcome]:
    """What comes of ``examples/load`` as it is, and with each change, by ``sparse simulate --advise``."""
    settings = {"topology.max.spout.pending": 1000, "topology.message.timeout.secs": 10}
    topology, options = _project("load/topologies/shop.clj", {"price": "30ms"}, settings)
    found = advise(topology, options)
    return {each.change: Outcome(each.verdict.kind, each.acked) for each in found}


def happened(change: str) -> Outcome:
    """What came of a change on a real Storm."""
    each = scenario(CHANGES[change])
    curve = recorded(each.name, STORM)
    last = marks_of(each, curve)[-1]
    acked = sum(spout.acked[last - 1] for spout in curve.spouts.values())
    return Outcome(recorded_verdict(each, curve, last).kind, acked)


def _project(
    example: str, work: Mapping[str, object], settings: Mapping[str, object]
) -> tuple[Topology, RunOptions]:
    conf = {**RUN_CONF, "topology.python.path": sys.executable, **settings}
    text = example_text(example, examples.__name__)
    options = RunOptions(conf=conf, mode="inprocess", seconds=ADVISED_SECONDS, work=work)
    return parse_topology(text, path=example, options=conf), options
