"""``sparse jar``: the path of the jar on stdout, and what goes on on stderr."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from streamparse.cli import main
from tests.support.class_topologies import class_text
from tests.support.lein_project import LeinProject
from tests.support.submit_project import SubmitProject, sparse_lines


@pytest.mark.parametrize(
    ("words", "task", "said"),
    [
        ([], "uberjar", "fetching clojure-1.11.1.jar\n"),
        (
            ["-s", "-v"],
            "jar",
            "Retrieving org/clojure/clojure/1.11.1/clojure-1.11.1.jar from central\nCreated JAR\n",
        ),
    ],
)
def test_stdout_has_the_path_and_nothing_else(
    lein_project: LeinProject,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    task: str,
    said: str,
) -> None:
    jar = lein_project.jar("words-1.jar", entries=("resources/words.py",))
    fetching = "Retrieving org/clojure/clojure/1.11.1/clojure-1.11.1.jar from central"
    lein_project.answers(None, fetching, f"Created {jar}")
    monkeypatch.chdir(lein_project.project.directory)
    status = main(["jar", *words])
    out, err = capsys.readouterr()
    assert (status, out, err) == (
        0,
        f"{jar}\n",
        f"building the jar: lein {task}\n{said.replace('JAR', jar)}",
    )


def test_by_thrift_it_has_the_sources_alone_and_is_the_same_bytes_every_time(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    (submit_project.directory / "project.clj").unlink()
    made = []
    for _ in range(2):
        status, (path,) = sparse_lines(capsys, "jar", "--thrift")
        assert status == 0
        made.append(Path(path).read_bytes())
        for source in (submit_project.directory / "src").iterdir():
            source.touch()
    name = submit_project.directory.name
    with zipfile.ZipFile(path) as jar:
        entries = jar.namelist()
    assert (Path(path), entries, made[0] == made[1]) == (
        submit_project.directory / "_build" / f"{name}-sources.jar",
        ["META-INF/MANIFEST.MF", "resources/bolts.py", "resources/spouts.py"],
        True,
    )
    assert not submit_project.was_asked()


def test_of_a_project_of_classes_without_project_clj_it_is_the_jar_that_a_submit_takes(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    (submit_project.directory / "project.clj").unlink()
    jar = submit_project.directory / "_build" / f"{submit_project.directory.name}-sources.jar"
    status, (line,) = sparse_lines(capsys, "jar")  # a topology in Clojure is submitted by Leiningen
    assert (status, line.endswith("submit and jar do without Leiningen with --thrift")) == (2, True)
    for path in (submit_project.directory / "topologies").iterdir():
        path.unlink()
    submit_project.write("topologies/words.py", class_text("words = Words.spec()"))
    assert sparse_lines(capsys, "jar") == (0, [str(jar)])
    status, (line,) = sparse_lines(capsys, "jar", "-s")
    assert (status, line.startswith("error: --simple_jar: no project.clj")) == (2, True)
    assert not submit_project.was_asked()


def test_a_jar_of_sources_cannot_be_written_everywhere(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.write("_build", "a file")
    jar = submit_project.directory / "_build" / f"{submit_project.directory.name}-sources.jar"
    assert sparse_lines(capsys, "jar", "--thrift") == (
        1,
        [f"error: {jar}: cannot be written: File exists"],
    )
    assert sparse_lines(capsys, "jar", "--thrift", "-s") == (
        2,
        ["error: --simple_jar is of Leiningen, and --thrift does without it; leave one out"],
    )
