"""The objects of components in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamparse.testing import HarnessError, Storm
from tests.support.chain_project import chain, storm

__all__ = ["storm"]


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_component_of_this_process_has_its_object(storm: Storm) -> None:
    run = chain(storm, mode="inprocess")
    assert type(run["pass"].instance).__name__ == "Pass"  # it starts the topology
    run.complete()
    words: dict[str, int] = {}
    for task, counter in run["count"].instances.items():
        assert counter.task_id == task
        words |= counter.counts
    assert words == {"dog": 2, "cat": 1, "zebra": 1}


@pytest.mark.parametrize("storm", ["both"], indirect=True)
def test_a_harness_has_the_object_of_its_component(storm: Storm) -> None:
    bolt = storm.bolt("made.Counts", inputs=["n", "word"], outputs=["word", "count"])
    assert bolt.instance.counts == {}
    bolt.process([0, "dog"])
    assert bolt.instance.counts == {"dog": 1}
    spout = storm.spout("made.Numbers", outputs=["n"])
    spout.next_tuple()
    assert spout.instance.left == [1, 2]


def test_what_is_not_here_is_a_line(storm: Storm) -> None:
    run = chain(storm)
    with pytest.raises(HarnessError) as several:
        run["count"].instance  # noqa: B018
    first = run["count"].tasks[0]
    assert str(several.value) == (
        f"count has 2 tasks, {list(run['count'].tasks)}; name one: instances[{first}]"
    )
    with pytest.raises(HarnessError, match="rows has no object: rows stand in for it"):
        run["rows"].instance  # noqa: B018
    if storm.mode == "process":
        asks: list[Callable[[], object]] = [
            lambda: run["pass"].instance,
            lambda: storm.bolt("made.Counts", inputs=["n", "word"], outputs=["a", "b"]).instance,
        ]
        for ask in asks:
            with pytest.raises(HarnessError, match="runs as a process of its own"):
                ask()
