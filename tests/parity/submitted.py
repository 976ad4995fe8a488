"""The StormTopology that Storm's own Clojure makes of each scenario's topology file, as plain values.

``python -m tests.parity.submitted`` writes them anew, for the four lines that all tests of real Storms run on. The
components are left out: Clojure submits Java objects, and we submit commands.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from thriftpy2.protocol.binary import TBinaryProtocolFactory
from thriftpy2.utils import deserialize

from streamparse.cluster.storm_thrift import interface
from streamparse.jvm import SOURCES, log_options
from tests.parity.scenarios import SCENARIOS, Scenario
from tests.support import storm_lines
from tests.support.paths import TESTS

RECORDED = Path(__file__).parent / "submitted"


def recorded(version: str) -> dict[str, Any]:
    """What was recorded of a line, by scenario: a value of ``shown``, or Storm's message where it refuses the file."""
    found: dict[str, Any] = json.loads((RECORDED / f"{version}.json").read_text(encoding="utf-8"))
    return found


def scenarios(version: str) -> list[Scenario]:
    """The scenarios of a line."""
    return [each for each in SCENARIOS if each.runs_on(version)]


def shown(topology: Any) -> dict[str, list[object]]:
    """A StormTopology without its components' objects, versions and hooks.

    Maps of components are lists, for their order decides something. A component's configuration is parsed, and one that
    is absent is empty, as Storm takes it.
    """
    return {
        kind: [
            [component_id, _common(spec.common)]
            for component_id, spec in getattr(topology, kind).items()
        ]
        for kind in ("spouts", "bolts", "state_spouts")
    }


def _common(common: Any) -> dict[str, object]:
    return {
        "inputs": {f"{each.componentId} {each.streamId}": _grouping(grouping)
                   for each, grouping in common.inputs.items()},
        "streams": {name: [each.output_fields, each.direct] for name, each in common.streams.items()},
        "parallelism_hint": common.parallelism_hint,
        "json_conf": json.loads(common.json_conf or "{}"),
    }  # fmt: skip


def _grouping(grouping: Any) -> object:
    ((kind, value),) = [(k, v) for k, v in vars(grouping).items() if v is not None]
    return value if kind == "fields" else kind


def storms(version: str, *, storm_clojure: bool = True) -> dict[str, Any]:
    """What the line's own classes make of the scenarios' files now; see submitted.clj.

    Args:
        storm_clojure: with the artifact of that name, which Storm 2 has.
    """
    asked = scenarios(version)
    with tempfile.TemporaryDirectory() as name:
        jobs, answers = Path(name, "jobs"), Path(name, "answers")
        lines = [{"path": str(each.path), "conf": each.whole_conf()} for each in asked]
        jobs.write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
        jars = storm_lines.class_path(version, storm_clojure=storm_clojure)
        path = [TESTS, SOURCES, *jars]
        options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *log_options()]
        command = ["clojure.main", "-m", "parity.submitted", str(jobs), str(answers)]
        argv = ["java", *options, "-cp", os.pathsep.join(map(str, path)), *command]
        subprocess.run(argv, check=True, stderr=subprocess.DEVNULL)
        told = answers.read_text(encoding="utf-8").splitlines()
    return {each.name: _answer(json.loads(text)) for each, text in zip(asked, told, strict=True)}


def _answer(found: Mapping[str, str]) -> object:
    if "error" in found:
        return {"refused": True}  # in words that depend on the JDK
    made = base64.b64decode(found["bytes"])
    binary = TBinaryProtocolFactory()  # type: ignore[no-untyped-call]  # thriftpy2 0.7
    return shown(deserialize(interface().StormTopology(), made, binary))


def main(versions: Sequence[str]) -> None:
    RECORDED.mkdir(exist_ok=True)
    for version in versions or storm_lines.LINES:
        found = [f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False, sort_keys=True)}"
                 for name, each in storms(version).items()]  # fmt: skip
        text = "{\n" + ",\n".join(found) + "\n}\n"
        (RECORDED / f"{version}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
