"""The way to a project's JVM and jar: what Leiningen is asked, what is kept of its answer, and what it says is wrong.

The quick tests have a script in Leiningen's place, which answers what it is told to; the others have Leiningen.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from streamparse.jvm import lein
from streamparse.project import OperationError, Project, UsageError
from tests.support.storm_lines import environment, project_clj, require

PROJECT_CLJ = """\
(defproject words "1"
  :dependencies [[org.clojure/clojure "1.11.1"] [org.apache.storm/storm-clojure "2.8.3"]])
"""
# It writes down how it was called, prints what `says` has, and gives the answer that `answer` has.
LEIN = """\
#!/bin/sh
here=$(/usr/bin/dirname "$0")
echo "$@" >> "$here/asked"
/bin/cat "$here/says"
for last; do :; done
if [ -e "$here/answer" ]; then /bin/cp "$here/answer" "$last"; fi
read status < "$here/status"
exit "$status"
"""


class Desk:
    """A project, and a Leiningen that answers as it is told."""

    def __init__(self, directory: Path, setenv: Callable[[str, str], None]) -> None:
        self.setenv = setenv
        self.tools = directory / "tools"
        self.write("tools/lein", LEIN).chmod(0o755)
        self.write("tools/java", "#!/bin/sh\n").chmod(0o755)
        self.project = self.made("words")
        self.jvm = lein.Jvm(
            str(self.tools / "java"),
            "17.0.15",
            ("-Xmx1g",),
            os.pathsep.join(["words/topologies", self.jar("storm-client-2.8.3.jar", java=8)]),
        )
        self.answers(self.jvm)

    def made(self, name: str, project_clj: str = PROJECT_CLJ) -> Project:
        directory = self.tools.parent / name
        self.write(f"{name}/project.clj", project_clj)
        self.write(f"{name}/config.json", "{}")
        self.write(f"{name}/src/words.py", "")
        return Project(directory)

    def write(self, name: str, text: str) -> Path:
        path = self.tools.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def jar(self, name: str, *, java: int = 8, entries: tuple[str, ...] = ()) -> str:
        """A jar whose classes are compiled for a release of Java."""
        path = self.tools.parent / name
        with zipfile.ZipFile(path, "w") as archive:
            head = b"\xca\xfe\xba\xbe\0\0" + (44 + java).to_bytes(2, "big")
            archive.writestr("org/apache/storm/Constants.class", head)
            for entry in entries:
                archive.writestr(entry, "")
        return str(path)

    def answers(self, jvm: lein.Jvm | None, *says: str, status: int = 0) -> None:
        (self.tools / "answer").unlink(missing_ok=True)
        if jvm is not None:
            self.write(
                "tools/answer",
                json.dumps(
                    {
                        "java": jvm.java,
                        "java_version": jvm.java_version,
                        "arguments": jvm.arguments,
                        "class_path": jvm.class_path,
                    }
                ),
            )
        self.write("tools/says", "".join(f"{line}\n" for line in says))
        self.write("tools/status", f"{status}\n")

    def asked(self) -> int:
        """How often Leiningen was started."""
        asked = self.tools / "asked"
        return len(asked.read_text().splitlines()) if asked.exists() else 0

    def find(self, project: Project | None = None) -> lein.Jvm:
        return lein.find_jvm(project or self.project, lambda line: None)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path, monkeypatch.setenv)
    monkeypatch.setenv("PATH", str(made.tools))
    monkeypatch.setenv("LEIN_ROOT", "1")
    monkeypatch.setenv("LEIN_HOME", str(tmp_path / "leinhome"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("JAVA_HOME", "JAVA_CMD", "LEIN_JAVA_CMD", "JVM_OPTS"):
        monkeypatch.delenv(name, raising=False)
    return made


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(OperationError) as caught:
        call()
    return str(caught.value)


# -- the JVM -----------------------------------------------------------------------------------------------------


def test_leiningen_is_asked_once_for_what_is_the_same(desk: Desk) -> None:
    assert ([desk.find(), desk.find(), desk.find(desk.made("copy"))], desk.asked()) == (
        [desk.jvm] * 3,
        1,
    )


def test_paths_in_a_project_are_found_in_a_copy_of_it(desk: Desk) -> None:
    def jvm(name: str) -> lein.Jvm:
        inside = str(desk.tools.parent / name / "topologies")
        class_path = os.pathsep.join([inside, desk.jar("storm-client-2.8.3.jar")])
        return lein.Jvm(desk.jvm.java, desk.jvm.java_version, ("-Dplace=" + inside,), class_path)

    desk.answers(jvm("words"))
    desk.find()
    assert (desk.find(desk.made("other")), desk.asked()) == (jvm("other"), 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.write("words/project.clj", PROJECT_CLJ + "; newer"),
        lambda desk: desk.write("words/profiles.clj", "{}"),
        lambda desk: desk.write("leinhome/profiles.clj", "{}"),
        lambda desk: desk.write("leinhome/profiles.d/mirrors.clj", "{}"),
        lambda desk: desk.setenv("JVM_OPTS", "-Xmx2g"),
        lambda desk: (desk.tools.parent / "cache" / "streamparse").rename(desk.tools.parent / "old"),
    ],
    ids=["project.clj", "profiles.clj", "the user's", "the user's mirrors", "environment", "no cache"],
)  # fmt: skip
def test_leiningen_is_asked_again_when_something_has_changed(
    desk: Desk, change: Callable[[Desk], object]
) -> None:
    desk.find()
    change(desk)
    assert (desk.find(), desk.asked()) == (desk.jvm, 2)


def test_leiningen_is_asked_again_when_a_jar_has_gone(desk: Desk) -> None:
    desk.find()
    (desk.tools.parent / "storm-client-2.8.3.jar").unlink()
    moved = lein.Jvm(desk.jvm.java, "17.0.15", (), desk.jar("storm-core-2.8.3.jar"))
    desk.answers(moved)
    assert (desk.find(), desk.asked()) == (moved, 2)


@pytest.mark.parametrize(
    "key", [":aot :all", ':java-source-paths ["java"]', ":prep-tasks []", ":jvm-opts ~(opts)"]
)
def test_leiningen_is_asked_each_time_where_it_compiles_or_computes(desk: Desk, key: str) -> None:
    project = desk.made("compiled", PROJECT_CLJ.replace(":dependencies", f"{key} :dependencies"))
    assert ([desk.find(project), desk.find(project)], desk.asked()) == ([desk.jvm] * 2, 2)


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"java": 1}'])
def test_a_broken_cache_is_made_anew(desk: Desk, kept: str) -> None:
    desk.find()
    (file,) = (desk.tools.parent / "cache" / "streamparse").iterdir()
    file.write_text(kept)
    assert (desk.find(), desk.find(), desk.asked()) == (desk.jvm, desk.jvm, 2)


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("17.0.15", 17),
        ("1.8.0_412", 8),
        ("11.0.2", 11),
        ("25", 25),
        ("26-ea", 26),
        ("21.0.3+9", 21),
    ],
)
def test_the_release_of_a_java_is_read_from_its_version(version: str, release: int) -> None:
    assert lein.Jvm("java", version, (), "").release == release


def test_a_java_that_is_too_old_for_its_storm_is_refused(desk: Desk) -> None:
    java = f"{desk.tools}/java"
    class_path = desk.jar("storm-client-3.0.0.jar", java=17)
    desk.answers(lein.Jvm(java, "1.8.0_412", (), class_path))
    assert error_of(desk.find) == (
        f"Storm 2.8.3 needs Java 17 or newer, and {java} is 1.8.0_412; "
        "JAVA_HOME or :java-cmd in project.clj can name another"
    )


def test_a_class_path_without_storm_is_refused(desk: Desk) -> None:
    desk.answers(lein.Jvm("/bin/sh", "17.0.15", (), desk.jar("storm-clojure-2.8.3.jar")))
    assert error_of(desk.find) == (
        "no Storm 2.8.3 on Leiningen's class path; project.clj should have it in :dependencies or :provided"
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
        ([], "it says nothing"),
    ],
)
def test_of_what_leiningen_says_the_cause_is_told(desk: Desk, says: list[str], cause: str) -> None:
    desk.answers(None, *says, status=1)
    with pytest.raises(OperationError) as caught:
        desk.find()
    assert (caught.value.line, caught.value.output) == (
        f"Leiningen could not prepare the project: {cause}",
        "\n".join(says),
    )


# -- the tools ---------------------------------------------------------------------------------------------------

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
    desk: Desk, there: set[str], environ: dict[str, str], error: str | None
) -> None:
    for name in {"lein", "java"} - there:
        (desk.tools / name).unlink()
    given = {"PATH": str(desk.tools), "LEIN_ROOT": "1", **environ}
    if error is None:
        lein.check_tools(given)
    else:
        assert error_of(lambda: lein.check_tools(given)) == error


@pytest.mark.skipif(os.geteuid() != 0, reason="Leiningen asks root alone")
def test_root_is_refused_until_it_says_that_it_is_meant(desk: Desk) -> None:
    with pytest.raises(UsageError, match="LEIN_ROOT=1 in the environment says it is meant"):
        lein.check_tools({"PATH": str(desk.tools)})


# -- the jar -----------------------------------------------------------------------------------------------------


def built(desk: Desk, *, simple: bool = False) -> str:
    return lein.build_jar(desk.project, lambda line: None, simple=simple).name


def test_the_jar_is_the_one_that_leiningen_says_it_has_created(desk: Desk) -> None:
    plain = desk.jar("words-1.jar", entries=("resources/words.py",))
    whole = desk.jar("whole words.jar", entries=("resources/words.py",))  # :uberjar-name
    desk.answers(None, f"Created {plain}")
    simple = built(desk, simple=True)
    desk.answers(None, f"Created {plain}", f"Created {whole}")
    assert [simple, built(desk)] == ["words-1.jar", "whole words.jar"]


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
    desk: Desk, entries: tuple[str, ...], error: str
) -> None:
    jar = desk.jar("words-1-standalone.jar", entries=entries)
    desk.answers(None, f"Created {jar}")
    assert error_of(lambda: built(desk)) == f"{jar}: {error}"


def test_without_a_jar_leiningens_own_words_are_shown(desk: Desk) -> None:
    desk.answers(None, "All is well")
    with pytest.raises(OperationError) as caught:
        built(desk)
    assert (caught.value.line, caught.value.output) == (
        "Leiningen names no jar that it created",
        "All is well",
    )


def test_what_is_copied_for_a_jar_goes_away_and_what_the_user_has_there_stays(desk: Desk) -> None:
    desk.write("words/_resources/words.yaml", "mine: yes")
    desk.answers(None, "Something is wrong", status=1)
    error = error_of(lambda: built(desk))
    left = [str(path.relative_to(desk.project.directory)) for path in
            sorted((desk.project.directory / "_resources").rglob("*"))]  # fmt: skip
    assert (error, left) == (
        "lein uberjar failed: Something is wrong",
        ["_resources/words.yaml"],
    )


# -- with Leiningen ----------------------------------------------------------------------------------------------


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Project]:
    """A project with this project.clj, in an environment in which Leiningen works."""
    require("lein", "java", "javac")
    for key, value in environment("2.8.3").items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("JVM_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

    def made(project_clj: str) -> Project:
        texts = {
            "project.clj": project_clj,
            "config.json": "{}",
            "src/words.py": "",
            "src/__pycache__/words.pyc": "",
            "topologies/words.clj": "(ns words)\n",
            "topologies/broken.clj": "(ns broken)\n\n(defn broken [] missing)\n",
        }
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return Project(tmp_path)

    return made


@pytest.mark.real_storm
@pytest.mark.timeout(300)
def test_a_jar_has_the_sources_under_resources_and_no_path_of_this_machine(
    words: Callable[[str], Project],
) -> None:
    project = words(project_clj("2.8.3", "words"))
    jar = lein.build_jar(project, lambda line: None)
    with zipfile.ZipFile(jar) as archive:
        names = archive.namelist()
        here = [
            name for name in names
            if str(project.directory).encode() in archive.read(name)
            or str(lein.SOURCES).encode() in archive.read(name)
        ]  # fmt: skip
    assert [name for name in names if name.startswith("resources/") and name[-1] != "/"] == [
        "resources/words.py"
    ]
    assert ("words.clj" in names, "streamparse/specs.clj" in names, here) == (True, True, [])


@pytest.mark.real_storm
@pytest.mark.timeout(300)
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
    assert error_of(lambda: lein.find_jvm(project, lambda line: None)) == (
        f"Leiningen could not prepare the project: {error}"
    )


@pytest.mark.real_storm
@pytest.mark.timeout(300)
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
    assert error_of(lambda: lein.build_jar(project, lambda line: None)) == (
        f"{project.directory}/_build/words-0.0.1-SNAPSHOT-standalone.jar: Storm itself is in it, and a cluster refuses "
        "that; move Storm's dependencies in project.clj into :profiles {:provided {:dependencies [...]}}"
    )
