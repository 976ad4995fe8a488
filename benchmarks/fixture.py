"""What a test costs: one bolt, a whole topology, 200 explored runs, and the plugin where nobody uses it.

    python benchmarks/fixture.py [--rounds 7]

Figures are medians; contestants take turns, and ratios are taken within a round. "Starting Python" is an interpreter
that does nothing.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from chain import Count  # noqa: E402 (after the path is set)
from simulation import in_turn, python_start, ratio  # noqa: E402

from simulator.session import Mode  # noqa: E402
from streamparse import Tuple  # noqa: E402
from streamparse.testing import Storm  # noqa: E402

TOPOLOGY = """(ns small (:use [streamparse.specs]))
(defn small [options]
  [{"words" (python-spout-spec options "chain.Words" ["word"])}
   {"count" (python-bolt-spec options {"words" ["word"]} "chain.Count" ["word" "count"] :p 2)}])
"""
FOUR = """(ns four (:use [streamparse.specs]))
(defn four [options]
  [{"words" (python-spout-spec options "chain.Words" ["word"])}
   {"a" (python-bolt-spec options {"words" :shuffle} "chain.Pass" ["word"])
    "b" (python-bolt-spec options {"a" :shuffle} "chain.Pass" ["word"])
    "count" (python-bolt-spec options {"b" ["word"]} "chain.Count" ["word" "count"] :p 2)}])
"""
WORDS = [["dog"], ["cat"], ["dog"]]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def under_the_lamp() -> None:
    with Storm() as storm:
        bolt = storm.bolt(Count, inputs=["word"], outputs=["word", "count"])
        assert bolt.process(["dog"]).emitted == [["dog", 1]]


def by_hand() -> None:
    bolt = Count()
    bolt.initialize({}, {})
    with mock.patch.object(bolt, "emit") as emit:
        bolt.process(Tuple("1", "words", "default", 1, ["dog"]))
    emit.assert_called_once_with(["dog", 1], need_task_ids=False)


def whole_topology(path: Path, mode: Mode) -> None:
    with Storm(HERE) as storm:
        topology = storm.topology(path, spouts={"words": WORDS}, mode=mode)
        topology.complete()
        assert topology["count"].emitted.last_by("word") == {"dog": 2, "cat": 1}


def explored(path: Path) -> None:
    with Storm(HERE) as storm:
        for run in storm.explore(200, faults=["crash", "lost-ack", "duplicate", "delay"]):
            with run.topology(path, spouts={"words": storm.feed(WORDS, retries=5)}) as topology:
                topology.complete()


def pytest_run(directory: Path, *options: str) -> None:
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *options,
        "test_empty.py",
    ]
    subprocess.run(argv, cwd=directory, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        small, four = directory / "small.clj", directory / "four.clj"
        small.write_text(TOPOLOGY)
        four.write_text(FOUR)
        (directory / "test_empty.py").write_text("def test_nothing():\n    pass\n")
        under_the_lamp()  # what is loaded once is not what a test costs
        start, lamp, hand, inside, outside, runs, plugged, bare = in_turn(
            args.rounds,
            python_start,
            lambda: seconds(under_the_lamp),
            lambda: seconds(by_hand),
            lambda: seconds(lambda: whole_topology(small, "inprocess")),
            lambda: seconds(lambda: whole_topology(small, "process")),
            lambda: seconds(lambda: explored(four)),
            lambda: seconds(lambda: pytest_run(directory)),
            lambda: seconds(lambda: pytest_run(directory, "-p", "no:streamparse")),
        )
    more = statistics.median(one - other for one, other in zip(lamp, hand, strict=True))
    over = statistics.median(one - other for one, other in zip(plugged, bare, strict=True))
    print(f"starting Python: {statistics.median(start) * 1000:.1f} ms")
    print(f"one bolt, one tuple: {more * 1000:.2f} ms more than by hand with a mock")
    print(f"a small topology in process: {ratio(inside, start)} of starting Python")
    print(f"a small topology as processes: {ratio(outside, start)} of starting Python")
    print(f"200 explored runs of four components: {ratio(runs, start)} of starting Python")
    print(
        f"pytest with the plugin and no test that uses it: {over * 1000:.1f} ms more than without"
    )


if __name__ == "__main__":
    main()
