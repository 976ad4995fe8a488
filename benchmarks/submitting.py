"""`sparse submit --thrift` against `sparse submit` with Leiningen: one project, one real cluster of Storm 2.8.3.

Both are typed as a user types them, in turn, from the command to its last line, which says that the topology is
submitted. Nothing of its name runs then. Leiningen has been asked for its JVM beforehand, as after a first submit.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.local_cluster import STORM, project
from benchmarks.measure import ROOT, Result, in_turn, over, wall
from streamparse.cluster import ThriftNimbus, kill_topology, topology_status
from tests.support import storm_lines
from tests.support.storm_cluster import StormCluster

ROUNDS = 5  # a pair takes half a minute
NAME = "chain"


def submits(*, quick: bool) -> Sequence[Result | None]:
    """Seconds from the command to "submitted", against Leiningen's."""
    if shutil.which("lein") is None:
        print("submit: there is no Leiningen to compare with (lein)", file=sys.stderr)
        return [None]
    with tempfile.TemporaryDirectory() as directory:
        place = project(Path(directory))
        with StormCluster(STORM, Path(directory, "storm"), slots=1) as cluster:
            config = {"envs": {"here": cluster.environment_config()}}
            (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
            thrift, lein = in_turn(
                1 if quick else ROUNDS,
                lambda: _timed(place, cluster, "--thrift"),
                lambda: _timed(place, cluster, "--lein"),
                warm_up=True,
            )
    value = f"{statistics.median(thrift):.2f} s (Leiningen {statistics.median(lein):.2f} s)"
    return [Result(value, over(lein, thrift))]


def _timed(place: Path, cluster: StormCluster, way: str) -> float:
    """Seconds that a submit takes; the topology is gone when this returns."""
    env = {**os.environ, **storm_lines.environment(STORM), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "submit", way]

    def submit() -> None:
        done = subprocess.run(argv, cwd=place, env=env, capture_output=True, text=True, check=False)
        assert "is submitted" in done.stdout, done.stdout + done.stderr

    seconds = wall(submit)
    nimbus = ThriftNimbus(cluster.nimbus)
    kill_topology(nimbus, NAME, 0)
    while topology_status(nimbus, NAME):
        time.sleep(0.2)
    return seconds
