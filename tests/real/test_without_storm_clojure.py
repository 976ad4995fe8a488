"""A Clojure file without the artifact storm-clojure: a jar of the project alone, on workers that have no Clojure."""

from __future__ import annotations

import json
import operator
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.real_site import BOLT, SPOUT
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import environment, project_clj, require
from tests.support.waiting import until

pytestmark = pytest.mark.real_storm

VERSION = "2.8.3"
WORDS = ("dog", "cat", "zebra", "elephant")

#: It uses the name of Storm's Clojure DSL that no Storm 2 ever had.
TOPOLOGY = """\
(ns words (:use [streamparse.specs] [backtype.storm.clojure]))
(defn words [options]
  [{"word-spout" (python-spout-spec options "words.WordSpout" {"default" (direct-stream ["word"]) "all" ["word"]})}
   {"count-bolt" (python-bolt-spec options {["word-spout" "all"] ["word"]} "counts.WordCounter" ["word" "count"]
                   :p 2 :conf {"topology.tick.tuple.freq.secs" 60})
    "last-bolt" (shell-bolt-spec {"count-bolt" :global} [(get options "topology.python.path") "last.py"] [])}])
"""

LAST = """\
from streamparse import Bolt


class Last(Bolt):
    def process(self, tup):
        word, count = tup.values
        if count == 20:
            self.logger.info("%s has its 20", word)


Last().run()
"""

FILES = {
    "topologies/words.clj": TOPOLOGY,
    "src/words.py": SPOUT.replace("tup_id=number", 'tup_id=number, stream="all"'),
    "src/counts.py": BOLT,
    "src/last.py": LAST,
    "project.clj": project_clj(VERSION, "words", storm_clojure=False),
}


def sparse(project: Path, *words: str) -> list[str]:
    """Run a command that has to work, and return its lines."""
    done = subprocess.run(
        [sys.executable, "-m", "streamparse.cli.sparse", *words],
        cwd=project,
        env={**os.environ, **environment(VERSION), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def missing_words(cluster: StormCluster) -> set[str]:
    """The words of which no component has logged that it has its 20."""
    texts = [path.read_text(errors="replace") for path in cluster.logs.glob("streamparse_*")]
    return {word for word in WORDS if not any(f"{word} has its 20\n" in text for text in texts)}


def test_a_jar_of_the_project_alone_runs_on_a_cluster_whose_workers_have_no_clojure(
    tmp_path: Path,
) -> None:
    require("lein", "java", "javac")
    project = tmp_path / "words"
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    with StormCluster(VERSION, tmp_path / "storm", worker_env={"PYTHONPATH": str(ROOT)}) as cluster:
        config = {"envs": {"prod": cluster.environment_config()}}
        (project / "config.json").write_text(json.dumps(config), encoding="utf-8")
        options = (
            *("-o", f"topology.python.path={sys.executable}"),
            *("-o", "topology.max.spout.pending=20"),
        )
        said = sparse(project, "submit", "--simple_jar", "-w", "1", *options)
        assert said[-1] == "words is submitted; `sparse list -e prod` shows it"
        until(lambda: missing_words(cluster), operator.not_)
        sparse(project, "kill", "words", "--wait", "0")
    (jar,) = (project / "_build").rglob("*.jar")
    with zipfile.ZipFile(jar) as archive:
        assert [each for each in archive.namelist() if each.endswith(".class")] == []
