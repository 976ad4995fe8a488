"""The site has a page of every example."""

from __future__ import annotations

from docs import examples
from tests.support.paths import EXAMPLES, ROOT


def test_every_example_has_a_page_and_the_guide_has_room_for_the_links() -> None:
    names = [each.name for each in examples.EXAMPLES]
    assert sorted(names) == sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
    guide = (ROOT / "docs/page.md").read_text(encoding="utf-8")
    assert guide.count(examples.PLACE) == 1
    assert examples.links(lambda program: program).count("<li>") == len(names)


def test_an_example_that_cannot_run_here_has_no_link_because_it_has_no_page() -> None:
    found = examples.links(lambda program: None)
    assert [each.name in found for each in examples.EXAMPLES] == [
        not each.needs for each in examples.EXAMPLES
    ]
