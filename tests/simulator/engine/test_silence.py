"""How long a component may be silent, by the version of Storm: work, and a spout that nothing is asked of."""

from __future__ import annotations

import pytest

from simulator import Mode
from tests.support.table_top import Run, bolt, one_bolt, run, run_both, spout, topology_text

ONE_WORKER = {"topology.workers": 1, "topology.message.timeout.secs": 600}
LIMIT = "supervisor.worker.timeout.secs"
OWN_LIMIT = "topology.subprocess.timeout.secs"
OLD_FULL = ("0.9.4", "0.10.1", "1.0.1")


def deaths(done: Run) -> list[tuple[int, str]]:
    """The deaths, as (virtual milliseconds, component)."""
    return [(each["at"], each["component"]) for each in done.named("died")]


def at_work(work: str, next_tuple: str = "5500ms", **options: object) -> Run:
    """A bolt that has nothing to do until ``next_tuple`` has emitted, and then a tuple that takes so long."""
    conf = {**ONE_WORKER, **options.pop("conf", {})}  # type: ignore[dict-item]
    return run(
        one_bolt('[["ack-it"]]'),
        work={"b": work, "s.next": next_tuple},
        seconds=200,
        conf=conf,
        **options,  # type: ignore[arg-type]
    )


def test_work_that_is_too_long_kills_at_the_look_behind_the_limit_over_both_transports() -> None:
    done = run_both(one_bolt('[["ack-it"]]'), work={"b": "33s"}, seconds=100, conf=ONE_WORKER)
    # The tuple comes at 1 ms; the heartbeat at 0 was answered. Storm looks at 31 s: 30.999 s, and 31 s is too long.
    assert deaths(done) == [(31_000, "b")]
    assert "it was to be busy for 33 s" in done.finding
    assert (
        f"Storm ends a worker after 30 s without a message of its component ({LIMIT})"
        in done.finding
    )


@pytest.mark.parametrize(
    ("work", "died"),
    [
        ("29s", []),
        ("30s", []),
        ("33s", [(36_000, "b")]),  # it answered a heartbeat at 5 s, and is given its tuple at 5.5 s
        ("100s", [(36_000, "b")]),
    ],
)
def test_an_idle_bolt_answers_each_second_so_the_limit_counts_from_the_last(
    work: str, died: list[tuple[int, str]]
) -> None:
    assert deaths(at_work(work)) == died


@pytest.mark.parametrize(
    ("version", "key", "seconds", "died"),
    [
        ("2.8.3", OWN_LIMIT, 3, [(6_000, "b")]),
        ("1.0.0", OWN_LIMIT, 3, [(6_000, "b")]),
        ("2.8.3", LIMIT, 3, [(6_000, "b")]),
        ("0.10.2", LIMIT, 3, [(6_000, "b")]),
        ("0.10.2", OWN_LIMIT, 3, []),  # which it does not know
    ],
)
def test_the_limit_is_a_setting(
    version: str, key: str, seconds: int, died: list[tuple[int, str]]
) -> None:
    done = at_work("10s", "2500ms", conf={key: seconds}, storm_version=version)
    assert deaths(done) == died
    if died:
        assert f"({key})" in done.finding


def test_the_conf_of_a_component_is_no_limit() -> None:
    text = one_bolt('[["ack-it"]]', rest=f':conf {{"{OWN_LIMIT}" 3 "{LIMIT}" 3}}')
    done = run(text, work={"b": "10s"}, seconds=100, conf=ONE_WORKER)
    assert (deaths(done), done.report.components["s"].acked) == ([], 1)


@pytest.mark.parametrize("version", ["0.9.4", "0.9.6"])
def test_where_stderr_is_read_to_the_end_first_a_silent_bolt_gets_nothing_more(
    version: str,
) -> None:
    text = one_bolt('[["ack-it"] ["ack-it"] ["ack-it"]]')
    work = {
        "b": "33s",
        "s.next": "20s",
    }  # the second comes before Storm's verdict, the third behind it
    done = run_both(text, work=work, seconds=119, conf=ONE_WORKER, storm_version=version)
    b, s = done.report.components["b"], done.report.components["s"]
    assert (deaths(done), b.executed, s.acked, s.pending) == ([], 2, 2, 1)
    (warning,) = [each for each in done.report.warnings if "silent" in each]
    assert warning == (
        "b is silent for too long at 51 s: Storm 0.9.3 to 0.9.6 then reads its stderr to the end, so the worker lives "
        "on, and the bolt gets nothing more"
    )


def test_a_silent_spout_dies_in_every_version() -> None:
    found = {
        version: deaths(
            run(
                one_bolt("[]"),
                work={"s.next": "33s"},
                seconds=100,
                conf=ONE_WORKER,
                storm_version=version,
            )
        )
        for version in ("0.9.4", "0.10.2", "2.8.3")
    }
    assert found == {version: [(31_000, "s")] for version in found}


# -- a spout that is not asked


def full(version: str, mode: Mode = "inprocess") -> Run:
    """A spout with as much pending as may be, and a bolt that settles nothing."""
    text = topology_text(spout('[["drop"] ["drop"] ["drop"]]'), bolt("b", "Obeys"))
    conf = {**ONE_WORKER, "topology.max.spout.pending": 1}
    return run(text, conf=conf, seconds=100, storm_version=version, mode=mode)


@pytest.mark.parametrize("version", OLD_FULL)
def test_a_full_spout_dies_where_silence_is_looked_at_while_it_is_not_asked(version: str) -> None:
    done = full(version)
    assert deaths(done) == [(31_000, "s")]
    assert "was not asked for 31 s, since as much is pending as may be" in done.finding
    assert done.lines == full(version, "process").lines


@pytest.mark.parametrize("version", ["0.9.7", "0.10.2", "1.0.2", "2.8.3"])
def test_a_full_spout_lives_elsewhere(version: str) -> None:
    assert deaths(full(version)) == []


@pytest.mark.parametrize("version", OLD_FULL)
def test_a_spout_that_is_asked_again_in_time_lives(version: str) -> None:
    text = topology_text(spout('[["drop"] ["drop"]]'), bolt("b", "Obeys"))
    conf = {
        "topology.workers": 1,
        "topology.max.spout.pending": 1,
        "topology.message.timeout.secs": 10,
    }
    assert deaths(run(text, conf=conf, seconds=100, storm_version=version)) == []


# -- timers


@pytest.mark.parametrize(
    ("version", "ticks"),
    [
        ("1.0.5", [1000, 2000]),
        ("1.0.6", [3500, 4500]),
        ("1.1.1", [1000, 2000]),
        ("1.1.2", [3500, 4500]),
        ("2.8.3", [3500, 4500]),
    ],
)
def test_ticks_count_from_the_end_of_initialize_where_timers_follow_prepare(
    version: str, ticks: list[int]
) -> None:
    text = one_bolt('[["drop"]]', rest=':conf {"topology.tick.tuple.freq.secs" 1}')
    done = run(text, work={"b.initialize": "2500ms"}, seconds=5, storm_version=version)
    assert [each["at"] for each in done.named("tick")][:2] == ticks


@pytest.mark.parametrize(("version", "failed_ms"), [("1.0.5", 9_001), ("2.8.3", 11_001)])
def test_message_timeouts_count_from_the_end_of_open_there_too(
    version: str, failed_ms: int
) -> None:
    conf = {"topology.workers": 1, "topology.message.timeout.secs": 3}
    done = run(
        one_bolt('[["drop"]]'),
        work={"s.initialize": "5s"},
        seconds=30,
        conf=conf,
        storm_version=version,
    )
    assert [each["at"] for each in done.named("failed")] == [failed_ms]


FORGETS = [
    ("1.0.5", False),
    ("1.0.6", True),
    ("1.1.1", False),
    ("1.1.2", True),
    ("1.2.4", True),
    ("2.0.0", False),
]


@pytest.mark.parametrize(("version", "forgets"), FORGETS)
def test_an_acker_that_hears_nothing_for_two_timeouts_forgets_a_root_though_nothing_times_out(
    version: str, forgets: bool
) -> None:
    conf = {
        "topology.workers": 1,
        "topology.message.timeout.secs": 3,
        "topology.enable.message.timeouts": False,
    }
    done = run(
        one_bolt('[["ack"]]'), work={"b": "6s"}, seconds=30, conf=conf, storm_version=version
    )
    assert [each["at"] for each in done.named("acked")] == ([] if forgets else [6_001])
    assert done.named("failed") == []


@pytest.mark.parametrize(
    ("version", "end"),
    [("1.0.6", ("failed", 8_001)), ("1.2.4", ("failed", 8_001)), ("2.0.0", ("acked", 7_002))],
)
def test_an_ack_is_lost_between_the_rotation_of_its_acker_and_that_of_its_spout(
    version: str, end: tuple[str, int]
) -> None:
    conf = {"topology.workers": 1, "topology.message.timeout.secs": 3}
    work = {"s.initialize": "2s", "b": "5s"}  # rotations at 3, 6, 9 s, and of the spout at 5, 8 s
    done = run(one_bolt('[["ack"]]'), work=work, seconds=30, conf=conf, storm_version=version)
    ends = [*done.named("acked"), *done.named("failed")]
    assert [(each["event"], each["at"]) for each in ends] == [end]


@pytest.mark.parametrize(("version", "failed_ms"), [("2.7.1", 3000), ("2.8.0", 6000)])
def test_an_executor_rotates_once_for_each_of_its_tasks_up_to_2_7_1(
    version: str, failed_ms: int
) -> None:
    conf = {"topology.workers": 1, "topology.message.timeout.secs": 3}
    text = topology_text(spout('[["drop"]]', '"topology.tasks" 2'), bolt("b", "Obeys"))
    done = run(text, seconds=30, conf=conf, storm_version=version)
    assert [each["at"] for each in done.named("failed")] == [failed_ms] * 2
