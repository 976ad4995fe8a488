"""A project of small topologies for tests of harnesses and running topologies, and the Storm that they share."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamparse.testing import HarnessError, RunningTopology, Storm

# What runs in other processes is in a module of its own: they would load pytest with this one.
COMPONENTS = '''
from collections import Counter
from streamparse import BatchingBolt, Bolt, Spout, TicklessBatchingBolt

class Counts(Bolt):
    """[n, word] -> [word, count]; remembers nothing across a crash."""
    def initialize(self, storm_conf, context):
        self.counts = Counter()
        self.log(f"task {context['taskid']} of {sorted(context['task->component'].values()).count('Counts')}")

    def process(self, tup):
        word = tup.values[-1]
        self.counts[word] += 1
        self.emit([word, self.counts[word]])

class Pass(Bolt):
    def process(self, tup):
        self.emit(tup.values)

class Two(Bolt):
    """Emits on two streams."""
    def process(self, tup):
        self.emit([tup.values[0]])
        self.emit([f"{tup.values[0]} from {tup.component} on {tup.stream}"], stream="notes")

class Fails(Bolt):
    auto_ack = False
    def process(self, tup):
        self.fail(tup)

class FailsOnce(Bolt):
    """Fails the first tuple of every word; forgets it when it crashes."""
    auto_ack = False
    def initialize(self, storm_conf, context):
        self.seen = set()
    def process(self, tup):
        word = tup.values[-1]
        (self.ack if word in self.seen else self.fail)(tup)
        self.seen.add(word)

class Forgets(Bolt):
    auto_ack = False
    def process(self, tup):
        pass

class Breaks(Bolt):
    def process(self, tup):
        if tup.values[-1] == "bad":
            raise ValueError(tup.values[-1])
        self.emit(tup.values)

class Strays(Bolt):
    def process(self, tup):
        self.emit(["x"], stream="defualt")

class Batches(BatchingBolt):
    def group_key(self, tup):
        return tup.values[0]
    def process_batch(self, key, tups):
        self.emit([key, len(tups)])

class Timed(TicklessBatchingBolt):
    secs_between_batches = 2
    def group_key(self, tup):
        return tup.values[0]
    def process_batch(self, key, tups):
        self.emit([key, len(tups)])

class Numbers(Spout):
    """Three numbers, again when they fail."""
    def initialize(self, storm_conf, context):
        self.left = list(range(storm_conf.get("numbers", 3)))
    def next_tuple(self):
        if self.left:
            number = self.left.pop(0)
            self.emit([number], tup_id=f"id-{number}")
    def ack(self, tup_id):
        self.log(f"{tup_id} is done")
    def fail(self, tup_id):
        self.left.append(int(tup_id[3:]))
'''
CHAIN = """
(ns chain (:use [streamparse.specs]))
(defn chain [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n" "word"])}
   {"pass" (python-bolt-spec options {"rows" :shuffle} "made.Pass" ["n" "word"])
    "count" (python-bolt-spec options {"pass" ["word"]} "made.Counts" ["word" "count"] :p 2)}])
"""
NUMBERS = """
(ns numbers (:use [streamparse.specs]))
(defn numbers [options]
  [{"numbers" (python-spout-spec options "made.Numbers" ["n"])}
   {"last" (python-bolt-spec options {"numbers" :shuffle} "made.Pass" ["n"])}])
"""
STREAMS = """
(ns streams (:use [streamparse.specs]))
(defn streams [options]
  [{"rows" (python-spout-spec options "made.Numbers" {"odd" ["n"]})}
   {"notes" (python-bolt-spec options {["rows" "odd"] :shuffle} "made.Two" {"default" ["a"] "notes" ["text"]})
    "both" (python-bolt-spec options {["rows" "odd"] :shuffle "notes" :shuffle ["notes" "notes"] :shuffle} "made.Pass"
             ["a"])}])
"""
JAVA = """
(ns java (:use [streamparse.specs] [org.apache.storm.clojure]))
(defn java [options]
  [{"kafka" (spout-spec (org.example.Kafka. "topic"))}
   {"pass" (python-bolt-spec options {"kafka" :shuffle} "made.Pass" ["n"])
    "store" (bolt-spec {"pass" :shuffle} (org.example.Store.))}])
"""
MISTAKES = """
(ns mistakes (:use [streamparse.specs]))
(defn mistakes [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n" "word"])}
   {"pass" (python-bolt-spec options {"rosw" :shuffle} "made.Pass" ["n" "word"])
    "count" (python-bolt-spec options {"pass" ["wrod"]} "made.Counts" ["word" "count"])}])
"""
ROWS: list[list[Any]] = [[0, "dog"], [1, "cat"], [2, "dog"], [3, "zebra"]]


@pytest.fixture(params=["inprocess", "process"])
def storm(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Storm]:
    """A Storm in a directory with the project, in each mode; "both" for a test that names the modes itself."""
    for name, text in {
        "made.py": COMPONENTS,
        "chain.clj": CHAIN,
        "numbers.clj": NUMBERS,
        "streams.clj": STREAMS,
        "java.clj": JAVA,
        "mistakes.clj": MISTAKES,
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "made", raising=False)
    with Storm(tmp_path, mode=None if request.param == "both" else request.param) as made:
        yield made


def chain(storm: Storm, rows: Any = ROWS, **options: Any) -> RunningTopology:
    """The topology rows -> pass -> count."""
    return storm.topology("chain.clj", spouts={"rows": rows}, **options)


Mistake = Callable[[Storm], object]


def check_mistake(storm: Storm, mistake: Mistake, message: str) -> None:
    """Check that a mistake in a test is one line of this text, in which * stands for anything."""
    with pytest.raises(HarnessError) as caught:
        mistake(storm)
    pattern = ".*".join(map(re.escape, message.split("*")))
    assert re.fullmatch(pattern, str(caught.value)), str(caught.value)
