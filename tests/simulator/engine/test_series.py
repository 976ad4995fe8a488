"""The counts at every second, and how busy components were."""

from __future__ import annotations

from random import Random

from simulator.engine.clock import Agenda
from simulator.engine.routing import Counts
from simulator.engine.series import LoadReport, Sample, Series, as_columns, load_of
from simulator.engine.servers import Queue, Server
from simulator.engine.work import Work
from tests.support.engine import copy, engine_of
from tests.support.table_top import one_bolt, run


def server(parallel: int = 1) -> Server:
    made = Server(Work(parallel=parallel), Random("fixed"))
    made.restart(0)
    return made


# -- load


def test_a_component_without_a_server_has_no_load() -> None:
    assert load_of([3, 4], {5: server()}, 1000) is None


def test_the_load_of_several_tasks_is_that_of_all_and_of_the_busiest() -> None:
    one, other, idle = server(), server(), server()
    one.serve(0, 0, 300_000)
    one.serve(0, 300, 300_000)
    other.serve(100, 100, 150_000)
    Queue(Agenda[object](), other.load).append(copy("1", 4))
    servers = {3: one, 4: other, 5: idle}
    assert load_of([3, 4, 5], servers, 1000) == LoadReport(
        0.25,
        busiest=0.6,
        queue=1,
        waited_ms=100.0,
        service_ms=250.0,
        shares=[0.5, 0.5, 0.0],
        waiting=1,
    )


def test_what_goes_on_behind_the_end_does_not_count_as_busy() -> None:
    serving = server()
    serving.serve(0, 900, 300_000)
    load = load_of([3], {3: serving}, 1000)
    assert load is not None
    assert (load.busy, load.service_ms) == (0.1, 300.0)


def test_several_servers_of_a_task_share_its_time() -> None:
    serving = server(parallel=2)
    serving.serve(0, 0, 1_000_000)
    load = load_of([3], {3: serving}, 1000)
    assert load is not None
    assert (load.busy, load.parallel) == (0.5, 2)


def test_the_tasks_of_a_spouts_executor_are_counted_once() -> None:
    shared = server()
    shared.serve(0, 0, 400_000)
    load = load_of([6, 7], {6: shared, 7: shared}, 1000)
    assert load is not None
    assert (load.busy, load.shares) == (0.4, [0.5, 0.5])


def test_before_any_time_has_passed_nothing_is_busy() -> None:
    assert load_of([3], {3: server()}, 0) == LoadReport(0.0, 0.0, 0, 0.0, 0.0, [0.0])


def test_the_load_as_json_has_no_more_than_what_a_reader_needs() -> None:
    load = LoadReport(0.5, 0.75, 7, 1.5, 30.0, [0.75, 0.25], 2)
    assert load.as_dict() == {
        "busy": 0.5, "busiest": 0.75, "queue": 7, "waited_ms": 1.5, "service_ms": 30.0,
        "process_ms": 0.0, "shares": [0.75, 0.25],
    }  # fmt: skip


# -- samples


def test_a_sample_is_taken_for_each_second_that_has_passed() -> None:
    engine = engine_of(one_bolt("[]"))
    counts = {"s": Counts(), "b": Counts()}
    serving = server()
    engine.tasks.bolt(3).serve_by(serving, engine.agenda)
    series = Series(counts, lambda: engine.tasks, {3: serving})
    series.catch_up(999)
    assert series.samples == {"s": [], "b": []}
    counts["s"].emitted = {"default": 2, "other": 1}
    series.catch_up(1000)
    counts["s"].acked = counts["b"].executed = 3
    engine.tasks.bolt(3).inbox.append(copy("1", 3))
    series.catch_up(1000)  # once only
    counts["b"].failed = 1
    series.catch_up(3500)
    nothing, quiet = Sample(3, 0, 0, 0, 0), Sample(3, 0, 3, 0, 0)
    assert series.samples == {
        "s": [nothing, quiet, quiet],
        "b": [Sample(0, 0, 0, 0, 0), Sample(0, 3, 0, 1, 1), Sample(0, 3, 0, 1, 1)],
    }


def test_samples_are_printed_as_columns() -> None:
    samples = {"s": [Sample(1, 0, 1, 0, 0), Sample(5, 0, 3, 1, 0)], "b": []}
    assert as_columns(samples) == {
        "s": {"emitted": [1, 5], "executed": [0, 0], "acked": [1, 3], "failed": [0, 1], "queue": [0, 0]},
        "b": {"emitted": [], "executed": [], "acked": [], "failed": [], "queue": []},
    }  # fmt: skip


def test_a_run_has_a_sample_of_each_component_for_each_whole_second() -> None:
    rows = "[" + '["ack-it"] ' * 8 + "]"
    done = run(one_bolt(rows), work={"b": "400ms"}, seconds=3.5)
    assert done.report.series == {
        "s": [Sample(8, 0, 2, 0, 0), Sample(8, 0, 4, 0, 0), Sample(8, 0, 7, 0, 0)],
        # The third begins at 801 ms, the first tuple came at 1.
        "b": [Sample(0, 3, 2, 0, 5), Sample(0, 5, 4, 0, 3), Sample(0, 8, 7, 0, 0)],
    }
    load = done.report.components["b"].load
    assert load is not None
    assert (load.queue, load.service_ms, load.shares) == (7, 400.0, [1.0])
    assert done.report.components["s"].load is None


def test_process_latency_holds_the_wait_behind_other_tuples_as_in_storms_ui() -> None:
    rows = "[" + '["ack-it"] ' * 4 + "]"
    load = run(one_bolt(rows), work={"b": "100ms"}).report.components["b"].load
    assert load is not None
    # They come at 1, 2, 3 and 4 ms, and take 100 ms one after the other.
    assert load.process_ms == (100 + 199 + 298 + 397) / 4


def test_a_run_without_work_has_no_series() -> None:
    assert run(one_bolt('[["ack-it"]]')).report.series == {}
