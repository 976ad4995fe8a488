"""A Chromium for the tests of pages: Debian's own, driven by Playwright."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from docs.screenshots import PATIENCE_MS
from simulator.page import page_of
from tests.support.pages import Show, Shown, ShowText, shower


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file. Nothing of it is left then: other tests fork, which threads forbid."""
    earlier = {*threading.enumerate()}
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), timeout=PATIENCE_MS
        )
        yield found
        found.close()
    for thread in {*threading.enumerate()} - earlier:
        thread.join(PATIENCE_MS / 1000)


@pytest.fixture
def show_text(browser: Browser, tmp_path: Path) -> Iterator[ShowText]:
    """A function that opens the text of a page; a test fails when the browser complains of a page."""
    opened: list[Shown] = []
    yield shower(browser, tmp_path, opened)
    complaints = [line for each in opened for line in each.complaints]
    for each in opened:
        each.page.close()
    assert complaints == []


@pytest.fixture
def show(show_text: ShowText) -> Show:
    """A function that opens the page of a run."""
    return lambda source: show_text(page_of(source))
