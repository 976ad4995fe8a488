"""What would help a topology under load: every change is simulated, and its own verdict says whether it helps."""

from __future__ import annotations

from simulator import simulate
from simulator.engine import Report, RunOptions
from simulator.load import Variant, advise
from simulator.model import Topology
from tests.support.loaded import ENDLESS, Loaded, loaded
from tests.support.table_top import bolt, one_bolt, spout, topology_text

WORK = {"b": "30ms"}


def advised(run: Loaded) -> dict[str, str]:
    """The verdict on each change."""
    return {each.change: str(each.verdict) for each in advise(run.topology, run.options)}


def test_what_helps_against_a_meltdown_is_found_by_simulating_it() -> None:
    # 300 pending tuples of 30 ms wait 9 s; with a timeout of 3 s no ack is in time.
    run = loaded(ENDLESS, WORK, timeout=3, pending=300)
    assert advised(run) == {
        "as it is": "MELTDOWN at 6 s",
        "-o topology.max.spout.pending=90": "steady",
        "-o topology.message.timeout.secs=10": "steady",
        ":p 2 of b": "late",
        ":p 4 of b": "steady",
    }


def test_every_run_is_long_enough_to_show_a_meltdown() -> None:
    ran: list[tuple[float | None, bool]] = []

    def noting(topology: Topology, options: RunOptions) -> Report:
        ran.append((options.seconds, options.real_time))
        return simulate(topology, options)

    run = loaded(ENDLESS, WORK, timeout=3, pending=300, seconds=1, real_time=True)
    advise(run.topology, run.options, noting)
    # Three timeouts each; the third has a timeout of 10 s. And nobody waits for the clock.
    assert ran == [(9, False), (9, False), (30, False), (9, False), (9, False)]


def test_a_limit_that_is_low_enough_already_is_not_advised() -> None:
    assert list(advised(loaded(ENDLESS, WORK, timeout=10, pending=100))) == [
        "as it is", ":p 2 of b",
    ]  # fmt: skip


def test_the_limit_of_a_spouts_own_is_replaced() -> None:
    own = spout("[]", '"topology.max.spout.pending" 300', cls="Endless")
    run = loaded(topology_text(own, bolt("b", "Fussy")), WORK, timeout=3, pending=5)
    found = advised(run)
    assert found["as it is"] == "MELTDOWN at 6 s"
    assert found["-o topology.max.spout.pending=90"] == "steady"


def test_with_several_workers_less_of_them_may_help() -> None:
    conf = {"topology.workers": 2}
    run = loaded(ENDLESS, WORK, timeout=3, pending=300, conf=conf)
    found = advised(run)
    assert list(found)[-3:] == [
        "-w 1", "-o topology.disable.loadaware.messaging=true", ":p 2 of b, and -w 1",
    ]  # fmt: skip
    # There is one bolt's task, so its worker makes no difference.
    assert found["-w 1"] == found["as it is"] == "MELTDOWN at 6 s"


def test_without_work_there_is_nothing_to_advise() -> None:
    run = loaded(one_bolt('[["ack-it"]]'), {})
    (only,) = advise(run.topology, run.options)
    assert (only.change, str(only.verdict)) == ("as it is", "steady")


def test_a_variant_has_the_counts_of_its_run() -> None:
    run = loaded(ENDLESS, WORK, timeout=3, pending=90, seconds=10)
    first = advise(run.topology, run.options)[0]
    assert isinstance(first, Variant)
    assert first.as_dict() == {
        "change": "as it is",
        "verdict": "steady",
        "why": "90 pending x 30 ms = 2.7 s at b, within the timeout of 3 s",
        "bottleneck": "b",
        "acked": 333,
        "failed": 0,
        "per_second": 33.3,
    }
