"""The jar of a project.

The quick tests have a script in Leiningen's place, which answers as it is told to; the others have Leiningen.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable

import pytest

from streamparse.jvm import SOURCES, build_jar, project_lock
from streamparse.project import OperationError, Project
from tests.support.errors import error_of
from tests.support.lein_project import LeinProject
from tests.support.storm_lines import project_clj


def built(
    lein_project: LeinProject, *, simple: bool = False, storm_version: str | None = None
) -> str:
    return build_jar(
        lein_project.project, lambda line: None, simple=simple, storm_version=storm_version
    ).name


def test_the_jar_is_the_one_that_leiningen_says_it_has_created(lein_project: LeinProject) -> None:
    plain = lein_project.jar("words-1.jar", entries=("resources/words.py",))
    whole = lein_project.jar("whole words.jar", entries=("resources/words.py",))  # :uberjar-name
    lein_project.answers(None, f"Created {plain}")
    simple = built(lein_project, simple=True)
    lein_project.answers(None, f"Created {plain}", f"Created {whole}")
    assert [simple, built(lein_project)] == ["words-1.jar", "whole words.jar"]


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        (
            ("resources/words.py", "defaults.yaml"),
            "Storm itself is in it, and a cluster refuses that; move Storm's dependencies in project.clj into "
            ":profiles {:provided {:dependencies [...]}}",
        ),
        (
            ("words.py",),
            'no resources/ in it, where Storm looks for components; project.clj lacks :resource-paths ["_resources"]',
        ),
    ],
)
def test_a_jar_that_a_cluster_cannot_use_is_refused(
    lein_project: LeinProject, entries: tuple[str, ...], error: str
) -> None:
    jar = lein_project.jar("words-1-standalone.jar", entries=entries)
    lein_project.answers(None, f"Created {jar}")
    assert error_of(lambda: built(lein_project)) == f"{jar}: {error}"


SHELL, CLOJURE = "org/apache/storm/clojure/RichShellBolt.class", "clojure/lang/RT.class"


@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ((CLOJURE,), "no org.apache.storm/storm-clojure in it"),
        ((SHELL,), "no org.clojure/clojure in it"),
        ((), "no org.apache.storm/storm-clojure and no org.clojure/clojure in it"),
    ],
)
def test_a_jar_without_what_the_workers_of_storm_2_lack_is_refused(
    lein_project: LeinProject, entries: tuple[str, ...], missing: str
) -> None:
    jar = lein_project.jar("words-1.jar", entries=("resources/words.py", *entries))
    lein_project.answers(None, f"Created {jar}")
    assert error_of(lambda: built(lein_project, storm_version="2.8.3")) == (
        f"{jar}: {missing}, and the workers of Storm 2.8.3 have none; move it in project.clj from :provided, "
        "or wherever it is, into :dependencies"
    )
    assert built(lein_project, storm_version="1.2.4") == "words-1.jar"
    assert built(lein_project) == "words-1.jar"


def test_a_hidden_file_that_leiningen_leaves_out_is_added_and_another_is_told(
    lein_project: LeinProject,
) -> None:
    jar = lein_project.jar("words-1.jar", entries=("resources/words.py",))
    lein_project.write("words/src/.env/data.json", "hidden")
    lein_project.write("words/src/data/secret", "")
    lein_project.answers(None, f"Created {jar}")
    said: list[str] = []
    build_jar(lein_project.project, said.append)
    assert said == [
        "building the jar: lein uberjar",
        "warning: src/data/secret is not in the jar; :jar-exclusions or :uberjar-exclusions in project.clj, or "
        "Leiningen itself, leaves it out",
    ]
    with zipfile.ZipFile(jar) as archive:
        assert archive.read("resources/.env/data.json") == b"hidden"


def test_a_project_in_which_nothing_can_be_written_is_one_line(lein_project: LeinProject) -> None:
    (lein_project.project.directory / "_resources").write_text("no directory")
    place = lein_project.project.directory / "_resources" / "resources"
    assert error_of(lambda: built(lein_project)) == (
        f"{place}: Not a directory; Leiningen works in the project's directory; copy the project to one that can be "
        "written"
    )
    assert lein_project.asked() == 0


def test_one_builds_at_a_time_in_a_project(lein_project: LeinProject) -> None:
    waiting = threading.Event()
    order: list[str] = []

    def wait(line: str) -> None:
        order.append(line)
        waiting.set()

    def second() -> None:
        with project_lock(lein_project.project, wait):
            order.append("second")

    thread = threading.Thread(target=second)
    with project_lock(lein_project.project, order.append):
        thread.start()
        waiting.wait()
        order.append("first")
    thread.join()
    assert order == ["waiting for another sparse jar or submit in this project", "first", "second"]


def test_leiningen_holds_the_lock_when_the_run_that_started_it_is_killed(
    lein_project: LeinProject,
) -> None:
    os.mkfifo(lein_project.tools / "end")
    end = lein_project.tools / "end"
    lein_project.write("tools/lein", f"#!/bin/sh\nread line < '{end}'\n").chmod(0o755)
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "jar"]
    directory = os.open(lein_project.project.directory, os.O_RDONLY)
    with subprocess.Popen(argv, cwd=lein_project.project.directory) as sparse, end.open("w"):
        # Leiningen has opened it, too.
        sparse.kill()
        sparse.wait()
        with pytest.raises(BlockingIOError):
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(directory, fcntl.LOCK_EX)
    os.close(directory)


def test_without_a_jar_leiningens_own_words_are_shown(lein_project: LeinProject) -> None:
    lein_project.answers(None, "All is well")
    with pytest.raises(OperationError) as caught:
        built(lein_project)
    assert (caught.value.line, caught.value.output) == (
        "Leiningen names no jar that it created",
        "All is well",
    )


def test_what_is_copied_for_a_jar_goes_away_and_what_the_user_has_there_stays(
    lein_project: LeinProject,
) -> None:
    lein_project.write("words/_resources/words.yaml", "mine: yes")
    lein_project.answers(None, "Something is wrong", status=1)
    error = error_of(lambda: built(lein_project))
    left = [str(path.relative_to(lein_project.project.directory)) for path in
            sorted((lein_project.project.directory / "_resources").rglob("*"))]  # fmt: skip
    assert (error, left) == (
        "lein uberjar failed: Something is wrong",
        ["_resources/words.yaml"],
    )


@pytest.mark.real_storm
def test_a_jar_has_the_sources_under_resources_and_no_path_of_this_machine(
    words: Callable[[str], Project],
) -> None:
    project = words(project_clj("2.8.3", "words"))
    jar = build_jar(project, lambda line: None, storm_version="2.8.3")
    with zipfile.ZipFile(jar) as archive:
        names = archive.namelist()
        here = [
            name for name in names
            if str(project.directory).encode() in archive.read(name)
            or str(SOURCES).encode() in archive.read(name)
        ]  # fmt: skip
    shipped = [name for name in names if name.startswith("resources/") and name[-1] != "/"]
    assert sorted(shipped) == ["resources/.settings.json", "resources/words.py"]
    assert ("words.clj" in names, "streamparse/specs.clj" in names, here) == (True, True, [])


@pytest.mark.real_storm
def test_a_project_of_old_has_storm_in_its_jar_and_is_told_where_to_put_it(
    words: Callable[[str], Project],
) -> None:
    old = """\
(defproject words "0.0.1-SNAPSHOT"
  :source-paths ["topologies"]
  :resource-paths ["_resources"]
  :target-path "_build"
  :min-lein-version "2.0.0"
  :dependencies [[org.apache.storm/storm-core "0.9.4"] [org.clojure/clojure "1.5.1"]]
  :uberjar-exclusions [#"log4j\\.properties"])
"""
    project = words(old)
    assert error_of(lambda: build_jar(project, lambda line: None)) == (
        f"{project.directory}/_build/words-0.0.1-SNAPSHOT-standalone.jar: Storm itself is in it, and a cluster refuses "
        "that; move Storm's dependencies in project.clj into :profiles {:provided {:dependencies [...]}}"
    )
