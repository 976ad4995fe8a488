"""From a new project to a running cluster and back: a real Storm, real virtualenvs, over a real sshd."""

from __future__ import annotations

import json
import os
import platform
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

import pytest

from streamparse.testing import Storm
from tests.support import sshd
from tests.support.real_site import Site, made_site
from tests.support.waiting import until

pytestmark = [
    pytest.mark.real_storm,
    pytest.mark.real_ssh,
    pytest.mark.xdist_group("real_cluster"),
]

KINDS = {"count-bolt": "bolts.wordcount.WordCounter", "word-spout": "spouts.words.WordSpout"}
TWICE = """
from bolts.wordcount import WordCounter

class CountsTwice(WordCounter):
    def process(self, tup):
        self.counts[tup.values[0]] += 1
        super().process(tup)
"""


@pytest.fixture(scope="module", params=["0.9.4", "2.8.3"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    version: str = request.param
    directory = tmp_path_factory.mktemp(f"storm-{version}")
    with (
        sshd.hosts("worker1", "worker2") as hosts,
        made_site(version, directory, hosts, ui=version == "0.9.4") as made,
    ):
        yield made


def test_a_new_project_goes_to_a_cluster_and_is_looked_after(site: Site) -> None:
    assert site.done("list") == "No topologies running.\n"

    options = ["-o", "topology.max.spout.pending=20", "-o", "topology.message.timeout.secs=5"]
    said = site.done("submit", *options)
    assert sorted(re.findall(r"^(worker\d: \w+), \d", said, re.MULTILINE)) == [
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

    # A counter dies, in another worker than the spout: Storm starts it again, and the spout hears of what it held.
    (spout,) = site.cluster.components("words.WordSpout")
    counters = site.cluster.components("wordcount.WordCounter")
    (dies,) = (each for each in counters if each.parent != spout.parent)
    os.kill(dies.pid, signal.SIGKILL)
    site.tail_until(r"failed: \d+$")
    until(
        lambda: site.cluster.components("wordcount.WordCounter"),
        lambda found: len(found) == 2 and dies not in found,
    )

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

    of_first = site.logs()
    said = site.done("submit", "--force", "--wait", "0", *options)
    assert sorted(re.findall(r"^(worker\d: [\w ]+), \d", said, re.MULTILINE)) == [
        "worker1: there already",
        "worker2: there already",
    ]
    assert "killing the wordcount that runs" in said
    # A supervisor of 0.x waits for a worker whose topology is killed before it has begun.
    site.tail_until("dog: 20$", but=of_first)

    site.kill()
    logs = site.hosts["worker1"].data / "logs"
    assert [*logs.glob("streamparse_wordcount_*")]
    (logs / "worker-6700.log").write_text("Storm's own\n")
    site.done("remove_logs", "-y")
    assert [path.name for path in logs.iterdir()] == ["worker-6700.log"]


def test_with_leiningen_components_import_what_storms_blob_store_brings(site: Site) -> None:
    """The workers' own Python has no streamparse."""
    site.config(virtualenv="blobstore", platform=f"linux_{platform.machine()}")
    options = ["-o", "topology.max.spout.pending=20"]
    if site.version < "1":
        refused = site.sparse("submit", *options)
        assert (refused.returncode, "has no blob store" in refused.stderr) == (1, True)
        return
    of_others = site.logs()
    said = site.done("submit", *options)
    assert ("uploading the packages for" in said, "worker1" in said) == (True, False)
    site.tail_until("dog: 20$", but=of_others)
    site.kill()


def test_what_a_component_was_given_is_replayed_on_the_code_of_today(site: Site) -> None:
    """The counter is recorded to its limit; the spout until it is killed, which leaves what was written till then."""
    site.config()
    options = ["-o", "topology.max.spout.pending=20", "-o", "topology.message.timeout.secs=5"]
    of_others = site.logs()
    site.done("submit", "--record", "count-bolt:40", "--record", "word-spout", *options)
    words = ("dog", "cat", "zebra", "elephant")
    site.tail_until(*(f"{word}: 60$" for word in words), but=of_others)
    listed = site.done("recordings", "list", "--json").splitlines()
    names = {PurePosixPath(json.loads(line)["path"]).name for line in listed}
    for each in site.cluster.components():
        with suppress(ProcessLookupError):  # the end of another has ended its worker
            os.kill(each.pid, signal.SIGKILL)
    site.done("kill", "wordcount", "--wait", "0")
    site.done("recordings", "fetch", "--into", "fetched")
    site.done("remove_logs", "-y")

    (site.project / "src/bolts/twice.py").write_text(TWICE)
    # Those of before: what is started again has been given little, or nothing.
    files = [each for each in (site.project / "fetched").rglob("*.jsonl*") if each.name in names]
    with Storm(site.project) as storm:
        replays = {
            kind: [storm.replay(name, file) for file in files if f"_{kind}_" in file.name]
            for kind, name in KINDS.items()
        }
        most = {kind: max(made, key=lambda each: each.inputs) for kind, made in replays.items()}
        assert most["count-bolt"].inputs >= 40
        assert most["word-spout"].inputs > 0
        changed = storm.replay("bolts.twice.CountsTwice", most["count-bolt"].path, check=False)
    assert changed.differing == 40
    assert '    - emit ["' in str(changed)
