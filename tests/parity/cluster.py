"""Crash and restart, on a real cluster: who is started again with whom, and what becomes of tuples on their way.

In a LocalCluster nobody starts a worker again. Here the scenarios are submitted to a cluster of daemons, one after the
other, and a component of each dies once (``project/src/scripted/crashes.py``). Each life of a task is a conversation of
its own. A scenario is over when its spouts say so, somebody has been started again, and a while has passed in which
others could have been.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from streamparse.cluster import ThriftNimbus
from streamparse.jvm import SOURCES, Jvm, run_clojure
from streamparse.project import Project
from tests.parity.conversations import Run, read_lives
from tests.parity.live import ROOT, workshop
from tests.parity.scenarios import CHOICE, PROJECT, Deviation, Scenario
from tests.support import storm_lines
from tests.support.storm_cluster import StormCluster
from tests.support.waiting import HANG_SECS

VERSION = "2.8.3"
LINGER_SECS = 8  # whoever is started again with another is within a second or two
STEP_SECS = 0.2
NOT_IN_STORM = ("storm-clojure-", "clojure-")  # jars that are the project's to bring

RETRIES = "how often a tuple is emitted again before the new worker runs"
RECONNECTS = (
    "a worker that survives learns that another one was restarted when it sends to it; what it sends is lost. Here "
    "these are the first acks of the spout's second process. Their tuples fail and are emitted again"
)

#: All that is fixed when a process starts.
STARTED = ("tasks", "lives", "workers", "context", "conf", "life")


def _crash(
    name: str,
    about: str,
    *,
    compared: Sequence[str],
    spout: str,
    bolt: str = "scripted.crashes.Mortal",
    how: str = "exit",
    conf: Mapping[str, object] | None = None,
    open_: Sequence[str] = (),
    deviations: Sequence[Deviation] = (),
) -> Scenario:
    return Scenario(
        name,
        about,
        "crash",
        compared=[*STARTED, *compared],
        open=open_,
        conf={
            "my.spout.class": f"scripted.crashes.{spout}",
            "my.class": bolt,
            "my.crash": how,
            "storm.cluster.mode": "distributed",  # as the cluster has it; a simulation says "local"
            **(conf or {}),
        },
        processes=how == "kill",
        restarts=True,
        lines=[VERSION],
        deviations=deviations,
    )


TWO_WORKERS = {"topology.workers": 2}
SOON = {"topology.message.timeout.secs": 5}

CLUSTER: Sequence[Scenario] = (
    _crash(
        "bolt-exits",
        "a bolt exits; with one worker everything is started again, and the spout begins with its first row",
        spout="OneByOne",
        compared=["placed", "received", "texts", "outcomes", "settled", "emitted"],
    ),
    _crash(
        "bolt-killed",
        "a bolt is killed, in another worker than the spout: the tuples that it held or lost time out and come again",
        spout="Held",
        how="kill",
        conf={**TWO_WORKERS, **SOON},
        compared=["seen", "last-outcome", "failed", "timed-out"],
        open_=[RETRIES],
    ),
    _crash(
        "acker-lost",
        "the same with an acker in each worker: one of them dies with the bolt",
        spout="Held",
        conf={**TWO_WORKERS, **SOON, "topology.acker.executors": 2},
        compared=["seen", "last-outcome", "failed", "timed-out"],
        open_=[RETRIES],
    ),
    _crash(
        "three-workers",
        "nine executors in three workers: three of them die with a bolt",
        spout="Held",
        conf={**SOON, "topology.workers": 3, "my.others": 5},
        compared=["last-outcome", "failed", "timed-out"],
        open_=[RETRIES, CHOICE],
    ),
    _crash(
        "sent-meanwhile",
        "tuples that are sent to a worker before it runs again are lost, fail and come again",
        spout="Meanwhile",
        conf={**TWO_WORKERS, **SOON},
        compared=["seen", "last-outcome", "failed", "timed-out"],
        open_=[RETRIES],
        deviations=[
            Deviation(
                ["failed", "timed-out"],
                "a simulation restarts a worker in zero virtual time, so nothing can be sent in between",
            )
        ],
    ),
    _crash(
        "bolt-raises",
        "a bolt raises: its fail is its last message, and reaches a spout that survives",
        spout="NeverAgain",
        how="raise",
        conf=TWO_WORKERS,
        compared=["placed", "received", "outcomes", "timed-out", "settled", "emitted", "parting"],
    ),
    _crash(
        "spout-exits",
        "a spout exits: it is never notified of its pending tuples, though a bolt in another worker acks them later",
        spout="MortalSpout",
        bolt="scripted.crashes.Hoard",
        conf={**TWO_WORKERS, **SOON, "topology.acker.executors": 2},
        compared=["seen", "last-outcome"],
        open_=[RECONNECTS],
    ),
    _crash(
        "spout-raises",
        "a spout raises, in the same worker as its bolts",
        spout="MortalSpout",
        bolt="scripted.crashes.Hoard",
        how="raise",
        compared=["placed", "received", "outcomes", "settled", "parting"],
    ),
    _crash(
        "bolt-exits-unacked",
        "a bolt exits, and there is no acker: the tuples that it lost were acked before",
        spout="Forgotten",
        conf={**TWO_WORKERS, "topology.acker.executors": 0},
        compared=["placed", "received", "outcomes", "settled", "emitted"],
    ),
)


def scenario(name: str) -> Scenario:
    """The scenario of this name."""
    return next(each for each in CLUSTER if each.name == name)


# -- live ----------------------------------------------------------------------------------------------------------


def run_cluster(scenarios: Sequence[Scenario], keep: Path | None = None) -> dict[str, Run]:
    """Run these scenarios on a cluster of ``VERSION``, one after the other; what was said, by scenario.

    Raises:
        RuntimeError: the cluster does not start, or refuses one of them.
    """
    with workshop(keep) as directory:
        jar = _jar(directory)
        with StormCluster(
            VERSION,
            directory / "storm",
            slots=4,
            worker_path=f"{directory / 'bin'}{os.pathsep}{os.environ['PATH']}",
            worker_env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        ) as cluster:
            ends = {each.name: _run(each, cluster, directory, jar) for each in scenarios}
        return {
            name: Run(talks=read_lives(directory / "notes" / name), end=end)
            for name, end in ends.items()
        }


def _run(each: Scenario, cluster: StormCluster, directory: Path, jar: Path) -> str:
    """Submit it, wait for its end, and kill it: what its end was."""
    over, once = (directory / kind / each.name for kind in ("over", "once"))
    for path in (over, once):
        path.mkdir(parents=True)
    conf = {
        **each.whole_conf(),
        "topology.python.path": str(directory / "bin" / "python"),
        "parity.over": str(over),
        "parity.once": str(once),
        "streamparse.log.path": str(directory / "logs"),
    }
    _submit(each, conf, cluster, directory, jar)

    def lives() -> set[Path]:
        return {*(directory / "notes" / each.name).glob("*")}

    def is_over() -> bool:
        again = (path for path in lives() if path.suffix == ".2")
        return len(list(over.iterdir())) >= each.markers and any(again)

    deadline = time.monotonic() + HANG_SECS
    while not is_over() and time.monotonic() < deadline:
        time.sleep(STEP_SECS)
    end = "over" if is_over() else "deadline"
    known, since = lives(), time.monotonic()
    while time.monotonic() < since + LINGER_SECS:
        time.sleep(STEP_SECS)
        if lives() != known:
            known, since = lives(), time.monotonic()
    ThriftNimbus(cluster.nimbus).kill(each.name, 0)
    return end


def _submit(
    each: Scenario, conf: Mapping[str, object], cluster: StormCluster, directory: Path, jar: Path
) -> None:
    file = directory / f"{each.name}.clj"  # a topology is called as its file is
    shutil.copy(each.path, file)
    java = shutil.which("java")
    assert java is not None
    class_path = [SOURCES, *storm_lines.class_path(VERSION)]
    jvm = Jvm(
        java,
        "",
        ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
        os.pathsep.join(map(str, class_path)),
    )
    host, port = cluster.nimbus
    options = [
        word for key, value in conf.items() for word in ("--option", f"{key}={json.dumps(value)}")
    ]
    ended = run_clojure(
        jvm,
        Project(PROJECT),
        "streamparse.commands.submit_topology",
        [str(file), "--host", host, "--port", str(port), *options],
        options=[f"-Dstorm.jar={jar}", "-Dstorm.options=", "-Dstorm.conf.file="],
    )
    if ended.returncode:
        raise RuntimeError(f"{each.name} was not submitted:\n{ended.stdout}{ended.stderr}")


def _jar(directory: Path) -> Path:
    """What `sparse submit` would build: the project's sources where Storm looks for them, and what no worker has."""
    path = directory / "parity.jar"
    with zipfile.ZipFile(path, "w") as archive:
        for jar in storm_lines.class_path(VERSION):
            if jar.name.startswith(NOT_IN_STORM):
                _copy_entries(jar, archive)
        for source in sorted((PROJECT / "src").rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                archive.write(source, Path("resources") / source.relative_to(PROJECT / "src"))
    return path


def _copy_entries(jar: Path, archive: zipfile.ZipFile) -> None:
    with zipfile.ZipFile(jar) as other:
        for name in other.namelist():
            if not name.startswith("META-INF/") and name not in archive.NameToInfo:
                archive.writestr(name, other.read(name))
