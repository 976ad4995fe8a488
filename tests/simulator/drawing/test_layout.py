"""The places of the boxes in a layered drawing."""

import pytest

from simulator.drawing.layout import arrange, back_edges, ranks_of, reading_order


def test_boxes_stand_under_the_middle_of_what_feeds_them() -> None:
    places = arrange(
        [["a", "b"], ["c"]],
        [("a", "c"), ("b", "c")],
        {"a": 10.0, "b": 10.0, "c": 10.0},
        gap=10.0,
    )
    assert places == pytest.approx({"a": 5.0, "b": 25.0, "c": 15.0})


def test_lines_that_need_not_cross_do_not() -> None:
    ranks = [["a", "b", "c"], ["x", "y", "z"]]
    links = [("a", "z"), ("b", "x"), ("c", "y")]
    places = arrange(ranks, links, dict.fromkeys("abcxyz", 10.0), gap=5.0)
    assert sorted("abc", key=places.__getitem__) == [
        {"z": "a", "x": "b", "y": "c"}[name] for name in sorted("xyz", key=places.__getitem__)
    ]


def test_a_long_line_runs_straight_where_nothing_is_in_its_way() -> None:
    # The three bends of a -> d pass b and c, which are as wide as anything.
    ranks = [["a"], ["b", "1"], ["c", "2"], ["e", "3"], ["d"]]
    links = ["ab", "bc", "ce", "ed", "a1", "12", "23", "3d"]
    breadths = {"a": 40.0, "b": 40.0, "c": 60.0, "e": 20.0, "d": 40.0, "1": 0.0, "2": 0.0, "3": 0.0}
    places = arrange(ranks, [(each[0], each[1]) for each in links], breadths, gap=10.0)
    assert places["1"] == places["2"] == places["3"]


LOOP = (["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "d")])


def test_the_edges_that_lead_back_are_those_that_close_a_loop() -> None:
    assert back_edges(*LOOP) == {("c", "a"), ("d", "d")}


def test_a_rank_is_the_longest_path_and_reading_keeps_chains_together() -> None:
    nodes, edges = list("abcde"), [("a", "b"), ("b", "c"), ("a", "c"), ("d", "e"), ("c", "e")]
    assert ranks_of(nodes, edges) == {"a": 0, "b": 1, "c": 2, "d": 0, "e": 3}
    assert reading_order(nodes, edges) == ["a", "b", "c", "d", "e"]
