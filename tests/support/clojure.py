"""Texts of topology files, and what they are read as."""

from typing import Any

import pytest

from simulator import Component, Grouping, Stream, Topology, TopologyError, parse_topology

NS = "(ns t (:use [streamparse.specs] [backtype.storm.clojure]))"
SPOUT = '"s" (python-spout-spec options "spouts.S" ["word"])'
BOLT = '"b" (python-bolt-spec options {"s" :shuffle} "bolts.B" ["word" "n"])'
SHUFFLE = Grouping("shuffle")


def python(name: str) -> dict[str, Any]:
    return {"command": ("python", "-m", "streamparse.run", name), "python_class": name}


def one(*fields: str) -> dict[str, Stream]:
    return {"default": Stream(fields)}


S = Component("s", "spout", **python("spouts.S"), outputs=one("word"))
B = Component(
    "b", "bolt", **python("bolts.B"), inputs={("s", "default"): SHUFFLE}, outputs=one("word", "n")
)


def text_of(spouts: str = SPOUT, bolts: str = BOLT) -> str:
    """A file of three lines: what is in the spouts' map is in line 2 from column 4 on, the bolts in line 3."""
    return f"{NS}(defn t [options] [\n  {{{spouts}}}\n  {{{bolts}}}])"


def read(text: str, **options: object) -> Topology:
    return parse_topology(
        text,
        path="t.clj",
        options={key.replace("__", "."): value for key, value in options.items()},
    )


def components(text: str, **options: object) -> list[Component]:
    return list(read(text, **options).components.values())


def spout_of(form: str, **options: object) -> Component:
    return components(text_of(f'"s" {form}', ""), **options)[0]


def bolt_of(form: str, spouts: str = SPOUT, **options: object) -> Component:
    return components(text_of(spouts, f'"b" {form}'), **options)[-1]


def value_of(expression: str, **options: object) -> object:
    """What an expression comes to, as it reaches a component in its configuration."""
    form = f'(python-spout-spec options "spouts.S" [] :conf {{"x" {expression}}})'
    return spout_of(form, **options).conf["x"]


def problems(text: str, **options: object) -> list[str]:
    with pytest.raises(TopologyError) as caught:
        read(text, **options)
    return str(caught.value).splitlines()


def warnings(text: str, **options: object) -> list[str]:
    return list(map(str, read(text, **options).warnings))


WORDCOUNT = """
(ns wordcount
  (:use     [streamparse.specs])
  (:gen-class))

(defn wordcount [options]
   [
    ;; where words come from
    {"word-spout" (python-spout-spec
          options
          "spouts.words.WordSpout"
          ["word"]
          )
    }
    ;; and where they go
    {"count-bolt" (python-bolt-spec
          options
          {"word-spout" :shuffle}
          "bolts.wordcount.WordCounter"
          ["word" "count"]
          :p 2
          )
    }
  ]
)
"""

WORDCOUNT_COMPONENTS = {
    "word-spout": Component(
        "word-spout", "spout", **python("spouts.words.WordSpout"), outputs=one("word")
    ),
    "count-bolt": Component(
        "count-bolt",
        "bolt",
        **python("bolts.wordcount.WordCounter"),
        inputs={("word-spout", "default"): SHUFFLE},
        outputs=one("word", "count"),
        parallelism=2,
    ),
}
