"""Pages of runs for tests: a run's source from a topology's text, and its page in a real Chromium."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from docs.screenshots import PATIENCE_MS, settle
from simulator import RUN_CONF, Mode, parse_topology, simulate
from simulator.engine import events
from simulator.page import Collector, PageSource, graph_of
from tests.support.table_top import HERE


def source_of(
    text: str,
    *,
    conf: Mapping[str, object] | None = None,
    seconds: float | None = 10.0,
    mode: Mode = "inprocess",
    title: str = "t",
    collector: Collector | None = None,
    **options: Any,
) -> PageSource:
    """Run a topology's text, and collect what its page needs; ``options`` are those of ``simulate``."""
    whole = {**RUN_CONF, "topology.python.path": sys.executable, **(conf or {})}
    topology, collector = parse_topology(text, options=whole), collector or Collector()
    report = simulate(
        topology,
        conf=whole,
        cwd=HERE,
        seconds=seconds,
        mode=mode,
        turns=1,
        trace=collector.trace,
        listener=collector,
        on_stderr=collector.stderr,
        on_delivery=collector.take,
        **options,
    )
    return collector.source(title, graph_of(topology, whole), report, sources=HERE)


def events_of(*lines: str) -> list[events.Event]:
    """The events of lines of a trace."""
    return events.from_lines(lines)


class Shown:
    """A page in a browser, as a reader uses it; every click and every entry counts.

    Attributes:
        steps: the clicks and entries so far.
        complaints: what the browser says is wrong, such as an error of the script or a broken policy.
    """

    def __init__(self, page: Page, path: Path) -> None:
        self._page = page
        self.steps = 0
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._requested(request.url))
        self._own = path.as_uri()
        page.goto(self._own)
        page.locator("html[data-ready]").wait_for(state="attached")

    @property
    def page(self) -> Page:
        """Playwright's page, once it shows what its address says."""
        settle(self._page)
        return self._page

    def _requested(self, url: str) -> None:
        if url.partition("#")[0] != self._own:
            self.complaints.append(f"asked for {url}")

    def click(self, words: str, *, within: str = "body", exact: bool = True) -> None:
        """Click on the first link or button of these words."""
        self.steps += 1
        place = self.page.locator(within)
        place.locator("a, button, label, summary").filter(visible=True).get_by_text(
            words, exact=exact
        ).or_(place.get_by_role("link", name=words, exact=exact)).first.click()

    def open(self, view: str) -> None:
        """Click on a tab."""
        self.steps += 1
        self.page.get_by_role("tab", name=view, exact=True).click()

    def search(self, words: str) -> None:
        """Enter something to search for."""
        self.steps += 1
        self.page.keyboard.press("/")
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")

    def text(self, within: str = "main") -> str:
        """What is to be read in a part of the page."""
        return self.page.locator(within).inner_text()

    @property
    def inspector(self) -> str:
        """What the inspector says."""
        return self.text("#inspector")


Show = Callable[[PageSource], Shown]
ShowText = Callable[[str], Shown]


def shower(browser: Browser, directory: Path, opened: list[Shown]) -> ShowText:
    """A function that opens the text of a page; the pages that it opens are added to a list."""

    def show(text: str) -> Shown:
        path = directory / f"page{len(opened)}.html"
        path.write_text(text, encoding="utf-8")
        shown = Shown(browser.new_page(viewport={"width": 1280, "height": 900}), path)
        opened.append(shown)
        return shown

    return show


def lines_with(text: str, words: Iterable[str]) -> list[str]:
    """The lines of a text that have all of these words in them."""
    wanted = list(words)
    return [line for line in text.splitlines() if all(each in line for each in wanted)]
