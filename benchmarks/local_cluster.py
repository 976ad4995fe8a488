"""`sparse simulate` against `sparse run`: the same project, the same components, a simulated Storm and a real one.

    python benchmarks/local_cluster.py [--rounds 7] [--tuples 20000]

Both are typed as a user types them, in turn. The components tell when: the last bolt at its first tuple, the spout
when all of its tuples are acked. Needs Leiningen and a JDK, and asks Leiningen once beforehand: what is timed of `run`
is the JVM. Storm is 2.8.3, and what a machine lacks of it is made up as for the tests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "tests")]

from simulation import CHAIN, ratio  # noqa: E402 (after the path is set)

from storm_lines import environment, project_clj  # noqa: E402

STORM = "2.8.3"
PENDING = 1000  # enough that neither waits for the spout, few enough that no tuple times out


def project(directory: Path) -> Path:
    """A project of the chain, for both."""
    for name in ("src", "topologies", "virtualenvs"):
        (directory / name).mkdir()
    shutil.copy(HERE / "chain.py", directory / "src")
    (directory / "topologies" / "chain.clj").write_text(CHAIN, encoding="utf-8")
    (directory / "project.clj").write_text(project_clj(STORM, "chain"), encoding="utf-8")
    (directory / "config.json").write_text("{}", encoding="utf-8")
    return directory


def timed(place: Path, command: str, tuples: int) -> tuple[float, float]:
    """Seconds from the command to the last bolt's first tuple; the spout's tuples a second, all acked."""
    first, acked = (place / f"{name}.txt" for name in ("first", "acked"))
    for path in (first, acked):
        path.unlink(missing_ok=True)
    options = [f"words={tuples}", f"benchmark.first={first}", f"benchmark.acked={acked}"]
    options.append(f"topology.max.spout.pending={PENDING}")
    argv = [sys.executable, "-m", "streamparse.cli.sparse", command]
    argv += [word for option in options for word in ("-o", option)]
    env = {**os.environ, **environment(STORM), "PYTHONPATH": str(HERE.parent)}
    began = time.time()  # as the components' processes know it
    if command == "simulate":
        argv += ["--time", "0"]
        subprocess.run(argv, cwd=place, env=env, check=True, capture_output=True)
    else:
        _run_until_acked(argv, place, env, acked)
    begun, ended, number = map(float, acked.read_text(encoding="utf-8").split())
    return float(first.read_text(encoding="utf-8")) - began, number / (ended - begun)


def _run_until_acked(argv: list[str], place: Path, env: dict[str, str], acked: Path) -> None:
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
    assert acked.exists(), "".join(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tuples", type=int, default=20_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        place = project(Path(directory))
        timed(place, "run", 100)  # Leiningen has been asked now, and all files have been read
        rounds = [
            [timed(place, command, args.tuples) for command in ("simulate", "run")]
            for _ in range(args.rounds)
        ]
    figures = [
        [list(each) for each in zip(*side, strict=True)] for side in zip(*rounds, strict=True)
    ]
    (simulate_first, simulate_rate), (run_first, run_rate) = figures
    print(
        f"first tuple in the last bolt, sparse simulate   {statistics.median(simulate_first):8.2f} s"
    )
    print(f"first tuple in the last bolt, sparse run        {statistics.median(run_first):8.2f} s")
    print(f"    run takes so many times as long             {ratio(run_first, simulate_first)}")
    print(
        f"spout tuples/s, all acked, sparse simulate      {statistics.median(simulate_rate):8.0f}"
    )
    print(f"spout tuples/s, all acked, LocalCluster {STORM}   {statistics.median(run_rate):8.0f}")
    print(f"    simulate does so many times as many         {ratio(simulate_rate, run_rate)}")


if __name__ == "__main__":
    main()
