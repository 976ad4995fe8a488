"""The setup of a test: its settings reach single components and topologies alike."""

from __future__ import annotations

import os
import sys

import pytest

from simulator.model import NEWEST
from streamparse.testing import ComponentError, Storm


def test_what_runs_behaves_like_the_storm_version(storm: Storm) -> None:
    with Storm(storm.directory, mode=storm.mode, storm_version="0.9.5") as older:
        chosen = [each.topology("chain.clj").simulation.wiring.profile for each in (storm, older)]
        alone = older.bolt("made.Pass").simulation.wiring.profile
    assert [each.version for each in (*chosen, alone)] == [NEWEST, "0.9.5", "0.9.5"]


def test_what_is_not_strict_lets_pass_what_its_storm_lets_pass(storm: Storm) -> None:
    with Storm(storm.directory, mode=storm.mode, storm_version="1.2.4", strict=False) as lenient:
        assert lenient.bolt("made.Strays", outputs=["a"]).process([1]).acked
        run = lenient.topology("numbers.clj", bolts={"last": "made.Strays"})
        assert len(run.complete()["last"].emitted) == 3
    with pytest.raises(ComponentError, match="defualt"):
        storm.bolt("made.Strays", outputs=["a"]).process([1])


TELLER = """
import os
from streamparse import Bolt

class Tells(Bolt):
    def process(self, tup):
        self.emit([os.environ.get("COLOUR"), os.environ.get("OTHER")])
"""


def test_the_environment_of_a_topology_reaches_single_bolts_and_topologies(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    (storm.directory / "tellers.py").write_text(TELLER)
    monkeypatch.delitem(sys.modules, "tellers", raising=False)
    monkeypatch.setenv("COLOUR", "blue")
    monkeypatch.setenv("OTHER", "mine")
    conf = {"topology.environment": {"COLOUR": "red"}}
    bolt = storm.bolt("tellers.Tells", inputs=["n"], outputs=["colour", "other"], conf=conf)
    assert bolt.process([1]).emitted == [["red", "mine"]]
    run = storm.topology(
        "chain.clj",
        spouts={"rows": [[1, "dog"]]},
        bolts={"pass": "tellers.Tells"},
        conf=conf,
    )
    assert run.complete()["pass"].emitted == [["red", "mine"]]
    assert (os.environ["COLOUR"], os.environ["OTHER"]) == ("blue", "mine")
