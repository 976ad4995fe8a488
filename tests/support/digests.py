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
from functools import partial

from planted import components as planted
from simulator.clj import read_topology as read_clojure
from simulator.model import Topology, TopologyError, profile, settings
from streamparse.dsl import TopologyType
from streamparse.testing import Storm
from streamparse.topologies import topology_of_class
from streamparse.topologies.to_python import to_python
from streamparse.topologies.written import Unwritable
from tests.parity.cluster import CLUSTER
from tests.parity.scenarios import SCENARIOS, Scenario
from tests.parity.simulated import importable, simulate
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


#: The settings of an example's Clojure file, which has other defaults than a Python class.
_OF_CLOJURE = (
    *("--workers", "2", "--ackers", "2"),
    *("-o", "topology.max.spout.pending=5000", "-o", "topology.message.timeout.secs=60"),
)


def class_digest(name: str, mode: str, seed: str) -> str:
    """The same for the Python class of an example, in ``python/``, with the settings of the Clojure file."""
    (path,) = (EXAMPLES / name / "python").glob("*.py")
    return _simulated(name, mode, seed, "-n", f"python/{path.name}", *_OF_CLOJURE)


def _simulated(name: str, mode: str, seed: str, *more: str) -> str:
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
            *more,
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


def class_scenario_digests(version: str) -> tuple[Digests, set[str]]:
    """The same digests of the scenarios as Python classes, and those scenarios for which a class has no words."""
    found: Digests = {}
    without: set[str] = set()
    for scenario in (*SCENARIOS, *CLUSTER):
        if not scenario.runs_on(version):
            continue
        try:
            text = _class_text(scenario, version)
        except (TopologyError, Unwritable):
            without.add(scenario.name)
            continue
        read = partial(_read_class, scenario.topology, text, version)
        found[f"{version} {scenario.name}"] = simulate(scenario, version, read=read).trace
    return found, without


def _class_text(scenario: Scenario, version: str) -> str:
    conf = {**scenario.whole_conf(), settings.PYTHON_PATH: sys.executable}
    topology = read_clojure(scenario.path, conf, storm_version=version)
    return to_python(topology, package=profile(version).package, python=sys.executable).text


def _read_class(name: str, text: str, version: str, conf: Mapping[str, object]) -> Topology:
    """Run the text of a class here, which is sooner than in a child process, and return its topology."""
    names: dict[str, object] = {"__name__": name}
    with importable():
        exec(compile(text, f"{name}.py", "exec"), names)  # our own text
    (cls,) = (each for each in names.values() if isinstance(each, TopologyType) and each.specs)
    return topology_of_class(cls, conf, storm_version=version)


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
