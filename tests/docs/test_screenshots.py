"""The guide of the page shows every picture that is taken for it."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import TimeoutError as Waited
from playwright.sync_api import sync_playwright

from docs import screenshots
from tests.support.paths import ROOT


def test_the_guide_shows_every_screenshot_and_each_is_there() -> None:
    guide = (ROOT / "docs/page.md").read_text(encoding="utf-8")
    names = [f"{each.name}.png" for each in screenshots.SCREENSHOTS]
    assert re.findall(r"\]\(([\w-]+\.png)\)", guide) == names
    assert [name for name in names if not (ROOT / "docs" / name).exists()] == []


def test_a_page_that_never_shows_its_address_is_waited_for_no_longer_than_for_anything() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), timeout=screenshots.PATIENCE_MS
        )
        page = browser.new_page()
        page.set_content("<html><script>window.requestAnimationFrame = () => 0;</script></html>")
        page.set_default_timeout(100)
        with pytest.raises(Waited):
            screenshots.settle(page)
        browser.close()
