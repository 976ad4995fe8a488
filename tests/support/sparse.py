"""The ``sparse`` command in this process or in one of its own, a small topology, and what is printed."""

from __future__ import annotations

import os
import sys

import pytest

from streamparse.cli.sparse import main
from tests.support.paths import ROOT

REPOSITORY = ROOT

TOPOLOGY = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{"word-spout" (python-spout-spec options "spouts.WordSpout" ["word"])}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "bolts.CountBolt" ["word" "count"] :p 2)}])
"""

#: Modules of the classes of that topology.
COUNTING = {
    "spouts": """
from streamparse import Spout

class WordSpout(Spout):
    def initialize(self, storm_conf, context):
        self.number = 0

    def next_tuple(self):
        self.number += 1
        if self.number % 3:
            self.emit(["dog" if self.number % 2 else "cat"], tup_id=self.number)
""",
    "bolts": """
import random

from streamparse import Bolt

class CountBolt(Bolt):
    def initialize(self, storm_conf, context):
        self.counts = {}

    def process(self, tup):
        word = tup.values[0]
        self.counts[word] = self.counts.get(word, 0) + 1
        self.logger.info("counted %s", word)
        self.log("seen")
        self.emit([word, self.counts[word] + random.random()])
""",
}

PICTURE = """\
words: 1 spout, 1 bolt, 3 tasks

   ○ word-spout   spout     task 5
┌─── word
│
│  ● count-bolt   bolt ×2   tasks 3-4
└──▶ fields word   from word-spout
     word, count
"""

QUICKSTART_SCREEN = """
Creating your demo streamparse project...
    create    demo
    create    demo/.gitignore
    create    demo/config.json
    create    demo/fabfile.py
    create    demo/project.clj
    create    demo/README.md
    create    demo/src
    create    demo/src/bolts/
    create    demo/src/bolts/__init__.py
    create    demo/src/bolts/wordcount.py
    create    demo/src/spouts/
    create    demo/src/spouts/__init__.py
    create    demo/src/spouts/words.py
    create    demo/tasks.py
    create    demo/tests
    create    demo/tests/test_wordcount.py
    create    demo/topologies
    create    demo/topologies/wordcount.clj
    create    demo/virtualenvs
    create    demo/virtualenvs/wordcount.txt
Done.

Try running your topology locally with:

    cd demo
    sparse simulate    # at once, without a JVM
    sparse run         # in a real Storm: needs Java and Leiningen
"""

Result = tuple[int, str, str]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Result:
    return (main(arguments), *capsys.readouterr())


def start(*arguments: str, **settings: str) -> tuple[list[str], dict[str, str]]:
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    return (
        [sys.executable, "-m", "streamparse.cli.sparse", *arguments],
        {**environment, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", **settings},
    )
