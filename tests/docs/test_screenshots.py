"""The guide of the page shows every picture that is taken for it."""

from __future__ import annotations

import re

from docs import screenshots
from tests.support.paths import ROOT


def test_the_guide_shows_every_screenshot_and_each_is_there() -> None:
    guide = (ROOT / "docs/page.md").read_text(encoding="utf-8")
    names = [f"{each.name}.png" for each in screenshots.SCREENSHOTS]
    assert re.findall(r"\]\(([\w-]+\.png)\)", guide) == names
    assert [name for name in names if not (ROOT / "docs" / name).exists()] == []
