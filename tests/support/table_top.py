"""Run a small topology in a test, over either transport or over both, and look at all it did."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulator import RUN_CONF, Mode, simulate
from simulator.clj.file import parse_topology
from simulator.engine.ports import Transport
from simulator.engine.report import Report
from simulator.engine.simulation import Simulation
from simulator.engine.trace import Trace
from tests.support.paths import TESTS

HERE = str(TESTS / "support/components")  # where parts.py is


@dataclass
class Heard:
    """Takes what components log, and what they write on stderr."""

    logs: list[tuple[str, int, int, str]] = field(default_factory=list)
    stderr: list[tuple[str, int, str]] = field(default_factory=list)

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self.logs.append((component, task, level, message))

    def progress(self, now_ms: int) -> None:
        return None

    def err(self, component: str, task: int, line: str) -> None:
        self.stderr.append((component, task, line))


@dataclass(frozen=True)
class Run:
    """One run: its report, its trace, what was logged as (component, task, level, message), and stderr's lines."""

    report: Report
    lines: list[str]
    logs: list[tuple[str, int, int, str]]
    stderr: list[tuple[str, int, str]]

    def said(self, component: str) -> list[str]:
        """What a component logged, over its tasks."""
        return [message for name, _, _, message in self.logs if name == component]

    def values(self, component: str) -> list[list[Any]]:
        """What a component emitted."""
        return [event["values"] for event in self.events("emit", component)]

    def named(self, event: str) -> list[dict[str, Any]]:
        """The trace's events of one name."""
        return [each for each in map(json.loads, self.lines) if each["event"] == event]

    def events(self, event: str, component: str) -> list[dict[str, Any]]:
        """Those of one component."""
        return [each for each in self.named(event) if each["component"] == component]

    @property
    def finding(self) -> str:
        """What ended the run."""
        assert self.report.stopped == "error", self.report
        return str(self.report.failures[-1])


def topology_text(spouts: str, bolts: str) -> str:
    return f"(ns t (:use [streamparse.specs]))\n(defn t [options] [{{{spouts}}} {{{bolts}}}])"


def spout(rows: str, conf: str = "", outputs: str = '["a"]', cls: str = "Rows", **kw: Any) -> str:
    extra = " ".join(f":{key} {value}" for key, value in kw.items())
    settings = f':conf {{"rows" {rows} {conf}}}'
    return f'"s" (python-spout-spec options "parts.{cls}" {outputs} {settings} {extra})'


def bolt(
    name: str, cls: str, inputs: str = '{"s" :shuffle}', outputs: str = "[]", rest: str = ""
) -> str:
    return f'"{name}" (python-bolt-spec options {inputs} "parts.{cls}" {outputs} {rest})'


def one_bolt(rows: str, cls: str = "Obeys", outputs: str = "[]", rest: str = "") -> str:
    return topology_text(spout(rows), bolt("b", cls, outputs=outputs, rest=rest))


def run(
    text: str,
    *,
    mode: Mode = "inprocess",
    conf: Mapping[str, object] | None = None,
    seconds: float | None = 10.0,
    turns: int = 1,
    **options: Any,
) -> Run:
    """Run a topology's text; ``options`` are those of ``simulate``."""
    whole = {**RUN_CONF, "topology.python.path": sys.executable, **(conf or {})}
    trace, heard = Trace(keep=True), Heard()
    report = simulate(
        parse_topology(text, options=whole),
        conf=whole,
        cwd=HERE,
        seconds=seconds,
        mode=mode,
        turns=turns,
        trace=trace,
        listener=heard,
        on_stderr=heard.err,
        **options,
    )
    return Run(report, trace.lines, heard.logs, heard.stderr)


def run_both(text: str, **options: Any) -> Run:
    """Run it over both transports; they must agree on everything."""
    inside, outside = run(text, mode="inprocess", **options), run(text, mode="process", **options)
    assert inside.lines == outside.lines
    assert _by_task(inside) == _by_task(outside)  # each task's in order; among tasks, as they come
    assert _comparable(inside.report) == _comparable(outside.report)
    return outside


def _by_task(done: Run) -> list[tuple[str, int, int, str]]:
    return sorted(done.logs, key=lambda log: log[:2])


def _comparable(report: Report) -> Report:
    components = {name: replace(each, seconds=0.0) for name, each in report.components.items()}
    failures = [replace(each, cause=None, stderr="", error="") for each in report.failures]
    return replace(report, components=components, failures=failures)


#: Sixty tuples through three bolts that draw random numbers.
WIDE = topology_text(
    spout("[" + " ".join(f'["draw" "w{n % 7}"]' for n in range(60)) + "]", outputs='["a" "b"]'),
    bolt("mid", "Obeys", outputs='["n"]', rest=":p 3")
    + bolt("sink", "Tells", '{"mid" :shuffle}', rest=":p 2"),
)


def opened(transport: Transport, text: str, **options: Any) -> Simulation:
    """An open simulation of a topology's text, to be driven by hand; what it runs ends with the transport."""
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    simulation = Simulation(
        parse_topology(text, options=conf),
        transport=transport,
        trace=Trace(keep=True),
        **{"conf": conf, "cwd": HERE, "turns": 1, **options},
    )
    assert simulation.open()
    return simulation
