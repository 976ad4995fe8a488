"""What the simulator costs: tuples a second over each transport, and whether the cost of a tuple and memory are flat.

Every spout tuple is acked and all checks are on. A component is a real process, or an object in the simulator's own
where a row says "in process". A tuple's cost is from the first emit to the last ack, as the spout sees it; in process
it is processor time, all of it.
"""

from __future__ import annotations

import itertools
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import ROOT, ROUNDS, Result, a_second, in_turn, over, rounds, wall
from simulator import RUN_CONF, Mode, simulate
from simulator.clj import parse_topology
from simulator.drawing import to_svg, to_text
from simulator.engine import Trace
from simulator.model import validate
from simulator.page import Collector

TUPLES = 20_000
WORKING = 5_000  # tuples, in the rows about work
HOPS = 40_000  # of all tuples together, whatever the depth of their trees
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
LARGE_ROUNDS = 2  # a million tuples take most of a minute
MODES: Sequence[tuple[Mode, str, str]] = (
    ("process", "processes", ""),
    ("inprocess", "in process", "-in-process"),
)

CHAIN = """
(ns chain (:use [streamparse.specs]))
(defn chain [options]
  [{"words" (python-spout-spec options "MODULE.Words" ["word"])}
   {"pass" (python-bolt-spec options {"words" :shuffle} "MODULE.Pass" ["word"])
    "count" (python-bolt-spec options {"pass" ["word"]} "MODULE.Count" ["word" "count"] :p 2)}])
"""


def chain(module: str = "benchmarks.chain") -> str:
    """Spout -> (shuffle) passing bolt -> (by word) two counters, of classes in this module."""
    return CHAIN.replace("MODULE", module)


def row(tasks: int) -> str:
    """Half of the tasks are a spout's, half a bolt's."""
    return f"""
(ns row (:use [streamparse.specs]))
(defn row [options]
  [{{"words" (python-spout-spec options "benchmarks.chain.Words" ["word"] :p {tasks // 2})}}
   {{"pass" (python-bolt-spec options {{"words" :shuffle}} "benchmarks.chain.Pass" ["word"] :p {tasks // 2})}}])
"""


def line(depth: int) -> str:
    """A spout and so many bolts, one after the other."""
    bolts = " ".join(
        f'"b{n}" (python-bolt-spec options {{"{f"b{n - 1}" if n else "words"}" :shuffle}} '
        '"benchmarks.chain.Pass" ["word"])\n    '
        for n in range(depth)
    )
    return f"""
(ns line (:use [streamparse.specs]))
(defn line [options]
  [{{"words" (python-spout-spec options "benchmarks.chain.Words" ["word"])}}
   {{{bolts}}}])
"""


def run(
    topology_text: str,
    words: int,
    *,
    mode: Mode = "process",
    trace: Trace | None = None,
    processor: bool = False,
    work: Mapping[str, object] | None = None,
    collector: Collector | None = None,
) -> float:
    """Seconds from the first emit to the last ack, where each task of the spout emits so many words.

    With ``processor`` they are this process's processor time, which holds everything when the mode is "inprocess". A
    collector takes what the run's page needs.
    """
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "acked.txt")
        conf = {
            **RUN_CONF,
            "topology.python.path": sys.executable,
            "words": words,
            "benchmark.acked": str(report),
            "benchmark.processor": processor,
        }
        topology = parse_topology(topology_text, options=conf)
        done = simulate(
            topology,
            conf=conf,
            cwd=str(ROOT),
            mode=mode,
            seconds=None,
            trace=collector.trace if collector else trace,
            listener=collector,
            on_delivery=collector.take if collector else None,
            work=work or {},
        )
        assert done.stopped == "idle"
        assert done.components["words"].acked == words * len(done.components["words"].tasks)
        return acked(report)[0]


def acked(report: Path) -> tuple[float, int]:
    """Seconds from the first emit to the last ack, and the number of tuples, of all tasks of the spout."""
    began, ended, numbers = zip(
        *(map(float, line.split()) for line in report.read_text(encoding="utf-8").splitlines()),
        strict=True,
    )
    return max(ended) - min(began), int(sum(numbers))


# -- rows -------------------------------------------------------------------------------------------------------


def transports(*, quick: bool) -> Sequence[Result]:
    """In process against processes."""
    inside, outside = in_turn(
        rounds(ROUNDS, quick=quick),
        lambda: TUPLES / run(chain(), TUPLES, mode="inprocess"),
        lambda: TUPLES / run(chain(), TUPLES),
    )
    return [Result(f"{a_second(inside)} (processes {a_second(outside)})", over(inside, outside))]


def tasks(mode: Mode, *, quick: bool) -> Sequence[Result]:
    """The cost of a tuple with 20 and with 200 tasks against 2."""
    return _flat(
        *in_turn(
            rounds(ROUNDS, quick=quick),
            *(_cost_with(row(n), TUPLES // (n // 2), TUPLES, mode) for n in (2, 20, 200)),
        )
    )


def work(mode: Mode, *, quick: bool) -> Sequence[Result]:
    """The cost of a tuple where the work of both bolts takes virtual time, against the same where it takes none."""

    def cost(work: Mapping[str, object]) -> Callable[[], float]:
        return lambda: (
            run(chain(), WORKING, mode=mode, processor=mode == "inprocess", work=work) / WORKING
        )

    return _flat(
        *in_turn(rounds(ROUNDS, quick=quick), cost({}), cost({"pass": "2ms", "count": "3ms"}))
    )


def depth(mode: Mode, *, quick: bool) -> Sequence[Result]:
    """The cost of a hop in trees that are 8 and 32 deep against 2."""
    return _flat(
        *in_turn(
            rounds(ROUNDS, quick=quick),
            *(_cost_with(line(n), HOPS // n, HOPS, mode) for n in (2, 8, 32)),
        )
    )


def _cost_with(topology: str, words: int, parts: int, mode: Mode) -> Callable[[], float]:
    processor = mode == "inprocess"
    return lambda: run(topology, words, mode=mode, processor=processor) / parts


def _flat(least: Sequence[float], *others: Sequence[float]) -> Sequence[Result]:
    return [
        Result(f"{_microseconds(costs)} (baseline {_microseconds(least)})", over(costs, least))
        for costs in others
    ]


def _microseconds(costs: Sequence[float]) -> str:
    return f"{statistics.median(costs) * 1e6:.1f} µs"


def sizes(*, quick: bool) -> Sequence[Result | None]:
    """The cost of a tuple at 10^5 and 10^6 against 10^4; the peak memory at 10^6 against 10^4, trace off and on."""
    middle, _ = sized(MIDDLE, rounds(ROUNDS, quick=quick))
    if quick:
        return [middle, None, None, None]
    large, memory = sized(LARGE, LARGE_ROUNDS)
    _, memory_traced = sized(LARGE, 1, traced=True)
    return [middle, large, memory, memory_traced]


def sized(tuples: int, rounds: int, *, traced: bool = False) -> tuple[Result, Result]:
    """The cost of a tuple, and the peak memory, against those of runs of 10^4 just before and just after."""
    costs, peaks, small_costs, small_peaks = [], [], [], []
    for _ in range(rounds):
        before, found, after = (alone(n, traced=traced) for n in (SMALL, tuples, SMALL))
        costs.append(found[0])
        peaks.append(found[1])
        small_costs.append((before[0] + after[0]) / 2)
        small_peaks.append((before[1] + after[1]) / 2)
    mib = f"{statistics.median(peaks):.1f} MiB (baseline {statistics.median(small_peaks):.1f} MiB)"
    return _flat(small_costs, costs)[0], Result(mib, over(peaks, small_peaks))


def alone(tuples: int, *, traced: bool = False) -> tuple[float, float]:
    """Seconds a tuple, and the simulator's peak memory in MiB; in a fresh process, for the peak is a process's."""
    script = f"from benchmarks.simulation import tell; tell({tuples}, traced={traced})"
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    cost, peak = map(float, done.stdout.split())
    return cost, peak


def tell(tuples: int, *, traced: bool) -> None:
    """Print what ``alone`` reads."""
    with tempfile.TemporaryFile("w", encoding="utf-8", errors="replace") as file:
        cost = run(chain(), tuples, trace=Trace(sink=file.write) if traced else None) / tuples
    print(cost, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def reading(*, quick: bool) -> Sequence[Result]:
    """A topology file of 300 components, read, validated and drawn, against one of 30; and its seconds."""
    few, many = in_turn(
        rounds(ROUNDS, quick=quick),
        *(_read_of(wide(n)) for n in (30, 300)),
    )
    value = f"{statistics.median(many):.2f} s (baseline {statistics.median(few):.3f} s)"
    return [Result(value, over(many, few)), Result(value, many)]


def wide(components: int) -> str:
    """Three spouts; each bolt takes from the two before it, one of them by word, as trees of a real project are."""
    names = [f"spout-{n}" for n in range(3)] + [f"bolt-{n}" for n in range(components - 3)]
    spouts = "\n    ".join(
        f'"{name}" (python-spout-spec options "benchmarks.chain.Words" ["word"])'
        for name in names[:3]
    )
    bolts = "\n    ".join(
        f'"{name}" (python-bolt-spec options {{"{two}" :shuffle "{one}" ["word"]}}\n'
        '      "benchmarks.chain.Pass" ["word"] :p 2)'
        for two, one, name in zip(names[1:], names[2:], names[3:], strict=False)
    )
    return f"""
(ns wide (:use [streamparse.specs]))
(defn wide [options]
  [{{{spouts}}}
   {{{bolts}}}])
"""


def _read_of(text: str) -> Callable[[], float]:
    again = itertools.count()

    def read() -> None:
        # A text that has been read is known: this one is new.
        topology = parse_topology(f"{text};{next(again)}\n", options=RUN_CONF)
        validate(topology, RUN_CONF)
        assert to_text(topology, RUN_CONF)
        assert to_svg(topology, RUN_CONF)

    return lambda: wall(read)
