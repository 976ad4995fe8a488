"""Where a LocalCluster's jars come from without Leiningen: an installed Storm, lists, or Maven, a script here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streamparse.jvm import LocalStorm, find_storm
from streamparse.jvm.storm_jars import JAR_LISTS, jar_lists
from streamparse.project import OperationError, UsageError
from tests.support.jar_lists import ask_maven, jars_in, text_of
from tests.support.storm_lines import require

NEWEST = "2.8.3"

# It notes that it was asked, and answers with two jars.
MVN = """\
#!/bin/sh
here=$(/usr/bin/dirname "$0")
echo asked >> "$here/asked"
for word; do case $word in -Dmdep.outputFile=*) file=${word#*=} ;; esac; done
/bin/cat "$4" >> "$here/pom"
echo "$here/a.jar:$here/b.jar" > "$file"
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory with a Java, a Maven and its jars."""
    directory = tmp_path / "tools"
    write(directory / "java", "#!/bin/sh\necho 'openjdk version \"17.0.15\"' >&2\n")
    write(directory / "mvn", MVN)
    for name in ("a.jar", "b.jar"):
        (directory / name).touch()
    return directory


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def found(tools: Path, wanted: str | None = None, **variables: str) -> tuple[LocalStorm, list[str]]:
    reported: list[str] = []
    environ = {
        "PATH": str(tools),
        "HOME": str(tools.parent / "home"),
        "XDG_CACHE_HOME": str(tools.parent / "cache"),
        **variables,
    }
    return find_storm(wanted, NEWEST, reported.append, environ=environ), reported


def refused(find: Callable[[], object]) -> str:
    with pytest.raises((OperationError, UsageError)) as caught:
        find()
    return str(caught.value)


def test_maven_is_asked_once_for_the_version_of_the_project(tools: Path) -> None:
    first, reported = found(tools, "2.7.1")
    again, silent = found(tools, "2.7.1")
    assert (
        first == again == LocalStorm("2.7.1", str(tools / "java"), f"{tools}/a.jar:{tools}/b.jar")
    )
    assert "<artifactId>storm-server</artifactId><version>2.7.1<" in (tools / "pom").read_text()
    assert (reported, silent, (tools / "asked").read_text()) == (
        [
            "asking Maven for the jars of Storm 2.7.1; the first time it fetches them, later it is not asked"
        ],
        [],
        "asked\n",
    )
    (tools / "a.jar").unlink()
    assert found(tools, "2.7.1")[1] != []
    assert found(tools)[0].version == NEWEST


def test_what_maven_cannot_fetch_is_an_error_with_its_words(tools: Path) -> None:
    write(tools / "mvn", "#!/bin/sh\necho '[ERROR] Could not find artifact'\nexit 1\n")
    with pytest.raises(OperationError) as caught:
        found(tools, "2.99.0")
    assert (caught.value.line, caught.value.output) == (
        "Maven cannot fetch org.apache.storm/storm-server 2.99.0; is that version right, and the network there?",
        "[ERROR] Could not find artifact",
    )


# -- the list of a version's jars --------------------------------------------------------------------------------


def fill(repository: Path, version: str) -> list[Path]:
    """Put the jars of a version into a local Maven repository; their paths, in the order of the list."""
    jars = []
    for coordinates in jar_lists()[version]:
        group, artifact, of = coordinates.split(":")
        jars.append(repository / group.replace(".", "/") / artifact / of / f"{artifact}-{of}.jar")
        write(jars[-1], "")
    return jars


@pytest.mark.parametrize("version", ["2.8.3", "2.0.0"])
def test_where_the_local_repository_has_every_jar_of_the_list_maven_is_not_asked(
    tools: Path, version: str
) -> None:
    jars = fill(tools.parent / "home" / ".m2" / "repository", version)
    storm, reported = found(tools, version)
    assert (storm.version, storm.class_path, reported) == (
        version,
        os.pathsep.join(map(str, jars)),
        [],
    )
    jars[-1].unlink()
    assert found(tools, version)[1] != []


def test_the_local_repository_may_be_another_one(tools: Path) -> None:
    (tools / "mvn").unlink()
    (first, *_) = fill(tools.parent / "home" / "jars", "2.8.3")
    write(
        tools.parent / "home" / ".m2" / "settings.xml",
        '<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">\n'
        "  <localRepository> ${user.home}/jars </localRepository>\n</settings>\n",
    )
    assert found(tools)[0].class_path.startswith(f"{first}{os.pathsep}")


def test_the_lists_have_storm_itself_first_and_nothing_twice() -> None:
    for version, listed in jar_lists().items():
        assert listed[0] == f"org.apache.storm:storm-server:{version}"
        assert f"org.apache.storm:storm-client:{version}" in listed
        assert [each for each in listed if each.count(":") != 2] == []
        artifacts = [each.rpartition(":")[0] for each in listed]
        assert len(set(artifacts)) == len(artifacts)
    assert text_of(jar_lists()) == JAR_LISTS.read_text(encoding="utf-8")


TREE = """\
streamparse:run:jar:1
\\- org.apache.storm:storm-server:jar:2.8.3:compile
   +- org.apache.storm:storm-client:jar:2.8.3:compile
   |  \\- org.slf4j:slf4j-api:jar:2.0.17:runtime
"""


def test_a_list_is_made_of_mavens_tree() -> None:
    assert jars_in(TREE) == [
        "org.apache.storm:storm-server:2.8.3",
        "org.apache.storm:storm-client:2.8.3",
        "org.slf4j:slf4j-api:2.0.17",
    ]


@pytest.mark.real_storm
@pytest.mark.xdist_group("real_maven")
def test_the_list_of_the_newest_is_what_maven_says() -> None:
    require("mvn")
    assert ask_maven(NEWEST) == jar_lists()[NEWEST]


# -- an installed Storm ------------------------------------------------------------------------------------------


def installed(directory: Path, version: str, *jars: str) -> str:
    for name in jars:
        write(directory / name, "")
    write(directory / "RELEASE", f"{version}\n")
    return str(directory)


def test_an_installed_storm_needs_no_maven(tools: Path, tmp_path: Path) -> None:
    (tools / "mvn").unlink()
    home = installed(
        tmp_path / "storm", "2.6.4", "lib/storm-server-2.6.4.jar", "lib/x.jar", "extlib/y.jar"
    )
    jars = [
        f"{home}/{name}" for name in ("extlib/y.jar", "lib/storm-server-2.6.4.jar", "lib/x.jar")
    ]
    for wanted in (None, "2.6.0"):
        storm, reported = found(tools, wanted, STORM_HOME=home)
        assert (storm.version, storm.class_path, reported) == ("2.6.4", os.pathsep.join(jars), [])


def test_an_installed_storm_that_cannot_be_used_is_refused(tools: Path, tmp_path: Path) -> None:
    home = tmp_path / "storm"
    assert refused(lambda: found(tools, STORM_HOME=str(home))) == (
        f"STORM_HOME is {home}: {home}/RELEASE: No such file or directory; "
        "expected the directory of an installed Storm"
    )
    installed(home, "2.6.4")
    assert refused(lambda: found(tools, STORM_HOME=str(home))) == (
        f"STORM_HOME is {home}: no storm-server-*.jar in lib/; expected an installed Storm 2"
    )
    assert refused(lambda: found(tools, "2.8.3", STORM_HOME=str(home))) == (
        "STORM_HOME is Storm 2.6.4, and project.clj has 2.8.3; expected one version "
        "(without STORM_HOME Maven fetches the jars)"
    )


def test_storm_before_2_is_left_to_leiningen(tools: Path) -> None:
    assert refused(lambda: found(tools, "1.2.4")) == (
        "Storm 1.2.4 is written in Clojure, and only Leiningen starts it here, for topology files in Clojure; "
        "expected Storm 2.0 or newer in project.clj. sparse simulate needs no Storm"
    )


def test_what_is_missing_on_this_machine_is_named(tools: Path) -> None:
    (tools / "mvn").unlink()
    assert refused(lambda: found(tools)) == (
        f"no Storm 2.8.3 here: STORM_HOME names none, {tools.parent}/home/.m2/repository lacks 45 of its 45 jars, such "
        "as org.apache.storm:storm-server:2.8.3, and there is no mvn on PATH to fetch one; install Maven, or set "
        "STORM_HOME to the directory of an installed Storm 2"
    )
    assert "no list names the jars that it would need of" in refused(lambda: found(tools, "2.99.0"))
    write(tools / "java", "#!/bin/sh\necho 'openjdk version \"1.8.0_412\"' >&2\n")
    java = tools / "java"
    assert refused(lambda: found(tools, "2.4.0")) == (
        f"{java} is Java 1.8.0_412; --thrift needs a JDK of 11 or newer, whose launcher runs a source file; "
        "JAVA_HOME can name another"
    )
    java.unlink()
    assert refused(lambda: found(tools)) == (
        "no Java: neither JAVA_HOME nor PATH names one; install a JDK"
    )
