"""`sparse simulate` against `sparse run`: the same project, the same components, a simulated Storm and a real one.

Both are typed as a user types them, in turn. The components tell when: the last bolt at its first tuple, the spout
when all of its tuples are acked. Needs Leiningen and a JDK, and asks Leiningen once beforehand: what is timed of `run`
is the JVM. Storm is 2.8.3, and what a machine lacks of it is made up as for the tests.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import ROOT, Result, a_second, over
from benchmarks.simulation import TUPLES, acked, chain
from tests.support import storm_lines

STORM = "2.8.3"
ROUNDS = 3  # a pair takes half a minute
PENDING = 1000  # enough that neither waits for the spout, few enough that no tuple times out


def storms(*, quick: bool) -> Sequence[Result | None]:
    """Spout tuples a second, and seconds to the first tuple in the last bolt, against LocalCluster."""
    if shutil.which("lein") is None:
        print("local-cluster: there is no Leiningen to run it (lein)", file=sys.stderr)
        return [None, None]
    with tempfile.TemporaryDirectory() as directory:
        place = project(Path(directory))
        timed(place, "run", 100)  # Leiningen has been asked now, and all files have been read
        ours, theirs = zip(
            *(
                (timed(place, "simulate", TUPLES), timed(place, "run", TUPLES))
                for _ in range(1 if quick else ROUNDS)
            ),
            strict=True,
        )
    (first, rate), (their_first, their_rate) = zip(*ours, strict=True), zip(*theirs, strict=True)
    seconds = (
        f"{statistics.median(first):.2f} s (`sparse run` {statistics.median(their_first):.2f} s)"
    )
    return [
        Result(f"{a_second(rate)} (`sparse run` {a_second(their_rate)})", over(rate, their_rate)),
        Result(seconds, over(their_first, first)),
    ]


def project(directory: Path) -> Path:
    """A project of the chain, for both."""
    project_clj = storm_lines.project_clj(STORM, "chain")
    for name in ("src", "topologies", "virtualenvs"):
        (directory / name).mkdir()
    shutil.copy(ROOT / "benchmarks" / "chain.py", directory / "src")
    (directory / "topologies" / "chain.clj").write_text(chain("chain"), encoding="utf-8")
    (directory / "project.clj").write_text(project_clj, encoding="utf-8")
    (directory / "config.json").write_text("{}", encoding="utf-8")
    return directory


def timed(place: Path, command: str, tuples: int) -> tuple[float, float]:
    """Seconds from the command to the last bolt's first tuple; the spout's tuples a second, all acked."""
    first, report = (place / f"{name}.txt" for name in ("first", "acked"))
    for path in (first, report):
        path.unlink(missing_ok=True)
    options = [f"words={tuples}", f"benchmark.first={first}", f"benchmark.acked={report}"]
    options.append(f"topology.max.spout.pending={PENDING}")
    argv = [sys.executable, "-m", "streamparse.cli.sparse", command]
    argv += [word for option in options for word in ("-o", option)]
    env = {**os.environ, **storm_lines.environment(STORM), "PYTHONPATH": str(ROOT)}
    began = time.time()  # as the components' processes know it
    if command == "simulate":
        argv += ["--time", "0"]
        subprocess.run(argv, cwd=place, env=env, check=True, capture_output=True)
    else:
        _run_until_acked(argv, place, env, report)
    seconds, number = acked(report)
    firsts = map(float, first.read_text(encoding="utf-8").split())
    return min(firsts) - began, number / seconds


def _run_until_acked(argv: list[str], place: Path, env: dict[str, str], report: Path) -> None:
    """A LocalCluster does not end by itself: the spout says when it is over, in Storm's log and so on the screen."""
    with subprocess.Popen(
        argv, cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "all acked" in line:
                process.terminate()
    assert report.exists(), "".join(said)
