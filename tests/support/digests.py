"""The digests of runs that have to stay what they are: every example, every parity scenario, seeds of ``explore``.

A change that is not meant to change what happens leaves ``digests.json`` equal.
``PYTHONPATH=tests/support/components python -m tests.support.digests``
prints what is there now; ``--write`` puts it into the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from planted import components as planted
from streamparse.testing import Storm
from tests.parity.cluster import CLUSTER
from tests.parity.scenarios import SCENARIOS
from tests.parity.simulated import simulate
from tests.support.paths import EXAMPLES, ROOT, TESTS
from tests.support.storm_lines import LINES

TABLE = TESTS / "support/digests.json"
PLANTED = TESTS / "support/components/planted"
EXPLORE_SEEDS = range(12)
EXPLORE_RUNS = 12

Digests = dict[str, str]


def example_digests(name: str) -> Digests:
    """The ``trace_sha256`` of an example by mode and seed, as ``sparse simulate --json`` tells it."""
    found = {}
    for mode in ("process", "inprocess"):
        for seed in ("0", "7"):
            found[f"{name} {mode} seed {seed}"] = _simulated(name, mode, seed)
    return found


def _simulated(name: str, mode: str, seed: str) -> str:
    how = ["--in-process"] if mode == "inprocess" else []
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "streamparse.cli.sparse",
            "simulate",
            "--json",
            "--seed",
            seed,
            *how,
        ],
        cwd=EXAMPLES / name,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return str(json.loads(done.stdout)["trace_sha256"])


def scenario_digests(version: str) -> Digests:
    """The digest of every parity scenario in a simulation of this Storm."""
    return {
        f"{version} {each.name}": simulate(each, version).trace
        for each in (*SCENARIOS, *CLUSTER)
        if each.runs_on(version)
    }


def explore_digest(seed: int) -> str:
    """One digest of the traces of all runs of an exploration, the failing and the shrinking ones too."""
    digest = hashlib.sha256()
    rows = [[n, word] for n, word in enumerate(["dog", "cat", "dog", "emu", "dog"])]
    faults = ["crash", "lost-ack", "duplicate", "delay", "drop", "fail"]
    with tempfile.TemporaryDirectory() as directory, Storm(directory, seed=seed) as storm:
        for stub in (planted.SavesOnce, planted.ForgetsAnAck):
            runs = storm.explore(EXPLORE_RUNS, faults=faults)
            try:
                for run in runs:
                    planted.DATABASE.clear()
                    feed = storm.feed(rows, retries=2)
                    with run.topology(
                        PLANTED / "store.clj", spouts={"rows": feed}, bolts={"store-bolt": stub}
                    ) as topology:
                        try:
                            topology.complete()
                        finally:
                            digest.update(topology.trace.sha256.encode())
            except AssertionError:
                digest.update(b"failed")
    return digest.hexdigest()


def examples() -> list[str]:
    return sorted(path.name for path in EXAMPLES.iterdir())


def all_digests() -> Mapping[str, Digests]:
    """The whole table."""
    return {
        "examples": {
            key: value for name in examples() for key, value in example_digests(name).items()
        },
        "scenarios": {k: v for version in LINES for k, v in scenario_digests(version).items()},
        "explore": {f"seed {seed}": explore_digest(seed) for seed in EXPLORE_SEEDS},
    }


def recorded() -> Mapping[str, Digests]:
    """The table as it is kept."""
    found: Mapping[str, Digests] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def main() -> int:
    now = all_digests()
    text = json.dumps(now, indent=1) + "\n"
    if "--write" in sys.argv[1:]:
        TABLE.write_text(text, encoding="utf-8")
        return 0
    kept = recorded()
    different = [
        f"{kind}: {name}"
        for kind, table in now.items()
        for name in table | kept[kind]
        if table.get(name) != kept[kind].get(name)
    ]
    print("\n".join(different) or f"equal: {sum(map(len, now.values()))} digests")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
