"""The JVM of a project: what Leiningen is asked, what is kept of its answer, and what it finds wrong.

The quick tests have a script in Leiningen's place, which answers as it is told to; the others have Leiningen.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from streamparse.jvm import Jvm, check_java, check_tools, find_jvm
from streamparse.project import OperationError, Project, UsageError
from tests.support.errors import error_of
from tests.support.lein_project import PROJECT_CLJ, LeinProject
from tests.support.storm_lines import project_clj


def test_leiningen_is_asked_once_for_what_is_the_same(lein_project: LeinProject) -> None:
    assert (
        [lein_project.find(), lein_project.find(), lein_project.find(lein_project.made("copy"))],
        lein_project.asked(),
    ) == (
        [lein_project.jvm] * 3,
        1,
    )


def test_paths_in_a_project_are_found_in_a_copy_of_it(lein_project: LeinProject) -> None:
    def jvm(name: str) -> Jvm:
        inside = str(lein_project.tools.parent / name / "topologies")
        class_path = os.pathsep.join([inside, lein_project.jar("storm-client-2.8.3.jar")])
        return Jvm(
            lein_project.jvm.java, lein_project.jvm.java_version, ("-Dplace=" + inside,), class_path
        )

    lein_project.answers(jvm("words"))
    lein_project.find()
    assert (lein_project.find(lein_project.made("other")), lein_project.asked()) == (
        jvm("other"),
        1,
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda project: project.write("words/project.clj", PROJECT_CLJ + "; newer"),
        lambda project: project.write("words/profiles.clj", "{}"),
        lambda project: project.write("leinhome/profiles.clj", "{}"),
        lambda project: project.write("leinhome/profiles.d/mirrors.clj", "{}"),
        lambda project: project.setenv("JVM_OPTS", "-Xmx2g"),
        lambda project: (project.tools.parent / "cache" / "streamparse").rename(project.tools.parent / "old"),
    ],
    ids=["project.clj", "profiles.clj", "the user's", "the user's mirrors", "environment", "no cache"],
)  # fmt: skip
def test_leiningen_is_asked_again_when_something_has_changed(
    lein_project: LeinProject, change: Callable[[LeinProject], object]
) -> None:
    lein_project.find()
    change(lein_project)
    assert (lein_project.find(), lein_project.asked()) == (lein_project.jvm, 2)


def test_leiningen_is_asked_again_when_a_jar_has_gone(lein_project: LeinProject) -> None:
    lein_project.find()
    (lein_project.tools.parent / "storm-client-2.8.3.jar").unlink()
    moved = Jvm(lein_project.jvm.java, "17.0.15", (), lein_project.jar("storm-core-2.8.3.jar"))
    lein_project.answers(moved)
    assert (lein_project.find(), lein_project.asked()) == (moved, 2)


@pytest.mark.parametrize(
    "key", [":aot :all", ':java-source-paths ["java"]', ":prep-tasks []", ":jvm-opts ~(opts)"]
)
def test_leiningen_is_asked_each_time_where_it_compiles_or_computes(
    lein_project: LeinProject, key: str
) -> None:
    project = lein_project.made(
        "compiled", PROJECT_CLJ.replace(":dependencies", f"{key} :dependencies")
    )
    assert ([lein_project.find(project), lein_project.find(project)], lein_project.asked()) == (
        [lein_project.jvm] * 2,
        2,
    )


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"java": 1}'])
def test_a_broken_cache_is_made_anew(lein_project: LeinProject, kept: str) -> None:
    lein_project.find()
    (file,) = (lein_project.tools.parent / "cache" / "streamparse").iterdir()
    file.write_text(kept)
    assert (lein_project.find(), lein_project.find(), lein_project.asked()) == (
        lein_project.jvm,
        lein_project.jvm,
        2,
    )


def test_a_java_that_is_too_old_for_its_storm_is_refused(lein_project: LeinProject) -> None:
    java = f"{lein_project.tools}/java"
    class_path = lein_project.jar("storm-client-3.0.0.jar", java=17)
    lein_project.answers(Jvm(java, "1.8.0_412", (), class_path))
    assert error_of(lein_project.find) == (
        f"Storm 2.8.3 needs Java 17 or newer, and {java} is 1.8.0_412; "
        "JAVA_HOME or :java-cmd in project.clj can name another"
    )


def test_a_class_path_without_storm_is_refused(lein_project: LeinProject) -> None:
    lein_project.answers(Jvm("/bin/sh", "17.0.15", (), lein_project.jar("storm-clojure-2.8.3.jar")))
    assert error_of(lein_project.find) == (
        "no Storm 2.8.3 on Leiningen's class path; expected it in :dependencies or :provided of project.clj"
    )


@pytest.mark.parametrize(
    ("says", "cause"),
    [
        (
            [
                "Retrieving a/a/1/a-1.pom from central",
                "Could not find artifact a:b:jar:1 in central (https://repo1.maven.org/maven2/)",
            ],
            "a:b:jar:1 cannot be fetched; is its version right, and the network there?",
        ),
        (
            ["Could not transfer artifact a:b:pom:1 from/to clojars: Connect timed out"],
            "a:b:pom:1 cannot be fetched; is its version right, and the network there?",
        ),
        (
            [
                "java.lang.Exception: Error loading /home/ada/words/project.clj",
                "\tat leiningen.core.project$read_raw.invoke(project.clj:1002)",
                "Caused by: java.lang.RuntimeException: EOF while reading, starting at line 1",
            ],
            "project.clj: EOF while reading, starting at line 1",
        ),
        (
            [
                "Compiling words",
                "Syntax error compiling at (words.clj:3:1).",
                "Syntax error compiling at (words.clj:3:1).",
                "Unable to resolve symbol: missing in this context",
            ],
            "words.clj:3:1: Unable to resolve symbol: missing in this context",
        ),
        (
            [
                "Compiling words",
                'Exception in thread "main" java.lang.RuntimeException: Unable to resolve symbol: missing in this '
                "context, compiling:(words.clj:3:1)",
                "\tat clojure.lang.Compiler.analyze(Compiler.java:6380)",
                "Caused by: java.lang.RuntimeException: Unable to resolve symbol: missing in this context",
            ],
            "words.clj:3:1: Unable to resolve symbol: missing in this context",
        ),
        (
            ["Could not locate none__init.class, none.clj or none.cljc on classpath."],
            "no namespace none on the class path",
        ),
        (["", "\tat leiningen.core", "Cannot do that."], "Cannot do that."),
        ([], "it printed nothing"),
    ],
)
def test_of_what_leiningen_says_the_cause_is_told(
    lein_project: LeinProject, says: list[str], cause: str
) -> None:
    lein_project.answers(None, *says, status=1)
    with pytest.raises(OperationError) as caught:
        lein_project.find()
    assert (caught.value.line, caught.value.output) == (
        f"Leiningen could not prepare the project: {cause}",
        "\n".join(says),
    )


NO_JAVA = "no Java: {} names none; install a JDK, 17 or newer for Storm 2.8"


@pytest.mark.parametrize(
    ("there", "environ", "error"),
    [
        (
            {"java"},
            {},
            "no lein on PATH; https://leiningen.org says how to install it (sparse simulate needs neither it nor Java)",
        ),
        ({"lein"}, {}, NO_JAVA.format("JAVA_HOME or PATH")),
        ({"lein", "java"}, {"JAVA_HOME": "/none"}, NO_JAVA.format("/none/bin/java")),
        ({"lein", "java"}, {"JAVA_CMD": "jawa"}, NO_JAVA.format("jawa")),
        ({"lein", "java"}, {"JAVA_HOME": "/none", "LEIN_JAVA_CMD": "java"}, None),
    ],
)  # fmt: skip
def test_what_leiningen_needs_is_looked_for_where_it_would_look(
    lein_project: LeinProject, there: set[str], environ: dict[str, str], error: str | None
) -> None:
    for name in {"lein", "java"} - there:
        (lein_project.tools / name).unlink()
    given = {"PATH": str(lein_project.tools), "LEIN_ROOT": "1", **environ}
    if error is None:
        check_tools(given)
    else:
        assert error_of(lambda: check_tools(given)) == error


@pytest.mark.parametrize(
    ("says", "storm_version", "found"),
    [
        ('openjdk version "17.0.15" 2025-04-15', "2.8.3", "17.0.15"),
        ('java version "1.8.0_412"', "2.7.1", "1.8.0_412"),
        ("no words of a version", "2.8.3", ""),
        ('java version "1.8.0_412"', "2.8.3", "Storm 2.8.3 needs Java 17 or newer, and JAVA is 1.8.0_412; "
         "JAVA_HOME or :java-cmd in project.clj can name another"),
        ('openjdk version "11.0.2"', "2.10.0", "Storm 2.10.0 needs Java 17 or newer, and JAVA is 11.0.2; "
         "JAVA_HOME or :java-cmd in project.clj can name another"),
    ],
)  # fmt: skip
def test_a_java_is_asked_for_its_version(
    lein_project: LeinProject, says: str, storm_version: str, found: str
) -> None:
    java = lein_project.write("tools/java", f"#!/bin/sh\necho '{says}' >&2\n")
    if "needs" in found:
        assert error_of(lambda: check_java(str(java), storm_version)) == found.replace(
            "JAVA", str(java), 1
        )
    else:
        assert check_java(str(java), storm_version) == found


@pytest.mark.skipif(os.geteuid() != 0, reason="Leiningen asks root alone")
def test_root_is_refused_until_it_says_that_it_is_meant(lein_project: LeinProject) -> None:
    with pytest.raises(UsageError, match="set LEIN_ROOT=1 in the environment to give it"):
        check_tools({"PATH": str(lein_project.tools)})


@pytest.mark.real_storm
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("}})", "}}"), "project.clj: EOF while reading, starting at line 1"),
        (
            ("[[org.clojure/clojure", '[[org.example/nothing "1"] [org.clojure/clojure'),
            "org.example:nothing:jar:1 cannot be fetched; is its version right, and the network there?",
        ),
        ((":target-path", ":aot [none] :target-path"), "no namespace none on the class path"),
        (
            (":target-path", ":aot [broken] :target-path"),
            "broken.clj:3:1: Unable to resolve symbol: missing in this context",
        ),
    ],
)
def test_what_leiningen_finds_wrong_is_told_in_one_line(
    words: Callable[[str], Project], change: tuple[str, str], error: str
) -> None:
    project = words(project_clj("2.8.3", "words").replace(*change))
    assert error_of(lambda: find_jvm(project, lambda line: None)) == (
        f"Leiningen could not prepare the project: {error}"
    )
