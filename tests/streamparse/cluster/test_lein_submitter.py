"""A submit with Leiningen, whose JVM is a script that prints steps; tests/real/test_cluster.py has a real one."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace

import pytest

from streamparse.cluster import Submission, SubmitRequest
from streamparse.project import OperationError, environment_from
from tests.support.lein_project import LeinProject
from tests.support.nimbus_server import NimbusServer, serving

#: What a jar for Storm 2 has.
WHOLE = (
    "resources/words.py",
    "org/apache/storm/clojure/RichShellBolt.class",
    "clojure/lang/RT.class",
)


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
        path = lein_project.project.directory / "topologies/words.clj"
        submission = Submission(
            SubmitRequest(lein_project.project, path, "2.8.3", force=True),
            environment_from("prod", settings),
            lambda environment, python: {"topology.workers": 1},
        )
        with suppress(OperationError):
            submission.run(reported.append)
    words = [line.split()[0] for line in reported]
    assert (submission.state, words[-len(progress) :]) == (state, progress)


@pytest.mark.parametrize(("on_class_path", "is_refused"), [(True, True), (False, False)])
def test_a_jar_needs_storm_clojure_where_the_class_path_has_it(
    lein_project: LeinProject, on_class_path: bool, is_refused: bool
) -> None:
    jar = lein_project.jar("words.jar", entries=("resources/words.py",))
    more = [lein_project.jar("storm-clojure-2.8.3.jar")] if on_class_path else []
    class_path = os.pathsep.join([lein_project.jvm.class_path, *more])
    lein_project.answers(replace(lein_project.jvm, class_path=class_path), f"Created {jar}")
    lein_project.java_prints(UPLOAD, SUBMIT, SUBMITTED)
    error = ""
    with serving(NimbusServer()) as port:
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
        try:
            submission.run(lambda line: None)
        except OperationError as raised:
            error = str(raised)
    missing = "no org.apache.storm/storm-clojure and no org.clojure/clojure in it"
    assert (submission.state, missing in error) == (
        ("untouched", True) if is_refused else ("submitted", False)
    )
