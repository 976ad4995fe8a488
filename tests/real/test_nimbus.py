"""What real clusters of all lines say of themselves: ``list``, ``kill``, ``stats`` and ``worker_uptime``.

Every cluster runs the topology pets, whose bolt reports an error at the second of its two tuples and lives on.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streamparse.cli.sparse import main
from streamparse.cluster import StormUi, ThriftNimbus, topology_status
from streamparse.jvm import find_jvm, run_clojure
from streamparse.project import Project
from tests.support.paths import ROOT
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import LINES, environment, line, project_clj, require
from tests.support.waiting import HANG_SECS, until

pytestmark = pytest.mark.real_storm

FILES = {
    "topologies/pets.clj": """\
(ns pets (:use [streamparse.specs]))
(defn pets [options]
  [{"pet-spout" (python-spout-spec options "pets.Pets" ["pet"])}
   {"dog-bolt" (python-bolt-spec options {"pet-spout" ["pet"]} "pets.DogLover" ["dog"] :p 2)}])
""",
    "src/pets.py": """\
import time
from streamparse import Bolt, Spout

class Pets(Spout):
    def initialize(self, conf, context):
        self.pets = ["dog", "cat"]

    def next_tuple(self):
        if self.pets:
            self.emit([self.pets.pop(0)], tup_id=len(self.pets))
        time.sleep(0.01)

class DogLover(Bolt):
    def process(self, tup):
        if tup.values == ["cat"]:
            self.raise_exception(ValueError("no cats"), tup)
        self.emit(tup.values)
""",
}
OPTIONS = {
    "topology.python.path": sys.executable,
    "topology.stats.sample.rate": 1.0,  # count all tuples, where Storm counts every twentieth
    "task.heartbeat.frequency.secs": 1,
    "topology.workers": 1,
    "topology.acker.executors": 1,
}


@dataclass
class Pets:
    """A cluster on which the topology runs, and the project that it is of."""

    version: str
    cluster: StormCluster
    project: Project

    @property
    def ui(self) -> StormUi:
        assert self.cluster.ui is not None
        return StormUi(self.cluster.ui)


def lines(*versions: str) -> list[pytest.ParameterSet]:
    """Parameters of the fixture ``pets``: the tests of a line share a cluster, and so a process."""
    return [
        pytest.param(each, marks=pytest.mark.xdist_group(f"real_nimbus-{each}"))
        for each in versions
    ]


@pytest.fixture(scope="module", params=lines(*LINES))
def pets(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pets]:
    require("lein", "java")
    version = request.param
    directory = tmp_path_factory.mktemp("pets")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(version).items():
            patch.setenv(key, value)
        project = made_project(directory, version)
        with StormCluster(
            version,
            directory / "storm",
            ui="ui" in line(version).main,
            worker_env={"PYTHONPATH": str(ROOT)},
        ) as cluster:
            config = {"envs": {"here": cluster.environment_config()}}
            (directory / "config.json").write_text(json.dumps(config))
            submit(project, cluster)
            nimbus = ThriftNimbus(cluster.nimbus)
            # Until Nimbus has placed a topology, it knows of no executors, and the UI of 1.x of no components.
            until(nimbus.topologies, lambda found: found and found[0].executors > 0)
            yield Pets(version, cluster, project)


def made_project(directory: Path, version: str) -> Project:
    for name, text in {
        **FILES,
        "project.clj": project_clj(version, "pets"),
        "config.json": "{}",
    }.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text)
    return Project(directory)


def submit(project: Project, cluster: StormCluster) -> None:
    """With a jar that has nothing but the components in it, for `sparse submit` is tested elsewhere."""
    jar = project.directory / "pets.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.write(project.source_dir / "pets.py", "resources/pets.py")
    host, port = cluster.nimbus
    options = [
        word
        for key, value in OPTIONS.items()
        for word in ("--option", f"{key}={json.dumps(value)}")
    ]
    ended = run_clojure(
        find_jvm(project, print),
        project,
        "streamparse.commands.submit_topology",
        [str(project.topology_path()), "--host", host, "--port", str(port), *options],
        options=[f"-Dstorm.jar={jar}"],
    )
    assert ended.returncode == 0, ended.stderr


@pytest.fixture
def sparse(
    pets: Pets, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in the project: status, stdout, stderr."""
    monkeypatch.chdir(pets.project.directory)

    def run(*argv: str) -> tuple[int, str, str]:
        return (main(argv), *capsys.readouterr())

    return run


Sparse = Callable[..., tuple[int, str, str]]
# Storm 2 has its UI in storm-webapp, which is not on Maven Central.
where_there_is_a_ui = pytest.mark.parametrize(
    "pets", lines(*(version for version in LINES if "ui" in line(version).main)), indirect=True
)


def test_list_says_the_same_with_a_thrift_client_and_without_one(
    pets: Pets, sparse: Sparse, monkeypatch: pytest.MonkeyPatch
) -> None:
    directly = ThriftNimbus(pets.cluster.nimbus)
    (found,) = directly.topologies()
    assert re.fullmatch(r"pets-1-\d+", found.id)
    expected = dataclasses.asdict(found) | {
        "name": "pets", "status": "ACTIVE", "workers": 1, "executors": 4, "tasks": 4,
    }  # fmt: skip
    for _ in range(2):
        status, out, _ = sparse("list", "--json")
        (listed,) = json.loads(out)
        assert listed.pop("uptime_secs") >= found.uptime_secs
        assert (status, {**listed, "uptime_secs": found.uptime_secs}) == (0, expected)
        monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed


def test_kill_knows_what_does_not_run_with_a_thrift_client_and_without_one(
    sparse: Sparse, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = (1, 'error: topology "pet" is not running; did you mean "pets"?')
    for _ in range(2):
        status, _, err = sparse("kill", "pet")
        assert (status, err.splitlines()[-1]) == refused
        monkeypatch.setitem(sys.modules, "thriftpy2", None)


@where_there_is_a_ui
def test_the_ui_tells_what_each_component_did_and_what_it_complained_of(
    pets: Pets, sparse: Sparse
) -> None:
    def found() -> dict[str, Any]:
        status, out, _ = sparse("stats", "-c", "dog-bolt", "--json")
        assert status == 0
        answer: dict[str, Any] = json.loads(out)
        return answer

    def counts(told: dict[str, Any]) -> dict[str, list[int | None]]:
        return {
            each["id"]: [each["stats"][key] for key in ("emitted", "executed", "acked", "failed")]
            for each in (*told["topology"]["spouts"], *told["topology"]["bolts"])
        }

    # Executors tell what they did with their heartbeats, each in its own time.
    all_of_it = {"pet-spout": [2, None, 2, 0], "dog-bolt": [2, 2, 2, 0]}
    told = until(found, lambda told: counts(told) == all_of_it and told["components"][0]["errors"])
    (component,) = told["components"]
    summary = told["topology"]["summary"]
    assert [summary[key] for key in ("name", "status", "workers", "executors", "tasks")] == [
        "pets", "ACTIVE", 1, 4, 4,
    ]  # fmt: skip
    assert [window["secs"] for window in component["windows"]] == [600, 10800, 86400, None]
    assert [(each["component"], each["stream"]) for each in component["inputs"]] == [
        ("pet-spout", "default")
    ]
    assert len(component["threads"]) == 2
    assert ["ValueError: no cats" in each["message"] for each in component["errors"]] == [True]


@where_there_is_a_ui
def test_stats_of_the_cluster_names_its_storm_and_counts_its_slots(
    pets: Pets, sparse: Sparse
) -> None:
    assert pets.ui.cluster().nimbus_uptime_secs is not None
    # A supervisor tells of its slots with its next heartbeat, which may come after the worker's first.
    until(lambda: pets.ui.cluster().slots_used, lambda used: used == 1)
    _, out, _ = sparse("stats", "--json")
    found = json.loads(out)
    cluster = found["cluster"]
    assert [cluster[key] for key in ("storm_version", "supervisors", "slots_total", "slots_used")] == [
        pets.version, 1, 2, 1,
    ]  # fmt: skip
    assert [each["host"] for each in found["supervisors"]] == ["127.0.0.1"]
    assert [each["name"] for each in found["topologies"]] == ["pets"]


@where_there_is_a_ui
def test_worker_uptime_has_the_one_worker_with_all_that_is_in_it(
    pets: Pets, sparse: Sparse
) -> None:
    everything = ["__acker", "dog-bolt", "pet-spout"]
    until(
        pets.ui.workers, lambda found: [sorted(each.components) for each in found] == [everything]
    )
    _, out, _ = sparse("worker_uptime", "--json")
    (worker,) = json.loads(out)
    assert sorted(worker.pop("components")) == everything
    assert worker.pop("uptime_secs") >= 0
    assert worker.pop("log_url").startswith("http://127.0.0.1:")
    assert isinstance(worker.pop("port"), int)
    assert worker == {"topology": "pets", "host": "127.0.0.1"}


@where_there_is_a_ui
def test_a_component_of_a_topology_that_is_gone_is_an_error_in_one_line(pets: Pets) -> None:
    ui = pets.ui
    topology = ui.topology("pets")
    gone = dataclasses.replace(topology.summary, id="pets-0-0")
    with pytest.raises(Exception, match=r"^Storm's UI 127.0.0.1:\d+ says: .*pets-0-0") as caught:
        ui.component(dataclasses.replace(topology, summary=gone), "dog-bolt")
    assert "\n" not in caught.value.args[0]


def test_a_topology_that_is_killed_says_so(pets: Pets, sparse: Sparse) -> None:
    assert sparse("kill", "pets", "--wait", f"{HANG_SECS:.0f}")[0] == 0
    directly = ThriftNimbus(pets.cluster.nimbus)
    assert topology_status(directly, "pets") == "KILLED"
