"""What is not deterministic is found in runs that pass too, and told with the line of user code that it comes from."""

from __future__ import annotations

import inspect
import itertools
import os
import random
import socket
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from simulator.exploring.cases import Case
from simulator.exploring.determinism import first_difference, is_same, shown
from simulator.exploring.explored_run import Run, RunOutcome
from streamparse import Bolt, Tuple
from streamparse.testing import NotDeterministicError, Storm
from tests.support.explored_store import each, store

SECRET = random.SystemRandom()
NUMBERS = itertools.count()
KEPT: list[object] = []


class Key:
    """Its hash is the default one, which is made of its address."""

    name = 0


def scattered_keys() -> list[Key]:
    """Twenty keys whose addresses are in another order in each run."""
    keys = [Key() for _ in range(64)]
    KEPT.append(tuple(keys))
    SECRET.shuffle(keys)
    for number, key in enumerate(keys):
        key.name = number
    return keys[:20]


class Clock(Bolt):
    def process(self, tup: Tuple) -> None:
        now = time.time_ns()  # here
        self.emit([tup.values[0], now])


class Urandom(Bolt):
    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], os.urandom(8).hex()])  # here


class Uuid4(Bolt):
    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.name = str(uuid.uuid4())  # here

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], self.name])


class SetOrder(Bolt):
    def process(self, tup: Tuple) -> None:
        for key in set(scattered_keys()):  # here
            self.emit([tup.values[0], key.name])


class Address(Bolt):
    def process(self, tup: Tuple) -> None:
        KEPT.append([])
        self.emit([tup.values[0], id(KEPT[-1])])  # here


class Threads(Bolt):
    def process(self, tup: Tuple) -> None:
        thread = threading.Thread(target=KEPT.clear)
        thread.start()
        thread.join()
        self.emit([tup.values[0], self.number_of(thread)])

    def number_of(self, thread: threading.Thread) -> int | None:
        return thread.native_id  # here


class Mtime(Bolt):
    def process(self, tup: Tuple) -> None:
        written = Path("written")
        written.write_text("now")
        changed = os.stat(written).st_mtime_ns  # here
        self.emit([tup.values[0], changed])


class Environment(Bolt):
    def process(self, tup: Tuple) -> None:
        os.environ["TUPLES_SO_FAR"] = os.environ.get("TUPLES_SO_FAR", "") + "i"  # here
        self.emit([tup.values[0], os.environ["TUPLES_SO_FAR"]])


class Listing(Bolt):
    def process(self, tup: Tuple) -> None:
        Path(f"seen-{next(NUMBERS)}").touch()  # here
        self.emit([tup.values[0], len(os.listdir("."))])


class Sockets(Bolt):
    def process(self, tup: Tuple) -> None:
        made = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
        ports = [each.getsockname()[1] for each in made]  # here
        for server in made:
            server.close()
        self.emit([tup.values[0], ports])


class OwnGenerator(Bolt):
    def process(self, tup: Tuple) -> None:
        heads = []
        for coin in range(64):
            if SECRET.random() < 0.5:  # here
                heads.append(coin)
        self.emit([tup.values[0], heads])


class HashOfObjects(Bolt):
    def process(self, tup: Tuple) -> None:
        KEPT.append(Key())
        bucket = hash(KEPT[-1])  # here
        self.emit([tup.values[0], bucket])


SOURCES = [
    Clock, Urandom, Uuid4, SetOrder, Address, Threads, Mtime, Environment, Listing, Sockets, OwnGenerator,
    HashOfObjects,
]  # fmt: skip


def line_of(bolt: type) -> int:
    """The line that is marked."""
    lines, first = inspect.getsourcelines(bolt)
    (marked,) = (number for number, line in enumerate(lines) if line.endswith("# here\n"))
    return first + marked


def run_of(run: Run, bolt: type) -> None:
    with store(run, bolts={"store-bolt": bolt}, parallelism={"store-bolt": 1}) as topology:
        topology.complete()


@pytest.mark.parametrize("bolt", SOURCES, ids=[source.__name__ for source in SOURCES])
def test_the_line_of_the_source_is_told(
    empty_storm: Storm, bolt: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUPLES_SO_FAR", raising=False)

    def body(run: Run) -> None:
        with store(run, bolts={"store-bolt": bolt}, parallelism={"store-bolt": 1}) as topology:
            topology.complete()
            raise AssertionError("always")

    with pytest.raises(NotDeterministicError) as raised:
        each(empty_storm.explore(3), body)
    told = [line for line in str(raised.value).splitlines() if "did something else is" in line]
    assert [line.partition(", in ")[0] for line in told] == [
        f"The first line that did something else is {__file__}:{line_of(bolt)}"
    ]


PROCESS = """
import os
from streamparse import Bolt, Spout

starts = []


class Rows(Spout):
    pass


class Draws(Bolt):
    def initialize(self, storm_conf, context):
        starts.append(context["taskid"])
        self.life = len(starts)  # 1 in a process of its own

    def process(self, tup):
        key = os.urandom(8).hex()  # here
        self.emit([tup.values[0], key, self.life])
"""
OF_PROCESSES = """
(ns drawn (:use [streamparse.specs]))
(defn drawn [options]
  [{"rows" (python-spout-spec options "of_processes.Rows" ["n"])}
   {"draws" (python-bolt-spec options {"rows" :shuffle} "of_processes.Draws" ["n" "key" "life"])}])
"""


def test_the_line_is_told_of_components_that_are_processes_too(tmp_path: Path) -> None:
    (tmp_path / "of_processes.py").write_text(PROCESS)
    (tmp_path / "drawn.clj").write_text(OF_PROCESSES)

    def body(run: Run) -> None:
        with run.topology("drawn.clj", spouts={"rows": [[1]]}, mode="process") as topology:
            topology.complete()
            raise AssertionError("always")

    modules = set(sys.modules)
    with Storm(tmp_path, seed=0) as storm, pytest.raises(NotDeterministicError) as raised:
        each(storm.explore(2, faults=[]), body)
    told = [line for line in str(raised.value).splitlines() if "did something else is" in line]
    line = 1 + PROCESS.splitlines().index("        key = os.urandom(8).hex()  # here")
    assert [each.partition(", in ")[0] for each in told] == [
        f"The first line that did something else is {tmp_path}/of_processes.py:{line}"
    ]
    assert "of_processes" not in set(sys.modules) - modules


def test_what_differs_is_told_with_both_values_and_the_line(empty_storm: Storm) -> None:
    with pytest.raises(NotDeterministicError) as raised:
        each(empty_storm.explore(26), lambda run: run_of(run, Uuid4))
    lines = str(raised.value).splitlines()
    assert lines[:2] == [
        "run 25 of explore passed, and when the same case was run again it did something else.",
        lines[1],
    ]
    assert lines[1].startswith("store-bolt is not deterministic: event ")
    was, then = lines[5].partition("self.name was ")[2].removesuffix(":").split(" and then ")
    assert (len(was), len(then), was != then) == (38, 38, True)
    assert lines[6] == "  self.name = str(uuid.uuid4())  # here"


def test_runs_that_pass_are_made_twice_now_and_then(empty_storm: Storm) -> None:
    numbers = []
    for run in empty_storm.explore(60):
        numbers.append(run.number)
        with store(run) as topology:
            topology.complete()
    assert sorted(number for number in set(numbers) if numbers.count(number) > 1) == [25, 50]


def test_values_are_shown_without_addresses() -> None:
    class Held:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.numbers = (1, [2.5, None])

    assert shown({"a": Held(), 2: {"b"}}) == (
        "{'a': Held({'lock': lock, 'numbers': tuple(1, list(2.5, None))}), 2: set('b')}"
    )
    assert shown(list(range(60))).endswith("48, 49) and 10 more")
    endless: list[object] = []
    endless.append(endless)
    assert shown(endless) == "list(list(list(list(list(list(list))))))"


def test_the_first_difference_is_in_the_topology_that_differs() -> None:
    def outcome(*traces: tuple[str, ...]) -> RunOutcome:
        return RunOutcome(Case(0), None, "", "t", traces, ())

    one, other = outcome(("{}",), ('{"component": "a"}',)), outcome(("{}",), ())
    found = first_difference(one, other)
    assert found is not None
    assert (found.topology, found.at, found.component, found.other) == (1, 0, "a", None)
    assert (is_same(one, one), is_same(one, other), first_difference(one, one)) == (
        True,
        False,
        None,
    )
