"""The lines of Storm that tests run: how a user's project names each, and what this machine needs beside.

All tests of real Storms run on the four ``LINES``. Conversations were recorded (``tests/parity``) on the versions in
between too, ``VERSIONS``.

A project made by ``project_clj`` is a user's, word for word. What a test machine may not reach is handed in through
``environment`` alone: Leiningen gets a home whose local Maven repository, in a cache directory of ours, already holds
what only Clojars has. Those jars are empty, for Storm's own has their classes compiled in or does without; all but
carbonite's, which every worker calls (``jvm_stubs/``). They are taken where Clojars answers, too: tests run the same
everywhere. All else comes from where Leiningen finds it, Maven Central mostly, once: some 220 MB for the four,
490 MB for all.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.paths import ROOT

__all__ = [
    "LINES",
    "VERSIONS",
    "Line",
    "class_path",
    "environment",
    "home_jars",
    "hosts_option",
    "line",
    "missing",
    "project_clj",
    "require",
]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Line:
    """One line of Storm.

    Attributes:
        project: the ``project.clj`` of its users, with ``{{name}}`` for the project's.
        main: the classes of the daemons that we start; no ``ui`` where Maven Central does not have it.
        yaml: settings of ``storm.yaml`` that only this line has or needs.
        worker: a project of what a worker runs on; None where that is what the daemons run on.
        hosts_file: whether its JVMs need ``hosts_option``.
    """

    project: str
    main: Mapping[str, str]
    yaml: Mapping[str, object]
    worker: str | None = None
    hosts_file: bool = False


def _project(storm_core: str, *, clojure: str) -> str:
    """A project like that of ``sparse quickstart``, for a Storm that is all in one jar."""
    return f"""\
(defproject {{{{name}}}} "0.0.1-SNAPSHOT"
  :source-paths ["topologies"]
  :resource-paths ["_resources"]
  :target-path "_build"
  :min-lein-version "2.0.0"
  :dependencies [[org.clojure/clojure "{clojure}"]
                 [org.clojure/data.json "0.2.6"]]
  :profiles {{:provided {{:dependencies [[org.apache.storm/storm-core "{storm_core}"]]}}}})
"""


_SHADED_ZOOKEEPER = "org.apache.storm.shade.org.apache.zookeeper.server.ZooKeeperServerMain"

LINES: Mapping[str, Line] = {
    "0.9.4": Line(
        _project("0.9.4", clojure="1.5.1"),
        main={
            "zookeeper": "org.apache.storm.zookeeper.server.ZooKeeperServerMain",
            "nimbus": "backtype.storm.daemon.nimbus",
            "supervisor": "backtype.storm.daemon.supervisor",
            "ui": "backtype.storm.ui.core",
        },
        yaml={"nimbus.host": "localhost"},
    ),
    "0.10.2": Line(
        _project("0.10.2", clojure="1.6.0"),
        main={
            "zookeeper": _SHADED_ZOOKEEPER,
            "nimbus": "backtype.storm.daemon.nimbus",
            "supervisor": "backtype.storm.daemon.supervisor",
            "ui": "backtype.storm.ui.core",
        },
        yaml={"nimbus.host": "localhost"},
    ),
    "1.2.4": Line(
        _project("1.2.4", clojure="1.7.0"),
        main={
            "zookeeper": _SHADED_ZOOKEEPER,
            "nimbus": "org.apache.storm.daemon.nimbus",
            "supervisor": "org.apache.storm.daemon.supervisor.Supervisor",
            "ui": "org.apache.storm.ui.core",
        },
        yaml={"nimbus.seeds": ["127.0.0.1"]},
        hosts_file=True,
    ),
    "2.8.3": Line(
        (ROOT / "streamparse/quickstart/template/project.clj").read_text(encoding="utf-8"),
        main={
            "zookeeper": _SHADED_ZOOKEEPER,
            "nimbus": "org.apache.storm.daemon.nimbus.Nimbus",
            "supervisor": "org.apache.storm.daemon.supervisor.Supervisor",
        },
        yaml={"nimbus.seeds": ["127.0.0.1"]},
        worker="""(defproject worker "1" :dependencies [[org.apache.storm/storm-client "2.8.3"]])""",
    ),
}


def _between(version: str, *, like: str, clojure: str, hosts_file: bool = False) -> Line:
    """Another version, which is run as one of the four is."""
    known = replace(LINES[like], hosts_file=hosts_file)
    if known.worker is None:
        return replace(known, project=_project(version, clojure=clojure))
    users, worker = (each.replace(like, version) for each in (known.project, known.worker))
    return replace(
        known,
        project=re.sub(r'(org\.clojure/clojure) "[\d.]+"', rf'\1 "{clojure}"', users),
        worker=worker,
    )


#: By version, oldest first: the four, and those whose conversations alone were recorded.
VERSIONS: Mapping[str, Line] = {
    "0.9.4": LINES["0.9.4"],
    "0.9.7": _between("0.9.7", like="0.9.4", clojure="1.5.1"),
    "0.10.2": LINES["0.10.2"],
    "1.0.6": _between("1.0.6", like="1.2.4", clojure="1.7.0"),
    "1.1.3": _between("1.1.3", like="1.2.4", clojure="1.7.0"),
    "1.2.4": LINES["1.2.4"],
    "2.0.0": _between("2.0.0", like="2.8.3", clojure="1.10.0", hosts_file=True),
    "2.4.0": _between("2.4.0", like="2.8.3", clojure="1.10.0"),
    "2.7.1": _between("2.7.1", like="2.8.3", clojure="1.12.0"),
    "2.8.3": LINES["2.8.3"],
}


def line(version: str) -> Line:
    """The line of this version."""
    if version not in VERSIONS:
        raise ValueError(f"Storm {version!r} is none that tests run; {', '.join(VERSIONS)} are")
    return VERSIONS[version]


def missing(*tools: str) -> str:
    """What to say of those of these programs that are not here; empty when all are."""
    absent = [tool for tool in tools if shutil.which(tool) is None]
    return f"{', '.join(absent)} not on this machine's PATH" if absent else ""


def require(*tools: str) -> None:
    """Leave the test out where one of these programs is missing, or fail it where nothing may be left out."""
    import pytest  # the launcher does without it

    reason = missing(*tools)
    if reason and os.environ.get("CI"):
        pytest.fail(f"{reason}; CI covers real Storms and does not leave them out")
    if reason:
        pytest.skip(reason)


def project_clj(version: str, name: str, *, storm_clojure: bool = True) -> str:
    """The ``project.clj`` of a user of this line: for the newest that of ``sparse quickstart``, which is for it.

    Args:
        storm_clojure: with the artifact of that name, which Storm 2 has.
    """
    text = line(version).project.replace("{{name}}", name)
    return text if storm_clojure else _without_storm_clojure(text)


def _without_storm_clojure(project: str) -> str:
    shorter, found = re.subn(r'\s*\[org\.apache\.storm/storm-clojure "[\d.]+"\]', "", project)
    assert found == 1, project
    return shorter


def environment(version: str) -> dict[str, str]:
    """What the environment of ``lein``, and of the programs it starts, needs on top of the machine's own.

    All that a project of this line needs is in the repository then: a ``lein`` beside this one fetches nothing.
    """
    class_path(version)
    # For the project's JVM: Leiningen's own would find no repository by such a hosts file.
    jvm_options = {"JVM_OPTS": hosts_option()} if line(version).hosts_file else {}
    return _of_lein() | jvm_options


def class_path(version: str, *, storm_clojure: bool = True) -> list[Path]:
    """The jars of a project of this line, Storm's among them; ``storm_clojure`` as of ``project_clj``."""
    return _resolved(project_clj(version, "class-path", storm_clojure=storm_clojure))


def home_jars(version: str) -> dict[str, list[Path]]:
    """The jars of a STORM_HOME by directory: ``lib`` for daemons, which are a project's, ``lib-worker`` for workers."""
    worker = line(version).worker
    return {"lib": class_path(version)} | ({"lib-worker": _resolved(worker)} if worker else {})


def hosts_option() -> str:
    """The option that gives a JVM a hosts file, and nothing else, to look addresses up in.

    ZooKeeper 3.4's client, Storm 1.2's, looks up what ``InetSocketAddress`` shows, and for an unresolved one that is
    ``localhost/<unresolved>`` from JDK 14 on.
    """
    names = ["localhost", "127.0.0.1", socket.gethostname()]
    every = " ".join(["127.0.0.1", *names, *(f"{name}/<unresolved>" for name in names)])
    path = _written(_cache() / "hosts", f"{every}\n")
    return f"-Djdk.net.hosts.file={path}"


# -- Leiningen ---------------------------------------------------------------------------------------------------


def _resolved(project: str) -> list[Path]:
    """The jars on the class path of a project, which is looked up once for each text."""
    digest = hashlib.sha256(f"{project}{_repository()}".encode()).hexdigest()[:16]
    kept = _cache() / "class-paths" / f"{digest}.json"
    with _alone():
        if kept.is_file():
            jars = [Path(jar) for jar in json.loads(kept.read_text(encoding="utf-8"))]
            if all(jar.is_file() for jar in jars):
                return jars
        jars = _lein_classpath(project)
        _written(kept, json.dumps([str(jar) for jar in jars], indent=0))
    return jars


@contextmanager
def _alone() -> Iterator[None]:
    """Alone among all test runs on this machine: two that fetch the same jar can be in each other's way."""
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lein_classpath(project: str) -> list[Path]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "project.clj").write_text(project, encoding="utf-8")
        ran = subprocess.run(
            ["lein", "classpath"],
            cwd=directory,
            env=os.environ | _of_lein(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode:
        raise RuntimeError(f"lein classpath failed for:\n{project}\n{ran.stdout}{ran.stderr}")
    return [Path(each) for each in ran.stdout.strip().split(os.pathsep) if each.endswith(".jar")]


def _of_lein() -> dict[str, str]:
    found = {"LEIN_HOME": str(_lein_home())}
    if os.geteuid() == 0:
        found["LEIN_ROOT"] = "1"  # or it asks whether that is meant, and waits for a key
    return found


def _lein_home() -> Path:
    """Leiningen's home: the user's settings, such as mirrors, and our repository."""
    home = _cache() / "lein"
    # This takes the place of Leiningen's own :base profile, which has two tools from Clojars that its REPL needs.
    _written(
        home / "profiles.d" / "base.clj", f"{{:local-repo {json.dumps(str(_repository()))}}}\n"
    )
    users = Path(os.environ.get("LEIN_HOME") or Path.home() / ".lein") / "profiles.clj"
    if users.is_file() and users.parent != home:
        _written(home / "profiles.clj", users.read_text(encoding="utf-8"))
    return home


# -- What is at Clojars only -------------------------------------------------------------------------------------

_CARBONITE = "carbonite"

_STUBS = (
    # storm-core 0.9.4
    ("com.twitter", _CARBONITE, "1.4.0"),
    ("clj-time", "clj-time", "0.4.1"),
    ("compojure", "compojure", "1.1.3"),
    ("clout", "clout", "1.0.1"),
    ("ring", "ring-core", "1.1.5"),
    ("ring", "ring-devel", "0.3.11"),
    ("ring", "ring-servlet", "0.3.11"),
    ("ring", "ring-jetty-adapter", "0.3.11"),
    ("hiccup", "hiccup", "0.3.6"),
    ("clj-stacktrace", "clj-stacktrace", "0.2.2"),
    # storm-clojure 2.0 to 2.4
    ("com.twitter", _CARBONITE, "1.5.0"),
    # storm-core 1.2.4
    ("ring-cors", "ring-cors", "0.1.5"),
    # storm-clojure 2.8.3
    ("org.clojars.bipinprasad", _CARBONITE, "1.6.0"),
)


def _repository() -> Path:
    """The local repository, with the stubs where ``mvn install`` would have put them."""
    repository = _cache() / "m2"
    for group, artifact, version in _STUBS:
        directory = repository.joinpath(*group.split("."), artifact, version)
        pom, jar = (directory / f"{artifact}-{version}.{kind}" for kind in ("pom", "jar"))
        if not jar.is_file():
            _written(pom, _pom(group, artifact, version))
            _written_bytes(jar, _jar(_bridge() if artifact == _CARBONITE else {}))
    return repository


def _pom(group: str, artifact: str, version: str) -> str:
    return f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{group}</groupId>
  <artifactId>{artifact}</artifactId>
  <version>{version}</version>
</project>
"""


def _jar(entries: dict[str, bytes]) -> bytes:
    """A jar of these entries, dated so that the same entries make the same jar."""
    manifest = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n\n"}
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as jar:
            for name, content in (manifest | entries).items():
                jar.writestr(zipfile.ZipInfo(name), content)
        return file.getvalue()


def _bridge() -> dict[str, bytes]:
    """carbonite's one class that Storm calls, compiled for the oldest JVM that javac still knows."""
    name = "carbonite/JavaBridge"
    sources = [
        _HERE / "jvm_stubs" / f"{each}.java" for each in (name, "com/esotericsoftware/kryo/Kryo")
    ]
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(
            ["javac", "--release", "8", "-Xlint:-options", "-proc:none", "-d", directory, *sources],
            check=True,
        )
        return {f"{name}.class": Path(directory, f"{name}.class").read_bytes()}


# -- The cache ---------------------------------------------------------------------------------------------------


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamparse-tests"


def _written(path: Path, text: str) -> Path:
    return _written_bytes(path, text.encode())


def _written_bytes(path: Path, content: bytes) -> Path:
    """The file with this content; other test runs see it whole or not at all."""
    if path.is_file() and path.read_bytes() == content:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
    return path
