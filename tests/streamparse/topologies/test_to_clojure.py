"""A topology as Clojure text. That it says the same is looked at in test_conversion.py."""

from __future__ import annotations

import pytest

from simulator.model import Component, Grouping, Stream, Topology
from streamparse.topologies.to_clojure import to_clojure
from streamparse.topologies.written import Unwritable


def test_every_part_is_written() -> None:
    python = ("python", "-m", "streamparse.run")
    topology = Topology(
        "demo",
        {
            "words": Component(
                "words",
                "spout",
                command=(*python, "a.Words"),
                python_class="a.Words",
                outputs={"default": Stream(("word",)), "late": Stream(("x",), direct=True)},
                conf={"a": [1, None, True, {"b": "c"}]},
                parallelism=2,
            ),
            "shell": Component(
                "shell",
                "bolt",
                command=("node", "bolt.js"),
                inputs={
                    ("words", "default"): Grouping("fields", ("word",)),
                    ("words", "late"): Grouping("direct"),
                },
                outputs={},
            ),
            "java": Component(
                "java",
                "bolt",
                jvm_class="my.Bolt",
                java_arguments=(1, "x"),
                inputs={
                    ("words", "default"): Grouping("custom", (), "my.Grouping", (True,)),
                    ("shell", "default"): Grouping("partial-key", ("word",)),
                },
            ),
        },
    )
    written = to_clojure(topology, package="org.apache.storm", python="python")
    assert written.lost == ()
    assert (
        written.text
        == """\
(ns demo
  (:use [streamparse.specs] [org.apache.storm.clojure])
  (:gen-class))

(defn demo [options]
  [
    ;; the spouts
    {"words" (python-spout-spec
          options
          "a.Words"
          {"default" ["word"] "late" (direct-stream ["x"])}
          :p 2
          :conf {"a" [1 nil true {"b" "c"}]})}

    ;; the bolts
    {"shell" (shell-bolt-spec
          {"words" ["word"]
           ["words" "late"] :direct}
          ["node" "bolt.js"]
          {})
     "java" (bolt-spec
          {"words" (my.Grouping. true)
           "shell" (org.apache.storm.grouping.PartialKeyGrouping. (org.apache.storm.tuple.Fields. ["word"]))}
          (my.Bolt. 1 "x"))}
  ])
"""
    )


def test_a_direct_stream_alone_brings_in_storms_clojure() -> None:
    python = ("python", "-m", "streamparse.run", "a.Words")
    outputs = {"default": Stream(("word",), direct=True)}
    words = Component("words", "spout", command=python, python_class="a.Words", outputs=outputs)
    text = to_clojure(Topology("t", {"words": words}), package="backtype.storm", python="python")
    assert "(:use [streamparse.specs] [backtype.storm.clojure])" in text.text


def test_what_has_no_words_in_clojure_is_refused() -> None:
    java = Component("java", "spout", jvm_class="", serialized=b"x")
    with pytest.raises(Unwritable) as caught:
        to_clojure(Topology("demo", {"java": java}), package="org.apache.storm", python="python")
    assert caught.value.reasons == ('component "java": serialized_java has no form in Clojure',)
