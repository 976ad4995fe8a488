"""Problems and the error that carries them, as lines for users."""

import pickle

import pytest

from simulator.model import Place, Problem, TopologyError, did_you_mean, shown
from simulator.model.problems import listed


def test_an_error_says_one_line_a_problem_and_survives_pickling() -> None:
    problem = Problem(Place("t.clj", 3, 5), "b", "it is blue", "expected red", "refuses it")
    error = pickle.loads(pickle.dumps(TopologyError([problem, problem])))
    assert (error.problems, str(error)) == (
        [problem],
        't.clj:3:5: component "b": it is blue (Storm: refuses it); expected red',
    )


def test_a_place_is_a_path_with_line_and_column_if_these_are_known() -> None:
    assert [str(Place("t.clj", 3, 5)), str(Place("t.clj"))] == ["t.clj:3:5", "t.clj"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nil"),
        (True, "true"),
        ('a"b\\', '"a\\"b\\\\"'),
        (1.5, "1.5"),
        ("\n", '"\\u000a"'),
        ("x" * 100, '"' + "x" * 76 + "..."),
    ],
)
def test_a_value_is_shown_as_a_topology_file_writes_it(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("name", "names", "hint"),
    [
        ("wrod", ["word", "n"], ' (did you mean "word"?)'),
        ("ba", ["ab"], ' (did you mean "ab"?)'),
        ("x", ["word"], ""),
        ("word" * 100, ["word" * 100], ""),
    ],
)
def test_a_similar_name_is_proposed(name: str, names: list[str], hint: str) -> None:
    assert did_you_mean(name, names) == hint
    assert did_you_mean(name, names, quoted=False) == hint.replace('"', "")


def test_a_list_of_names_ends_after_eight() -> None:
    assert listed(["a", "b"]) == '"a", "b"'
    assert listed(map(str, range(10))) == '"0", "1", "2", "3", "4", "5", "6", "7" and 2 more'
