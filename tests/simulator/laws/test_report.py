"""The guarantee report: its table, its JSON, and the smallest case of a broken law."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from simulator.exploring.cases import Case
from simulator.exploring.changes import Change
from simulator.laws.comparison import Comparison
from simulator.laws.judge import Broken, Judge
from simulator.laws.report import Guarantees, report_of
from simulator.laws.table import chosen_laws
from tests.support.evidence import (
    PLAIN,
    RESTART,
    TOPOLOGY,
    ack,
    acked,
    counted,
    reference,
    row,
    run,
    timed_out,
)

LAWS = chosen_laws(["settled", "schedule", "restart"])
FAILED = [
    RESTART,
    *(
        event
        for number in range(6)
        for event in (
            row(number, "dog", f"t{number}"),
            counted("dog", 1, f"t{number}"),
            ack(f"t{number}"),
            acked(number),
        )
    ),
]


def report(path: Path | None = Path("case.json"), *, is_smallest: bool = True) -> Guarantees:
    judge = Judge(LAWS)
    judge.topology = TOPOLOGY
    judge.reference = reference()
    judge.judged.update({"settled": 200, "restart": 1})
    judge.broken["restart"] = Broken(["count: too many"], run(FAILED), 7, 3, path, is_smallest)
    judge.given_up["schedule"] = "not told apart"
    return report_of("words", 230, LAWS, judge, notes=["a note"], coverage="200 runs")


def test_a_case_that_may_not_be_the_smallest_says_so() -> None:
    text = str(report(is_smallest=False))
    assert "survives a restart: BROKEN by run 7; a small case, perhaps not the smallest:" in text


def test_roots_that_are_not_acked_in_the_end_come_first_with_their_attempts_counted() -> None:
    judge = Judge(LAWS)
    judge.topology, judge.reference = TOPOLOGY, reference()
    lost = [each for at in range(1, 5) for each in (row(1, "cat", f"c{at}"), timed_out(1))]
    happened = [row(0, "dog", "t0"), timed_out(0), row(0, "dog", "t1"), ack("t1"), acked(0), *lost]
    judge.broken["settled"] = Broken(["rows: id 1 timed out"], run(happened), 7, 3, None)
    summary = report_of("words", 9, LAWS, judge)["settled"].summary
    assert summary[2:6] == (
        'rows ["cat"] id 1: timeout',
        '  count ["cat"]: held',
        "  attempts 2 to 4: the same",
        'rows ["dog"] id 0: timeout',
    )


def test_the_report_is_a_table_and_below_it_the_smallest_cases() -> None:
    assert (
        str(report())
        == """\
words: 200 runs
note: a note
law                          verdict
every root is settled        held         in 200 runs
independent of the schedule  not decided  not told apart
survives a restart           BROKEN       count crashes before its 1st tuple, and its worker with it

survives a restart: BROKEN by run 7; the smallest case:
  count crashes before its 1st tuple, and its worker with it
  count: too many
  rows ["dog"] id 0: acked
    count ["dog"]: acked
      -> ["dog", 1]
  rows ["dog"] id 1: acked
    count ["dog"]: acked
      -> ["dog", 1]
  rows ["dog"] id 2: acked
  and 11 more lines
  case: case.json"""
    )


def broken_by(case: Case, seen: Mapping[Comparison, int]) -> Guarantees:
    judge = Judge(LAWS)
    judge.topology, judge.reference = TOPOLOGY, reference()
    judge.broken["schedule"] = Broken(["count: too many"], run(PLAIN, case), 7, 3, None)
    judge.broken_by["schedule"].update(seen)
    return report_of("words", 9, LAWS, judge)


def test_a_report_tells_by_what_a_law_is_broken_where_it_is_by_several_things() -> None:
    case = Case(0, changes=(Change("parallelism", 3, "count"),))
    seen = {Comparison((name,)): number for name, number in (("crash", 2), ("parallelism", 1))}
    found = broken_by(case, seen)
    assert "  broken by parallelism (1 run), crash (2 runs)\n  no fault is needed" in str(found)
    assert found["schedule"].as_dict()["broken_by"] == {"parallelism": 1, "crash": 2}
    assert found["schedule"].reason == "count has 3 tasks"
    assert "broken by" not in str(broken_by(case, {Comparison(("parallelism",)): 4}))


def test_of_a_case_that_differs_in_its_seed_alone_this_is_told() -> None:
    found = broken_by(Case("0/1"), {})["schedule"]
    assert found.summary[:2] == (
        "no fault is needed",
        "another seed: a shuffle, or `random`, chooses something else",
    )
    assert found.reason == found.summary[1]


def test_a_report_says_whether_it_holds() -> None:
    found = report()
    assert (found.holds, [each.name for each in found.broken]) == (False, ["restart"])
    assert found["settled"].verdict == "held"
    with pytest.raises(KeyError):
        found["sattled"]
    assert repr(found).startswith("<guarantees of words: 200 runs\n")


def test_a_report_is_json() -> None:
    found = report().as_dict()
    broken = found["laws"][2]
    assert {key: found[key] for key in ("topology", "runs", "coverage", "holds", "notes")} == {
        "topology": "words",
        "runs": 230,
        "coverage": "200 runs",
        "holds": False,
        "notes": ["a note"],
    }
    assert {key: broken[key] for key in ("law", "verdict", "case", "run", "faults")} == {
        "law": "restart",
        "verdict": "broken",
        "case": "case.json",
        "run": 7,
        "faults": ["count crashes before its 1st tuple, and its worker with it"],
    }


def test_a_law_without_a_run_is_not_decided() -> None:
    judge = Judge(LAWS)
    (settled, schedule, restart) = report_of("words", 1, LAWS, judge).laws
    assert (settled.verdict, settled.reason) == ("not decided", "no run was about it")
    assert schedule.reason == "no run differed in this alone"
    assert restart.reason == "no run in which every root was acked in spite of such a fault"


def test_a_case_that_could_not_be_written_has_no_file() -> None:
    assert report(None)["restart"].case is None


def test_a_replay_has_the_trees_of_both_runs() -> None:
    judge = Judge(LAWS)
    judge.reference, judge.last = reference(), run(PLAIN)
    tree = 'rows ["dog"] id 0: acked\n  count ["dog"]: acked\n    -> ["dog", 1]\n'
    assert report_of("words", 2, LAWS, judge, is_replay=True).trees == (tree, tree)
