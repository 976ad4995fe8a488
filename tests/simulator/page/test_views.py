"""The views of a page in a real Chromium: what each shows, and where a click leads."""

from __future__ import annotations

import pytest

from simulator.engine import faults
from simulator.page import PageSource, Pair, page_of, page_of_runs, source_of_events
from tests.support.pages import Show, Shown, ShowText, source_of
from tests.support.table_top import bolt, spout, topology_text

pytestmark = pytest.mark.needs_chromium

FLOW = topology_text(
    spout('[["pass-on" "cat"] ["fail-it" "dog"] ["drop" "emu"]]', outputs='["do" "word"]'),
    bolt("mid", "Obeys", outputs='["word"]')
    + bolt("sink", "Tells", '{"mid" ["word"]}', rest=":p 2"),
)


def _flow() -> PageSource:
    """A message that is acked, one that is failed at 2 ms, and one that times out at 40 s."""
    return source_of(
        FLOW, seconds=50, conf={"topology.message.timeout.secs": 20, "topology.workers": 1}
    )


def _point(shown: Shown, at_ms: float, lane: int, level: int = 0) -> tuple[float, float]:
    """The pixel of a bar on the canvas of an even timeline, as the script's own constants have it."""
    box = shown.page.locator("canvas").bounding_box()
    assert box is not None
    share = at_ms / 40002
    return box["x"] + 190 + share * (box["width"] - 190), box["y"] + 26 + lane * 62 + 6 + level * 7


def _painted(shown: Shown) -> None:
    """Wait until what has changed is painted."""
    shown.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


# -- overview


def test_the_graph_has_each_component_with_its_counts_and_each_stream_with_its_rate(
    show: Show,
) -> None:
    shown = show(_flow())
    boxes = [each.get_attribute("aria-label") for each in shown.page.locator(".graph a").all()]
    assert boxes == [
        "spout s: task 4, 3 out, 1 acked, pending 0 failed 2",
        "bolt mid: task 3, 1 out, 1 acked, held 1 failed 1",
        "bolt sink: 2 tasks, 0 out, 1 acked, held 0 failed 0",
    ]
    labels = shown.page.locator(".graph .stream").all_text_contents()
    assert labels == ["do, wordshuffle3 · 0.1/s", 'word["word"]1 · 0.0/s']


def test_the_graph_is_coloured_by_what_the_reader_asks_for(show: Show) -> None:
    shown = show(_flow())

    def shares() -> list[str]:
        return shown.page.locator(".graph a:has(.share) .name").all_text_contents()

    found = [shares()]
    shown.page.get_by_role("radio", name="pending or held").check()
    found.append(shares())
    shown.page.get_by_role("radio", name="longest queue").check()
    found.append(shares())
    assert found == [["s", "mid"], ["mid"], []]


def test_a_click_on_a_component_tells_of_it_and_of_its_tasks(show: Show) -> None:
    shown = show(_flow())
    shown.page.locator(".graph a").nth(2).click()
    text = " ".join(shown.inspector.split())
    assert "sink kind bolt runs parts.Tells emitted 0 acked 1" in text
    assert "sink[5] 1" in text
    assert 'gets mid default ["word"]' in text


def test_a_run_without_anything_unusual_says_so(show: Show) -> None:
    text = topology_text(spout('[["a"]]'), bolt("b", "Tells"))
    shown = show(source_of(text, seconds=1.0))
    assert "Nothing: every message was acked at its first attempt." in shown.text()


def test_notes_stand_above_everything(show: Show) -> None:
    shown = show(source_of_events("run.jsonl", [], notes=["3 lines were not read."]))
    assert shown.text().startswith("3 lines were not read.")


# -- timeline


def test_idle_time_is_drawn_short_unless_the_reader_wants_it_even(show: Show) -> None:
    shown = show(_flow())
    shown.open("Timeline")
    short = shown.page.get_by_label("short idle time")
    assert short.is_checked()
    short.uncheck()
    assert "0 ms to 40" in shown.text("output")


def test_a_bar_tells_its_tuple_and_a_click_highlights_its_tree(show: Show) -> None:
    shown = show(_flow())
    shown.page.evaluate("location.hash = 'view=timeline&even=1'")
    shown.page.locator("canvas[data-painted]").wait_for()
    shown.page.mouse.move(*_point(shown, 20000, 1))
    assert shown.page.locator(".tip").inner_text().splitlines()[:2] == [
        '["drop","emu"]',
        "mid[3] from s: held",
    ]
    shown.page.mouse.click(*_point(shown, 20000, 1))
    shown.page.locator("#inspector h2").wait_for()
    assert "failed by timeout" in shown.inspector
    _painted(shown)
    shown.page.mouse.move(*_point(shown, 20000, 0, level=2))
    assert "id 2: failed by timeout" in shown.page.locator(".tip").inner_text()


def test_the_timeline_zooms_and_pans_by_buttons_wheel_and_mouse(show: Show) -> None:
    shown = show(_flow())
    shown.page.evaluate("location.hash = 'view=timeline&even=1'")
    shown.page.locator("canvas[data-painted]").wait_for()
    seen = []

    def note() -> None:
        _painted(shown)
        seen.append(shown.text("output"))

    shown.page.get_by_title("Zoom in (+)").click()
    note()
    shown.page.get_by_title("Later (right arrow)").click()
    note()
    shown.page.mouse.move(*_point(shown, 20000, 0))
    shown.page.mouse.down()
    shown.page.mouse.move(*_point(shown, 30000, 0), steps=3)
    shown.page.mouse.up()
    note()
    shown.page.keyboard.down("Control")
    shown.page.mouse.wheel(0, -100)
    shown.page.keyboard.up("Control")
    note()
    shown.page.get_by_title("The whole run (0)").click()
    note()
    starts = [float(each.split()[0]) for each in seen]
    assert starts[0] == pytest.approx(10, abs=0.1)
    assert starts[1] == pytest.approx(20, abs=0.1)
    assert starts[2] == pytest.approx(15, abs=0.2)
    assert starts[3] > starts[2]
    assert starts[4] == 0


def test_the_table_below_the_timeline_has_the_same_stretch_as_text(show: Show) -> None:
    shown = show(_flow())
    shown.search("0ms..2ms")
    caption, _, *rows = shown.text(".rows").splitlines()
    assert caption == f"{len(rows)} events from 0 ms to 2 ms"
    assert rows[0].split("\t") == ["0 ms", "s[4]", "emit", '["pass-on","cat"] to mid[3]']


def test_deaths_restarts_faults_errors_and_ticks_are_marks_with_their_words(show: Show) -> None:
    orders = [faults.CrashOrder("mid", nth=2)]
    source = source_of(
        FLOW, seconds=1.0, orders=orders, on_crash="restart", conf={"topology.workers": 1}
    )
    shown = show(source)
    shown.search("crash")
    shown.click("died", within="main")
    assert "Who died with whom" in shown.inspector


# -- trees


def test_messages_are_listed_by_what_is_unusual_and_a_tree_has_every_copy_with_its_fate(
    show: Show,
) -> None:
    shown = show(_flow())
    shown.open("Trees")
    options = shown.page.locator("#which option").all_text_contents()
    assert options == [
        "all that is unusual (2)",
        "failed by timeout (1)",
        "failed by a bolt (1)",
        "all (3)",
    ]
    shown.page.locator("#which").select_option("all")
    shown.page.locator(".messages a").first.click()
    shown.page.locator(".attempt.chosen").wait_for()
    nodes = [
        " ".join(each.split()) for each in shown.page.locator(".attempt .node").all_inner_texts()
    ]
    assert nodes == [
        's[4] emitted "pass-on", "cat" at 0 ms',
        "✓ at mid[3]: acked, 1 ms to 1 ms",
        'mid[3] emitted "cat" at 1 ms',
        "✓ at sink[6]: acked, 2 ms to 2 ms, 1 log line",
    ]
    levels = shown.page.locator("[role=treeitem]").evaluate_all(
        "all => all.map(each => each.ariaLevel)"
    )
    assert levels == ["1", "2", "3", "4"]


# -- logs, errors, events


def test_an_error_has_its_traceback_the_users_line_and_its_tuple(show: Show) -> None:
    text = topology_text(spout('[["bad"]]'), bolt("b", "Fussy"))
    shown = show(source_of(text, seconds=1.0, on_crash="restart"))
    shown.open("Logs and errors")
    text = shown.text()
    assert 'ValueError: bad\n1 ms by b[3], at work on ["bad"]' in text
    assert "raise ValueError(tup.values[0])" in shown.text(".frame")
    assert "Traceback (most recent call last)" in shown.text(".traceback")
    shown.click('["bad"]')
    assert "Errors at work on it" in shown.inspector


def test_a_page_of_a_trace_says_that_a_trace_has_no_log_lines(show: Show) -> None:
    shown = show(source_of_events("run.jsonl", _flow().events))
    shown.open("Logs and errors")
    assert "A trace has no log lines; sparse simulate --html keeps them." in shown.text()
    shown.search("emu")
    shown.click('["drop","emu"]')
    assert "taken (derived)" in shown.inspector


def test_events_are_a_table_by_kind_and_page_by_page(show: Show) -> None:
    text = topology_text(spout("[]", cls="Endless"), bolt("b", "Fussy"))
    shown = show(source_of(text, seconds=0.2))
    shown.open("Events")
    first = shown.text("tbody tr:first-child")
    shown.click("later ▶")
    shown.page.get_by_text("page 2 of").wait_for()
    assert shown.text("tbody tr:first-child") != first
    shown.page.locator("#kind").select_option("ack")
    shown.page.get_by_text("page 1 of").wait_for()
    kinds = set(shown.page.locator("tbody tr td:nth-child(3)").all_inner_texts())
    assert kinds == {"ack"}


# -- search


@pytest.mark.parametrize(("query", "kinds"), [
    ("emu", ["Tuples (1)", "Log lines (1)"]),
    ("sink", ["Components (1)"]),
    ("sink[5]", ["Tasks (1)"]),
    ("2", ["Trees (1)", "Log lines (1)"]),
    ("timeout", ["Events (1)"]),
    ("fail", ["Tuples (1)", "Events (1)", "Log lines (3)"]),
])  # fmt: skip
def test_a_search_finds_values_ids_components_tasks_events_and_log_lines(
    query: str, kinds: list[str], show: Show
) -> None:
    shown = show(_flow())
    shown.search(query)
    assert shown.page.locator("main h3").all_inner_texts() == kinds


def test_what_is_nowhere_is_said_to_be_nowhere(show: Show) -> None:
    shown = show(_flow())
    shown.search("unicorn")
    assert "“unicorn” is nowhere in this run" in shown.text()


def test_the_way_back_leads_to_where_the_reader_was(show: Show) -> None:
    shown = show(_flow())
    shown.open("Trees")
    shown.search("emu")
    shown.page.go_back()
    shown.page.locator("#tab-trees[aria-selected=true]").wait_for()


# -- a sample


def _numbers(shown: Shown) -> dict[str, object]:
    """All numbers of the page that are about the whole run."""
    shown.open("Overview")
    found: dict[str, object] = {
        "facts": shown.text("#facts"),
        "graph": [
            each.get_attribute("aria-label") for each in shown.page.locator(".graph a").all()
        ],
        "streams": shown.page.locator(".graph .stream").all_text_contents(),
        "findings": shown.page.locator(".findings > li > strong").all_text_contents(),
    }
    for view in ("Trees", "Events"):
        shown.open(view)
        found[view] = [
            each.split(", the")[0] for each in shown.page.locator("option").all_text_contents()
        ]
    for task in (3, 4):
        shown.search(f"mid[{task}]" if task == 3 else f"s[{task}]")
        shown.click(f"mid[{task}]" if task == 3 else f"s[{task}]", within="main")
        found[f"task {task}"] = [
            line for line in shown.inspector.splitlines() if "Inputs" in line or "queue" in line
        ]
    return found


def test_a_sample_has_the_numbers_of_the_whole_run_and_says_where_a_view_is_sampled(
    show_text: ShowText,
) -> None:
    rows = " ".join(f'["{"drop" if each % 5 == 4 else "pass-on"}" "w{each}"]' for each in range(40))
    text = topology_text(
        spout(f"[{rows}]", outputs='["do" "word"]'),
        bolt("mid", "Obeys", outputs='["word"]') + bolt("sink", "Tells", '{"mid" :shuffle}'),
    )
    source = source_of(
        text,
        seconds=90,
        conf={"topology.message.timeout.secs": 20, "topology.workers": 1},
        rules=[faults.Nth(faults.Duplicate(), "sink", 3)],
    )
    whole, part = show_text(page_of(source)), show_text(page_of(source, most_events=60))
    assert whole.page.locator(".sampled").count() == 0
    numbers = _numbers(whole)
    assert _numbers(part) == numbers
    assert "8 messages failed by timeout" in str(numbers)

    part.open("Overview")
    assert f"of {len(source.events)} events" in part.text(".notes")
    assert "Counts are of the whole run." in part.text(".notes")
    for view in ("Timeline", "Trees", "Events"):
        part.open(view)
        assert f" of {len(source.events)}, in whole messages" in part.text(".sampled")


def test_two_samples_are_compared_but_for_the_order_at_each_task(show_text: ShowText) -> None:
    sources = [_flow(), source_of(FLOW, seconds=1)]
    shown = show_text(page_of_runs("t", sources, [Pair()], most_events=8))
    text = " ".join(shown.text().split())
    assert "Not compared: the page has a sample of a run" in text
    assert f"events {len(sources[0].events)} {len(sources[1].events)}" in text
