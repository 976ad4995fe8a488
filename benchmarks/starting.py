"""What it takes to start: a component, the package, the command, and two hundred tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import (
    PASS,
    ROOT,
    ROUNDS,
    SHORT_ROUNDS,
    Result,
    in_turn,
    milliseconds,
    over,
    processor,
    python_start,
    rounds,
    wall,
)
from simulator import RUN_CONF, simulate
from simulator.clj import parse_topology
from simulator.engine import Simulation
from simulator.transports import Processes

COMPONENT = "benchmarks.chain.Words"
HELP = "import sys; from streamparse.cli.sparse import main; sys.exit(main())"  # as the script that pip installs
TASKS = 200

ONE = f"""
(ns one (:use [streamparse.specs]))
(defn one [options] [{{"words" (python-spout-spec options "{COMPONENT}" ["word"])}} {{}}])
"""
MANY = f"""
(ns many (:use [streamparse.specs]))
(defn many [options]
  [{{"words" (python-spout-spec options "{COMPONENT}" ["word"])}}
   {{"count" (python-bolt-spec options {{"words" :all}} "benchmarks.chain.Count" ["word" "count"] :p {TASKS - 1})}}])
"""


def handshakes(*, quick: bool) -> Sequence[Result]:
    """From the spawn to the reply with the process id: a fresh interpreter, and a fork from the fork server."""
    with Processes(cwd=str(ROOT)) as warm:
        replied_warm(warm)  # the fork server itself runs now
        start, cold, forked = in_turn(
            rounds(SHORT_ROUNDS, quick=quick),
            python_start,
            replied,
            lambda: replied_warm(warm),
            warm_up=True,
        )
    return [Result(milliseconds(each), over(each, start)) for each in (cold, forked)]


def replied() -> float:
    """Seconds until ``python -m streamparse.run`` has replied to the handshake."""
    with tempfile.TemporaryDirectory() as directory:
        told = {"pidDir": directory, "conf": {"words": 0}, "context": {"taskid": 1}}
        data = json.dumps(told).encode() + b"\nend\n"
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "streamparse.run", COMPONENT],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(data)
            reply = b""
            while b"\nend\n" not in reply:
                piece = process.stdout.read(4096)
                assert piece, "the component ended before its reply"
                reply += piece
            took = time.perf_counter() - began
            # What it logs may have come along.
            assert json.loads(reply.partition(b"\nend\n")[0])["pid"] == process.pid
            process.stdin.close()
    return took


def replied_warm(warm: Processes) -> float:
    """Seconds until a simulation has started its only component and got the reply to the handshake."""
    conf = {**RUN_CONF, "topology.python.path": sys.executable, "words": 0}
    simulation = Simulation(parse_topology(ONE, options=conf), transport=warm, conf=conf)
    took = wall(lambda: simulation.open() or sys.exit(str(simulation.failures)))
    warm.kill([task.id for task in simulation.tasks])
    return took


def imports(*, quick: bool) -> Sequence[Result]:
    """Processor time of ``import streamparse`` and of ``sparse --help``, against Python that does nothing."""
    start, package, command = in_turn(
        rounds(SHORT_ROUNDS, quick=quick),
        lambda: processor(PASS),
        lambda: processor([sys.executable, "-c", "import streamparse"]),
        lambda: processor([sys.executable, "-c", HELP, "--help"]),
        warm_up=True,
    )
    return [Result(milliseconds(each), over(each, start)) for each in (package, command)]


def many_tasks(*, quick: bool) -> Sequence[Result]:
    """From the call of a simulation of 200 processes to the first tuple in each, against 200 starts of Python."""
    many, starts = in_turn(
        rounds(ROUNDS, quick=quick),
        first_everywhere,
        lambda: wall(lambda: [python_start() for _ in range(TASKS)]),
    )
    return [Result(milliseconds(many), over(many, starts))]


def first_everywhere() -> float:
    """Seconds until each bolt task of many has got its first tuple, the start of the fork server included."""
    with tempfile.TemporaryDirectory() as directory:
        first = Path(directory, "first.txt")
        conf = {**RUN_CONF, "topology.python.path": sys.executable, "words": 1}
        conf["benchmark.first"] = os.fspath(first)
        topology = parse_topology(MANY, options=conf)
        began = time.time()  # as the components' processes know it
        report = simulate(topology, conf=conf, cwd=str(ROOT), seconds=None)
        assert report.stopped == "idle"
        times = [float(each) for each in first.read_text(encoding="utf-8").split()]
        assert len(times) == TASKS - 1
        return max(times) - began
