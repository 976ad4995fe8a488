"""When a failure became inevitable: the points of a run, the runs that go on from them, and what they show."""

from __future__ import annotations

import pytest

from simulator.engine import Choice, Step, faults
from simulator.exploring.cases import Added, Case, Fault
from simulator.exploring.inevitable import (
    CONTINUATIONS,
    Chances,
    Continuation,
    FreshAfter,
    Watch,
    chances_of,
)

RECORDED = [Choice("b/0/batch", 2, 0), Choice("b/0/late", 50, 2), Choice("order", 3, 0)] * 2
LATE = Step("b/0/late", 0, 2, 50)
DROP = Fault("drop", "b", 2)


def _watch(struck_in_step: int | None = None) -> Watch:
    """A run of four steps, in each of which choices are made, and in one of them a fault strikes."""
    added: list[tuple[Fault, Added]] = []
    rule = faults.Nth(faults.Drop(), "b", 2)
    if struck_in_step is not None:
        added.append((DROP, rule))
    watch = Watch(added)
    for step, asked in enumerate((0, 2, 4, 6)):
        if struck_in_step is not None and step > struck_in_step:
            rule.struck = 1
        watch.step(asked, 10 * step)
    return watch


def _told(case: Case, watch: Watch, fails: object) -> tuple[Chances, list[list[Continuation]]]:
    """What is found where so many continuations fail after so many choices."""
    tries = chances_of(case, watch, RECORDED, 0)
    asked: list[list[Continuation]] = []
    try:
        generation = next(tries)
        while True:
            asked.append(generation)
            made = len(generation[0].schedule.choices_before)
            generation = tries.send(fails(made, generation[0].case))  # type: ignore[operator]
    except StopIteration as end:
        return end.value, asked


def test_the_points_are_the_start_each_fault_and_each_choice_in_the_order_of_the_run() -> None:
    points = _watch(struck_in_step=1).points(RECORDED, [LATE])
    assert [(each.at_ms, each.asked, each.faults) for each in points] == [
        (0, 0, 0),
        (0, 2, 0),
        (10, 4, 1),
    ]
    assert points[0].words == "at the start"
    assert points[2].words == str(DROP)


def test_a_continuation_repeats_what_came_before_and_is_another_one_each_time() -> None:
    found, asked = _told(
        Case(0, (DROP,), (LATE,)),
        _watch(struck_in_step=1),
        lambda made, case: CONTINUATIONS if case.faults else 0,
    )
    assert [len(each) for each in asked] == [CONTINUATIONS] * 3
    assert [each[0].case for each in asked] == [Case(0), Case(0), Case(0, (DROP,))]
    assert len({each.schedule.seed for each in asked[0]}) == CONTINUATIONS
    assert [(each.failed, each.runs) for each in found.points] == [(0, 20), (0, 20), (20, 20)]
    assert str(found) == (
        f"inevitable from 10 ms on ({DROP}): all 20 runs from there fail, 0 of 20 before it; 60 runs were made"
    )


def test_a_schedule_is_fresh_behind_its_point_only() -> None:
    before = tuple(RECORDED[:2])
    values = []
    for seed in range(30):
        choices = FreshAfter(before, str(seed)).choices("unused", ())
        values.append(
            [choices.choose("b/0/batch", 2), choices.choose_late_ms("b/0/late", ("", ""), 49)]
        )
        values[-1] += [choices.choose("b/0/late", 50), choices.choose("order", 3)]
        assert len(choices.recorded) == 4
    assert {tuple(each[:2]) for each in values} == {(0, 2)}
    assert {each[2] for each in values} <= {0, 1, 2, 3}
    assert {each[3] for each in values} == {0, 1, 2}


def test_what_hangs_on_first_come_first_served_is_searched_for_behind_the_last_choice() -> None:
    found, asked = _told(Case(0), _watch(), lambda made, case: 20 if made >= 4 else 5)
    assert (len(asked), found.runs) == (3, 60)
    assert found.inevitable is not None
    assert (found.inevitable.at_ms, found.inevitable.asked) == (20, 4)
    assert "first come, first served up to here" in str(found)
    assert "5 of 20 before it" in str(found)


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (20, "the failure was inevitable from the start: all 20 runs fail; 20 runs were made"),
        (3, "the failure was never inevitable: 3 of 20 runs fail that go on from 30 ms"),
        (None, "when the failure became inevitable is not known; 0 runs were made, then the time was up"),
    ],
)  # fmt: skip
def test_the_line_tells_what_was_found_and_how_many_runs_it_took(
    failed: int | None, words: str
) -> None:
    found, _ = _told(Case(0), _watch(), lambda made, case: failed)
    assert str(found).startswith(words)


def test_of_many_choices_some_are_tried_the_first_and_the_last_among_them() -> None:
    recorded = [Choice("b/0/late", 50, 1)] * 60
    steps = tuple(Step("b/0/late", at, 1, 50) for at in range(60))
    watch = Watch([])
    watch.step(0, 0)
    watch.step(60, 10)
    tries = chances_of(Case(0, (), steps), watch, recorded, 0)
    asked = [len(next(tries)[0].schedule.choices_before)]
    for _ in range(9):
        asked.append(len(tries.send(CONTINUATIONS)[0].schedule.choices_before))
    assert (asked[0], asked[-1], len(set(asked))) == (0, 60, 10)
