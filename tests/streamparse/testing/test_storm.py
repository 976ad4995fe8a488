"""The class Storm: its arguments, what it says of a test, and what it is after its test."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from simulator.model import NEWEST, TopologyError
from simulator.testing import MOST_LINES
from streamparse import Tuple
from streamparse.quickstart import write_project
from streamparse.testing import ComponentError, HarnessError, Storm
from tests.support.chain_project import chain, check_mistake
from tests.support.class_topologies import CONSTRUCTS


def test_what_is_closed_says_so(storm: Storm) -> None:
    bolt = storm.bolt("made.Pass", inputs=["a"], outputs=["a"])
    run = chain(storm).complete()
    storm.close()
    for use in (
        lambda: bolt.process([1]),
        lambda: run.advance(1),
        lambda: storm.spout("made.Numbers"),
    ):
        with pytest.raises(HarnessError, match=r"this test is over|its test is over"):
            use()


def test_the_storm_version_has_an_old_name_too(tmp_path: Path) -> None:
    made = [
        Storm(tmp_path, storm_version="1.2.4"),
        Storm(tmp_path, storm="1.2.4"),
        Storm(tmp_path),
    ]
    assert [each.version for each in made] == ["1.2.4", "1.2.4", NEWEST]
    with pytest.raises(HarnessError) as caught:
        Storm(tmp_path, storm="1.2.4", storm_version="2.8.3")
    assert str(caught.value) == (
        "storm='1.2.4' is the old name of storm_version='2.8.3'; give one of them"
    )


def test_a_seed_is_a_whole_number_or_a_text(storm: Storm, tmp_path: Path) -> None:
    wrong: Any = 1.5
    finding = r"^seed=1\.5: expected a whole number, such as 7, or a text$"
    with pytest.raises(HarnessError, match=finding):
        Storm(tmp_path, seed=wrong)
    with pytest.raises(HarnessError, match=finding):
        storm.topology("chain.clj", seed=wrong)
    assert Storm(tmp_path, seed="dog").seed == "dog"


def test_what_runs_behaves_like_the_storm_version(storm: Storm) -> None:
    with Storm(storm.directory, mode=storm.mode, storm_version="0.9.5") as older:
        chosen = [each.topology("chain.clj").simulation.wiring.profile for each in (storm, older)]
        alone = older.bolt("made.Pass").simulation.wiring.profile
    assert [each.version for each in (*chosen, alone)] == [NEWEST, "0.9.5", "0.9.5"]


def test_the_sources_of_its_project_can_be_imported_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    write_project("demo", tmp_path)
    source = str(tmp_path / "demo" / "src")
    with Storm(tmp_path / "demo"):
        inside = source in sys.path
    assert (inside, source in sys.path) == (True, False)


def test_its_summary_names_all_that_was_made_and_has_done_something(storm: Storm) -> None:
    storm.bolt("made.Pass", inputs=["a"], outputs=["a"], name="idle")
    storm.bolt("made.Pass", inputs=["a"], outputs=["a"], name="busy").process([1])
    chain(storm, [[0, "dog"]]).complete()
    heads = [line for line in storm.summary().splitlines() if not line.startswith(" ")]
    assert heads == ["busy:", "chain:", "the last events:"]
    assert chain(storm).summary(10) == ""


def test_its_summary_leads_with_the_cause_and_has_few_lines(storm: Storm) -> None:
    rows = storm.feed([[number, "dog"] for number in range(30)], retries=2)
    topology = chain(storm, rows, bolts={"pass": "made.Fails"})
    topology["pass"].crash(nth=20)
    topology.complete()
    head, first, *rest = storm.summary().splitlines()
    assert (head, len(rest) + 2 <= MOST_LINES) == ("chain:", True)
    assert first.startswith(f"  at 20 ms pass[{topology['pass'].tasks[0]}] is killed")
    assert "the last events:" in rest
    storm.topology("numbers.clj").complete()
    assert len(storm.summary().splitlines()) <= MOST_LINES


def test_a_golden_file_belongs_to_a_run_that_has_emitted_something(storm: Storm) -> None:
    chain(storm)
    with pytest.raises(HarnessError, match=r"golden\('x'\): no tuple was emitted yet"):
        storm.golden("x")


OWN = """
(ns own (:use [streamparse.specs]))
(defn own [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n"] :conf {"numbers" 2})}
   {"pass" (python-bolt-spec options {"rows" :shuffle} "made.Pass" ["n"] :conf {"topology.worker" 1})}])
"""
MISSPELT = (
    ':5:81: component "pass": :conf "topology.worker" is not a setting of Storm '
    '(did you mean "topology.workers"?)'
)


def test_a_setting_that_loses_to_the_file_is_warned_of_and_one_of_the_component_wins(
    storm: Storm,
) -> None:
    path = storm.directory / "own.clj"
    path.write_text(OWN)
    outcomes = []
    for options in ({"numbers": 3}, {}):
        run = storm.topology(
            "own.clj", conf=options, component_conf={} if options else {"rows": {"numbers": 1}}
        )
        outcomes.append(len(run.complete()["rows"].emitted))
    assert outcomes == [2, 1]
    assert storm.warnings == [
        f"{path}{MISSPELT}",
        f'{path}:4:67: component "rows": :conf "numbers" is 2, which wins over the option "numbers", 3 '
        "(Storm: a component's own setting wins); "
        "component_conf={id: {key: value}} sets it for the component alone",
    ]


def test_a_setting_of_a_component_has_to_be_one(storm: Storm) -> None:
    wrong: list[dict[str, Any]] = [{"rowz": {}}, {"rows": 3}, {"rows": {"a": {1}}}]
    said = []
    for each in wrong:
        with pytest.raises(HarnessError) as caught:
            storm.topology("numbers.clj" if "rowz" in each else "chain.clj", component_conf=each)
        said.append(str(caught.value))
    assert said == [
        'topology "numbers" has no component "rowz"; there are "numbers", "last"',
        "component_conf={'rows': 3}: expected a map of settings",
        'component_conf: :conf "a": {1} is not JSON; '
        "expected numbers, strings, true, false, nil, vectors and maps",
    ]


def test_what_is_not_strict_lets_pass_what_its_storm_lets_pass(storm: Storm) -> None:
    with Storm(storm.directory, mode=storm.mode, storm_version="1.2.4", strict=False) as lenient:
        assert lenient.bolt("made.Strays", outputs=["a"]).process([1]).acked
        run = lenient.topology("numbers.clj", bolts={"last": "made.Strays"})
        assert len(run.complete()["last"].emitted) == 3
    with pytest.raises(ComponentError, match="defualt"):
        storm.bolt("made.Strays", outputs=["a"]).process([1])


@pytest.mark.parametrize("mode", ["in-process", "thread", ""])
def test_a_mode_that_is_none_is_refused(mode: Any, storm: Storm) -> None:
    calls: list[Callable[[], object]] = [
        lambda: Storm(storm.directory, mode=mode),
        lambda: storm.bolt("made.Pass", mode=mode),
        lambda: storm.spout("made.Numbers", mode=mode),
        lambda: storm.topology("chain.clj", mode=mode),
    ]
    for call in calls:
        with pytest.raises(HarnessError) as caught:
            call()
        assert str(caught.value) == f"mode={mode!r}: expected 'process' or 'inprocess'"


def test_a_storm_that_cannot_be_simulated_is_one_line_that_says_how_to_choose_another(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(HarnessError, match=r"^Storm version '0.8': not one that can be simulated;"):
        Storm(tmp_path, storm_version="0.8")
    project = '(defproject x "1" :dependencies [[org.apache.storm/storm-core "{}"]])'
    (tmp_path / "project.clj").write_text(project.format("0.9.1"))
    with Storm(tmp_path) as storm, pytest.raises(HarnessError) as caught:
        storm.topology("any.clj")
    line = str(caught.value)
    assert line.startswith(f"{tmp_path}/project.clj: Storm version '0.9.1': not one that")
    assert line.endswith("; storm_version= chooses another")
    (tmp_path / "project.clj").write_text(project.format("0.9.3.2.2.4.2-2"))
    with Storm(tmp_path) as storm:
        assert storm.version == "0.9.3.2.2.4.2-2"


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


# -- what has to hold


def test_an_invariant_is_checked_after_every_wave(storm: Storm) -> None:
    seen: list[int] = []

    @storm.invariant
    def notes(topology: Any) -> None:
        seen.append(topology.now_ms)

    run = chain(storm).complete()
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] <= run.now_ms


def test_an_invariant_that_does_not_hold_fails_the_run(storm: Storm) -> None:
    @storm.invariant
    def nothing_is_emitted(topology: Any) -> bool:
        return not topology["rows"].emitted

    with pytest.raises(
        AssertionError, match="the invariant nothing_is_emitted does not hold at 1 ms"
    ):
        chain(storm).complete()


def test_an_explored_run_fails_by_an_invariant_and_is_made_smaller(storm: Storm) -> None:
    @storm.invariant
    def nothing_comes_twice(topology: Any) -> None:
        rows = topology["pass"].received
        assert len(rows) == len({row[0] for row in rows})

    def explore() -> None:
        for run in storm.explore(60):
            feed = storm.feed([[1, "dog"]], retries=3)
            with run.topology("chain.clj", spouts={"rows": feed}, mode="inprocess") as topology:
                topology.complete()

    with pytest.raises(AssertionError) as raised:
        explore()
    text = "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    assert "nothing_comes_twice" in text or "assert 2 == 1" in text
    assert "the smallest case" in text


def test_a_condition_holds_eventually(storm: Storm) -> None:
    run = chain(storm)
    assert storm.eventually(lambda topology: len(topology["rows"].acked) >= 2, seconds=10) is run
    assert len(run["rows"].acked) < 4  # it has stopped there
    with pytest.raises(AssertionError, match=r"condition does not hold within 0.5 virtual seconds"):
        storm.eventually(lambda topology: False, seconds=0.5)


def test_a_condition_that_never_held_fails_the_test(storm: Storm) -> None:
    run = chain(storm)
    storm.sometimes("nothing was emitted", lambda topology: not topology["rows"].emitted)
    storm.sometimes("a row has failed", run["rows"].failed != [])
    with pytest.raises(AssertionError) as raised:
        storm.check_faults()
    assert str(raised.value) == "it never held: a row has failed"
    storm.sometimes("a row has failed")  # now it has, for the end of this test


def test_an_exploration_fails_where_a_condition_has_held_in_no_run(storm: Storm) -> None:
    storm.mode = "inprocess"

    def explore(name: str, holds: Callable[[Any], bool]) -> None:
        for run in storm.explore(40, faults=["crash"]):
            with run.topology(
                "chain.clj", spouts={"rows": storm.feed([[1, "dog"]], retries=5)}
            ) as topology:
                topology.complete()
                storm.sometimes(name, holds)

    explore("something crashed", lambda topology: bool(topology.restarts))
    with pytest.raises(AssertionError, match=r"^in none of \d+ runs: pigs fly$"):
        explore("pigs fly", lambda topology: False)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda storm: storm.invariant(7), "invariant(7): expected a function of the topology, as in @storm.invariant"),
        (lambda storm: storm.eventually(lambda t: True, 1), "eventually(): no topology was made yet"),
        (lambda storm: storm.sometimes("x"), "sometimes(): no topology was made yet"),
        (lambda storm: (chain(storm), storm.eventually(7, 1)), "eventually(7): expected a function of the topology"),
        (lambda storm: (chain(storm), storm.sometimes("")), "sometimes(''): expected a name, such as 'late *"),
        (
            lambda storm: (chain(storm), storm.eventually(bool, "1 s")),
            "eventually('1 s'): expected a number of seconds, at least 0",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    storm: Storm, use: Callable[[Storm], object], message: str
) -> None:
    check_mistake(storm, use, message)


# -- topologies that are Python classes


def test_a_topology_in_python_is_made_by_its_name_its_path_and_its_class() -> None:
    with Storm(CONSTRUCTS, mode="inprocess") as storm, _on_path(CONSTRUCTS / "topologies"):
        cls = import_module("inputs_dict").InputsDict
        made = [
            storm.topology(name, spouts={"word_spout": [["dog"], ["dog"]]})
            for name in ("inputs_dict", "topologies/inputs_dict.py", cls)
        ]
        for topology in made:
            topology.complete()
        assert [each.topology.name for each in made] == ["inputs_dict"] * 3
        assert [each["count_bolt"].emitted for each in made] == [[["dog", 1], ["dog", 2]]] * 3


@contextmanager
def _on_path(directory: Path) -> Iterator[None]:
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        sys.path.remove(str(directory))


def test_the_numbers_of_a_topology_in_python_are_those_of_an_environment() -> None:
    with Storm(CONSTRUCTS, mode="inprocess") as storm:
        for environment, tasks in (("prod", 4), ("beta", 1)):
            topology = storm.topology("par_by_environment", environment=environment)
            assert len(topology["upper"].tasks) == tasks
        with pytest.raises(TopologyError, match="say which with -e NAME, or environment="):
            storm.topology("par_by_environment")


def test_the_settings_of_a_topology_in_python_win_over_the_defaults_and_below_the_tests() -> None:
    with Storm(CONSTRUCTS, mode="inprocess") as storm:
        for conf, timeout in ((None, 60), ({"topology.message.timeout.secs": 7}, 7)):
            topology = storm.topology("config_of_topology", conf=conf)
            found = topology.simulation.wiring.conf
            assert found["topology.message.timeout.secs"] == timeout
            assert (found["topology.workers"], found["my.list"]) == (1, ["a", 1])
            assert "topology.max.spout.pending" not in found


def test_a_component_alone_behaves_as_in_its_topology() -> None:
    with Storm(CONSTRUCTS) as storm:
        named = storm.bolt("named:count-bolt")
        assert named.process(["dog"]).emitted == [["dog", 1]]
        counter = import_module("bolts").WordCounter
        alone = storm.bolt(counter, inputs=["word"], outputs=["word", "count"])
        assert alone.process(["cat"]).emitted == [["cat", 1]]


def test_a_component_in_place_of_one_of_a_topology_in_python() -> None:
    def twice(tup: Tuple) -> list[list[object]]:
        return [[tup.values.word]] * 2

    with Storm(CONSTRUCTS, mode="inprocess") as storm:
        topology = storm.topology("chain", spouts={"line-spout": [["a"]]}, bolts={"upper": twice})
        topology.complete()
        assert topology["count-bolt"].emitted == [["a", 1], ["a", 2]]
