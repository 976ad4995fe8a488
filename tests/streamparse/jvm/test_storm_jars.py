"""Where the jars of a LocalCluster come from without Leiningen: an installed Storm, or Maven, a script here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streamparse.jvm import LocalStorm, find_storm
from streamparse.project import OperationError, UsageError

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
    environ = {"PATH": str(tools), "XDG_CACHE_HOME": str(tools.parent / "cache"), **variables}
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
        "no Storm here: STORM_HOME names none, and there is no mvn on PATH to fetch one; install Maven, or set "
        "STORM_HOME to the directory of an installed Storm 2"
    )
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
