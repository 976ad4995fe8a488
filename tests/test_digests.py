"""What happens in examples, scenarios and explorations is what it was: line by line, by the digests of their traces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.digests import (
    EXPLORE_SEEDS,
    class_digest,
    class_scenario_digests,
    example_digests,
    examples,
    explore_digest,
    recorded,
    scenario_digests,
)
from tests.support.paths import ROOT
from tests.support.storm_lines import LINES

NEEDS = {"polyglot": [pytest.mark.needs_node]}
RECORDED = recorded()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS.get(name, [])) for name in examples()]
)
def test_an_example_does_what_it_did(name: str) -> None:
    mine = {key: value for key, value in RECORDED["examples"].items() if key.startswith(f"{name} ")}
    assert example_digests(name) == mine


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "seed"), [("process", "7"), ("inprocess", "0")])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS.get(name, [])) for name in examples()]
)
def test_an_example_does_the_same_as_a_python_class(name: str, mode: str, seed: str) -> None:
    assert class_digest(name, mode, seed) == RECORDED["examples"][f"{name} {mode} seed {seed}"]


def test_an_example_does_the_same_in_both_modes() -> None:
    table = RECORDED["examples"]
    inside = {key: value for key, value in table.items() if " inprocess " in key}
    assert inside == {key: table[key.replace(" inprocess ", " process ")] for key in inside}
    assert len(inside) * 2 == len(table)


@pytest.mark.parametrize("version", LINES)
def test_a_scenario_does_what_it_did(version: str) -> None:
    mine = {
        key: value for key, value in RECORDED["scenarios"].items() if key.startswith(f"{version} ")
    }
    assert scenario_digests(version) == mine


@pytest.mark.parametrize("version", LINES)
def test_a_scenario_does_the_same_as_a_python_class(version: str) -> None:
    found, without = class_scenario_digests(version)
    table = RECORDED["scenarios"]
    assert found == {key: table[key] for key in found}
    assert [each for each in without if not each.startswith("bad-")] == []
    assert len(found) > 90


@pytest.mark.parametrize("seed", EXPLORE_SEEDS)
def test_an_exploration_does_what_it_did(seed: int) -> None:
    assert explore_digest(seed) == RECORDED["explore"][f"seed {seed}"]


# What a component can emit, and where the trace of it changes from one Python to the next: see docs/simulating.md.
VALUES = {
    "every random number": (
        "[r.random(), r.randrange(1000), r.choice('abc'), r.choices([1, 2, 3], k=3), r.sample(range(100), 5), "
        "r.gauss(0, 1), r.normalvariate(0, 1), r.expovariate(1.0), r.betavariate(1, 2), r.gammavariate(1, 2), "
        "r.triangular(), r.vonmisesvariate(0, 1), r.paretovariate(1), r.weibullvariate(1, 2), r.randbytes(3).hex()]",
        None,
    ),
    "a set of numbers": ("list({7 * i for i in range(10)} | {2.5, (1, 2), (3, n)})", None),
    "a set of strings": ("list(map(str, {str(i) for i in range(10)}))", (3, 11)),
    "a sum of floats": ("sum([0.1] * n)", (3, 12)),
}
TRACES = {
    "every random number": "9e5b6a02150e77b1",
    "a set of numbers": "93af2f0aa2ac9383",
    "a set of strings": "4c27b10cf15116fb",
    "a set of strings from 3.11 on": "21aa00fc3f9b8ee4",
    "a sum of floats": "5721789317dff284",
    "a sum of floats from 3.12 on": "1c912515af73d05a",
}
TOPOLOGY = """
(ns values (:use [streamparse.specs]))
(defn values [options] [{"values" (python-spout-spec options "emits.Values" ["value"])} {}])
"""
EMITS = """
import random as r
from streamparse import Spout

class Values(Spout):
    def initialize(self, conf, context):
        self.numbers = iter(range(1, 30))

    def next_tuple(self):
        for n in self.numbers:
            return self.emit([{}])
"""


@pytest.mark.parametrize("what", VALUES)
def test_a_trace_changes_with_the_python_where_the_page_says_so(what: str, tmp_path: Path) -> None:
    expression, changed_in = VALUES[what]
    for name, text in {
        "config.json": "{}",
        "topologies/values.clj": TOPOLOGY,
        "src/emits.py": EMITS.format(expression),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "streamparse.cli.sparse", "simulate", "--json", "--time", "0.1", "--in-process"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True,
    )  # fmt: skip
    is_after = changed_in is not None and sys.version_info >= changed_in
    key = f"{what} from {'.'.join(map(str, changed_in))} on" if changed_in and is_after else what
    assert json.loads(done.stdout)["trace_sha256"][:16] == TRACES[key]
