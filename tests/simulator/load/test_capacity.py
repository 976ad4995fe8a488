"""How much a topology holds, by the tasks of its bottleneck."""

from __future__ import annotations

from simulator.load import Capacity, capacity
from tests.support.loaded import ENDLESS, Loaded, loaded
from tests.support.table_top import bolt, one_bolt, spout, topology_text


def rates(run: Loaded, *tasks: int) -> tuple[str | None, list[Capacity]]:
    return capacity(run.topology, run.options, tasks)


def test_twice_the_tasks_take_twice_the_tuples_until_the_spout_is_the_limit() -> None:
    # The spout emits one tuple each 10 ms.
    run = loaded(ENDLESS, {"b": "30ms", "s": "10ms"})
    assert rates(run, 1, 2, 4) == ("b", [
        Capacity(1, 33.4, "b", 0.9995), Capacity(2, 66.7, "b", 0.9995), Capacity(4, 100.0, "s", 1.0),
    ])  # fmt: skip


def test_limits_and_timeouts_of_the_run_do_not_matter() -> None:
    own = spout("[]", '"topology.max.spout.pending" 2', cls="Endless")
    text = topology_text(own, bolt("b", "Fussy"))
    small = loaded(text, {"b": "30ms"}, timeout=1, pending=1, seconds=1)
    large = loaded(text, {"b": "30ms"}, timeout=60, pending=None, seconds=100)
    assert rates(small, 2) == rates(large, 2)
    assert round(rates(small, 2)[1][0].rate) == 67


def test_with_enough_tasks_another_bolt_is_the_bottleneck() -> None:
    text = topology_text(
        spout("[]", cls="Endless"),
        bolt("b", "Pass", outputs='["x"]') + bolt("c", "Fussy", '{"b" :shuffle}'),
    )
    neck, found = rates(loaded(text, {"b": "30ms", "c": "20ms"}), 1, 4)
    assert neck == "b"
    assert [(each.tasks, round(each.rate), each.bottleneck) for each in found] == [
        (1, 33, "b"), (4, 50, "c"),
    ]  # fmt: skip


def test_without_numbers_the_powers_of_two_and_the_present_one_are_tried() -> None:
    text = topology_text(spout("[]", cls="Endless"), bolt("b", "Fussy", rest=":p 3"))
    _, found = rates(loaded(text, {"b": "100ms"}))
    assert [each.tasks for each in found] == [1, 2, 3, 4, 8]


def test_the_rate_of_rows_that_end_is_that_of_the_time_that_they_last() -> None:
    text = topology_text(spout("[" + '["x"] ' * 100 + "]"), bolt("b", "Fussy"))
    _, (found,) = rates(loaded(text, {"b": "50ms"}), 1)
    assert (found.rate, found.bottleneck) == (20, "b")


def test_without_work_there_is_no_bottleneck() -> None:
    assert rates(loaded(one_bolt('[["ack-it"]]'), {}), 1) == (None, [])


def test_a_rate_as_json() -> None:
    assert Capacity(2, 66.7, "b", 0.99).as_dict() == {
        "tasks": 2, "rate": 66.7, "bottleneck": "b", "busy": 0.99,
    }  # fmt: skip
