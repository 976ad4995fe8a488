"""The site has a page of every example."""

from __future__ import annotations

from docs import examples
from tests.support.paths import EXAMPLES, ROOT


def test_every_example_has_a_page_and_the_guide_has_room_for_the_links() -> None:
    names = [each.name for each in examples.EXAMPLES]
    assert sorted(names) == sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
    guide = (ROOT / "docs/page.md").read_text(encoding="utf-8")
    assert guide.count(examples.PLACE) == 1
    assert examples.links().count("<li>") == len(names)
