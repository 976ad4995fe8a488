"""The benchmarks' table: what a line says, where it goes, and that the page tells of all that is measured.

How fast anything is is not tested: that is what ``python -m benchmarks`` is for.
"""

from __future__ import annotations

import pytest

from benchmarks.__main__ import (
    BEGIN,
    END,
    TABLE,
    Row,
    at_least,
    at_most,
    chosen,
    line,
    replace_table,
)
from benchmarks.measure import Result
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "performance.md"


def test_a_line_shows_the_median_of_the_pairs_with_its_spread_and_whether_the_goal_is_met() -> None:
    loop = Row("loop", "a peer", at_least(2.5))
    test = Row("test", "by hand", at_most(1, unit=" ms"))
    assert [
        line(loop, Result("9 tuples/s", [3.0, 2.5, 1.0])),
        line(loop, Result("9 tuples/s", [3.0, 2.4, 1.0])),
        line(test, Result("2 ms more", [2.0])),
        line(test, None),
    ] == [
        "| loop | 9 tuples/s | a peer | 2.50x (1.00 to 3.00, 3) | ≥ 2.5x | met |",
        "| loop | 9 tuples/s | a peer | 2.40x (1.00 to 3.00, 3) | ≥ 2.5x | **missed** |",
        "| test | 2 ms more | by hand | 2.00 ms (2.00 to 2.00, 1) | ≤ 1 ms | **missed** |",
        "| test | not measured | by hand | | ≤ 1 ms | |",
    ]


def test_a_table_takes_the_place_of_the_one_between_the_marks_of_a_page() -> None:
    assert replace_table(f"a\n{BEGIN}\nold\n{END}\nb\n", "| new |") == (
        f"a\n{BEGIN}\n| new |\n{END}\nb\n"
    )


def test_a_name_that_nothing_is_measured_under_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        SystemExit, match=r"^--only botl: local-cluster, .* would do; 'bolt' is near$"
    ):
        chosen(["botl"])


def test_the_page_has_the_marks_and_names_every_measurement() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    names = [each.name for each in TABLE]
    told = [name for name in names if f"`{name}`" in page or f"`--only {name}`" in page]
    assert (BEGIN in page, END in page, told) == (True, True, names)
