"""Questions about a run that a reader answers with at most three clicks or entries, in a real Chromium."""

from __future__ import annotations

import pytest

from simulator.engine import faults
from tests.support.pages import Show, Shown, source_of
from tests.support.table_top import bolt, spout, topology_text

TIMEOUT = {"topology.message.timeout.secs": 20, "topology.workers": 1}
pytestmark = pytest.mark.needs_chromium

MOST_STEPS = 3


def _flow(rows: str, sink: str = "", retries: int = 0) -> str:
    """Rows that say what mid is to do with them; it passes words on to three tasks of sink, by word."""
    return topology_text(
        spout(rows, f'"retries" {retries}', outputs='["do" "word"]'),
        bolt("mid", "Obeys", outputs='["word"]')
        + bolt("sink", "Tells", '{"mid" ["word"]}', rest=f":p 3 {sink}"),
    )


def _answered(shown: Shown, *answers: str, within: str = "body") -> None:
    """All of these are to be read, and it took no more than three steps."""
    text = " ".join(shown.text(within).split())
    assert [each for each in answers if each not in text] == [], text
    assert shown.steps <= MOST_STEPS


def test_which_bolt_held_the_tuple_that_timed_out(show: Show) -> None:
    shown = show(source_of(_flow('[["pass-on" "cat"] ["drop" "dog"]]'), seconds=90, conf=TIMEOUT))
    _answered(shown, "1 message failed by timeout: id 1", 'mid[3] held ["drop","dog"]')


def test_which_attempt_succeeded(show: Show) -> None:
    rules = [faults.Nth(faults.Drop(), "sink", 1)]
    shown = show(
        source_of(_flow('[["pass-on" "cat"]]', retries=1), seconds=90, conf=TIMEOUT, rules=rules)
    )
    _answered(shown, "1 message emitted again, 1 of them acked: id 0, attempt 2 of 2 (acked)")
    shown.click("id 0, attempt 2 of 2")
    _answered(
        shown,
        "id 0, attempt 1 of 2: failed by timeout",
        "id 0, attempt 2 of 2: acked",
        within="main",
    )


def test_what_a_lost_ack_cost(show: Show) -> None:
    rules = [faults.Nth(faults.LostAck(), "sink", 1)]
    shown = show(
        source_of(_flow('[["pass-on" "cat"]]', retries=1), seconds=90, conf=TIMEOUT, rules=rules)
    )
    _answered(shown, 'An ack was lost, that of ["cat"] by sink[6]', "2 tuples sent again")
    shown.click("id 0, attempt 1 of 2")
    _answered(
        shown,
        "What it cost",
        "acked at attempt 2",
        "from the first emit to the ack",
        within="#inspector",
    )


def test_which_task_got_a_key(show: Show) -> None:
    rows = '[["pass-on" "cat"] ["pass-on" "emu"] ["pass-on" "dog"] ["pass-on" "emu"]]'
    source = source_of(_flow(rows))
    (task,) = {
        int(each.task)
        for each in source.logs
        if "['emu']" in each.message and each.component == "sink"
    }
    shown = show(source)
    shown.search("emu")
    _answered(shown, f"sink[{task}] (2 tuples)", "mid[3] (2 tuples)")


def test_what_happened_between_two_instants(show: Show) -> None:
    source = source_of(_flow('[["drop" "dog"]]', retries=1), seconds=90, conf=TIMEOUT)
    failed = next(each for each in source.events if each.event == "failed")
    second = failed.at_ms // 1000
    shown = show(source)
    shown.search(f"{second}s..{second + 1}s")
    _answered(
        shown, f"2 events from {second} s to {second + 1} s", "failed id 0, attempt 1 of 2, by timeout",
        'emit ["drop","dog"] to mid[3]', within="main",
    )  # fmt: skip


PRICES = topology_text(
    spout('[["bad" 1]]', '"stream" "orders"', '{"orders" ["word" "n"]}')
    + ' "p" (python-spout-spec options "parts.Rows" ["word" "n"] :conf {"rows" [["price" 1] ["price" 2]]})',
    bolt("join", "Fussy", '{["s" "orders"] :shuffle, "p" :shuffle}'),
)


def test_which_order_of_two_streams_broke_it(show: Show) -> None:
    shown = show(source_of(PRICES, on_crash="restart"))
    shown.click("ValueError: bad", exact=False)
    _answered(shown, "ValueError: bad", "The order at this task", within="#inspector")
    order = shown.page.locator("#inspector .order li").all_inner_texts()
    assert [line.split()[1] for line in order[:2]] == ["p", "s:orders"]


def test_the_longest_queue(show: Show) -> None:
    text = topology_text(
        spout("[]", cls="Endless"),
        bolt("fast", "Pass", outputs='["n"]') + bolt("slow", "Tells", '{"fast" :shuffle}'),
    )
    shown = show(source_of(text, seconds=1.0, work={"slow": "20ms", "s": "5ms"}))
    shown.click("longest queue")
    _answered(shown, "The longest queue:", "150 tuples in front of slow[5]")


def test_where_a_value_came_from(show: Show) -> None:
    shown = show(source_of(_flow('[["pass-on" "cat"]]')))
    shown.search("cat")
    shown.click('["cat"]')
    shown.click('"cat"', within="#inspector")
    _answered(
        shown, "Where word came from", '"cat" was emitted by mid[3]', "at work on: s[4] do \"pass-on\" word \"cat\"",
        "The same value was in word of it.", within="#inspector",
    )  # fmt: skip


def test_who_died_with_whom(show: Show) -> None:
    orders = [faults.CrashOrder("mid", nth=2)]
    rows = '[["pass-on" "cat"] ["pass-on" "dog"]]'
    shown = show(
        source_of(_flow(rows), conf={"topology.workers": 2}, orders=orders, on_crash="ordered")
    )
    _answered(shown, "mid[3] died", "and with it")
    shown.click("mid[3] died")
    _answered(
        shown,
        "Who died with whom",
        "worker 1",
        "with it sink[5] sink[7]",
        'lost with it ["pass-on","dog"] at mid[3]',
        within="#inspector",
    )


def test_which_log_lines_belong_to_a_tuple(show: Show) -> None:
    shown = show(source_of(_flow('[["pass-on" "cat"] ["pass-on" "dog"]]')))
    shown.search("dog")
    shown.click('["dog"]')
    _answered(shown, "Log lines of this tuple", "mid[3] default ['dog']", within="#inspector")
    assert "cat" not in shown.inspector.partition("Log lines")[2]


def test_what_was_still_pending_at_the_end(show: Show) -> None:
    shown = show(source_of(_flow('[["pass-on" "cat"] ["drop" "dog"]]'), seconds=10))
    _answered(shown, "1 message pending at the end: id 1")
    shown.click("id 1")
    _answered(shown, "Not settled at the end", 'mid[3] held ["drop","dog"]', within="#inspector")
