"""What a test's topologies are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.model import NEWEST
from simulator.testing import HarnessError
from streamparse.multilang import CLASS_TOPOLOGY
from streamparse.testing.reading import Reading, checked_conf
from tests.support.paths import EXAMPLES

WORDCOUNT = EXAMPLES / "wordcount"
CLASS = (
    "from streamparse import Spout, Topology\n\nclass Words(Topology):\n    words = Spout.spec()\n"
)


def test_the_version_is_the_one_given_else_the_projects_else_the_newest(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert Reading(tmp_path, "1.2.4").version == "1.2.4"
    assert Reading(tmp_path, None).version == NEWEST
    (tmp_path / "project.clj").write_text(
        '(defproject p "1" :dependencies [[org.apache.storm/storm-core "1.2.4"]])'
    )
    assert Reading(tmp_path, None).version == "1.2.4"


def test_an_unknown_version_is_refused_where_it_is_given() -> None:
    with pytest.raises(HarnessError, match=r"0\.8"):
        Reading(WORDCOUNT, "0.8.1")


def test_a_topology_has_its_whole_configuration() -> None:
    topology, conf = Reading(WORDCOUNT, None).topology("wordcount", {"topology.workers": 3})
    assert (topology.name, conf["topology.workers"]) == ("wordcount", 3)
    assert "topology.python.path" in conf


@pytest.mark.parametrize(("file", "is_of_classes"), [("words.clj", False), ("words.py", True)])
def test_a_component_alone_has_the_settings_of_its_projects_form(
    file: str, is_of_classes: bool, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "topologies").mkdir()
    (tmp_path / "topologies" / file).write_text(CLASS)
    conf = Reading(tmp_path, None).usual_conf(None)
    assert (CLASS_TOPOLOGY in conf) == is_of_classes


def test_the_runs_of_an_exploration_have_what_its_first_one_has_found(tmp_path: Path) -> None:
    file = tmp_path / "w.clj"
    text = (WORDCOUNT / "topologies/wordcount.clj").read_text()
    file.write_text(text)
    reading = Reading(tmp_path, None)
    with reading.of_one_run(None):
        first, _ = reading.topology(file, None)
    file.write_text("(")
    with reading.of_one_run("1.2.4"):
        assert reading.version == "1.2.4"
    assert reading.version == NEWEST
    with reading.of_one_run(None):
        assert reading.topology(file, None)[0] is first
    reading.begin_exploring()
    with reading.of_one_run(None), pytest.raises(Exception, match=r"w\.clj:1"):
        reading.topology(file, None)


def test_settings_of_logs_without_a_use_are_refused() -> None:
    assert checked_conf(None) == {}
    with pytest.raises(HarnessError, match="conf: "):
        checked_conf({"streamparse.log.level": "loud"})


@pytest.mark.parametrize("conf", [["topology.workers"], "topology.workers=2", 3])
def test_settings_that_are_no_dict_are_refused(conf: Any) -> None:
    with pytest.raises(HarnessError, match=r"^conf=.*: expected a dict of settings"):
        Reading(WORDCOUNT, None).topology("wordcount", conf)
