"""Which tasks are chosen: every kind of grouping, over one task and several, on old Storms and new ones."""

from __future__ import annotations

import random
import tracemalloc
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model.groupings import Chooser, CustomChooser, fields_index, make_chooser
from simulator.model.profiles import Profile, profile
from simulator.model.topology import Grouping

OLD, NEW = profile("0.9.5"), profile("2.8.3")
WORDS = ["the", "dog", "apple", "hello", "", "é", "😀", "user-1"]
SIZES = (1, 2, 3, 5)


def chooser(
    grouping: Grouping,
    targets: Sequence[int],
    *,
    fields: tuple[str, ...] = ("word", "n"),
    local: Sequence[int] = (),
    heads: Sequence[int] | None = None,
    load_aware: bool = True,
    seed: int = 0,
    storm: Profile = NEW,
    custom: Mapping[str, CustomChooser] | None = None,
) -> Chooser:
    return make_chooser(
        grouping,
        stream_fields=fields,
        targets=targets,
        local=local,
        heads=heads,
        load_aware=load_aware,
        rng=random.Random(seed),
        profile=storm,
        custom=custom or {},
    )


def tasks(n: int) -> list[int]:
    return list(range(4, 4 + n))


# -- all, global, none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", SIZES)
def test_all_sends_a_copy_to_every_task_in_ascending_order(n: int) -> None:
    choose = chooser(Grouping("all"), tasks(n))
    assert [list(choose([word, 1])) for word in WORDS] == [tasks(n)] * len(WORDS)


@pytest.mark.parametrize("n", SIZES)
def test_global_sends_everything_to_the_lowest_task(n: int) -> None:
    choose = chooser(Grouping("global"), tasks(n))
    assert [list(choose([word, 1])) for word in WORDS] == [[4]] * len(WORDS)


@pytest.mark.parametrize("n", SIZES)
def test_fields_without_a_field_is_global(n: int) -> None:
    choose = chooser(Grouping("fields"), tasks(n))
    assert [list(choose([word, 1])) for word in WORDS] == [[4]] * len(WORDS)


@pytest.mark.parametrize("n", SIZES)
def test_none_draws_one_task_at_a_time_and_reaches_all(n: int) -> None:
    choose = chooser(Grouping("none"), tasks(n))
    chosen = [choose(["the", 1]) for _ in range(200)]
    assert {len(each) for each in chosen} == {1}
    assert sorted({task for (task,) in chosen}) == tasks(n)


def test_none_repeats_itself_and_keeps_no_rounds() -> None:
    def draw(seed: int) -> list[int]:
        choose = chooser(Grouping("none"), tasks(3), seed=seed)
        return [task for _ in range(30) for task in choose(["the", 1])]

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
    rounds = [sorted(draw(7)[start : start + 3]) for start in range(0, 30, 3)]
    assert [4, 5, 6] in rounds
    assert any(each != [4, 5, 6] for each in rounds)


# -- shuffle, local-or-shuffle -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("storm", [OLD, NEW], ids=["old", "new"])
def test_shuffle_gives_every_task_its_turn_in_every_round(n: int, storm: Profile) -> None:
    choose = chooser(Grouping("shuffle"), tasks(n), storm=storm)
    rounds = [sorted(task for _ in range(n) for task in choose(["the", 1])) for _ in range(20)]
    assert rounds == [tasks(n)] * 20


def test_shuffle_takes_a_new_order_in_each_round() -> None:
    choose = chooser(Grouping("shuffle"), tasks(5))
    rounds = {tuple(task for _ in range(5) for task in choose([])) for _ in range(20)}
    assert len(rounds) > 15  # of 120 orders


def test_shuffle_depends_on_nothing_but_its_luck() -> None:
    def shuffled(seed: int, word: str) -> list[int]:
        choose = chooser(Grouping("shuffle"), tasks(5), seed=seed)
        return [task for _ in range(30) for task in choose([word, 1])]

    assert shuffled(7, "the") == shuffled(7, "dog")
    assert shuffled(7, "the") != shuffled(8, "the")


@given(st.integers(), st.integers(1, 9))
def test_shuffle_is_fair_whatever_the_luck(seed: int, n: int) -> None:
    choose = chooser(Grouping("shuffle"), tasks(n), seed=seed)
    counts = Counter(task for _ in range(4 * n) for task in choose(["the", 1]))
    assert counts == dict.fromkeys(tasks(n), 4)


def test_shuffle_without_luck_leaves_the_tasks_in_their_order() -> None:
    class Benign(random.Random):
        def random(self) -> float:
            return 0.0

    choose = make_chooser(
        Grouping("shuffle"),
        stream_fields=("word",),
        targets=tasks(3),
        local=(),
        rng=Benign(),
        profile=NEW,
    )
    assert [task for _ in range(6) for task in choose(["the"])] == [4, 5, 6, 4, 5, 6]


def test_local_or_shuffle_keeps_to_the_tasks_of_its_own_worker() -> None:
    choose = chooser(Grouping("local-or-shuffle"), tasks(5), local=[5, 7])
    rounds = [sorted(task for _ in range(2) for task in choose(["the", 1])) for _ in range(20)]
    assert rounds == [[5, 7]] * 20


@pytest.mark.parametrize("n", SIZES)
def test_local_or_shuffle_is_shuffle_where_no_task_is_near_or_all_are(n: int) -> None:
    near, far = Grouping("local-or-shuffle"), Grouping("shuffle")
    choosers = [
        chooser(far, tasks(n)),
        chooser(near, tasks(n)),
        chooser(near, tasks(n), local=tasks(n)),
    ]
    shuffled, without, within = (
        [list(choose(["the", 1])) for _ in range(20)] for choose in choosers
    )
    assert without == shuffled
    assert within == shuffled


@pytest.mark.parametrize(
    ("version", "local", "heads", "load_aware", "expected"),
    [
        ("2.8.3", [5], None, True, {5: 404}),  # the tasks in the emitting task's worker
        ("2.8.3", [], None, True, {4: 202, 5: 202}),
        ("2.8.3", [5], None, False, {4: 202, 5: 202}),  # topology.disable.loadaware.messaging
        ("2.8.3", [4, 5], [4], True, {4: 404}),  # the first task of each executor
        ("2.8.3", [4, 5], [4], False, {4: 202, 5: 202}),
        ("1.2.4", [5], None, True, {4: 202, 5: 202}),
        ("1.2.4", [4, 5], [4], False, {4: 202, 5: 202}),
        ("0.10.2", [5], [4], True, {4: 202, 5: 202}),
        ("0.9.5", [4, 5], [4], True, {4: 202, 5: 202}),
    ],
)
def test_a_shuffle_goes_where_each_storm_sends_it(
    version: str,
    local: Sequence[int],
    heads: Sequence[int] | None,
    load_aware: bool,
    expected: dict[int, int],
) -> None:
    choose = chooser(
        Grouping("shuffle"),
        tasks(2),
        local=local,
        heads=heads,
        load_aware=load_aware,
        storm=profile(version),
    )
    assert Counter(task for _ in range(404) for task in choose([])) == expected


def test_in_1_x_the_first_task_of_an_executor_gets_101_of_102_tuples() -> None:
    choose = chooser(Grouping("shuffle"), tasks(2), heads=[4], storm=profile("1.2.4"))
    counts = Counter(task for _ in range(10_200) for task in choose([]))
    assert set(counts) == {4, 5}
    assert 60 < counts[5] < 140  # 100 are expected


@pytest.mark.parametrize(("in_executor", "leaves"), [(5, False), (6, True)])
def test_in_2_x_six_tasks_in_an_executor_count_as_overloaded(
    in_executor: int, leaves: bool
) -> None:
    targets = tasks(2 * in_executor)
    heads = [targets[0], targets[in_executor]]
    choose = chooser(Grouping("shuffle"), targets, local=targets[:in_executor], heads=heads)
    reached = {task for _ in range(50) for task in choose([])}
    assert reached == set(heads if leaves else heads[:1])


# -- fields --------------------------------------------------------------------------------------------------------

# Task counted from 0, of 1, 2, 3 and 5: Math.floorMod of the tuple's Arrays.deepHashCode.
FIELDS = [
    ("the", [0, 0, 1, 2]),  # 114832
    ("dog", [0, 1, 0, 0]),  # 99675
    ("apple", [0, 1, 0, 1]),  # 93029241
    ("", [0, 1, 1, 1]),  # 31
    ("polygenelubricants", [0, 1, 2, 3]),  # -2147483617: the modulo is floored, not cut
    (0.1, [0, 0, 0, 1]),  # -1507852254
    (None, [0, 1, 1, 1]),
    (True, [0, 0, 2, 2]),  # 1262
    ([1, [2, None]], [0, 0, 0, 1]),  # 2046
    ({"a": 1}, [0, 1, 1, 2]),  # 127
]


@pytest.mark.parametrize(("value", "places"), FIELDS)
@pytest.mark.parametrize("storm", [OLD, NEW], ids=["old", "new"])
def test_fields_sends_a_value_where_its_java_hash_says(
    value: object, places: list[int], storm: Profile
) -> None:
    chosen = [chooser(Grouping("fields", ("word",)), tasks(n), storm=storm) for n in SIZES]
    assert [list(choose([value, "other"])) for choose in chosen] == [[4 + at] for at in places]


def test_small_negative_integers_moved_when_storm_changed_its_parser() -> None:
    grouping = Grouping("fields", ("n",))
    before, after = (
        chooser(grouping, tasks(4), storm=profile(version)) for version in ("2.5.0", "2.6.0")
    )
    numbers = [-1, -2, -42, 0, 7]
    assert [[list(choose(["the", n])) for n in numbers] for choose in (before, after)] == [
        [[7], [4], [4], [7], [6]],
        [[6], [5], [5], [7], [6]],
    ]


def test_one_and_one_point_zero_and_true_are_three_keys() -> None:
    choose = chooser(Grouping("fields", ("word",)), tasks(5))
    assert [list(choose([value, 0])) for value in (1, 1.0, True, 1)] == [[6], [8], [6], [6]]


def test_fields_takes_its_values_in_the_order_of_the_grouping_not_of_the_stream() -> None:
    both, turned = (Grouping("fields", names) for names in (("word", "n"), ("n", "word")))
    pairs = [[word, n] for word in WORDS for n in range(3)]
    expected = [
        [4 + fields_index(pair, 5, NEW) for pair in pairs],
        [4 + fields_index([n, word], 5, NEW) for word, n in pairs],
    ]
    assert expected[0] != expected[1]
    assert [
        [task for pair in pairs for task in chooser(grouping, tasks(5))(pair)]
        for grouping in (both, turned)
    ] == expected


@pytest.mark.parametrize("grouping", [("word",), ("n",), ("word", "n"), ("n", "word")])
@given(values=st.tuples(st.text() | st.integers() | st.none(), st.text() | st.floats()))
def test_equal_values_meet_at_one_task(
    grouping: tuple[str, ...], values: tuple[object, object]
) -> None:
    targets = tasks(5)
    places = [("word", "n").index(name) for name in grouping]
    expected = targets[fields_index([values[place] for place in places], 5, NEW)]
    choose = chooser(Grouping("fields", grouping), targets)
    again = chooser(Grouping("fields", grouping), targets, seed=99)
    assert [list(choose(values)), list(choose(values)), list(again(values))] == [[expected]] * 3


def test_a_key_is_placed_alike_however_many_came_between() -> None:
    keys = [f"key-{n}" for n in range(10_000)]
    expected = [4 + fields_index([key], 5, NEW) for key in keys]
    choose = chooser(Grouping("fields", ("word",)), tasks(5))
    assert [[task for key in keys for task in choose([key, 0])] for _ in range(2)] == [expected] * 2


def test_what_a_fields_chooser_remembers_has_a_bound() -> None:
    choose = chooser(Grouping("fields", ("word",)), tasks(5))
    tracemalloc.start()
    try:
        for n in range(20_000):
            choose([f"a key that will not come back {n}", 0])
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000_000  # all the keys together would hold twice as much


@pytest.mark.parametrize("names", [("n",), ("word", "n")])
def test_too_few_values_for_a_fields_grouping_throw_as_in_java(names: tuple[str, ...]) -> None:
    choose = chooser(Grouping("fields", names), tasks(2))
    with pytest.raises(
        ValueError, match="IndexOutOfBoundsException: Index 1 out of bounds for length 1"
    ):
        choose(["the"])


# -- partial key ---------------------------------------------------------------------------------------------------

KEYS = ["the", "the", "the", "dog", "dog", "the", "cat", "bird", "é", "the"]


def test_partial_key_chooses_as_storm_2_8_did() -> None:
    choose = chooser(Grouping("partial-key"), [10, 11, 12, 13], fields=("word",))
    chosen = [task for key in KEYS[:7] for task in choose([key])]
    assert chosen == [10, 11, 10, 11, 10, 11, 12]  # PartialKeyGrouping of storm-client 2.8.4


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), [12, 10, 12, 12, 12, 10, 11, 13, 11, 10]),
        (("word",), [11, 11, 11, 12, 10, 11, 13, 10, 12, 11]),
    ],
)
def test_partial_key_chooses_by_murmur_before_storm_2(
    names: tuple[str, ...], expected: list[int]
) -> None:
    # Computed with Guava 31: |murmur3_128(13)| and |murmur3_128(17)| of the text, or of its hash code.
    choose = chooser(
        Grouping("partial-key", names), [10, 11, 12, 13], fields=("word",), storm=profile("1.2.4")
    )
    assert [task for key in KEYS for task in choose([key])] == expected


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("storm", [profile("1.2.4"), NEW], ids=["murmur", "random"])
def test_partial_key_spreads_one_key_evenly_over_at_most_two_tasks(n: int, storm: Profile) -> None:
    for word in WORDS:
        choose = chooser(Grouping("partial-key", ("word",)), tasks(n), storm=storm)
        counts = Counter(task for _ in range(100) for task in choose([word, 1]))
        assert list(counts.values()) in ([100], [50, 50])
        assert set(counts) <= set(tasks(n))


def test_partial_key_of_a_tuple_without_values_reaches_nobody() -> None:
    assert list(chooser(Grouping("partial-key"), tasks(3))([])) == []


def test_partial_key_on_null_throws_as_in_java() -> None:
    choose = chooser(Grouping("partial-key"), tasks(3))
    with pytest.raises(ValueError, match="NullPointerException"):
        choose([None, 1])


# -- custom, direct, nobody ----------------------------------------------------------------------------------------


def test_a_custom_grouping_is_the_function_given_for_its_java_class() -> None:
    asked: list[tuple[list[object], list[int]]] = []

    def ends(values: Sequence[object], targets: Sequence[int]) -> Sequence[int]:
        asked.append((list(values), list(targets)))
        return [targets[0], targets[-1]]

    choose = chooser(Grouping("custom", java_class="com.Ends"), tasks(3), custom={"com.Ends": ends})
    assert list(choose(["the", 1])) == [4, 6]
    assert asked == [(["the", 1], [4, 5, 6])]


def test_a_custom_grouping_without_a_function_is_refused_with_its_remedy() -> None:
    with pytest.raises(
        ValueError, match=r"^custom grouping com\.Ends: [^\n]*custom=\{'com\.Ends': choose\}$"
    ):
        chooser(Grouping("custom", java_class="com.Ends"), tasks(3))


def test_a_custom_grouping_may_not_choose_a_stranger() -> None:
    choose = chooser(
        Grouping("custom", java_class="com.Ends"),
        tasks(2),
        custom={"com.Ends": lambda values, targets: [4, 9]},
    )
    with pytest.raises(
        ValueError, match=r"^custom grouping com\.Ends: chose \[9\]; expected tasks of \[4, 5\]$"
    ):
        choose(["the", 1])


@pytest.mark.parametrize("targets", [[], [4, 5]])
def test_a_direct_grouping_has_no_chooser(targets: list[int]) -> None:
    with pytest.raises(ValueError, match="the emitting component names the task"):
        chooser(Grouping("direct"), targets)


KINDS = [
    Grouping("all"),
    Grouping("global"),
    Grouping("none"),
    Grouping("shuffle"),
    Grouping("local-or-shuffle"),
    Grouping("fields", ("word",)),
    Grouping("partial-key"),
]


@pytest.mark.parametrize("grouping", KINDS, ids=str)
def test_up_to_1_x_a_component_without_tasks_is_skipped(grouping: Grouping) -> None:
    assert list(chooser(grouping, [], storm=profile("1.2.4"))(["the", 1])) == []


@pytest.mark.parametrize("kind", ["shuffle", "local-or-shuffle"])
def test_from_2_0_on_shuffling_to_no_task_fails_before_the_first_tuple(kind: str) -> None:
    with pytest.raises(ValueError, match=r"^The current scope EVERYTHING has no target tasks\.$"):
        chooser(Grouping(kind), [])  # type: ignore[arg-type]


def test_from_2_0_on_fields_to_no_task_fails_at_the_first_tuple() -> None:
    choose = chooser(Grouping("fields", ("word",)), [])
    with pytest.raises(ValueError, match=r"^java\.lang\.ArithmeticException: / by zero$"):
        choose(["the", 1])


def test_all_may_have_no_task_on_every_storm() -> None:
    assert list(chooser(Grouping("all"), [])(["the", 1])) == []
