"""From a new project to a running cluster and back: a real Storm, real virtualenvs, over a real sshd."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sshd
from storm_cluster import StormCluster
from storm_lines import environment, project_clj, require

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.real_storm, pytest.mark.real_ssh, pytest.mark.timeout(900)]

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

    def tail_until(self, *patterns: str) -> None:
        """Follow the logs until a line of each pattern has come."""
        argv = [sys.executable, "-m", "streamparse.cli.sparse", "tail", "--follow", "-l", "100"]
        wanted = set(patterns)
        with subprocess.Popen(
            argv, cwd=self.project, env=self.env, stdout=subprocess.PIPE, text=True
        ) as tail:
            assert tail.stdout is not None
            for line in iter(tail.stdout.readline, ""):
                wanted -= {pattern for pattern in wanted if re.search(pattern, line)}
                if not wanted:
                    tail.send_signal(signal.SIGINT)
                    break
            tail.stdout.read()
        assert (wanted, tail.returncode) == (set(), 130)


@pytest.fixture(scope="module", params=["0.9.4", "2.8.3"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    require("lein", "java", "javac")
    version: str = request.param
    directory = tmp_path_factory.mktemp(f"storm-{version}")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    # As a user's shell has it: the ssh client's home is the one that knows the workers.
    with (
        sshd.hosts("worker1", "worker2") as hosts,
        StormCluster(version, directory, ui=version == "0.9.4") as cluster,
    ):
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
        (made.project / "project.clj").write_text(
            project_clj(version, "wordcount"), encoding="utf-8"
        )
        (made.project / "src" / "spouts" / "words.py").write_text(SPOUT, encoding="utf-8")
        (made.project / "src" / "bolts" / "wordcount.py").write_text(BOLT, encoding="utf-8")
        made.config()
        yield made


def test_a_new_project_goes_to_a_cluster_and_is_looked_after(site: Site) -> None:
    assert site.done("list") == "No topologies running.\n"

    options = ["-o", "topology.max.spout.pending=20", "-o", "topology.message.timeout.secs=5"]
    said = site.done("submit", *options)
    assert sorted(re.findall(r"^(worker\d: \w+)", said, re.MULTILINE)) == [
        "worker1: created",
        "worker2: created",
    ]
    assert said.endswith("wordcount is submitted; `sparse list -e prod` shows it\n")

    # Each word is counted, and by one counter: its twentieth is there, of all four.
    site.tail_until(*(f"{word}: 20$" for word in ("dog", "cat", "zebra", "elephant")))
    (found,) = json.loads(site.done("list", "--json"))
    assert {key: found[key] for key in ("name", "status", "workers")} == {
        "name": "wordcount",
        "status": "ACTIVE",
        "workers": 2,
    }

    # A component dies: Storm starts it again, and the spout hears of what it held.
    before = site.cluster.components()
    os.kill(before[0], signal.SIGKILL)
    site.tail_until(r"failed: \d+$")

    if site.cluster.ui:
        stats = json.loads(site.done("stats", "-n", "wordcount", "-c", "count-bolt", "--json"))
        assert stats
        assert "wordcount" in site.done("stats")
        assert "count-bolt" in site.done("stats", "-n", "wordcount", "--all")
        assert json.loads(site.done("worker_uptime", "--json"))

    refused = site.sparse("submit", *options)
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        1,
        "error: topology wordcount is running already; `sparse submit -f` kills it first",
    )

    said = site.done("submit", "--force", "--wait", "0", *options)
    assert sorted(re.findall(r"^(worker\d: \w+)", said, re.MULTILINE)) == [
        "worker1: updated",
        "worker2: updated",
    ]
    assert "killing the wordcount that runs" in said
    site.tail_until("dog: 20$")

    site.done("kill", "wordcount", "--wait", "0")
    logs = site.hosts["worker1"].data / "logs"
    assert [*logs.glob("streamparse_wordcount_*")]
    (logs / "worker-6700.log").write_text("Storm's own\n")
    site.done("remove_logs", "-y")
    assert [path.name for path in logs.iterdir()] == ["worker-6700.log"]
