"""``sparse run`` on a JVM that prints what Storm prints.

What real Storms do is in tests/real/test_run.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamparse.cli import main
from tests.support.lein_project import LeinProject
from tests.support.submit_project import FILES

PRINTED = (
    "1 [main] INFO o.a.s.d.Nimbus - ready",
    "step: starting words",
    "step: running words",
    "2 [Thread-7] INFO o.a.s.s.ShellSpout - ShellLog pid:7, name:word-spout a dog",
    "step: stopping words",
)
SHOWN = [
    "words is submitted, and runs for 1 s",
    "word-spout: a dog",
    "stopping words",
    "words ran for 0 s, Storm's start and end included",
]


@pytest.fixture
def project(lein_project: LeinProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project whose JVM prints those lines."""
    for name, text in FILES.items():
        lein_project.write(f"words/{name}", text)
    directory = lein_project.project.directory
    monkeypatch.chdir(directory)
    lein_project.java_prints(*PRINTED)
    return directory


@pytest.mark.parametrize(
    ("words", "err"), [([], ""), (["-d"], f"{PRINTED[0]}\nstep: starting words\n")]
)
def test_components_lines_and_steps_are_shown_and_with_debug_the_rest(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], err: str
) -> None:
    status = main(["run", "-t", "1", *words])
    shown = capsys.readouterr()
    asked, started, *rest = shown.out.splitlines()
    rest[-1] = re.sub(r"\d+ s,", "0 s,", rest[-1])
    assert (status, rest, shown.err) == (0, SHOWN, err)
    assert asked.startswith("asking Leiningen for the class path")
    assert started == (
        f"starting Storm 2.8.3; its log is {project}/logs/storm.log, the components' are beside it"
    )


def test_an_error_of_storm_is_one_line_and_status_1(
    project: Path, lein_project: LeinProject, capsys: pytest.CaptureFixture[str]
) -> None:
    lein_project.java_prints(errors=("error: Address already in use",), status=1)
    status = main(["run", "-t", "1"])
    assert (status, capsys.readouterr().err) == (1, "error: Address already in use\n")


# -- without Leiningen -------------------------------------------------------------------------------------------


@pytest.fixture
def storm_home(lein_project: LeinProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed Storm, and a Java that tells its version and prints what the JVM prints."""
    lein_project.write("storm/RELEASE", "2.8.3\n")
    jar = lein_project.write("storm/lib/storm-server-2.8.3.jar", "")
    script = lein_project.tools / "java"
    version = "if [ $1 = -version ]; then echo 'openjdk version \"17.0.15\"'; exit; fi"
    script.write_text(script.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\n{version}\n"))
    monkeypatch.setenv("STORM_HOME", str(jar.parent.parent))
    return jar.parent.parent


def test_by_thrift_it_does_without_leiningen(
    project: Path,
    lein_project: LeinProject,
    storm_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["run", "--thrift", "-t", "1"])
    started, *rest = capsys.readouterr().out.splitlines()
    rest[-1] = re.sub(r"\d+ s,", "0 s,", rest[-1])
    assert (status, rest, lein_project.asked()) == (0, SHOWN, 0)
    assert started.startswith("starting Storm 2.8.3; its log is ")


@pytest.mark.parametrize(
    ("words", "topology", "error"),
    [
        (
            ["--unchecked"],
            None,
            "--unchecked leaves the topology to Storm's Clojure, which is not there with --thrift; leave one out",
        ),
        (
            [],
            "(ns words) (defn words [options] [{} {}])",
            "topologies/words.clj: the topology has no spout, so nothing ever happens in it "
            "(Storm: accepts it without a message); expected at least one",
        ),
    ],
)
def test_by_thrift_what_only_leiningen_can_do_is_refused_before_a_jvm_is_started(
    project: Path,
    storm_home: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    topology: str | None,
    error: str,
) -> None:
    if topology is not None:
        (project / "topologies" / "words.clj").write_text(topology)
    status = main(["run", "--thrift", *words])
    assert (status, capsys.readouterr().err.splitlines()[-1]) == (2, f"error: {error}")
