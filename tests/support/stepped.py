"""Runs of small topologies in this process, driven by a ``Stepper``, or by what is typed at a session of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from simulator import RUN_CONF, ReadyRun, RunOptions, Trace, parse_topology, ready
from simulator.engine import Delivery, Listener
from simulator.stepping import MakeRun, Stepper
from streamparse.cli.step import Session
from tests.support.table_top import HERE, bolt, spout, topology_text

Capture = pytest.CaptureFixture[str]

#: Two rows: one is passed on, one is kept for ever.
TEXT = topology_text(
    spout('[["pass_on" "x"] ["keep" "y"]]', outputs='["do" "word"]'),
    bolt("b", "Obeys", outputs='["word"]') + bolt("sink", "Tells", '{"b" :shuffle}'),
)


def making(text: str = TEXT, listener: Listener | None = None, **options: Any) -> MakeRun:
    """What makes the run of a topology's text, in this process and with one turn of a spout in a wave."""
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    topology = parse_topology(text, options=conf)
    found = RunOptions(conf=conf, cwd=HERE, mode="inprocess", turns=1).but(**options)

    @contextmanager
    def make(trace: Trace, on_delivery: Callable[[Delivery, int], object]) -> Iterator[ReadyRun]:
        with ready(
            topology,
            found,
            trace=trace,
            listener=listener,
            on_delivery=on_delivery,
            is_watched=True,
        ) as run:
            yield run

    return make


def said(capsys: Capture, *lines: str, **options: object) -> list[str]:
    """What is answered to some lines, without what is said at the start."""
    with Stepper(making(**options)) as stepper:  # type: ignore[arg-type]  # of this test's own
        session = Session(stepper, 120)
        session.begin()
        capsys.readouterr()
        assert [session.obey(line) for line in lines] == [True] * len(lines)
    return capsys.readouterr().out.splitlines()
