"""Who dies with whom, what ends a run, and how a death is described (scenario S22 of docs/storm.md)."""

from __future__ import annotations

from tests.support.table_top import one_bolt, run_both


def test_an_exception_stops_the_run_and_says_which_tuple_did_it() -> None:
    done = run_both(one_bolt('[["ack-it"] ["die"]]'))
    assert done.finding == "b[3]: ended with exit status 1; it held tuple 2 '[\"die\"]' from s[4]"
    assert "ValueError: as told" in done.report.failures[0].error
    assert done.events("died", "b")[0]["reason"] == "ValueError: as told"


def test_the_tuple_a_dying_bolt_fails_is_the_one_that_did_it() -> None:
    rows = '[["dog"] ["bad"] ["cat"]]'
    done = run_both(one_bolt(rows, "Fussy"), turns=10)
    assert done.finding == "b[3]: ended with exit status 1; it held tuple 2 '[\"bad\"]' from s[4]"


def test_a_component_that_ends_itself_is_named_with_its_status() -> None:
    assert run_both(one_bolt('[["exit"]]')).finding.startswith(
        "b[3]: ended with exit status 3; it held tuple 1"
    )
