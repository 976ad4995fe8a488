"""The settings of a topology that nobody sets, by its form."""

from __future__ import annotations

from simulator import RUN_CONF
from simulator.model import Topology
from streamparse.project import environment_from
from streamparse.topologies.defaults import default_conf, is_class_file, with_aliases, with_conf

CLASS = {
    "streamparse.topology.class": True,
    "topology.debug": False,
    "topology.workers": 1,
    "topology.acker.executors": 1,
}


def test_a_clojure_file_has_those_of_2_and_a_class_those_of_3() -> None:
    environment = environment_from("prod", {"workers": ["one", "two"]})
    assert default_conf("t.clj") == default_conf("t.clj", environment) == dict(RUN_CONF)
    assert default_conf("t.py") == default_conf(None) == CLASS
    assert default_conf("t.py", environment) == {
        **CLASS,
        "topology.workers": 2,
        "topology.acker.executors": 2,
    }
    assert (is_class_file("t.py"), is_class_file("t.clj")) == (True, False)


def test_what_a_class_sets_wins_over_all_but_what_is_given_last() -> None:
    own = {"a": "own", "b": "own", "topology.workers": 3}
    topology = Topology("t", {}, conf=own)
    conf = {**CLASS, "a": "option", "b": "given"}
    assert with_conf(topology, conf, {"b": "given"}) == {
        **CLASS,
        "a": "own",
        "b": "given",
        "topology.workers": 3,
        "topology.acker.executors": 3,
    }


def test_other_names_of_packages_are_put_beside_other_variables() -> None:
    conf = {"topology.environment": {"LANG": "C"}}
    assert with_aliases(conf, {}) == conf
    assert with_aliases(conf, {"pystorm": "streamparse"}) == {
        "topology.environment": {"LANG": "C", "STREAMPARSE_ALIASES": "pystorm=streamparse"}
    }
