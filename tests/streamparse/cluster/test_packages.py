"""Where the workers are when config.json does not name them: Nimbus knows its supervisors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.nimbus_server import NimbusServer, serving
from tests.support.ssh_project import version_on
from tests.support.sshd import Hosts
from tests.support.submit_project import FILES, SubmitProject, sparse_lines

CLASSES = """
from bolts import CountBolt
from spouts import WordSpout
from streamparse import Grouping, Topology


class Words(Topology):
    words = WordSpout.spec(outputs=["word"])
    counts = CountBolt.spec(inputs=[words])
"""


@pytest.mark.real_ssh
def test_virtualenvs_are_built_on_the_supervisors_that_nimbus_names(
    hosts: Hosts, ssh_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in FILES.items():
        if name.startswith("src/"):
            (ssh_project / name).parent.mkdir(exist_ok=True)
            (ssh_project / name).write_text(text)
    (ssh_project / "topologies").mkdir(exist_ok=True)
    (ssh_project / "topologies" / "own.py").write_text(CLASSES)
    (ssh_project / "virtualenvs" / "own.txt").write_text("streamparse\n")
    cluster = NimbusServer(supervisors=("worker2", "worker1", "worker2"))
    with serving(cluster) as port:
        nimbus = {"nimbus": f"127.0.0.1:{port}", "use_ssh_for_nimbus": False}
        section = {**hosts.environment_config(), **nimbus}
        del section["workers"]
        (ssh_project / "config.json").write_text(json.dumps({"envs": {"here": section}}))
        status, lines = sparse_lines(capsys, "submit", "-n", "own")
    (found,) = cluster.submitted
    told = [line for line in lines if line.startswith(("the workers", "asking"))]
    assert (status, told, found.conf["topology.workers"]) == (
        0,
        [
            "the workers are the supervisors of nimbus: worker1, worker2",
            "asking worker1, worker2 for python3",
        ],
        2,  # one for each machine
    )
    python = str(found.conf["topology.python.path"])
    assert version_on("worker1", python) == version_on("worker2", python) != ""


def test_a_dry_run_says_that_nimbus_is_going_to_be_asked(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.config(workers=None, submit="thrift")
    status, lines = sparse_lines(capsys, "submit", "--dry-run")
    places = [line for line in lines if line[0].isdigit()]
    assert (status, "     ask for its supervisors, which are the workers" in lines) == (0, True)
    assert [place.partition(" ")[2] for place in places if "worker" in place] == [
        "the workers, all at once"
    ] * 3
    assert not submit_project.was_asked()


@pytest.mark.parametrize(
    ("supervisors", "error"),
    [
        ((), "knows no supervisor that runs"),
        (
            ("w1", "-oProxyCommand=x"),
            "has the supervisor '-oProxyCommand=x': hostname contains invalid characters",
        ),
    ],
)
def test_a_nimbus_that_names_no_worker_is_told_before_anything_is_done(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    supervisors: tuple[str, ...],
    error: str,
) -> None:
    cluster = NimbusServer(supervisors=supervisors)
    with serving(cluster) as port:
        submit_project.config(nimbus=f"127.0.0.1:{port}", workers=None, submit="thrift")
        status, lines = sparse_lines(capsys, "submit")
    assert (status, lines[-1], cluster.uploads) == (
        1,
        f"error: nimbus 127.0.0.1:{port} {error}; name the workers in envs.prod.workers",
        {},
    )
