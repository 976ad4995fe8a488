"""The simulation as a whole: one trace for one seed. Every scenario runs over both transports, which must agree."""

from __future__ import annotations

import pytest

from tests.support.table_top import WIDE, run, run_both


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    digests = [run_both(WIDE, seed=seed).report.trace_sha256 for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


def test_adding_a_bolt_leaves_the_luck_of_the_others_alone() -> None:
    more = WIDE.replace(
        '"sink"', '"aaa" (python-bolt-spec options {"mid" :all} "parts.Tells" []) "sink"'
    )
    assert run(more).values("mid") == run(WIDE).values("mid")


@pytest.mark.parametrize("turns", [1, 7, 100])
def test_a_spout_may_take_several_turns_a_wave(turns: int) -> None:
    done = run_both(WIDE, turns=turns)
    assert done.report.components["s"].acked == 60
    assert [event["at"] for event in done.events("emit", "s")] == list(range(60))
