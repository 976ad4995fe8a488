"""Random choices that are recorded, replayed and shrunk, a stream for each name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.chance import (
    Choice,
    Choices,
    Drawn,
    Replayed,
    Step,
    choices_of,
    steps_of,
    stream_of,
)
from tests.support.paths import ROOT

ASKED = [(f"bolt/{n % 3}", n % 5 + 1) for n in range(60)]  # (stream, limit)
# Random questions: streams a to c, limits that a wave or a batch could have.
questions = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)))


def answers(choices: Choices, asked: list[tuple[str, int]]) -> list[int]:
    return [choices.choose(stream, limit) for stream, limit in asked]


# -- streams -------------------------------------------------------------------------------------------------------


def test_a_random_stream_is_known_by_its_seed_and_name() -> None:
    def drawn(seed: object, name: str) -> list[float]:
        rng = stream_of(seed, name)
        return [rng.random() for _ in range(5)]

    assert drawn(7, "count-bolt/0") == drawn(7, "count-bolt/0")
    others = [drawn(8, "count-bolt/0"), drawn(7, "count-bolt/1"), drawn(7, "log-bolt/0")]
    assert drawn(7, "count-bolt/0") not in others
    assert len({tuple(each) for each in others}) == 3


def test_a_random_stream_is_the_same_on_every_python() -> None:
    # Random(str) is seeded through SHA-512, and random() is promised to stay: so these are for ever.
    rng = stream_of(0, "count-bolt/0")
    assert [int(rng.random() * 1000) for _ in range(6)] == [387, 607, 663, 879, 836, 729]


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_choices_do_not_depend_on_the_hash_seed(hash_seed: str) -> None:
    program = (
        "from simulator.engine.chance import Drawn\n"
        "choices = Drawn(3)\n"
        "print([choices.choose(f'bolt/{n % 3}', n % 5 + 1) for n in range(60)])\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == f"{answers(Drawn(3), ASKED)}\n"


# -- drawn ---------------------------------------------------------------------------------------------------------


def test_the_benign_schedule_answers_0_and_records_nothing() -> None:
    benign = Choices()
    assert answers(benign, ASKED) == [0] * len(ASKED)
    assert [benign.active, benign.recorded] == [False, []]


def test_drawn_choices_are_those_of_the_seed() -> None:
    assert answers(Drawn(3), ASKED) == answers(Drawn(3), ASKED)
    assert answers(Drawn(3), ASKED) != answers(Drawn(4), ASKED)


def test_drawn_choices_are_recorded_in_the_order_of_asking() -> None:
    drawn = Drawn(3)
    values = answers(drawn, ASKED)
    assert drawn.recorded == [
        Choice(stream, limit, value) for (stream, limit), value in zip(ASKED, values, strict=True)
    ]


def test_what_one_stream_draws_leaves_the_others_alone() -> None:
    alone, among = Drawn(3), Drawn(3)
    expected = [alone.choose("count-bolt/0", 9) for _ in range(40)]
    found = []
    for n in range(40):
        for _ in range(n % 4):
            among.choose("new-bolt/0", 7)
        found.append(among.choose("count-bolt/0", 9))
    assert found == expected


def test_each_stream_has_random_numbers_of_its_own() -> None:
    drawn = Drawn(3, wild=1.0)
    found = [[drawn.choose(f"bolt/{n}", 100) for _ in range(20)] for n in range(3)]
    assert found[0] != found[1] != found[2] != found[0]


@given(seed=st.integers(), asked=questions, wild=st.sampled_from([0.0, 0.25, 1.0]))
def test_every_answer_is_below_its_limit(
    seed: int, asked: list[tuple[str, int]], wild: float
) -> None:
    values = answers(Drawn(seed, wild=wild), asked)
    assert all(value in range(limit) for value, (_, limit) in zip(values, asked, strict=True))


def test_wild_is_the_part_of_the_choices_that_are_not_benign() -> None:
    tame, usual, wild = (
        Counter(answers(Drawn(1, wild=part), [("a", 4)] * 4000)) for part in (0, 0.25, 1)
    )
    assert tame == {0: 4000}
    assert abs(usual[0] - 3000) < 200
    assert set(usual) == {0, 1, 2, 3}
    assert set(wild) == {1, 2, 3}
    assert max(wild.values()) - min(wild.values()) < 200


def test_where_there_is_nothing_to_choose_the_answer_is_0() -> None:
    assert answers(Drawn(1, wild=1.0), [("a", 1)] * 20) == [0] * 20


# -- replayed ------------------------------------------------------------------------------------------------------


@given(seed=st.integers(), asked=questions)
def test_a_recorded_run_replays(seed: int, asked: list[tuple[str, int]]) -> None:
    drawn = Drawn(seed, wild=0.5)
    values = answers(drawn, asked)
    replayed = Replayed(drawn.recorded)
    assert answers(replayed, asked) == values
    assert replayed.recorded == drawn.recorded


@given(seed=st.integers(), asked=questions, data=st.data())
def test_an_entry_set_to_0_changes_that_choice_alone(
    seed: int, asked: list[tuple[str, int]], data: st.DataObject
) -> None:
    recorded = Drawn(seed, wild=1.0)
    values = answers(recorded, asked)
    zeroed = data.draw(st.sets(st.sampled_from(range(len(asked))))) if asked else set()
    shrunk = [
        choice._replace(value=0) if at in zeroed else choice
        for at, choice in enumerate(recorded.recorded)
    ]
    expected = [0 if at in zeroed else value for at, value in enumerate(values)]
    assert answers(Replayed(shrunk), asked) == expected


def test_beyond_the_end_of_the_record_choices_are_benign() -> None:
    replayed = Replayed([Choice("a", 9, 5), Choice("b", 9, 6)])
    asked = [("a", 9), ("a", 9), ("b", 9), ("b", 9), ("c", 9)]
    assert answers(replayed, asked) == [5, 0, 6, 0, 0]


@pytest.mark.parametrize("value", [4, 1000, -1])
def test_a_recorded_choice_that_does_not_fit_any_more_is_benign(value: int) -> None:
    replayed = Replayed([Choice("a", 9, value), Choice("a", 9, 2)])
    assert answers(replayed, [("a", 4), ("a", 4)]) == [0, 2]


def test_a_replay_records_what_it_answered_so_it_can_be_replayed_in_turn() -> None:
    replayed = Replayed([Choice("a", 9, 5)])
    values = answers(replayed, [("a", 9), ("a", 3)])
    assert replayed.recorded == [Choice("a", 9, 5), Choice("a", 3, 0)]
    assert answers(Replayed(replayed.recorded), [("a", 9), ("a", 3)]) == values


def test_what_is_recorded_is_a_copy() -> None:
    for choices in (Drawn(1), Replayed([])):
        choices.choose("a", 2)
        choices.recorded.clear()
        assert len(choices.recorded) == 1


def test_only_what_could_answer_otherwise_is_active() -> None:
    assert [Choices().active, Drawn(1).active, Replayed([]).active] == [False, True, True]


# -- steps ---------------------------------------------------------------------------------------------------------

recordings = st.lists(st.builds(Choice, st.sampled_from("abc"), st.just(9), st.integers(0, 8)))


@given(recordings)
def test_the_steps_of_a_record_are_all_it_takes_to_replay_it(recorded: list[Choice]) -> None:
    replayed = Replayed(choices_of(steps_of(recorded)))
    assert [replayed.choose(stream, limit) for stream, limit, _ in recorded] == [
        choice.value for choice in recorded
    ]


def test_a_record_keeps_the_choices_that_were_not_benign() -> None:
    recorded = [Choice("a", 4, 0), Choice("b", 4, 1), Choice("a", 4, 3), Choice("a", 4, 0)]
    assert steps_of(recorded) == [Step("b", 0, 1, 4), Step("a", 1, 3, 4)]
