"""A page is one file that loads nothing and runs only its own script."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from simulator import page as door
from simulator.engine.events import Died, Emit, Error, Failed
from simulator.page.html import MARKER, SCRIPTS, is_page, page_html, page_of
from simulator.page.source import ErrorReport, LogLine, PageSource, source_of_events
from simulator.wire import storm_json
from tests.support.pages import Show, events_of

HOSTILE = [
    "</script><script>window.owned=1</script>",
    '<img src=x onerror="window.owned=1">',
    "{{script}}{{data}}",
    "javascript:window.owned=1",
    "]]>--><!--<svg onload=window.owned=1>",
    "' onmouseover='window.owned=1",
    '"},"x":{"',
]


def test_a_page_has_no_address_of_anything_outside() -> None:
    page = page_html("t", {"runs": []})
    outside = re.findall(
        r"(?:https?:)?//[a-z][^\s\"'`]*", re.sub(r"^ *(//|\*).*$", "", page, flags=re.M)
    )
    assert [each for each in outside if "w3.org" not in each] == []
    assert "default-src 'none'" in page


def test_every_part_of_the_script_is_put_in() -> None:
    files = Path(str(door.__file__)).parent / "files"
    assert sorted(path.name for path in files.glob("*.js")) == sorted(SCRIPTS)


def test_a_page_without_its_data_is_small() -> None:
    assert len(page_html("t", {"runs": []}).encode()) < 300_000


def test_only_a_page_of_ours_is_known_as_one() -> None:
    assert is_page(page_html("t", {}))
    assert not is_page("<!doctype html><html><body>" + " " * 2000 + MARKER)


def _run_of(value: str) -> PageSource:
    """A run in which everything that a topology can name has this name."""
    printed = storm_json([value, {value: value}])
    events = [
        Emit(0, value, 5, value, printed, storm_json(value), None, ((3, "1"),)),
        Error(1, "b", 3, value),
        Died(1, "b", 3, value),
        Failed(2, value, 5, storm_json(value), "timeout"),
    ]
    frame = f'  File "{value}", line 1, in {value}\n    {value}\n{value}'
    return replace(
        source_of_events(value, events, notes=[value]),
        facts={value: value},
        logs=[LogLine(1, "b", 3, "info", value, 1)],
        errors=[ErrorReport(1, "b", 3, frame)],
    )


@pytest.mark.needs_chromium
@pytest.mark.parametrize("value", HOSTILE)
def test_values_names_and_texts_are_never_markup_or_script(value: str, show: Show) -> None:
    shown = show(_run_of(value))
    elements = (
        "[...document.querySelectorAll('img, iframe, object, svg [onload], [onmouseover]')].length"
    )
    found = []
    for view in ("Overview", "Timeline", "Trees", "Logs and errors", "Events"):
        shown.open(view)
        found.append(shown.page.evaluate(f"[window.owned ?? null, {elements}]"))
    shown.search(value)
    for link in (
        "tuple-0",
        "emit-0",
        "tree-0",
        "value-0.0",
        "event-1",
        "event-2",
        "log-0",
        "error-0",
        "component-0",
    ):
        shown.page.evaluate(f"location.hash = 'select={link}'")
        shown.page.locator("#inspector h2").wait_for()
        found.append(shown.page.evaluate(f"[window.owned ?? null, {elements}]"))
    assert found == [[None, 0]] * len(found)
    assert (shown.page.title(), shown.text("h1")) == (value, value)


@pytest.mark.needs_chromium
def test_characters_that_turn_or_hide_text_are_shown_as_escapes(show: Show) -> None:
    shown = show(_run_of("a\u202eb\x1b[31m\u2028c"))
    assert shown.text("h1") == r"a\u202eb\u001b[31m\u2028c"
    shown.open("Logs and errors")
    assert r"a\u202eb\u001b[31m\u2028c" in shown.text()


def test_the_page_of_a_source_has_its_title_escaped() -> None:
    page = page_of(source_of_events("<b>", events_of()))
    assert "<title>&lt;b&gt;</title>" in page
