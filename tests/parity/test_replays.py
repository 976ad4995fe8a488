"""What real Storms of every line have said to components is replayed, behind other lines: nothing differs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator import RUN_CONF, parse_topology
from streamparse.testing import Storm
from tests.parity.conversations import load
from tests.support.paths import TESTS

PARITY = TESTS / "parity"
SCENARIOS = ("words", "fates", "diamond", "fan-out", "streams")
LINES = ("0.9.4", "0.10.2", "1.2.4", "2.0.0", "2.8.3")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_recording_of_one_storm_line_replays_on_any_other(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(PARITY / "project/src")
    text = (PARITY / f"project/topologies/{scenario}.clj").read_text(encoding="utf-8")
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    components = parse_topology(text, options=conf).components
    differ, replayed = [], 0
    for line in LINES:
        path = PARITY / f"recorded/{line}/{scenario}.jsonl"
        for talk in load(path).talks:
            cls = components[talk.component].python_class
            if cls is None or len(talk.said) < 2:  # a task that was given nothing
                continue
            with Storm(tmp_path, storm_version="2.8.3" if line < "2" else "0.9.4") as storm:
                made = storm.replay(cls, path, task=talk.task, check=False)
            replayed += 1
            if not made.is_same:
                differ.append(str(made))
    assert (differ, replayed >= len(LINES)) == ([], True)
