"""What a test costs: one bolt, a whole topology, 200 explored runs, and the plugin where nobody uses it.

A project is a directory without these benchmarks: a run looks at the state of its project's own modules.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.chain import Count
from benchmarks.measure import (
    PASS,
    ROOT,
    ROUNDS,
    SHORT_ROUNDS,
    Result,
    in_turn,
    milliseconds,
    more,
    over,
    processor,
    processor_here,
    python_start,
    rounds,
    wall,
)
from simulator import Mode
from simulator.exploring import (
    Case,
    Fault,
    HowToRun,
    PlannedRun,
    Run,
    Runner,
)
from streamparse.recordings import FROM_STORM, TO_STORM, Head, end_line, head_line, said_line
from streamparse.testing import Storm

TESTS = 200
REPLAYED = 10_000  # tuples
WITH_FIXTURE = f"""
import pytest
from benchmarks.chain import Count

@pytest.mark.parametrize("n", range({TESTS}))
def test_a_word_is_counted(storm, n):
    bolt = storm.bolt(Count, inputs=["word"], outputs=["word", "count"])
    assert bolt.process(["dog"]).emitted == [["dog", 1]]
"""
BY_HAND = f"""
import pytest
from unittest import mock
from benchmarks.chain import Count
from streamparse import Tuple

@pytest.mark.parametrize("n", range({TESTS}))
def test_a_word_is_counted(n):
    bolt = Count()
    bolt.initialize({{}}, {{}})
    with mock.patch.object(bolt, "emit") as emit:
        bolt.process(Tuple("1", "words", "default", 1, ["dog"]))
    emit.assert_called_once_with(["dog", 1], need_task_ids=False)
"""
NOTHING = "def test_nothing():\n    pass\n"

SMALL = """
(ns small (:use [streamparse.specs]))
(defn small [options]
  [{"words" (python-spout-spec options "benchmarks.chain.Words" ["word"])}
   {"count" (python-bolt-spec options {"words" ["word"]} "benchmarks.chain.Count" ["word" "count"] :p 2)}])
"""
FOUR = """
(ns four (:use [streamparse.specs]))
(defn four [options]
  [{"words" (python-spout-spec options "benchmarks.chain.Words" ["word"])}
   {"a" (python-bolt-spec options {"words" :shuffle} "benchmarks.chain.Pass" ["word"])
    "b" (python-bolt-spec options {"a" :shuffle} "benchmarks.chain.Pass" ["word"])
    "count" (python-bolt-spec options {"b" ["word"]} "benchmarks.chain.Count" ["word" "count"] :p 2)}])
"""
WORDS = [["dog"], ["cat"], ["dog"]]
FAULTS = ["crash", "lost-ack", "duplicate", "delay"]
EXPLORED = 200


def plugin(*, quick: bool) -> Sequence[Result]:
    """Processor milliseconds of pytest with the plugin and a test that does not use it, over those without."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        _write(place, NOTHING)
        with_it, without = in_turn(
            rounds(SHORT_ROUNDS, quick=quick),
            lambda: _pytest(place, "-p", "pytest_streamparse.plugin"),
            lambda: _pytest(place),
            warm_up=True,
        )
    value = f"{milliseconds(with_it)} (without it {milliseconds(without)})"
    return [Result(value, more(with_it, without, 1000))]


def one_bolt(*, quick: bool) -> Sequence[Result]:
    """Processor milliseconds of one test of one bolt with the fixture, over those of one by hand; of 200 in a run."""
    with tempfile.TemporaryDirectory() as directory:
        fixture, hand = (Path(directory, name) for name in ("fixture", "hand"))
        _write(fixture, WITH_FIXTURE)
        _write(hand, BY_HAND)
        ours, theirs = in_turn(
            rounds(ROUNDS, quick=quick),
            lambda: _pytest(fixture, "-p", "pytest_streamparse.plugin"),
            lambda: _pytest(hand, "-p", "pytest_streamparse.plugin"),
            warm_up=True,
        )
    differences = more(ours, theirs, 1000 / TESTS)
    return [Result(f"{statistics.median(differences):.2f} ms more", differences)]


def _write(place: Path, test: str) -> None:
    place.mkdir(exist_ok=True)
    (place / "test_it.py").write_text(test, encoding="utf-8")


def _pytest(place: Path, *options: str) -> float:
    """Processor seconds of pytest with nothing but these options: what other plugins load would hide what ours does."""
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_it.py"]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    return processor(argv, cwd=place, env=env)


def topologies(*, quick: bool) -> Sequence[Result]:
    """A small topology's test in process and as processes, and 200 explored runs, against starting Python."""
    with tempfile.TemporaryDirectory() as directory:
        small, four = (Path(directory, f"{name}.clj") for name in ("small", "four"))
        small.write_text(SMALL, encoding="utf-8")
        four.write_text(FOUR, encoding="utf-8")
        whole_topology(small, "inprocess")  # what is loaded once is not what a test costs
        start, start_in_wall, here, processes, many = in_turn(
            rounds(ROUNDS, quick=quick),
            lambda: processor(PASS),
            python_start,
            lambda: wall(lambda: whole_topology(small, "inprocess")),
            lambda: wall(lambda: whole_topology(small, "process")),
            lambda: processor_here(lambda: explored(four)),
        )
    pairs = [(here, start_in_wall), (processes, start_in_wall), (many, start)]
    return [Result(milliseconds(each), over(each, other)) for each, other in pairs]


def whole_topology(path: Path, mode: Mode) -> None:
    with Storm(path.parent) as storm:
        topology = storm.topology(path, spouts={"words": WORDS}, mode=mode)
        topology.complete()
        assert topology["count"].emitted.last_by("word") == {"dog": 2, "cat": 1}


LONG = 10_000  # tuples
LAST = 20  # runs whose fault strikes at one of the last tuples


def forks(*, quick: bool) -> Sequence[Result]:
    """Processor ms of one more run whose only fault strikes at the end of a long one; and those of starting again."""
    with tempfile.TemporaryDirectory() as directory:
        small = Path(directory, "small.clj")
        small.write_text(SMALL, encoding="utf-8")
        cases = [Fault("drop", "count", LONG - nth) for nth in range(LAST if not quick else 5)]
        forked, again = one_more(small, cases)
    return [
        Result(
            f"{milliseconds(forked)} (again {milliseconds(again)})",
            [1000 * each for each in forked],
        )
    ]


def one_more(path: Path, faults: Sequence[Fault]) -> tuple[list[float], list[float]]:
    """Processor seconds of each run that goes on from a snapshot, in both processes, and of one that starts again."""
    forked: list[float] = []
    again: list[float] = []
    with Storm(path.parent, mode="inprocess") as storm:
        runner = Runner(storm._maker(), HowToRun(clock=time.monotonic))

        def runs() -> Iterator[Run]:
            yield from runner.begin(sys._getframe(1))
            yield from runner.run_fault_free(PlannedRun(0, Case(0)))
            for fault in faults:
                began = time.process_time()
                outcome = next(runner.forked([PlannedRun(1, Case(0, (fault,)))]))
                assert outcome is not None
                assert isinstance(outcome.kept, float)
                forked.append(time.process_time() - began + outcome.kept)
            began = time.process_time()
            yield from runner.run(PlannedRun(1, Case(0, (faults[0],))))
            again.append(time.process_time() - began)

        with contextlib.closing(runner):
            for run in runs():
                feed = storm.feed(WORDS[:1] * LONG, retries=5)
                with run.topology(path, spouts={"words": feed}) as topology:
                    topology.complete()
                run.keep(time.process_time())  # which begins at 0 in a forked process
    return forked, again


def sweep(*, quick: bool) -> Sequence[Result]:
    """Processor seconds of the sweep of an example: every single fault of every kind at every point."""
    seconds = [processor_here(_sweep_retries) for _ in range(rounds(ROUNDS, quick=quick))]
    return [Result(f"{statistics.median(seconds):.1f} s", seconds)]


def _sweep_retries() -> None:
    with Storm(ROOT / "examples/retries", mode="inprocess") as storm:
        for run in storm.explore(strategy="sweep", faults="all"):
            with run.topology("retries") as topology:
                topology.complete()


def replays(*, quick: bool) -> Sequence[Result]:
    """Processor seconds of the replay of a recorded counter, from the file to an empty difference."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "recording.jsonl.gz")
        path.write_bytes(gzip.compress(_recording(REPLAYED if not quick else 100).encode()))
        seconds = [
            processor_here(lambda: _replay(path)) for _ in range(rounds(ROUNDS, quick=quick))
        ]
    return [Result(f"{statistics.median(seconds):.1f} s", seconds)]


def _replay(path: Path) -> None:
    with Storm(path.parent) as storm:
        assert storm.replay(Count, path).is_same


def _recording(tuples: int) -> str:
    """What a counter of words and Storm say to each other."""
    context = {
        "taskid": 4,
        "componentid": "count",
        "task->component": {"4": "count", "5": "words"},
        "stream->outputfields": {"default": ["word", "count"]},
        "source->stream->fields": {"words": {"default": ["word"]}},
    }
    head = Head("small", "count", 4, 1, name="benchmarks.chain.Count", kind="bolt")
    lines = [head_line(head)]

    def said(mark: str, us: int, message: object) -> None:
        lines.append(said_line(mark, us, json.dumps(message)))

    said(FROM_STORM, 0, {"pidDir": "", "conf": {}, "context": context})
    said(TO_STORM, 1, {"pid": 0})
    counts: Counter[str] = Counter()
    for number in range(tuples):
        us, (word,), name = number * 100, WORDS[number % len(WORDS)], str(number * 7919)
        given = {"id": name, "comp": "words", "stream": "default", "task": 5, "tuple": [word]}
        counts[word] += 1
        emit = {"command": "emit", "tuple": [word, counts[word]], "anchors": [name]}
        said(FROM_STORM, us, given)
        said(TO_STORM, us + 50, {**emit, "need_task_ids": False})
        said(TO_STORM, us + 60, {"command": "ack", "id": name})
    return "".join([*lines, end_line(tuples * 100, "closed", tuples)])


def explored(path: Path) -> None:
    with Storm(path.parent, mode="inprocess") as storm:
        for run in storm.explore(EXPLORED, faults=FAULTS):
            with run.topology(path, spouts={"words": storm.feed(WORDS, retries=5)}) as topology:
                topology.complete()
