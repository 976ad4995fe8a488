"""``sparse submit --thrift`` on real clusters of all lines: no Leiningen and no Java is on its PATH."""

from __future__ import annotations

import json
import operator
import os
import platform
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.clj import read_topology
from simulator.model import profile
from streamparse.cluster import ThriftNimbus, to_storm_topology
from tests.parity.submitted import shown
from tests.support.paths import ROOT
from tests.support.real_site import BOLT, SPOUT
from tests.support.ssh_project import wheel
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import LINES, require
from tests.support.waiting import until

pytestmark = pytest.mark.real_storm

#: The last bolt is a program of four words, which Storm's own ShellComponent has no room for.
TOPOLOGY = """\
(ns wordcount (:use [streamparse.specs] [backtype.storm.clojure]))
(defn wordcount [options]
  [{"word-spout" (python-spout-spec options "words.WordSpout" ["word"])}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "counts.WordCounter" ["word" "count"]
                   :p 2 :conf {"topology.tick.tuple.freq.secs" 1})
    "last-bolt" (shell-bolt-spec {"count-bolt" :shuffle}
                  [(get options "topology.python.path") "-u" "last.py" "20 or more"] [])}])
"""

LAST = """\
import sys

from streamparse import Bolt


class Last(Bolt):
    def process(self, tup):
        word, count = tup.values
        if count % 20 == 0:
            self.logger.info("%s: %s %s", sys.argv[1], word, count)


Last().run()
"""

FILES = {
    "topologies/wordcount.clj": TOPOLOGY,
    "src/words.py": SPOUT,
    "src/counts.py": BOLT,
    "src/last.py": LAST,
}


@dataclass
class Project:
    """A project for a cluster, and nothing else on the PATH of ``sparse`` than this Python."""

    version: str
    cluster: StormCluster
    directory: Path

    def sparse(self, *words: str) -> tuple[int, list[str]]:
        """Run a command; its exit status, and what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "streamparse.cli.sparse", *words],
            cwd=self.directory,
            env={**os.environ, "PATH": str(self.directory / "nothing"), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).splitlines()

    def logs(self, topology: str) -> set[Path]:
        """The logs of components, one for each life of each."""
        return {*self.cluster.logs.glob(f"streamparse_{topology}_*.log")}

    def wait_for_logs(
        self, *patterns: str, topology: str = "wordcount", but: Collection[Path] = ()
    ) -> None:
        """Wait until a component has logged a line of each pattern."""
        until(lambda: missing_lines(patterns, self.logs(topology).difference(but)), operator.not_)


def missing_lines(patterns: Iterable[str], logs: Iterable[Path]) -> list[str]:
    """The patterns of which no log has a line."""
    texts = [path.read_text(errors="replace") for path in logs]
    return [each for each in patterns if not any(re.search(each, text) for text in texts)]


@pytest.fixture(
    scope="module",
    # The tests of a line share a cluster, and so a process.
    params=[
        pytest.param(each, marks=pytest.mark.xdist_group(f"real_thrift-{each}")) for each in LINES
    ],
)
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    require("lein", "java", "javac")  # for the cluster
    directory = tmp_path_factory.mktemp("thrift")
    with StormCluster(
        request.param, directory / "storm", worker_env={"PYTHONPATH": str(ROOT)}
    ) as cluster:
        made = Project(request.param, cluster, directory / "wordcount")
        config = {"envs": {"prod": {**cluster.environment_config(), "submit": "thrift"}}}
        write(made.directory, {**FILES, "config.json": json.dumps(config)})
        yield made


def write(directory: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")


OPTIONS = ("-o", f"topology.python.path={sys.executable}", "-o", "topology.max.spout.pending=20")
SUBMITTED = "wordcount is submitted; `sparse list -e prod` shows it"


def test_a_topology_is_submitted_without_a_jvm_and_counts_and_is_replaced(project: Project) -> None:
    status, lines = project.sparse("submit", "-n", "wordcount", "-w", "1", *OPTIONS)
    assert (status, lines[-1]) == (0, SUBMITTED), lines
    # Each word is counted, by one counter, and the program of four words has its argument.
    words = ("dog", "cat", "zebra", "elephant")
    project.wait_for_logs(*(f"{word}: 20\n" for word in words), "20 or more: dog 40\n")

    nimbus = ThriftNimbus(project.cluster.nimbus)
    (first,) = nimbus.topologies()
    with nimbus.client("tell a topology") as client:
        there = client.getUserTopology(first.id)
    assert by_id(shown(there)) == by_id(shown(ours(project)))

    refused = "error: topology wordcount is running already; `sparse submit -f` kills it first"
    assert refused in project.sparse("submit", "-n", "wordcount", *OPTIONS)[1]
    force, of_first = ("--force", "--wait", "0"), project.logs("wordcount")
    status, lines = project.sparse("submit", "-n", "wordcount", *force, "-w", "1", *OPTIONS)
    assert (status, lines[-4:]) == (
        0,
        [
            "killing the wordcount that runs",
            "waiting until it is gone",
            "submitting wordcount to prod",
            SUBMITTED,
        ],
    )
    (second,) = nimbus.topologies()
    assert (second.name, second.id == first.id) == ("wordcount", False)
    # A supervisor of 0.x waits two minutes for a worker whose topology is killed before it has begun.
    project.wait_for_logs("dog: 20\n", but=of_first)
    assert project.sparse("kill", "wordcount", "--wait", "0")[0] == 0


def ours(project: Project) -> object:
    conf = {"topology.python.path": sys.executable}
    path = project.directory / "topologies" / "wordcount.clj"
    topology = read_topology(path, conf, storm_version=project.version)
    return to_storm_topology(topology, conf, profile(project.version))


def by_id(topology: Mapping[str, list[object]]) -> dict[str, object]:
    """A topology as Nimbus gives it back, whose maps have been Java's in between.

    Nimbus adds the number of tasks to each component's configuration.
    """
    return {
        kind: {each[0]: {**each[1], "json_conf": own(each[1]["json_conf"])} for each in components}  # type: ignore[index]
        for kind, components in topology.items()
    }


def own(conf: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in conf.items() if key != "topology.tasks"}


# -- a topology in Python ------------------------------------------------------------------------------------------

CLASSES = """\
from streamparse import Grouping, JavaSpout, Topology

from counted import Counted


class Javawords(Topology):
    config = {"topology.max.spout.pending": 20}

    words = JavaSpout.spec(full_class_name="PACKAGE.testing.TestWordSpout", args_list=[], outputs=["word"])
    counted = Counted.spec(inputs={words: Grouping.fields("word")}, par=2)
"""

COUNTED = """\
from collections import Counter

from streamparse import Bolt


class Counted(Bolt):
    outputs = ["word", "count"]

    def initialize(self, conf, context):
        self.counts = Counter()

    def process(self, tup):
        (word,) = tup.values  # which have names from 0.10 on
        self.counts[word] += 1
        self.emit([word, self.counts[word]])
        if self.counts[word] == 5:
            self.logger.info("%s five times", word)
"""


def test_a_topology_in_python_is_submitted_with_a_spout_in_java(project: Project) -> None:
    package = profile(project.version).package
    files = {
        "topologies/javawords.py": CLASSES.replace("PACKAGE", package),
        "src/counted.py": COUNTED,
    }
    write(project.directory, files)
    words = ("-n", "javawords", "-w", "1", "-o", f"topology.python.path={sys.executable}")
    status, lines = project.sparse("submit", *words)
    assert (status, lines[-1]) == (0, "javawords is submitted; `sparse list -e prod` shows it"), (
        lines
    )
    names = ("nathan", "mike", "jackson", "golda", "bertels")  # of Storm's TestWordSpout
    project.wait_for_logs(*(f"{each} five times\n" for each in names), topology="javawords")
    assert project.sparse("kill", "javawords", "--wait", "0")[0] == 0


# -- the blob store ------------------------------------------------------------------------------------------------

PACKAGED = """\
import pets
import streamparse
from streamparse import Bolt


class Packaged(Bolt):
    def initialize(self, conf, context):
        self.logger.info("%s from %s, %s", pets.NAME, pets.__file__, streamparse.__file__)

    def process(self, tup):
        self.logger.info("the word %s", tup.values[0])
"""

PACKAGED_TOPOLOGY = """\
(ns packaged (:use [streamparse.specs] [backtype.storm.clojure]))
(defn packaged [options]
  [{"word-spout" (python-spout-spec options "words.WordSpout" ["word"])}
   {"packaged" (python-bolt-spec options {"word-spout" :shuffle} "packaged.Packaged" [])}])
"""


def test_components_import_what_storms_blob_store_brings(project: Project) -> None:
    index = project.directory / "index"
    wheel(index, "pets", "1.0", {"pets.py": "NAME = 'nathan'\n"})
    environment = {
        **project.cluster.environment_config(),
        "submit": "thrift",
        "use_virtualenv": True,
        "virtualenv": "blobstore",
        "platform": f"linux_{platform.machine()}",
    }
    environment.pop("workers", None)
    config = {"envs": {"prod": environment}}
    files = {
        "topologies/packaged.clj": PACKAGED_TOPOLOGY,
        "src/packaged.py": PACKAGED,
        "virtualenvs/packaged.txt": f"--find-links {index}\npets==1.0\n",
    }
    before = (project.directory / "config.json").read_text(encoding="utf-8")
    write(project.directory, {**files, "config.json": json.dumps(config)})
    try:
        words = ("submit", "-n", "packaged", "-w", "1", "-o", "topology.max.spout.pending=20")
        # The Python of the tests need not be the first of its version on the PATH.
        python = ("-o", f"topology.python.path={sys.executable}")
        status, lines = project.sparse(*words, *python)
        if project.version < "1":
            assert (status, "which has no blob store; expected 1.0 or newer" in lines[-1]) == (
                1,
                True,
            )
            return
        assert (status, lines[-1]) == (
            0,
            "packaged is submitted; `sparse list -e prod` shows it",
        ), lines
        brought = (
            r"nathan from \S*/streamparse_packages/pets.py, \S*/streamparse_packages/streamparse/"
        )
        project.wait_for_logs(brought, "the word dog\n", topology="packaged")
        status, lines = project.sparse(*words, *python, "--force", "--wait", "0")
        there = [line for line in lines if line.startswith("the packages are there already, as")]
        assert (status, len(there)) == (0, 1), lines
        assert project.sparse("kill", "packaged", "--wait", "0")[0] == 0
    finally:
        (project.directory / "config.json").write_text(before, encoding="utf-8")
