"""A submission: its steps, and the state that it leaves a cluster in."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from streamparse.cluster import Submission, virtualenv_steps
from streamparse.project import OperationError, Project, environment_from
from tests.support.lein_project import LeinProject
from tests.support.nimbus_server import NimbusServer, serving
from tests.support.submit_project import SubmitProject, sparse_lines


def test_a_dry_run_shows_each_step_and_where_it_would_be_done(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(submit_project.tools)
    submit_project.config(
        nimbus="storm1", workers=["storm2", "storm3"], use_ssh_for_nimbus=True, user="ada"
    )
    shown = sparse_lines(capsys, "submit", "--dry-run", "--force", "--wait", "7")
    ask, *virtualenv = virtualenv_steps(
        Project().environment(), "words", Path("virtualenvs", "words.txt")
    )
    expected = [
        "1. this machine",
        "     no pre_submit: neither tasks.py nor fabfile.py has one",
        "2. nimbus, storm1:6627, through ssh as ada",
        "     ask whether words runs",
        "3. storm2, storm3, all at once",
        f"     {ask}",
        "4. this machine",
        "     have Storm's Clojure read words",
        "5. nimbus, storm1:6627, through ssh as ada",
        "     see that the cluster runs Storm 2.8.3",
        "6. this machine",
        "     copy src/ to _resources/resources/, and the Clojure of sparse beside it",
        "     lein do clean, uberjar",
        "7. storm2, storm3, all at once",
        *(f"     {step}" for step in virtualenv),
        "8. nimbus, storm1:6627, through ssh as ada",
        "     upload the jar",
        "     kill words if it runs, with 7 s to finish, and wait until it is gone",
        "     submit words",
        "9. storm2, storm3, all at once",
        "     remove the virtualenvs of words that nothing uses any more",
        "10. this machine",
        "     no post_submit: neither tasks.py nor fabfile.py has one",
        "the settings that it is submitted with:",
        "     topology.debug=false",
        "     topology.workers=2",
        "     topology.acker.executors=2",
        "     topology.max.spout.pending=5000",
        "     topology.message.timeout.secs=60",
        '     topology.python.path="/data/virtualenvs/words-DIGEST/bin/python"',
    ]
    assert (shown, submit_project.was_asked()) == ((0, expected), False)


@pytest.mark.parametrize("root", ["/data/venvs/", "/data//venvs", "/data/venvs"])
def test_slashes_too_many_in_virtualenv_root_are_in_no_path_of_a_dry_run(
    root: str, submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.config(virtualenv_root=root)
    status, lines = sparse_lines(capsys, "submit", "--dry-run")
    paths = [line for line in lines if "/data" in line]
    assert (status, [line for line in paths if "//" in line]) == (0, [])
    assert '     topology.python.path="/data/venvs/words-DIGEST/bin/python"' in paths


def test_a_dry_run_says_what_has_to_be_on_each_worker(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.config(log={"path": "/var/log/storm"})
    _, lines = sparse_lines(capsys, "submit", "--dry-run")
    assert lines[-1] == (
        "log.path must be a directory on each worker; submit does not make it: /var/log/storm"
    )
    text = "\n".join(lines)
    assert "ask python3 for its version, which must be 3.10 or newer; DIGEST" in text
    assert "-py3-none-any.whl over ssh to /data/virtualenvs/.streamparse-words/files" in text


def test_a_dry_run_names_the_files_that_have_hooks(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = "def {}(topology_name, env_name, env_config):\n    pass\n"
    submit_project.write("tasks.py", hook.format("pre_submit") + hook.format("post_submit"))
    submit_project.write("fabfile.py", "import nowhere\n" + hook.format("pre_submit"))
    status, lines = sparse_lines(capsys, "submit", "--dry-run")
    assert (status, [line.strip() for line in lines if "_submit" in line or "warn" in line]) == (
        0,
        [
            "pre_submit of tasks.py, then of fabfile.py; it may change what follows",
            "post_submit of tasks.py",
            "the settings that it is submitted with, if pre_submit changes none:",
            "warning: fabfile.py:1: there is no module nowhere; install it beside sparse, or do without nowhere",
        ],
    )


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_hooks_that_cannot_be_loaded_are_refused_before_anybody_is_asked(
    words: tuple[str, ...], submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.write("tasks.py", "import fabric.api\n")
    submit_project.write("fabfile.py", 'print "x"\n')
    assert (sparse_lines(capsys, "submit", *words), submit_project.was_asked()) == (
        (
            2,
            [
                "error: tasks.py:1: fabric.api is of fabric 1; in fabric 2 and later: "
                "from fabric import Connection, task",
                "error: fabfile.py:1: 'print \"x\"': this is Python 2 syntax; in Python 3: "
                "print(...) is a function",
            ],
        ),
        False,
    )


#: What a jar for Storm 2 has.
WHOLE = (
    "resources/words.py",
    "org/apache/storm/clojure/RichShellBolt.class",
    "clojure/lang/RT.class",
)


# -- the state of the cluster ------------------------------------------------------------------------------------

UPLOAD, SUBMIT, SUBMITTED = (
    f"step: {word} words" for word in ("uploading", "submitting", "submitted")
)
KILL, KILLED, REFUSED = (f"step: {word} words" for word in ("killing", "killed", "refused"))


@pytest.mark.parametrize(
    ("steps", "status", "running", "state", "progress"),
    [
        ([UPLOAD, SUBMIT, SUBMITTED], 0, [], "submitted", ["uploading", "submitting"]),
        ([UPLOAD], 1, [], "untouched", ["uploading"]),
        ([UPLOAD, SUBMIT, REFUSED], 1, [], "untouched", ["uploading", "submitting"]),
        ([UPLOAD, SUBMIT], 1, [], "untouched", ["uploading", "submitting"]),
        ([UPLOAD, SUBMIT], 1, ["words"], "submitted", ["uploading", "submitting"]),
        ([UPLOAD, KILL], 1, ["words"], "untouched", ["uploading", "killing"]),
        ([UPLOAD, KILL], 1, [], "killed", ["uploading", "killing"]),
        ([UPLOAD, KILL, KILLED], 1, [], "killed", ["uploading", "killing", "waiting"]),
        ([UPLOAD, "submitted words", "step: said words"], 1, [], "untouched", ["uploading"]),
    ],
)
def test_the_state_of_the_cluster_follows_the_steps_of_the_jvm_and_what_nimbus_says_then(
    lein_project: LeinProject,
    steps: list[str],
    status: int,
    running: list[str],
    state: str,
    progress: list[str],
) -> None:
    jar = lein_project.jar("words.jar", entries=WHOLE)
    lein_project.answers(lein_project.jvm, f"Created {jar}")
    lein_project.java_prints(*steps, status=status)
    reported: list[str] = []
    with serving(NimbusServer(*running)) as port:
        settings: dict[str, object] = {
            "nimbus": f"127.0.0.1:{port}",
            "use_ssh_for_nimbus": False,
            "use_virtualenv": False,
        }
        submission = Submission(
            lein_project.project,
            lein_project.project.directory / "topologies/words.clj",
            environment_from("prod", settings),
            lambda environment, python: {"topology.workers": 1},
            "2.8.3",
            force=True,
        )
        with suppress(OperationError):
            submission.run(reported.append)
    words = [line.split()[0] for line in reported]
    assert (submission.state, words[-len(progress) :]) == (state, progress)


def test_a_topology_that_runs_already_is_not_touched_without_force(
    lein_project: LeinProject,
) -> None:
    jar = lein_project.jar("words.jar", entries=WHOLE)
    lein_project.answers(lein_project.jvm, f"Created {jar}")
    with serving(NimbusServer("words")) as port:
        settings: dict[str, object] = {
            "nimbus": f"127.0.0.1:{port}",
            "use_ssh_for_nimbus": False,
            "use_virtualenv": False,
        }
        submission = Submission(
            lein_project.project,
            lein_project.project.directory / "topologies/words.clj",
            environment_from("prod", settings),
            lambda environment, python: {},
            "2.8.3",
        )
        with pytest.raises(OperationError) as caught:
            submission.run(lambda line: None)
    assert (caught.value.line, submission.outcome()) == (
        "topology words is running already; `sparse submit -f` kills it first",
        "no topology was touched; `sparse submit -n words -e prod` begins again",
    )
