"""Schedules: the choices that each of them makes."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest

from simulator.engine import Choice, Choices, Replayed, Step, choices_of, steps_of
from simulator.exploring.schedules import Schedule, ScheduleName


@pytest.mark.parametrize(("wild", "benign"), [(0.0, 1.0), (0.3, 0.7), (1.0, 0.0)])
def test_a_random_schedule_is_as_wild_as_asked_for(wild: float, benign: float) -> None:
    choices = Schedule("random", wild).choices("7/0", ())
    values = [choices.choose("order", 4) for _ in range(1000)]
    assert values.count(0) / 1000 == pytest.approx(benign, abs=0.05)


NAMES = get_args(ScheduleName)


def asked(choices: Choices) -> list[int]:
    """The answers to what an engine asks in a run of two links and two tasks."""
    tasks = ["a/0", "b/0"]
    found = [int(choices.choose_whether("a/0/loaded"))]
    found += [choices.choose_phase(f"{task}/phase", 10) for task in tasks]
    for _ in range(60):
        found += [choices.choose_late_ms(f"{task}/late", ("rows/0", task), 1000) for task in tasks]
        found += [choices.choose(f"{task}/batch", 3) for task in tasks]
        found.append(choices.choose_next("order", tasks))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_schedule_is_replayed_from_its_choices(name: ScheduleName) -> None:
    recorded = choices_of([Step("order", 3, 1, 2), Step("b/0/late", 2, 100, 1001)])
    choices = Schedule(name, 0.3, 2).choices("7/0", recorded)
    answers = asked(choices)
    assert asked(Replayed(choices_of(steps_of(choices.recorded)))) == answers


@pytest.mark.parametrize("name", NAMES)
def test_a_schedule_follows_from_its_seed(name: ScheduleName) -> None:
    def answers(seed: str) -> list[int]:
        return asked(Schedule(name, 0.3, 2).choices(seed, ()))

    assert answers("7/0") == answers("7/0")
    differ = {tuple(answers(f"{seed}/0")) for seed in range(8)}
    assert (len(differ) == 1) == (name == "fifo")


def test_a_slow_link_is_late_for_a_while() -> None:
    choices = Schedule("slow links").choices("7/0", ())
    link = ("rows/0", "a/0")
    late = [choices.choose_late_ms("a/0/late", link, 1000) for _ in range(2000)]
    assert set(late) == {0, 1, 10, 100, 1000}
    same = sum(one == next_ for one, next_ in pairwise(late)) / len(late)
    assert same == pytest.approx(0.9 + 0.1 / 5, abs=0.03)


def test_no_copy_is_later_than_its_topology_allows() -> None:
    choices = Schedule("slow links").choices("7/0", ())
    late = {choices.choose_late_ms("a/0/late", ("rows/0", "a/0"), 40) for _ in range(500)}
    assert late == {0, 1, 10, 40}


def test_of_two_tasks_the_one_with_the_lower_priority_is_behind_until_a_change() -> None:
    orders = set()
    for seed in range(40):
        choices = Schedule("priorities", changes=1).choices(seed, ())
        order = [choices.choose_next("order", ["a/0", "b/0"]) for _ in range(1100)]
        changed = sum(one != next_ for one, next_ in pairwise(order))
        orders.add((order[0], changed))
    assert {changed for _, changed in orders} == {0, 1}
    assert {first for first, _ in orders} == {0, 1}


def test_a_mutated_schedule_keeps_most_of_its_choices() -> None:
    recorded = [Choice("order", 2, 1)] * 1000
    choices = Schedule("mutated", 0.1).choices("7/0", recorded)
    kept = sum(choices.choose("order", 2) for _ in range(1000)) / 1000
    assert kept == pytest.approx(0.95, abs=0.03)
