"""A page is used by keyboard and by a screen reader, in light, in dark, on a small screen and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator import page as door
from tests.support.pages import Show, Shown, source_of
from tests.support.table_top import bolt, spout, topology_text

FLOW = topology_text(spout('[["a"] ["b"] ["c"]]'), bolt("b", "Tells") + bolt("c", "Tells"))
STYLE = (Path(str(door.__file__)).parent / "files/page.css").read_text()


# -- keys


@pytest.mark.needs_chromium
def test_everything_is_reached_by_keys(show: Show) -> None:
    shown = show(source_of(FLOW, seconds=1.0))
    keys = shown.page.keyboard
    keys.press("2")
    shown.page.locator("canvas[data-painted]").wait_for()
    shown.page.locator("canvas").focus()
    keys.press("ArrowDown")
    assert shown.text("#status") == "Lane of b[3], 3 tuples"
    keys.press("n")
    shown.page.locator("#inspector h2").wait_for()
    assert '"a"' in shown.inspector
    keys.press("n")
    shown.page.get_by_text('"b"').first.wait_for()
    keys.press("Escape")
    shown.page.locator("#inspector.empty").wait_for(state="attached")
    keys.press("?")
    assert "search" in shown.inspector
    shown.page.locator("#tab-timeline").focus()
    keys.press("ArrowRight")
    shown.page.locator("#tab-trees[aria-selected=true]").wait_for()
    assert shown.page.evaluate("document.activeElement.id") == "tab-trees"
    keys.press("/")
    assert shown.page.evaluate("document.activeElement.id") == "query"


@pytest.mark.needs_chromium
def test_arrow_keys_go_through_a_tree(show: Show) -> None:
    shown = show(source_of(FLOW, seconds=1.0))
    keys = shown.page.keyboard
    shown.open("Trees")
    shown.page.locator("[role=treeitem]").first.focus()
    seen = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End", "Home"):
        keys.press(key)
        words = shown.page.evaluate("document.activeElement.querySelector('.node').innerText")
        seen.append(str(words).split(":")[0].split(" emitted")[0])
    assert seen == ["✓ at b[3]", "✓ at c[4]", "s[5]", "✓ at c[4]", "s[5]"]
    keys.press("ArrowRight")
    keys.press("Enter")
    shown.page.locator("#inspector h2").wait_for()
    assert "Tuple" in shown.inspector


@pytest.mark.needs_chromium
def test_a_screen_reader_finds_names_roles_and_what_has_changed(show: Show) -> None:
    shown = show(source_of(FLOW, seconds=1.0))
    for name in ("Overview", "Timeline", "Trees", "Logs and errors", "Events"):
        tab = shown.page.get_by_role("tab", name=name)
        tab.click()
        shown.page.get_by_role("tab", name=name, selected=True).wait_for()
        assert shown.page.get_by_role("main").get_attribute("aria-label") == name
    assert shown.page.get_by_role("table").get_by_role("columnheader").all_inner_texts() == [
        "time", "task", "event", "what",
    ]  # fmt: skip
    assert shown.page.get_by_role("searchbox", name="Search").count() == 1
    shown.search("a")
    shown.page.get_by_role("status").get_by_text("results").wait_for(state="attached")
    unnamed = shown.page.evaluate(
        "[...document.querySelectorAll('a, button, input, select, canvas')].filter((each) =>"
        " !(each.textContent.trim() || each.ariaLabel || each.labels?.length || each.title)).length"
    )
    assert unnamed == 0


# -- looks


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", block))


LIGHT = _colours(STYLE.split("@media (prefers-color-scheme: dark)")[0])
DARK = LIGHT | _colours(STYLE.split("@media (prefers-color-scheme: dark)")[1].split("@media")[0])
PRINT = LIGHT | _colours(STYLE.split("@media print")[1])


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """The contrast of WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = ("text", "quiet", "accent", "acked", "failed", "lost", "held", "warn")


@pytest.mark.parametrize("scheme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_text_has_the_contrast_of_wcag_aa_on_every_ground(scheme: dict[str, str]) -> None:
    grounds = ("ground", "raised", "queue", "spout", "bolt")
    low = {
        (name, ground): round(contrast, 2)
        for name in TEXT
        for ground in grounds
        # Of the components' boxes and the ground of what is selected, text and links are all that stands on them.
        if ground in ("ground", "raised") or name in ("text", "accent")
        if (contrast := _contrast(scheme[name], scheme[ground])) < 4.5
    }
    assert low == {}


@pytest.mark.parametrize("scheme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_lines_and_bars_have_the_contrast_that_graphics_need(scheme: dict[str, str]) -> None:
    shown = ("acked", "failed", "lost", "held", "warn", "quiet", "spout-line", "bolt-line")
    low = {name: scheme[name] for name in shown if _contrast(scheme[name], scheme["ground"]) < 3}
    assert low == {}


def _ground(shown: Shown) -> str:
    return str(shown.page.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.needs_chromium
def test_a_page_is_light_or_dark_as_the_reader_has_it_and_light_on_paper(show: Show) -> None:
    shown = show(source_of(FLOW, seconds=1.0))
    shown.open("Timeline")
    grounds = []
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        shown.page.emulate_media(media=media, color_scheme=scheme)  # type: ignore[arg-type]  # literals
        grounds.append(_ground(shown))
    assert grounds == ["rgb(255, 255, 255)", "rgb(18, 24, 31)", "rgb(255, 255, 255)"]
    assert not shown.page.locator("#tabs").is_visible()
    assert shown.page.locator(".rows table").is_visible()


@pytest.mark.needs_chromium
def test_on_a_small_screen_nothing_is_wider_than_the_screen(show: Show) -> None:
    shown = show(source_of(FLOW, seconds=1.0))
    shown.page.set_viewport_size({"width": 360, "height": 640})
    wide = []
    for view in ("Overview", "Timeline", "Trees", "Logs and errors", "Events"):
        shown.open(view)
        wide.append(shown.page.evaluate("document.documentElement.scrollWidth > innerWidth"))
    assert wide == [False] * 5
