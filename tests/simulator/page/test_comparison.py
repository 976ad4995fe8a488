"""The comparison of two runs, as the page reads it, and in a real Chromium as a reader sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.engine import faults
from simulator.page import Chance, Chances, PageSource, Pair, page_of_runs, source_of_events
from simulator.page.comparison import comparison_json
from tests.support.pages import ShowText, events_of, lines_with, source_of
from tests.support.table_top import bolt, spout, topology_text

EMIT = '{"at":0,"event":"emit","component":"s","task":3,"stream":"default","values":["dog"],"id":1,"to":[[2,"1"]]}'
ACK = '{"at":1,"event":"ack","component":"b","task":2,"tuple":"1"}'
FAIL = '{"at":4,"event":"fail","component":"b","task":2,"tuple":"1"}'
ACKED = '{"at":2,"event":"acked","component":"s","task":3,"id":1}'
FAILED = '{"at":5,"event":"failed","component":"s","task":3,"id":1,"reason":""}'


def _source(*lines: str, title: str = "t") -> PageSource:
    return source_of_events(title, events_of(*lines))


def _compared(first: PageSource, second: PageSource, pair: Pair | None = None) -> Any:
    return comparison_json(pair or Pair(), (first, second), (first.events, second.events))


def test_the_step_that_differs_first_has_its_place_in_both_runs() -> None:
    found = _compared(_source(EMIT, ACK, ACKED), _source(EMIT, FAIL, FAILED))
    assert found["cause"] == {
        "root": "id 1 of s[3]",
        "emits": [0, 0],
        "before": [[0, 0, 's emits ["dog"] with id 1']],
        "steps": [[1, 1, 'b acks ["dog"]'], [1, 4, 'b fails ["dog"]']],
        "only": [[], []],
        "others": 0,
    }
    assert found["time"] == {
        "number": 2,
        "before": [[0, 0, "s[3]", 'emits ["dog"] with id 1']],
        "after": [
            [[1, 1, "b[2]", 'acks ["dog"]'], [2, 2, "s[3]", "is notified that 1 is acked"]],
            [[1, 4, "b[2]", 'fails ["dog"]'], [2, 5, "s[3]", "is notified that 1 has failed"]],
        ],
    }


def test_equal_runs_have_no_difference_and_a_run_that_ends_has_nothing_more() -> None:
    same = _compared(_source(EMIT, ACK), _source(EMIT, ACK))
    assert (same["cause"], same["time"]) == (None, None)
    short = _compared(_source(EMIT), _source(EMIT, ACK))
    assert short["time"]["after"] == [[], [[1, 1, "b[2]", 'acks ["dog"]']]]


def test_an_event_that_the_page_leaves_out_has_no_place() -> None:
    whole, other = _source(EMIT, ACK, ACKED), _source(EMIT, FAIL, FAILED)
    found = comparison_json(Pair(), (whole, other), (whole.events[:1], other.events))
    assert found["cause"]["steps"][0] == [-1, 1, 'b acks ["dog"]']


def test_what_is_known_of_a_failure_is_handed_on() -> None:
    chances = Chances([Chance("at the start", 0, 1, 20)], "never")
    pair = Pair(names=("a", "b"), title="idempotent", words=["one"], chances=chances)
    found = _compared(_source(EMIT), _source(EMIT), pair)
    assert (found["runs"], found["names"], found["title"], found["words"], found["chances"]) == (
        [0, 1],
        ["a", "b"],
        "idempotent",
        ["one"],
        {"points": [["at the start", 0, 1, 20]], "words": "never"},
    )


# -- in the browser -----------------------------------------------------------------------------------------------

FLOW = topology_text(
    spout('[["pass-on" "cat"] ["pass-on" "dog"]]', '"retries" 1', outputs='["do" "word"]'),
    bolt("mid", "Obeys", outputs='["word"]') + bolt("sink", "Tells", '{"mid" ["word"]}'),
)
TIMEOUT = {"topology.message.timeout.secs": 20, "topology.workers": 1}


def _failing_and_fault_free() -> list[PageSource]:
    rules = [faults.Nth(faults.Drop(), "sink", 2)]
    return [
        source_of(FLOW, seconds=90, conf=TIMEOUT, rules=rules, title="failing run"),
        source_of(FLOW, seconds=90, conf=TIMEOUT, title="fault-free run"),
    ]


@pytest.mark.needs_chromium
def test_the_first_difference_to_the_fault_free_run(show_text: ShowText) -> None:
    shown = show_text(page_of_runs("t", _failing_and_fault_free(), [Pair()]))
    rows = shown.page.locator("section[aria-label='The first difference by cause'] tr.differs")
    assert " ".join(rows.first.inner_text().split()) == (
        '≠ drop strikes ["dog"] to sink at 2 ms sink acks ["dog"] at 3 ms'
    )
    assert "id 1 of s[4] is the first that goes another way" in shown.text()
    assert shown.steps == 0  # the page begins with it
    rows.first.get_by_role("link").last.click()
    assert "run=1" in shown.page.url
    assert "ack task sink[5] at 3 ms" in " ".join(shown.inspector.split())


@pytest.mark.needs_chromium
def test_both_trees_of_the_message_are_there_and_lead_each_to_its_run(show_text: ShowText) -> None:
    shown = show_text(page_of_runs("t", _failing_and_fault_free(), [Pair()]))
    sides = [each.inner_text() for each in shown.page.locator(".both > div").all()]
    assert lines_with(sides[0], ["sink[5]", "dropped on its way"])
    assert lines_with(sides[1], ["sink[5]", "acked"])
    assert not lines_with(sides[1], ["dropped on its way"])
    shown.click("fault-free run", within="#runs")
    assert shown.page.locator("#runs [aria-current]").inner_text() == "fault-free run"
    assert "Nothing: every message was acked at its first attempt." in shown.text()


PRICES = topology_text(
    spout('[["bad" 1]]', '"stream" "orders"', '{"orders" ["word" "n"]}')
    + ' "p" (python-spout-spec options "parts.Rows" ["word" "n"] :conf {"rows" [["price" 1] ["price" 2]]})',
    bolt("join", "Fussy", '{["s" "orders"] :shuffle, "p" :shuffle}'),
)


@pytest.mark.needs_chromium
def test_which_order_of_two_streams_broke_it(show_text: ShowText) -> None:
    rules = [faults.Nth(faults.Delay(500), "join", 1)]
    sources = [
        source_of(PRICES, on_crash="restart", title="failing", rules=rules),
        source_of(PRICES, on_crash="restart", title="passing"),
    ]
    shown = show_text(page_of_runs("t", sources, [Pair()]))
    order = shown.page.locator("section[aria-label='The order of tuples at a task']")
    assert "join[3] took" in order.inner_text()
    first = " ".join(order.locator("tr.differs").first.inner_text().split())
    left, right = first.removeprefix("≠ ").split(" ms ")[:2]
    assert {left.split()[0], right.split()[0]} == {"p", "s:orders"}


@pytest.mark.needs_chromium
def test_the_chances_of_a_failure_are_told_with_the_choice_that_made_it_inevitable(
    show_text: ShowText,
) -> None:
    chances = Chances(
        [Chance("at the start", 0, 3, 20), Chance("the 2nd tuple to sink is lost", 2, 20, 20)],
        "inevitable once the 2nd tuple to sink is lost (at 2 ms): 20 of 20 runs fail from there",
    )
    shown = show_text(page_of_runs("t", _failing_and_fault_free(), [Pair(chances=chances)]))
    text = shown.text("section[aria-label='When it became inevitable']")
    assert "inevitable once the 2nd tuple to sink is lost" in text
    assert lines_with(text, ["at the start", "3 of 20"])
    assert lines_with(text, ["2 ms", "20 of 20"])


HOSTILE = (
    '</script><script>document.title="x"</script><img src=x onerror=alert(1)>\u202egnp\x1b[31m'
)


@pytest.mark.needs_chromium
def test_no_value_becomes_markup_or_turns_the_text_around_it(show_text: ShowText) -> None:
    values = json.dumps([HOSTILE])
    lines = [EMIT.replace('["dog"]', values), FAIL, FAILED]
    error = json.dumps({"at": 1, "event": "error", "component": "b", "task": 2, "message": HOSTILE})
    first = _source(lines[0], error, *lines[1:], title=HOSTILE)
    second = _source(lines[0], ACK, ACKED, title=HOSTILE)
    law: dict[str, object] = {
        "law": HOSTILE,
        "title": HOSTILE,
        "verdict": "broken",
        "reason": HOSTILE,
    }
    law |= {"summary": [HOSTILE], "case": HOSTILE, "run": 1, "pair": 0, "inevitable": HOSTILE}
    report = {"topology": HOSTILE, "coverage": HOSTILE, "notes": [HOSTILE], "laws": [law]}
    chances = Chances([Chance(HOSTILE, 0, 1, 2)], HOSTILE)
    pair = Pair(names=(HOSTILE, HOSTILE), title=HOSTILE, words=[HOSTILE], chances=chances)
    shown = show_text(page_of_runs(HOSTILE, [first, second], [pair], report))
    for view in ("Guarantees", "Compare"):
        shown.open(view)
        assert shown.page.locator("main img, main script").count() == 0
        text = shown.text("body")
        assert "<img src=x onerror=alert(1)>" in text
        assert ("\u202e" in text, "\x1b" in text, "\\u202egnp\\u001b[31m" in text) == (
            False,
            False,
            True,
        )
    assert shown.page.title().startswith("</script><script>")


@pytest.mark.needs_chromium
def test_the_guarantee_report_leads_to_the_smallest_case_of_each_broken_law(
    show_text: ShowText,
) -> None:
    laws = [
        {"title": "alive", "verdict": "held", "reason": "in 9 runs", "pair": None},
        {"title": "idempotent", "verdict": "broken", "reason": "too many", "pair": 0,
         "summary": ["too many: cat"], "case": ".storm-cases/t-1.json", "inevitable": ""},
    ]  # fmt: skip
    report = {"topology": "t", "coverage": "9 runs", "notes": [], "laws": laws}
    pair = Pair(names=("smallest case", "fault-free run"), title="idempotent")
    shown = show_text(page_of_runs("t", _failing_and_fault_free(), [pair], report))
    assert "t breaks 1 law" in shown.text()
    shown.click("see its smallest case")
    assert "is the first that goes another way" in shown.text()
    shown.open("Guarantees")
    assert "sparse explore --replay .storm-cases/t-1.json" in shown.text()
