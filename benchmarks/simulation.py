"""What the simulator costs: tuples a second over each transport, the start, and whether the cost of a tuple is flat.

    python benchmarks/simulation.py [--rounds 7] [--tuples 20000] [--largest 1000000]

The topology is a chain: spout -> (shuffle) passing bolt -> (by word) two counters, every tuple acked, all checks on.
Figures are medians; what is compared takes turns, and ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from simulator.clj import parse_topology  # noqa: E402 (after the path is set)
from simulator.session import RUN_CONF, Mode, simulate  # noqa: E402

CHAIN = """
(ns chain (:use [streamparse.specs]))
(defn chain [options]
  [{"words" (python-spout-spec options "chain.Words" ["word"])}
   {"pass" (python-bolt-spec options {"words" :shuffle} "chain.Pass" ["word"])
    "count" (python-bolt-spec options {"pass" ["word"]} "chain.Count" ["word" "count"] :p 2)}])
"""


def run(mode: Mode, tuples: int) -> float:
    """Seconds that a run of so many spout tuples takes, processes started and ended included."""
    conf = {**RUN_CONF, "topology.python.path": sys.executable, "words": tuples}
    topology = parse_topology(CHAIN, options=conf)
    began = time.perf_counter()
    report = simulate(topology, conf=conf, cwd=str(HERE), mode=mode, seconds=None)
    took = time.perf_counter() - began
    assert report.stopped == "idle"
    assert report.components["words"].acked == tuples
    assert report.components["count"].executed == tuples
    return took


def python_start() -> float:
    """Seconds that starting Python to do nothing takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


def peak_memory_mib(tuples: int) -> float:
    """The simulator's own peak memory after a run of so many tuples, in a process of its own."""
    script = (
        "import importlib.util, resource, sys\n"
        f"spec = importlib.util.spec_from_file_location('simulator_', {str(Path(__file__))!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules['simulator_'] = module\n"
        "spec.loader.exec_module(module)\n"
        f"module.run('process', {tuples})\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024


def in_turn(rounds: int, *contestants: Callable[[], float]) -> list[list[float]]:
    """Each contestant's figure in each round."""
    found: list[list[float]] = [[] for _ in contestants]
    for _ in range(rounds):
        for figures, contestant in zip(found, contestants, strict=True):
            figures.append(contestant())
    return found


def ratio(ones: list[float], others: list[float]) -> str:
    ratios = sorted(one / other for one, other in zip(ones, others, strict=True))
    return f"{statistics.median(ratios):.2f}x ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tuples", type=int, default=20_000)
    parser.add_argument("--largest", type=int, default=1_000_000)
    args = parser.parse_args()

    processes, inside, start = in_turn(
        args.rounds,
        lambda: run("process", args.tuples),
        lambda: run("inprocess", args.tuples),
        python_start,
    )
    small = [run("process", 1) for _ in range(args.rounds)]
    small_inside = [run("inprocess", 1) for _ in range(args.rounds)]
    print(f"{args.tuples} spout tuples, 3 hops with the acks:")
    for name, took in (("processes", processes), ("in process", inside)):
        print(f"  {name:11} {args.tuples / statistics.median(took):9,.0f} spout tuples/s")
    print(f"  in process is {ratio(processes, inside)} as fast as processes")
    print("from nothing to the end of the first tuple, against starting Python:")
    print(f"  processes   {statistics.median(small) * 1000:6.0f} ms, {ratio(small, start)}")
    print(
        f"  in process  {statistics.median(small_inside) * 1000:6.0f} ms, {ratio(small_inside, start)}"
    )

    print("cost of a tuple, over processes, against that at 10^4:")
    cost, memory = {}, {}
    size = 10_000
    while size <= args.largest:
        cost[size] = run("process", size) / size
        memory[size] = peak_memory_mib(size)
        print(
            f"  {size:9,}  {cost[size] * 1e6:6.1f} us, {cost[size] / cost[10_000]:.2f}x;"
            f" peak memory {memory[size]:.0f} MiB, {memory[size] / memory[10_000]:.2f}x"
        )
        size *= 10


if __name__ == "__main__":
    main()
