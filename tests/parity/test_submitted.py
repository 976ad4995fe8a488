"""What is submitted by Thrift beside what Storm's own Clojure submits, for every scenario's topology file."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.clj import read_topology
from simulator.model import TopologyError, profile
from streamparse.cluster import find_submit_problems, to_storm_topology
from tests.parity.scenarios import Scenario
from tests.parity.submitted import recorded, scenarios, shown, storms
from tests.support import storm_lines

VERSIONS = list(storm_lines.LINES)


def submitted(scenario: Scenario, version: str) -> Any:
    """What we submit; None where the topology is refused."""
    conf, storm = scenario.whole_conf(), profile(version)
    try:
        topology = read_topology(scenario.path, conf, storm_version=version)
    except TopologyError:
        return None
    if find_submit_problems(topology, conf, storm):
        return None
    return shown(to_storm_topology(topology, conf, storm))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_topology_by_thrift_is_the_one_that_storms_clojure_submits(version: str) -> None:
    theirs = recorded(version)
    ours = {each.name: submitted(each, version) for each in scenarios(version)}
    sent = {name: each for name, each in ours.items() if each is not None}
    assert sent == {name: theirs[name] for name in sent}
    # What is refused here, Storm's Clojure refuses, or its Nimbus does. No other is.
    assert [name for name in ours.keys() - sent.keys() if not name.startswith("bad-")] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_storms_clojure_refuses_is_refused(version: str) -> None:
    refused = {name for name, each in recorded(version).items() if "refused" in each}
    sent = {each.name for each in scenarios(version) if submitted(each, version) is not None}
    assert refused & sent == set()
    assert len(refused) >= 10


@pytest.mark.real_storm
@pytest.mark.parametrize("version", VERSIONS)
def test_storms_clojure_submits_what_was_recorded(version: str) -> None:
    storm_lines.require("lein", "java")
    assert storms(version) == recorded(version)


@pytest.mark.real_storm
def test_without_storm_clojure_the_same_is_submitted() -> None:
    storm_lines.require("lein", "java")
    assert storms("2.8.3", storm_clojure=False) == recorded("2.8.3")
