"""One door for both readers, and for a class that is there already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from simulator.clj import read_topology as read_clojure
from streamparse import Bolt, Grouping, Spout, Topology
from streamparse.topologies import default_conf, read_topology, topology_of_class
from tests.support.class_topologies import class_text, project_of


class Words(Spout):
    """A spout."""

    outputs = ("word",)


class Count(Bolt):
    """A bolt."""


class WordCount(Topology):
    """A topology."""

    words = Words.spec()
    count = Count.spec(inputs={words: Grouping.fields("word")}, outputs=["word"])


def test_a_clojure_file_is_read_by_its_own_reader(tmp_path: Path) -> None:
    text = '(defn t [options] [{"w" (python-spout-spec options "components.Words" ["word"])} {}])'
    project = project_of(tmp_path, {"t.clj": text, "t2.py": class_text("w = Words.spec()")})
    path = tmp_path / "topologies/t.clj"
    conf = default_conf(path)
    read = read_topology(path, conf, project=project)
    assert read == read_clojure(path, conf)
    other = read_topology(tmp_path / "topologies/t2.py", conf)
    assert replace(other, name="t", path=str(path)) == read


def test_a_class_is_named_after_its_file() -> None:
    conf = {"topology.python.path": "/python"}
    topology = topology_of_class(WordCount, conf)
    assert (topology.name, topology.path, list(topology.components)) == (
        "test_reader",
        __file__,
        ["words", "count"],
    )
    assert topology.components["words"].command == (
        "/python",
        "-m",
        "streamparse.run",
        f"{__name__}.Words",
    )
