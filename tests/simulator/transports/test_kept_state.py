"""Attributes of modules and classes that outlive a crash in process are told, once and by name."""

from __future__ import annotations

import importlib
import itertools
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import faults
from simulator.transports.kept_state import KeptState, fresh_modules
from simulator.transports.state_text import MOST_SHOWN
from tests.support.table_top import one_bolt, run

MODULE = """
import itertools, logging
LOG = logging.getLogger("x")
CACHE = {}
COUNT = 0
NUMBERS = itertools.count()
WORDS = iter(["a", "b"])
CLIENT = None

def generated():
    yield 1
    yield 2

GENERATED = generated()

def counter():
    count = 0
    def counts():
        nonlocal count
        count += 1
    return counts

counts = counter()

def lazily(seen=[]):
    seen.append(1)

class Held:
    def __init__(self):
        self.count = 0

HELD = Held()

class Base:
    seen = set()
    limit = 3

class Component(Base):
    def method(self): pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "kept_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("kept_module")
    del sys.modules["kept_module"]


def names(state: KeptState) -> list[str]:
    return [line.partition(" ")[0] for line in state.kept()]


def test_what_has_changed_is_told_once_and_what_has_not_is_not(tmp_path: Path, module: Any) -> None:
    state = KeptState(str(tmp_path))
    state.remember(module.Component)
    assert state.kept() == []
    module.CACHE["a"] = 1
    module.COUNT += 1
    next(module.NUMBERS)
    module.HELD.count = 1
    module.Base.seen.add("dog")
    next(module.WORDS)
    next(module.GENERATED)
    module.CLIENT = socket.socket()
    module.CLIENT.close()
    module.counts()
    module.lazily()
    expected = [
        "CACHE",
        "COUNT",
        "NUMBERS",
        "WORDS",
        "CLIENT",
        "GENERATED",
        "counts",
        "lazily",
        "HELD",
    ]
    assert names(state) == [*(f"kept_module.{name}" for name in expected), "Base.seen"]
    assert state.kept() == []


def test_what_outlives_a_crash_on_purpose_is_not_told(tmp_path: Path, module: Any) -> None:
    module.__outlives_crash__ = ("CACHE",)
    module.Component.__outlives_crash__ = ("rows",)
    module.Component.rows = []
    state = KeptState(str(tmp_path))
    state.remember(module.Component)
    module.CACHE["a"] = 1
    module.Component.rows.append(1)
    module.COUNT += 1
    assert names(state) == ["kept_module.COUNT"]


def test_of_a_large_container_its_size_is_compared(tmp_path: Path, module: Any) -> None:
    module.CACHE.update(dict.fromkeys(range(MOST_SHOWN + 1)))
    state = KeptState(str(tmp_path))
    state.remember(module.Component)
    module.CACHE[0] = 1
    assert names(state) == []
    module.CACHE["new"] = 1
    assert names(state) == ["kept_module.CACHE"]


def test_a_value_that_cannot_be_printed_is_left_out(tmp_path: Path, module: Any) -> None:
    class Wrong:
        def __repr__(self) -> str:
            raise ValueError

    module.CACHE["x"] = Wrong()
    state = KeptState(str(tmp_path))
    state.remember(module.Component)
    assert "kept_module.CACHE" not in names(state)
    assert next(itertools.count()) == 0


def test_a_run_in_process_tells_it_and_a_run_as_processes_has_nothing_to_tell() -> None:
    text = one_bolt('[["x"] ["y"]]').replace("parts.Obeys", "starts.Remembers")
    crash = [faults.CrashOrder("b", before="tuple", nth=2)]
    told = {
        mode: [each for each in run(text, mode=mode, orders=crash, on_crash="restart").report.warnings
               if "outlived" in each]
        for mode in ("inprocess", "process")
    }  # fmt: skip
    (line,) = told["inprocess"]
    assert line.startswith("Remembers.seen (")
    assert told["process"] == []


def test_modules_of_the_sources_are_loaded_anew_for_a_while_and_then_given_back(
    tmp_path: Path, module: Any
) -> None:
    module.COUNT = 5
    with fresh_modules(str(tmp_path)):
        importlib.invalidate_caches()
        fresh = importlib.import_module("kept_module")
        assert (fresh is module, fresh.COUNT) == (False, 0)
        assert sys.modules["pytest"] is pytest
    assert sys.modules["kept_module"] is module
