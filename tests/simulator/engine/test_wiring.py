"""The wiring of a run: what follows from a topology, its options and a Storm version."""

from __future__ import annotations

import pytest

from simulator import TopologyError
from tests.support.table_top import bolt, one_bolt, run, run_both, spout, topology_text


def test_a_tick_that_kills_the_worker_is_refused_before_anything_runs() -> None:
    text = one_bolt('[["drop"]]', rest=':conf {"topology.tick.tuple.freq.secs" "soon"}')
    with pytest.raises(TopologyError) as caught:
        run(text)
    assert str(caught.value) == (
        '<string>:2:171: component "b": :conf "topology.tick.tuple.freq.secs" is "soon" (Storm: 2.8.3 accepts it, '
        'and the worker dies: For input string: "soon"); expected a whole number of seconds'
    )
    whole = {"topology.tick.tuple.freq.secs": 1.0}
    with pytest.raises(
        TopologyError, match=r'^<string>: option "topology\.tick\.tuple\.freq\.secs" is 1\.0 '
    ):
        run(one_bolt('[["drop"]]'), conf=whole)


def test_a_shuffle_to_a_bolt_without_tasks_is_refused_from_2_0_on_and_skipped_before() -> None:
    text = topology_text(
        spout("[[1]]"),
        bolt("b", "Tells", rest=':conf {"topology.tasks" 0}') + bolt("c", "Tells"),
    )
    with pytest.raises(TopologyError, match="component \"b\": it cannot be sent the tuples of 's'"):
        run(text)
    assert run_both(text, storm="1.2.4").said("s") == ["sent [1] to [3]", "acked 0"]
