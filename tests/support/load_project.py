"""A project whose bolt is the bottleneck once it has work, and the ``sparse`` command in it, in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sparse import Result, run

COMPONENTS = """
import os, time
from streamparse import Bolt, Spout

class Numbers(Spout):
    def initialize(self, storm_conf, context):
        self.number = 0

    def next_tuple(self):
        self.number += 1
        self.emit([self.number], tup_id=self.number)

class Silent(Spout):
    def next_tuple(self):
        pass

class Prices(Bolt):
    def process(self, tup):
        pass

class Sleeps(Bolt):
    def process(self, tup):
        time.sleep(0.1)

class SleepsLong(Bolt):
    def process(self, tup):
        time.sleep(20)

class Breaks(Bolt):
    def process(self, tup):
        raise ValueError("no price")

class Speaks(Bolt):
    def process(self, tup):
        self.emit([os.environ.get("COLOUR"), time.time()])
"""
TOPOLOGY = """(ns shop (:use [streamparse.specs]))
(defn shop [options]
  [{"orders" (python-spout-spec options "shop.Numbers" ["n"])}
   {"price" (python-bolt-spec options {"orders" :shuffle} "shop.Prices" ["a" "b"])}])
"""

Sparse = Callable[..., Result]


def write_project(directory: Path, **classes: str) -> Path:
    """Write the project; ``classes`` are others than Numbers and Prices, by these names."""
    text = TOPOLOGY
    for name, other in classes.items():
        text = text.replace(f"shop.{name}", f"shop.{other}")
    for path, content in {
        "config.json": "{}",
        "src/shop.py": COMPONENTS,
        "topologies/shop.clj": text,
    }.items():
        (directory / path).parent.mkdir(exist_ok=True)
        (directory / path).write_text(content)
    return directory


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: the project."""
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path)


@pytest.fixture
def sparse(shop: Path, capsys: pytest.CaptureFixture[str]) -> Sparse:
    """Run a command in the project: status, stdout, stderr."""
    return lambda *words: run(capsys, *words)
