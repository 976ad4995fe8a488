"""A submission: its steps, and the state that it leaves a cluster in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streamparse.cluster import virtualenv_steps
from streamparse.project import Project
from tests.support.submit_project import SubmitProject, sparse_lines


def test_a_dry_run_shows_each_step_and_where_it_would_be_done(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(submit_project.tools)
    submit_project.config(
        nimbus="storm1", workers=["storm2", "storm3"], use_ssh_for_nimbus=True, user="ada"
    )
    shown = sparse_lines(capsys, "submit", "--dry-run", "--force", "--wait", "7")
    virtualenv = virtualenv_steps(
        Project().environment(), "words", Path("virtualenvs", "words.txt")
    )
    expected = [
        "1. this machine",
        "     pre_submit of tasks.py, then of fabfile.py, where they have one; it may change what follows",
        "2. this machine",
        "     copy src/ to _resources/resources/, and the Clojure of sparse beside it",
        "     lein do clean, uberjar",
        "3. nimbus, storm1:6627, through ssh as ada",
        "     ask whether words runs",
        "4. storm2, storm3, all at once",
        *(f"     {step}" for step in virtualenv),
        "5. nimbus, storm1:6627, through ssh as ada",
        "     see that the cluster runs Storm 2.8.3",
        "     upload the jar",
        "     kill words if it runs, with 7 s to finish, and wait until it is gone",
        "     submit words",
        "6. this machine",
        "     post_submit of tasks.py, then of fabfile.py, where they have one",
    ]
    assert (shown, submit_project.was_asked()) == ((0, expected), False)
