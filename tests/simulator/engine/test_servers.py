"""Servers: one input after the other, to the microsecond; and how busy they were."""

from __future__ import annotations

from random import Random

import pytest

from simulator.engine.chance import stream_of
from simulator.engine.clock import Agenda
from simulator.engine.effects import system_tuple
from simulator.engine.full_queues import Limits
from simulator.engine.servers import Load, Queue, Server, make_servers
from simulator.engine.work import Work, parse_duration
from tests.support.engine import copy


def duration(text: object) -> Work:
    """Work with each tuple."""
    return Work(tuple=parse_duration(text, "b"))


def server(work: Work, now_ms: int = 0) -> Server:
    """A server that has been started."""
    made = Server(work, Random("fixed"))
    made.restart(now_ms)
    return made


def ends(work: Work, count: int) -> list[int]:
    """When each of so many tuples is done that all come at 0, in milliseconds; each begins as soon as one can."""
    serving, now_ms, found = server(work), 0, []
    for number in range(count):
        while not serving.is_free(now_ms):
            now_ms += 1
        found.append(serving.serve(0, now_ms, serving.time_of(copy(str(number), 3))))
    return found


# -- service times


def test_parts_of_a_millisecond_are_carried_over() -> None:
    done = ends(duration("30.67ms"), 6)
    assert done == [30, 61, 92, 122, 153, 184]
    assert [b - a for a, b in zip([0, *done], done, strict=False)] == [30, 31, 31, 30, 31, 31]


def test_a_millisecond_holds_several_short_services() -> None:
    assert ends(duration("0.2ms"), 12) == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2]
    serving = server(duration("0.2ms"))
    begun = 0
    while serving.is_free(7):
        serving.serve(7, 7, 200)
        begun += 1
    assert begun == 5


def test_work_that_takes_no_time_ends_at_once() -> None:
    assert ends(Work(), 3) == [0, 0, 0]


def test_several_servers_work_at_the_same_time_in_the_order_of_the_queue() -> None:
    work = Work(tuple=parse_duration("30ms", "b"), parallel=3)
    assert ends(work, 7) == [30, 30, 30, 60, 60, 60, 90]


def test_a_server_that_was_idle_begins_with_the_millisecond() -> None:
    serving = server(duration("30.67ms"))
    assert serving.serve(0, 0, 30_670) == 30
    assert serving.serve(100, 100, 30_670) == 130  # the 0.67 ms of the first are long over
    assert serving.serve(100, 130, 30_670) == 161


def test_initialize_keeps_all_servers_busy_in_every_life() -> None:
    work = Work(initialize=parse_duration("2.5ms", "b"), parallel=2)
    serving = server(work)
    assert [serving.is_free(now_ms) for now_ms in range(4)] == [False, False, True, True]
    serving.restart(10)
    assert (serving.free_us, serving.next_free_ms) == ([12_500, 12_500], 12)


def test_a_life_begins_no_sooner_than_its_start_has_ended() -> None:
    serving = server(Work(initialize=parse_duration("2.5ms", "b"), parallel=2))
    serving.begin_at(1000)
    assert (serving.ready_us, serving.free_us) == (2500, [2500] * 2)
    serving.begin_at(7000)
    assert (serving.ready_us, serving.free_us, serving.said_us) == (7000, [7000] * 2, 7000)


def test_a_service_may_turn_out_to_be_longer() -> None:
    serving = server(duration("10ms"))
    serving.serve(0, 0, 10_000)
    for until_us in (5_000, 25_000):
        serving.lengthen(until_us)
    assert (serving.free_us, serving.load.busy_us, serving.said_us) == ([25_000], 25_000, 25_000)


def test_who_is_stopped_takes_nothing_more() -> None:
    serving = server(duration("10ms"))
    serving.stop(0)
    assert not serving.is_free(1 << 40)


def test_a_tick_takes_the_time_of_a_tick_and_a_tuple_that_of_a_tuple() -> None:
    work = Work(tuple=parse_duration("1ms", "b"), tick=parse_duration("5ms", "b"))
    tick, timer = (system_tuple("1", 3, stream, 1) for stream in ("__tick", "__timer"))
    assert [server(work).time_of(each) for each in (copy("1", 3), tick, timer)] == [
        1000, 5000, 5000,
    ]  # fmt: skip
    assert server(duration("1ms")).time_of(tick) == 0


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("5ms", [1, 0, 0, 0, 0, 1]),
        ("1ms", [1, 1, 1, 1, 1, 1]),
        ("1.5ms", [1, 1, 0, 1, 1, 0]),
        ("0.6ms", [2, 2, 1, 2, 2, 1]),
        ("0.3ms", [4, 3, 3, 4, 3, 3]),
        ("0.2ms", [5, 5, 5, 5, 5, 5]),
        ("0us", [1000, 1000, 1000, 1000, 1000, 1000]),
    ],
)
def test_a_spout_takes_the_turns_that_begin_in_a_millisecond(text: str, turns: list[int]) -> None:
    serving, found = server(Work(next=parse_duration(text, "s"))), []
    for now_ms in range(6):
        count = serving.turns(now_ms) if serving.is_free(now_ms) else 0
        if count:
            serving.serve(now_ms, now_ms, count * serving.draw_us(serving.work.next))
        found.append(count)
    assert found == turns


def test_a_spout_without_work_for_next_takes_a_turn_each_millisecond() -> None:
    assert server(Work(ack=parse_duration("1ms", "s"))).turns(0) == 1


# -- the queue, and how busy it was


def test_a_queue_knows_since_when_each_input_waits() -> None:
    agenda, load = Agenda[object](), Load()
    queue = Queue(agenda, load)
    seen = []
    for number, arrival_ms in enumerate([3, 3, 8]):
        agenda.arrival_ms = arrival_ms
        queue.append(copy(str(number), 3))
    while queue:
        since_ms = queue.since_ms
        seen.append((queue.popleft().id, since_ms, load.waiting, load.longest_queue))
    assert seen == [("0", 3, 2, 3), ("1", 3, 1, 3), ("2", 8, 0, 3)]


def test_a_queue_notes_when_the_executor_hands_each_input_to_shellbolt() -> None:
    agenda = Agenda[object]()
    queue = Queue(agenda, Load(), Limits(1024, 2, None))
    agenda.arrival_ms = 5
    queue.append(copy("0", 3))
    most = queue.ahead.in_pipe + 2  # that the pipe and ShellBolt's queue hold
    for number in range(1, most + 2):
        queue.append(copy(str(number), 3))
    assert [each.executed_ms for each in queue] == [5] * most + [-1] * 2
    agenda.now_ms = 9
    queue.popleft()  # the child has read what the pipe held, so there is room for all
    assert [each.executed_ms for each in queue] == [5] * (most - 1) + [9] * 2


def test_up_to_0_10_shellbolt_takes_whatever_comes() -> None:
    agenda = Agenda[object]()
    queue = Queue(agenda, Load())
    agenda.arrival_ms = 5
    for number in range(3000):
        queue.append(copy(str(number), 3))
    assert {each.executed_ms for each in queue} == {5}


def test_what_waited_in_an_earlier_life_is_lost_with_it() -> None:
    load = Load()
    Queue(Agenda[object](), load).append(copy("1", 3))
    assert load.waiting == 1
    Queue(Agenda[object](), load)
    assert load == Load(longest_queue=1)


def test_busy_and_waited_are_sums_over_the_inputs() -> None:
    serving = server(duration("30.67ms"))
    for since_ms, now_ms in [(0, 0), (0, 30), (50, 61)]:
        serving.serve(since_ms, now_ms, 30_670)
    # They waited 0, 30.67 and 61.34 - 50 ms.
    assert serving.load == Load(busy_us=3 * 30_670, waited_us=30_670 + 11_340, taken=3)


def test_a_service_that_a_restart_cuts_off_counts_as_far_as_it_came() -> None:
    serving = server(Work(tuple=parse_duration("30ms", "b"), parallel=2))
    serving.serve(0, 0, 30_000)
    serving.serve(0, 10, 30_000)
    serving.restart(20)
    assert (serving.load.busy_us, serving.free_us) == (20_000 + 10_000, [20_000, 20_000])


def test_initialize_is_no_service_and_may_be_cut_off_too() -> None:
    serving = server(Work(initialize=parse_duration("5ms", "b")))
    assert serving.unfinished_us(0) == 0
    serving.restart(2)
    serving.restart(2)
    assert (serving.load.busy_us, serving.ready_us) == (0, 7000)
    serving.serve(0, 7, 30_000)
    assert [serving.unfinished_us(now_ms) for now_ms in (7, 17, 40)] == [30_000, 20_000, 0]


def test_a_server_that_has_stopped_goes_on_to_the_end_of_its_service_and_is_never_free() -> None:
    serving = server(duration("30ms"))
    serving.serve(0, 0, 30_000)
    serving.stop(0)
    assert [serving.unfinished_us(now_ms) for now_ms in (0, 20, 40)] == [30_000, 10_000, 0]
    assert (serving.load.busy_us, serving.is_free(1_000_000)) == (30_000, False)
    serving.restart(50)
    assert (serving.unfinished_us(50), serving.is_free(50)) == (0, True)


# -- who has one


def test_each_task_with_work_has_a_server_and_the_tasks_of_a_spouts_executor_share_one() -> None:
    component_of = {3: "b", 4: "b", 5: "c", 6: "s", 7: "s", 8: "s"}
    task_ids = {"b": (3, 4), "c": (5,), "s": (6, 7, 8)}
    works = {"b": duration("exp(30ms)"), "s": Work(next=parse_duration("1ms", "s"))}
    servers = make_servers(works, component_of, task_ids, [(6, 7), (8,)], 7)
    assert sorted(servers) == [3, 4, 6, 7, 8]
    assert servers[6] is servers[7] is not servers[8]
    assert servers[3] is not servers[4]
    # Each draws from a stream of its own, named by component and index and not by number.
    expected = [stream_of(7, f"b/{index}/work").random() for index in (0, 1)]
    assert [servers[task].rng.random() for task in (3, 4)] == expected
    assert expected[0] != expected[1]


def test_without_work_there_is_no_server() -> None:
    assert make_servers({}, {3: "b"}, {"b": (3,)}, [], 0) == {}
