"""The jars of a Storm 2 for a LocalCluster, without Leiningen.

They are those of an installed Storm; else those of the local Maven repository, by a list of the jars of each version,
where all are there; else Maven is asked. Storm 2 has no Clojure in it, and all that storm-server needs is on Maven
Central. Up to 1.2 Storm is Clojure, needs jars from Clojars, and is left to Leiningen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from streamparse.jvm.lein import LAST_LINES, check_java
from streamparse.project import OperationError, UsageError, home_directory

__all__ = ["JAR_LISTS", "POM", "LocalStorm", "find_storm", "jar_lists"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

OLDEST_LAUNCHER = 11  # the first Java whose launcher runs a source file

#: For each version of Storm 2 the jars of storm-server and of what it needs at run time; see ``jar_lists``.
JAR_LISTS = Path(__file__).with_name("storm_jars.txt")

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"

#: A project that needs storm-server of a version, which ``format`` puts in.
POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>streamparse</groupId>
  <artifactId>run</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.storm</groupId><artifactId>storm-server</artifactId><version>{}</version></dependency>
  </dependencies>
</project>
"""


@dataclass(frozen=True)
class LocalStorm:
    """A Storm to run here.

    Attributes:
        version: its full version.
        java: path of the program that runs it.
        class_path: of its jars, joined by the system's path separator.
    """

    version: str
    java: str
    class_path: str


def find_storm(
    wanted: str | None,
    newest: str,
    report: Report,
    *,
    environ: Mapping[str, str] = os.environ,
) -> LocalStorm:
    """Return the Storm of STORM_HOME, or one whose jars are in the local Maven repository, or that Maven fetches.

    Args:
        wanted: the version in project.clj; None where it does not say.
        newest: the version that is fetched then.
        report: called with one line of progress at a time.
        environ: the environment variables.

    Raises:
        UsageError: STORM_HOME has another version than is wanted, or Storm is too old for this.
        OperationError: there is none of them, or Maven failed, or there is no Java that is new enough.
    """
    home = environ.get("STORM_HOME")
    version = _installed_version(Path(home)) if home else wanted or newest
    if home and wanted and _line(wanted) != _line(version):
        raise UsageError(
            f"STORM_HOME is Storm {version}, and project.clj has {wanted}; expected one version (without STORM_HOME "
            "Maven fetches the jars)"
        )
    if _line(version) < (2, 0):
        raise UsageError(
            f"Storm {version} is written in Clojure, and only Leiningen starts it here, for topology files in Clojure; "
            "expected Storm 2.0 or newer in project.clj. sparse simulate needs no Storm"
        )
    java = _java(version, environ)
    if home:
        jars = _installed_jars(Path(home))
    else:
        jars = _local_jars(version, environ) or _maven_jars(version, report, environ)
    return LocalStorm(version, java, os.pathsep.join(map(str, jars)))


def _line(version: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _java(storm_version: str, environ: Mapping[str, str]) -> str:
    home = environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java", path=environ.get("PATH"))
    if java is None:
        raise OperationError("no Java: neither JAVA_HOME nor PATH names one; install a JDK")
    version = check_java(java, storm_version)
    if version and int(re.split(r"\D", version)[0]) < OLDEST_LAUNCHER:
        raise OperationError(
            f"{java} is Java {version}; --thrift needs a JDK of {OLDEST_LAUNCHER} or newer, whose launcher runs a "
            "source file; JAVA_HOME can name another"
        )
    return java


# -- an installed Storm ------------------------------------------------------------------------------------------


def _installed_version(home: Path) -> str:
    release = Path(f"{home}/RELEASE")  # of every distribution
    try:
        return release.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(
            f"STORM_HOME is {home}: {release}: {error.strerror}; expected the directory of an installed Storm"
        ) from None


def _installed_jars(home: Path) -> list[Path]:
    jars = sorted(jar for name in ("lib", "extlib") for jar in (home / name).glob("*.jar"))
    if not any(jar.name.startswith("storm-server-") for jar in jars):
        raise UsageError(
            f"STORM_HOME is {home}: no storm-server-*.jar in lib/; expected an installed Storm 2"
        )
    return jars


# -- the local Maven repository ----------------------------------------------------------------------------------


def jar_lists() -> dict[str, list[str]]:
    """Return the jars of each version whose list ships, as "group:artifact:version" in the order of a class path."""
    lists: dict[str, list[str]] = {}
    version = ""
    for line in JAR_LISTS.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            lists[version].append(line.strip())
        elif line and not line.startswith("#"):
            version = line
            lists[version] = []
    return lists


def _local_jars(version: str, environ: Mapping[str, str]) -> list[Path] | None:
    """The jars of a version, where a list names them and all are there; Maven, Leiningen and others put them there."""
    listed = jar_lists().get(version)
    if listed is None:
        return None
    repository = _repository(environ)
    jars = [_jar_path(repository, each) for each in listed]
    return jars if all(jar.is_file() for jar in jars) else None


def _repository(environ: Mapping[str, str]) -> Path:
    """The local repository: that of the user's settings.xml, or the usual one."""
    maven = Path(environ.get("HOME") or home_directory()) / ".m2"
    with suppress(OSError, ElementTree.ParseError):
        settings = ElementTree.parse(maven / "settings.xml").getroot()
        for element in settings.iter():  # with a namespace or without one
            if element.tag.rpartition("}")[2] == "localRepository" and (element.text or "").strip():
                home = str(maven.parent)
                return Path(str(element.text).strip().replace("${user.home}", home))
    return maven / "repository"


def _jar_path(repository: Path, coordinates: str) -> Path:
    group, artifact, version = coordinates.split(":")
    return repository.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


# -- Maven -------------------------------------------------------------------------------------------------------


def _maven_jars(version: str, report: Report, environ: Mapping[str, str]) -> list[Path]:
    cached = _cache_file(version, environ)
    if (jars := _cached(cached)) is not None:
        return jars
    if shutil.which("mvn", path=environ.get("PATH")) is None:
        raise OperationError(
            f"no Storm {version} here: STORM_HOME names none, {_what_is_missing(version, environ)}, and there is no "
            "mvn on PATH to fetch one; install Maven, or set STORM_HOME to the directory of an installed Storm 2"
        )
    report(
        f"asking Maven for the jars of Storm {version}; the first time it fetches them, later it is not asked"
    )
    jars = _ask_maven(version, environ)
    with suppress(OSError):  # without a cache Maven is asked again
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_text(json.dumps([str(jar) for jar in jars]), encoding="utf-8")
    return jars


def _what_is_missing(version: str, environ: Mapping[str, str]) -> str:
    repository = _repository(environ)
    listed = jar_lists().get(version)
    if listed is None:
        return f"no list names the jars that it would need of {repository}"
    missing = [each for each in listed if not _jar_path(repository, each).is_file()]
    return f"{repository} lacks {len(missing)} of its {len(listed)} jars, such as {missing[0]}"


def _ask_maven(version: str, environ: Mapping[str, str]) -> list[Path]:
    with tempfile.TemporaryDirectory(prefix="sparse-") as name:
        pom, answer = Path(name, "pom.xml"), Path(name, "class-path")
        pom.write_text(POM.format(version), encoding="utf-8")
        done = subprocess.run(
            ["mvn", "-B", "-q", "-f", str(pom), _PLUGIN, f"-Dmdep.outputFile={answer}"],
            env={**environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            output = "\n".join((done.stdout + done.stderr).splitlines()[-LAST_LINES:])
            raise OperationError(
                f"Maven cannot fetch org.apache.storm/storm-server {version}; is that version right, and the network "
                "there?",
                output,
            )
        return [Path(each) for each in answer.read_text(encoding="utf-8").strip().split(os.pathsep)]


def _cache_file(version: str, environ: Mapping[str, str]) -> Path:
    cache = environ.get("XDG_CACHE_HOME") or home_directory() / ".cache"
    return Path(cache) / "streamparse" / f"storm-{version}.json"


def _cached(file: Path) -> list[Path] | None:
    try:
        jars = [Path(each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return None
    return jars if jars and all(jar.is_file() for jar in jars) else None
