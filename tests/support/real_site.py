"""A cluster, its machines over ssh, and a user's project for them: what `sparse submit` and its like need."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamparse.cluster import ThriftNimbus, topology_status
from tests.support import sshd
from tests.support.paths import ROOT
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import environment, project_clj, require
from tests.support.waiting import until

MOST_LINES = 10**9  # more than any log has: a line that is waited for has perhaps come already

SPOUT = '''\
"""Words, again and again; one that failed is said so in the log."""

from itertools import count

from streamparse import Spout

WORDS = ["dog", "cat", "zebra", "elephant"]


class WordSpout(Spout):
    def initialize(self, storm_conf, context):
        self.numbers = count()

    def next_tuple(self):
        number = next(self.numbers)
        self.emit([WORDS[number % 4]], tup_id=number)

    def fail(self, tup_id):
        self.logger.info("failed: %s", tup_id)
'''

BOLT = '''\
"""Counts words; each twentieth count is in the log."""

from collections import Counter

from streamparse import Bolt


class WordCounter(Bolt):
    def initialize(self, storm_conf, context):
        self.counts = Counter()

    def process(self, tup):
        word = tup.values[0]
        self.counts[word] += 1
        self.emit([word, self.counts[word]])
        if self.counts[word] % 20 == 0:
            self.logger.info("%s: %s", word, self.counts[word])
'''


@dataclass
class Site:
    """A cluster, its machines over ssh, and a project for them.

    Attributes:
        env: the environment of whoever types ``sparse``.
    """

    version: str
    cluster: StormCluster
    hosts: sshd.Hosts
    project: Path
    env: dict[str, str]

    def config(self, **settings: object) -> None:
        host, port = "worker1", self.cluster.nimbus[1]
        section = {
            **self.hosts.environment_config(),
            "nimbus": f"{host}:{port}",
            "ui.port": (self.cluster.ui or ("", 8080))[1],
            **settings,
        }
        text = json.dumps({"envs": {"prod": section}})
        (self.project / "config.json").write_text(text, encoding="utf-8")

    def sparse(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "streamparse.cli.sparse", *arguments],
            cwd=self.project,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self, *arguments: str) -> str:
        """What a command that has to work prints."""
        ended = self.sparse(*arguments)
        assert ended.returncode == 0, f"{arguments}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def logs(self) -> set[str]:
        """The names of the components' logs, one for each life of each."""
        return {path.name for path in (self.hosts.data / "logs").glob("streamparse_*.log")}

    def tail_until(self, *patterns: str, but: Collection[str] = ()) -> None:
        """Follow the logs, from their first lines on, until a line of each pattern has come.

        Args:
            but: names of logs that do not count: those of an earlier life.
        """
        words = ["tail", "--follow", "--json", "-l", str(MOST_LINES)]
        argv = [sys.executable, "-m", "streamparse.cli.sparse", *words]
        wanted = set(patterns)
        with subprocess.Popen(
            argv, cwd=self.project, env=self.env, stdout=subprocess.PIPE, text=True
        ) as tail:
            assert tail.stdout is not None
            try:
                for line in map(json.loads, iter(tail.stdout.readline, "")):
                    if line["file"] not in but:
                        wanted -= {each for each in wanted if re.search(each, line["text"])}
                    if not wanted:
                        break
            finally:
                tail.send_signal(signal.SIGINT)
            tail.stdout.read()
        assert (wanted, tail.returncode) == (set(), 130)

    def kill(self) -> None:
        """Kill the topology, and wait until Nimbus has forgotten it and none of its workers runs."""
        self.done("kill", "wordcount", "--wait", "0")
        nimbus = ThriftNimbus(self.cluster.nimbus)
        until(lambda: topology_status(nimbus, "wordcount"), lambda status: status is None)
        self.cluster.wait_until_idle()


@contextmanager
def made_site(
    version: str,
    directory: Path,
    hosts: sshd.Hosts,
    *,
    ui: bool = False,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Site]:
    """A new wordcount project whose words never end, and everything that it can be submitted to.

    Args:
        settings: more of the cluster's ``storm.yaml``.
    """
    require("lein", "java", "javac")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    with StormCluster(version, directory, ui=ui, settings=settings) as cluster:
        # As a user's shell has it: the ssh client's home is the one that knows the workers.
        env = {
            **os.environ,
            **environment(version),
            **hosts.env,
            "XDG_CACHE_HOME": cache,
            "PYTHONPATH": str(ROOT),
            "JVM_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        }
        env.pop("SSH_AUTH_SOCK", None)
        made = Site(version, cluster, hosts, directory, env)
        made.done("quickstart", "wordcount")
        made.project = directory / "wordcount"
        texts = {
            "project.clj": project_clj(version, "wordcount"),
            "src/spouts/words.py": SPOUT,
            "src/bolts/wordcount.py": BOLT,
        }
        for name, text in texts.items():
            (made.project / name).write_text(text, encoding="utf-8")
        made.config()
        yield made
