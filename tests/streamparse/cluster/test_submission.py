"""A submission: its steps, and the state that it leaves a cluster in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streamparse.cluster import Submission, SubmitRequest, virtualenv_steps
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


def test_a_topology_that_runs_already_is_not_touched_without_force(
    lein_project: LeinProject,
) -> None:
    with serving(NimbusServer("words")) as port:
        settings: dict[str, object] = {
            "nimbus": f"127.0.0.1:{port}",
            "use_ssh_for_nimbus": False,
            "use_virtualenv": False,
        }
        path = lein_project.project.directory / "topologies/words.clj"
        submission = Submission(
            SubmitRequest(lein_project.project, path, "2.8.3"),
            environment_from("prod", settings),
            lambda environment, python: {},
        )
        with pytest.raises(OperationError) as caught:
            submission.run(lambda line: None)
    assert (caught.value.line, submission.outcome()) == (
        "topology words is running already; `sparse submit -f` kills it first",
        "no topology was touched; `sparse submit -n words -e prod` begins again",
    )


def test_by_thrift_a_dry_run_has_no_step_of_a_jvm(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(submit_project.tools)
    (submit_project.directory / "project.clj").unlink()
    submit_project.config(
        nimbus="storm1", workers=["storm2"], use_ssh_for_nimbus=True, submit="thrift"
    )
    status, lines = sparse_lines(capsys, "submit", "--dry-run")
    ask, *virtualenv = virtualenv_steps(
        Project().environment(), "words", Path("virtualenvs", "words.txt")
    )
    there = "nimbus, storm1:6627, through ssh"
    assert (status, lines[: lines.index("the settings that it is submitted with:")]) == (
        0,
        [
            "1. this machine",
            "     no pre_submit: neither tasks.py nor fabfile.py has one",
            f"2. {there}",
            "     ask whether words runs, and which Storm this is",
            "3. storm2, all at once",
            f"     {ask}",
            "4. this machine",
            "     make the StormTopology of words, for the Storm that this is",
            "     put the files of src/ into a jar, and nothing else",
            "5. storm2, all at once",
            *(f"     {step}" for step in virtualenv),
            f"6. {there}",
            "     upload the jar",
            "     submit words",
            "7. storm2, all at once",
            "     remove the virtualenvs of words that nothing uses any more",
            "8. this machine",
            "     no post_submit: neither tasks.py nor fabfile.py has one",
        ],
    )


def test_a_hook_that_changes_the_way_of_the_submit_is_refused(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = "def pre_submit(topology_name, env_name, env_config):\n    env_config['submit'] = 'thrift'\n"
    submit_project.write("tasks.py", hook)
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == (
        (
            2,
            [
                'error: as the hooks leave it, envs.prod.submit is "thrift", and it was "lein" when the submit began; '
                "set it in config.json"
            ],
        ),
        False,
    )
