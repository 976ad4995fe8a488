"""A submit by Thrift: what reaches Nimbus, and the state that the cluster is in whatever Nimbus answers."""

from __future__ import annotations

import signal
import threading
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from simulator.clj import read_topology
from simulator.model import Topology
from streamparse.cli.sparse import main
from streamparse.cluster import Submission, SubmitRequest
from streamparse.project import OperationError, Project, environment_from
from tests.support.nimbus_server import STORM, HangUp, NimbusServer, serving
from tests.support.submit_project import SubmitProject

CONF = {"topology.workers": 3, "topology.python.path": "/ve/bin/python"}


def submission(port: int, *, force: bool = False, storm_version: str = "2.8.3") -> Submission:
    """Of the project in the working directory, to the Nimbus at this port."""
    path = Path("topologies", "words.clj")

    def topology(
        conf: Mapping[str, object], storm_version: str
    ) -> tuple[Topology, Mapping[str, object]]:
        return read_topology(path, conf, storm_version=storm_version), {**conf, "my.own": 1}

    settings: dict[str, object] = {
        "nimbus": f"127.0.0.1:{port}",
        "use_ssh_for_nimbus": False,
        "use_virtualenv": False,
    }
    request = SubmitRequest(Project(), path, storm_version, force=force, wait_secs=0)
    return Submission(
        request, environment_from("prod", settings), lambda environment, python: CONF, topology
    )


def test_nimbus_gets_the_jar_the_settings_and_the_topology(submit_project: SubmitProject) -> None:
    cluster = NimbusServer()
    reported: list[str] = []
    with serving(cluster) as port:
        submission(port).run(reported.append)
    (found,) = cluster.submitted
    with zipfile.ZipFile(BytesIO(found.jar)) as jar:
        names = jar.namelist()
    bolt = found.topology.bolts["count-bolt"]
    assert (found.name, found.conf, names) == (
        "words",
        {**CONF, "my.own": 1},
        ["META-INF/MANIFEST.MF", "resources/bolts.py", "resources/spouts.py"],
    )
    assert (bolt.bolt_object.shell.execution_command, bolt.bolt_object.shell.script) == (
        "/ve/bin/python",
        "-cimport streamparse.run as r; r.run_component('bolts.CountBolt')",
    )
    assert bolt.common.inputs == {
        STORM.GlobalStreamId("word-spout", "default"): STORM.Grouping(fields=["word"])
    }
    assert (found.topology.storm_version, found.topology.jdk_version) == (None, None)
    assert reported[1:] == ["uploading the jar", "submitting words to prod"]


def test_a_large_jar_is_sent_in_parts_that_nimbus_takes(submit_project: SubmitProject) -> None:
    blob = bytes(range(256)) * 8192  # 2 MiB
    (submit_project.directory / "src" / "blob.zip").write_bytes(blob)
    cluster = NimbusServer()
    with serving(cluster) as port:
        submission(port).run(lambda line: None)
    (found,) = cluster.submitted
    with zipfile.ZipFile(BytesIO(found.jar)) as jar:
        assert jar.read("resources/blob.zip") == blob


# -- the state of the cluster ------------------------------------------------------------------------------------


def raising(request: str, error: Exception) -> Callable[[str], None]:
    """Raise this at this request."""

    def act(asked: str) -> None:
        if asked == request:
            raise error

    return act


def nothing(asked: str) -> None:
    pass


INVALID = STORM.InvalidTopologyException("Component: [b] subscribes from non-existent stream")
BARRED = STORM.AuthorizationException("submitTopology is not authorized")


@pytest.mark.parametrize(
    ("running", "before", "after", "state", "error"),
    [
        ([], nothing, nothing, "submitted", None),
        (["words"], nothing, nothing, "submitted", None),
        ([], raising("upload", HangUp()), nothing, "untouched", "gave no answer when asked to take the jar"),
        ([], raising("submit", INVALID), nothing, "untouched", "refuses words: Component: [b] subscribes"),
        (["words"], raising("submit", INVALID), nothing, "killed", "refuses words: Component: [b] subscribes"),
        (["words"], raising("submit", BARRED), nothing, "killed", "does not let you submit words: submitTopology is"),
        ([], raising("submit", HangUp()), nothing, "untouched", "gave no answer when asked to submit words"),
        ([], nothing, raising("submit", HangUp()), "submitted", "gave no answer when asked to submit words"),
        (["words"], raising("kill", HangUp()), nothing, "untouched", "does not answer as Storm does"),
        (["words"], nothing, raising("kill", HangUp()), "killed", "does not answer as Storm does"),
    ],
)  # fmt: skip
def test_the_state_of_the_cluster_follows_the_answers_of_nimbus(
    submit_project: SubmitProject,
    running: list[str],
    before: Callable[[str], None],
    after: Callable[[str], None],
    state: str,
    error: str | None,
) -> None:
    said = None
    with serving(NimbusServer(*running, quits=True, before=before, after=after)) as port:
        made = submission(port, force=True)
        try:
            made.run(lambda line: None)
        except OperationError as caught:
            said = caught.line
    assert made.state == state
    assert said is None if error is None else error in str(said)


@pytest.mark.parametrize(
    ("request_", "running", "state"), [("kill", ["words"], "killed"), ("submit", [], "submitted")]
)
def test_an_interruption_waits_for_the_answer_that_tells_the_state(
    submit_project: SubmitProject, request_: str, running: list[str], state: str
) -> None:
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def interrupt(asked: str) -> None:
        if asked == request_:
            signal.pthread_kill(main_thread, signal.SIGINT)

    with serving(NimbusServer(*running, quits=True, before=interrupt)) as port:
        made = submission(port, force=True)
        with pytest.raises(KeyboardInterrupt):
            made.run(lambda line: None)
    assert made.state == state


def test_the_command_that_finishes_the_work_goes_the_same_way(
    submit_project: SubmitProject,
) -> None:
    with serving(NimbusServer("words", quits=True, before=raising("submit", INVALID))) as port:
        made = submission(port, force=True)
        with suppress(OperationError):
            made.run(lambda line: None)
    assert made.outcome() == (
        "the old words is killed and the new one is not submitted; "
        "`sparse submit -n words -e prod --thrift -f` finishes it"
    )


# -- the version of the cluster ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        ("2.8.3", []),
        ("1.2.4", ["the cluster runs Storm 1.2.4; words is read for that"]),
        (
            "3.7.0",
            [
                "the cluster runs Storm 3.7.0; words is read for that",
                "Storm 3.7.0 is not known here; it is treated like 3.0.0, the newest Storm that is",
            ],
        ),
        (
            "ours",
            ["the cluster runs Storm ours, which is not known here; words is read as for 2.8.3"],
        ),
    ],
)
def test_a_topology_is_read_for_the_storm_that_the_cluster_is(
    submit_project: SubmitProject, version: str, lines: list[str]
) -> None:
    reported: list[str] = []
    with serving(NimbusServer(version=version)) as port:
        submission(port).run(reported.append)
    assert [each for each in reported if "Storm" in each] == lines


def test_what_the_storm_of_the_cluster_cannot_read_is_refused_before_anything_is_uploaded(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = NimbusServer(version="2.8.3")
    submit_project.write(
        "project.clj", '(defproject w "1" :dependencies [[org.apache.storm/storm-core "1.2.4"]])'
    )
    with serving(cluster) as port:
        submit_project.config(nimbus=f"127.0.0.1:{port}", use_virtualenv=False)
        status = main(["submit", "--thrift", "-o", "topology.max.spout.pending=2.0"])
    assert (status, capsys.readouterr().err, cluster.uploads) == (
        2,
        'error: topologies/words.clj: option "topology.max.spout.pending" is 2.0 '
        "(Storm: Don't know how to convert 2.0 to int); expected 2, without a point\n",
        {},
    )


def test_the_command_tells_each_step_and_how_it_ended(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    (submit_project.directory / "project.clj").unlink()
    cluster = NimbusServer("words", quits=True)
    with serving(cluster) as port:
        submit_project.config(nimbus=f"127.0.0.1:{port}", use_virtualenv=False, submit="thrift")
        status = main(["submit", "-f", "--wait", "0", "-w", "1", "-o", "my.key=[1]"])
    out, err = capsys.readouterr()
    (found,) = cluster.submitted
    assert (status, out.splitlines(), err, found.conf["my.key"]) == (
        0,
        [
            "the jar has the files of src/, 1 kB",
            "uploading the jar",
            "killing the words that runs",
            "waiting until it is gone",
            "submitting words to prod",
            "words is submitted; `sparse list -e prod` shows it",
        ],
        "",
        [1],
    )
    assert not submit_project.was_asked()
