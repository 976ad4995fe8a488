"""One call from a topology to a report."""

from __future__ import annotations

import pytest

from simulator import TopologyError
from tests.support.table_top import bolt, run, run_both, spout, topology_text


def test_a_custom_grouping_is_refused_unless_a_function_stands_in_for_it() -> None:
    text = topology_text(
        spout('[["a"] ["bb"] ["ccc"]]'),
        bolt("b", "Tells", '{"s" (my.ByLength. "x")}', rest=":p 2"),
    )
    with pytest.raises(TopologyError, match=r"custom grouping my\.ByLength is"):
        run(text)
    custom = {"my.ByLength": lambda values, tasks: [tasks[len(values[0]) % 2]]}
    done = run_both(text, custom=custom)
    assert [said.split(" to ")[1] for said in done.said("s") if " to " in said] == [
        "[4]",
        "[3]",
        "[4]",
    ]
