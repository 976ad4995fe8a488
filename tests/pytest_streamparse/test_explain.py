"""How a failed comparison of tuples reads."""

from __future__ import annotations

import pytest

from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"


def test_rows_that_differ_are_shown_with_the_place(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def test_counts(storm):
            topology = storm.topology("wordcount", spouts={"word-spout": [["dog"], ["cat"], ["dog"]]})
            topology.complete()
            assert topology["count-bolt"].emitted == [["dog", 1], ["cat", 1], ["dog", 3]]

        def test_any_order(storm):
            topology = storm.topology("wordcount", spouts={"word-spout": [["dog"], ["cat"], ["dog"]]})
            topology.complete()
            rows = [["dog", 2], ["cat", 1], ["cat", 2]]
            assert topology["count-bolt"].emitted == storm.any_order(rows)

        def test_values(storm):
            emitted = storm.bolt("wordcount:count-bolt").process(["dog"]).emitted
            assert emitted[0] == ["dog", 2]
        """
    )
    result = run("--storm-mode=inprocess")
    assert result.parseoutcomes() == {"failed": 3}
    first = [
        "E *assert 3 rows == 3 rows; the first difference is at 2",
        "E *left:  ?'dog', 2?  by count-bolt?*? at 3 ms",
        "E *right: ?'dog', 3?",
    ]
    result.stdout.fnmatch_lines(
        [
            *first,
            "E *-vv shows all rows",
            "E *assert 3 rows == 3 rows, in any order",
            "E *missing: 1 row",
            "E *?'cat', 2?",
            "E *too many: 1 row",
            "E *?'dog', 1?  by count-bolt?*? at 1 ms",
            "E *assert ?'dog', 1? == ?'dog', 2?",
            "E *emitted by count-bolt?*? at 0 ms",
            "E *value 1 (count) differs: 1 == 2",
        ]
    )
    run("--storm-mode=inprocess", "-vv").stdout.fnmatch_lines(
        [
            *first,
            "E *all of the left:",
            "E *  0 ?'dog', 1?",
            "E *  1 ?'cat', 1?",
            "E *> * 2 ?'dog', 2?",
            "E *all of the right:",
            "E *> * 2 ?'dog', 3?",
        ],
        consecutive=False,
    )
