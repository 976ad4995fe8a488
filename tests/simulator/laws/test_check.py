"""Checks of whole topologies: planted bugs are found without an assertion, their twins are left alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from planted import components as planted
from simulator.laws import Guarantees
from streamparse import Bolt, Tuple
from streamparse.testing import HarnessError, Storm
from tests.support.explored_store import ALL, PLANTED, ROWS


class Plant(NamedTuple):
    """A topology, what runs in it, and the laws that it breaks."""

    clj: str
    bolts: dict[str, type]
    laws: set[str]


WITHOUT_FAULT = ("schedule", "shuffle", "parallelism", "workers")
BUGS = {
    "forgets an ack": Plant("store", {"store-bolt": planted.ForgetsAnAck}, {"settled"}),
    "acks twice": Plant("store", {"store-bolt": planted.AcksTwice}, {"alive"}),
    "acks before it emits": Plant("pass", {"pass-bolt": planted.AcksFirst}, {"at-least-once"}),
    "emits without an anchor": Plant("pass", {"pass-bolt": planted.Unanchored}, {"at-least-once"}),
    "shuffles what has to be grouped": Plant("shuffled", {}, set(WITHOUT_FAULT)),
    "loses its counts": Plant("count", {"count-bolt": planted.CountsInMemory}, {"restart"}),
    "counts a replay again": Plant("count", {"count-bolt": planted.CountsAgain}, {"idempotent"}),
}
TWINS = {
    "store": Plant("store", {"store-bolt": planted.SavesOnce}, set()),
    "pass": Plant("pass", {"pass-bolt": planted.Passes}, set()),
    "count": Plant("count", {"count-bolt": planted.Counts}, set()),
}


def check(storm: Storm, plant: Plant, **options: Any) -> Guarantees:
    return storm.check(
        PLANTED / f"{plant.clj}.clj",
        rows=ROWS,
        bolts=plant.bolts,
        reset=planted.DATABASE.clear,
        must_hold=False,
        **options,
    )


def stored(topology: object) -> object:
    return dict(planted.DATABASE)


@pytest.mark.parametrize("plant", BUGS.values(), ids=list(BUGS))
def test_a_planted_bug_breaks_a_law(empty_storm: Storm, plant: Plant) -> None:
    report = check(empty_storm, plant, faults=ALL, runs=100)
    found = {each.name for each in report.broken}
    assert found & plant.laws, str(report)
    assert all(len(each.summary) <= 10 and each.case for each in report.broken)


def test_what_breaks_without_a_fault_is_not_told_of_faults(empty_storm: Storm) -> None:
    report = check(empty_storm, BUGS["shuffles what has to be grouped"], faults=ALL, runs=200)
    assert {each.name for each in report.broken} <= {*WITHOUT_FAULT}, str(report)


@pytest.mark.parametrize("result", [None, stored], ids=["what bolts did", "the database"])
@pytest.mark.parametrize("plant", TWINS.values(), ids=list(TWINS))
def test_a_twin_breaks_none(empty_storm: Storm, plant: Plant, result: Any) -> None:
    report = check(empty_storm, plant, faults=ALL, result=result, runs=100)
    assert report.holds, str(report)


def test_a_store_is_the_same_exactly_once(empty_storm: Storm) -> None:
    report = check(empty_storm, TWINS["store"], result=stored, exactly_once=True, runs=60)
    assert report["exactly-once"].verdict == "held"


class Appends(Bolt):
    """At least once, and no more: a row that comes twice is there twice."""

    def process(self, tup: Tuple) -> None:
        appended.append([*tup.values])
        self.emit(tup.values)


appended: list[list[object]] = []


def test_who_appends_again_after_a_fault_is_right_unless_told_otherwise(empty_storm: Storm) -> None:
    plant = Plant("store", {"store-bolt": Appends}, set())

    def explored(**options: Any) -> Guarantees:
        return empty_storm.check(
            PLANTED / "store.clj",
            rows=ROWS,
            bolts=plant.bolts,
            result=lambda topology: appended,
            reset=appended.clear,
            must_hold=False,
            **options,
        )

    assert explored().holds
    assert [each.name for each in explored(exactly_once=True).broken] == ["exactly-once"]


def test_the_same_seed_gives_the_same_report(empty_storm: Storm) -> None:
    plant = BUGS["counts a replay again"]
    once, again = (str(check(empty_storm, plant, runs=40)) for _ in range(2))
    assert once == again


def test_both_modes_give_the_same_report(empty_storm: Storm) -> None:
    plant = Plant("store", {}, set())
    inside, processes = (
        check(empty_storm, plant, runs=3, mode=mode).laws for mode in ("inprocess", "process")
    )
    assert inside == processes


def test_a_case_is_replayed_beside_the_fault_free_run(empty_storm: Storm) -> None:
    plant = BUGS["counts a replay again"]
    broken = check(empty_storm, plant)["idempotent"]
    with Storm(empty_storm.directory, replay=broken.case) as storm:
        report = check(storm, plant)
    assert report.runs == 2
    assert report["idempotent"].faults == broken.faults
    assert report.trees is not None
    assert report.trees[0] != report.trees[1]


def test_kept_cases_are_run_behind_the_fault_free_run(empty_storm: Storm) -> None:
    plant = BUGS["counts a replay again"]
    broken = check(empty_storm, plant)["idempotent"]
    again = check(empty_storm, plant, runs=1, cases=[broken.case])
    assert again["idempotent"].faults == broken.faults
    assert check(empty_storm, TWINS["count"], runs=1, cases=[broken.case]).holds


class Dies(Bolt):
    """Cannot do anything."""

    def process(self, tup: Tuple) -> None:
        raise ValueError("no")


def test_a_topology_that_fails_without_a_fault_is_not_explored_further(empty_storm: Storm) -> None:
    report = check(empty_storm, Plant("store", {"store-bolt": Dies}, set()))
    assert [each.name for each in report.broken] == ["alive"]
    assert report.runs < 10
    assert report["restart"].verdict == "not decided"
    told, exception = report["alive"].summary[1:3]
    assert re.match(r"store-bolt\[\d\]: ended with exit status 1; it held tuple 1 ", told)
    assert re.fullmatch(r"ValueError: no, at tests/simulator/laws/test_check\.py:\d+", exception)


class Forgetful(Bolt):
    """Depends on what runs before have left."""

    made = 0

    def initialize(self, storm_conf: Any, context: Any) -> None:
        Forgetful.made += 1

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], f"{Forgetful.made}"])


@pytest.mark.filterwarnings("ignore")  # of the attribute of the class, which outlives a crash
def test_a_component_that_is_not_deterministic_is_told_as_such(empty_storm: Storm) -> None:
    report = check(empty_storm, Plant("store", {"store-bolt": Forgetful}, set()))
    assert not report.holds
    assert report.laws[0].name == "deterministic"
    assert report.runs > 1
    assert f"{report.laws[0].title}: BROKEN:\n" in str(report)


def test_rows_that_are_fed_in_a_run_are_those_of_that_run_alone(empty_storm: Storm) -> None:
    report = empty_storm.check(
        PLANTED / "store.clj",
        spouts={"rows": Storm.feed([], retries=5)},
        bolts=TWINS["store"].bolts,
        drive=lambda topology: topology["rows"].feed(ROWS),
        result=stored,
        reset=planted.DATABASE.clear,
        runs=20,
    )
    assert report.runs >= 20


HEARTBEATS = """(ns heartbeats (:use [streamparse.specs]))
(defn heartbeats [options]
  [{"rows" (python-spout-spec options "made.Rows" ["n"])}
   {"beat" (python-bolt-spec options {"rows" :shuffle} "made.Beat" ["at"] :conf {"topology.tick.tuple.freq.secs" 1})
    "watch" (python-bolt-spec options {"beat" :shuffle} "made.Watch" [] :conf {"topology.tick.tuple.freq.secs" 1})}])"""


class Watches(Bolt):
    """Has ticks, and so is never at rest while tuples come with every tick."""

    def process(self, tup: Tuple) -> None:
        pass


class Beats(Watches):
    """Emits at every tick."""

    def process_tick(self, tup: Tuple) -> None:
        self.emit(["alive"])


def test_bolts_that_emit_at_every_tick_have_a_result_once_the_rows_are_settled(
    empty_storm: Storm, tmp_path: Path
) -> None:
    (tmp_path / "heartbeats.clj").write_text(HEARTBEATS)
    bolts = {"beat": Beats, "watch": Watches}
    report = empty_storm.check(
        tmp_path / "heartbeats.clj",
        rows=[[1], [2]],
        bolts=bolts,
        result=lambda topology: 1,
        runs=20,
    )
    assert report.holds
    assert report["at-least-once"].verdict == "held"


# -- what is refused


def _cat(topology: object) -> object:
    return {"dog": 1}["cat"]


class Remembers(Bolt):
    """Stores what it has never seen: the class outlives a run, and would not outlive a process."""

    seen: set[int] = set()  # noqa: RUF012 (the bug)

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        if number not in self.seen:
            self.seen.add(number)
            planted.DATABASE[number] = word
        self.emit(tup.values)


def test_what_earlier_runs_have_left_behind_is_not_blamed_on_a_fault(empty_storm: Storm) -> None:
    plant = Plant("store", {"store-bolt": Remembers}, set())
    report = check(empty_storm, plant, result=stored, runs=20)
    (broken,) = report.broken
    assert broken.name == "deterministic"
    assert broken.summary[1].startswith(
        "so it fails of what earlier runs have left behind, perhaps Remembers.seen: make that new at the start"
    )


def test_a_result_that_raises_without_a_fault_is_a_mistake(empty_storm: Storm) -> None:
    with pytest.raises(HarnessError) as raised:
        check(empty_storm, TWINS["store"], result=_cat)
    assert str(raised.value) == (
        "result raised KeyError: 'cat' in the fault-free run; expected a function of the topology that returns what "
        "is to be compared"
    )


def test_a_result_that_raises_after_a_fault_breaks_a_law(empty_storm: Storm) -> None:
    def first(topology: Any) -> object:
        return [topology["rows"].failed == [] or _cat(topology)]

    report = check(empty_storm, TWINS["store"], result=first)
    assert "result raised KeyError: 'cat'" in report["at-least-once"].summary


LOOP = """(ns loop (:use [streamparse.specs]))
(defn loop [options]
  [{"rows" (python-spout-spec options "planted.components.Rows" ["n" "word"])}
   {"a" (python-bolt-spec options {"rows" :shuffle "a" :shuffle} "planted.components.Passes" ["n" "word"])}])
"""


def test_a_topology_that_never_rests_has_no_result(empty_storm: Storm) -> None:
    (empty_storm.directory / "loop.clj").write_text(LOOP)
    with pytest.raises(HarnessError) as raised:
        empty_storm.check("loop.clj", rows=ROWS, bolts={"a": planted.Unanchored})
    assert str(raised.value).startswith("topology 'loop' is not idle after ")


class Poison(Bolt):
    """Cannot take the cat."""

    auto_ack = False

    def process(self, tup: Tuple) -> None:
        (self.fail if "cat" in tup.values else self.ack)(tup)


def test_a_row_that_comes_again_for_ever_is_found_without_a_fault(empty_storm: Storm) -> None:
    report = empty_storm.check(
        PLANTED / "store.clj",
        spouts={"rows": empty_storm.feed(ROWS, retries=10**9)},
        bolts={"store-bolt": Poison},
        must_hold=False,
    )
    assert [each.name for each in report.broken] == ["settled"]
    assert report.runs < 10


# -- what is refused before, or as soon as, something is run


def _no(topology: object) -> object:
    raise ZeroDivisionError("no")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "result": ({"result": {"a": 1}}, r"result=\{'a': 1\}: expected a function of the topology"),
    "result without an argument": (
        {"result": lambda: 1},
        r"result=<lambda>\(\): expected a function of the topology that returns what is compared",
    ),
    "reset": ({"reset": []}, r"reset=\[\]: expected a function without arguments"),
    "drive": ({"drive": 3}, "drive=3: expected a function of the topology"),
    "first": ({"first": 0}, "first=0: expected a whole number of tuples, at least 1"),
    "exactly_once": ({"exactly_once": "no"}, "exactly_once='no': expected True or False"),
    "laws": ({"laws": []}, r"laws=\[\]: expected a law; None is the usual ones"),
    "runs": ({"runs": "ten"}, "'ten' runs: expected a whole number, at least 1"),
    "reset that raises": (
        {"reset": lambda: _no(None)},
        r"reset raised ZeroDivisionError: no, at tests/simulator/laws/test_check\.py:\d+$",
    ),
    "drive that raises": (
        {"drive": _no},
        r"drive raised ZeroDivisionError: no, at tests/simulator/laws/test_check\.py:\d+$",
    ),
}


@pytest.mark.parametrize(("options", "words"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_function_or_raises_is_named(
    empty_storm: Storm, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(HarnessError, match=words):
        empty_storm.check(PLANTED / "store.clj", rows=ROWS, **{"runs": 3, **options})


def _is_refused(topology: object) -> object:
    raise AssertionError("not like this")


def test_an_assertion_of_what_drives_a_run_breaks_a_law(empty_storm: Storm) -> None:
    report = empty_storm.check(
        PLANTED / "store.clj", rows=ROWS, drive=_is_refused, must_hold=False, runs=20
    )
    assert report["invariants"].reason == "not like this"


def test_a_result_that_is_empty_is_noted(empty_storm: Storm) -> None:
    report = empty_storm.check(PLANTED / "store.clj", rows=ROWS, result=lambda topology: {}, runs=3)
    assert report.notes == ("result is {} in the fault-free run: it tells little",)
