"""``python -m docs.screenshots`` takes the pictures of docs/page.md anew, with Debian's Chromium and Playwright.

No test compares them: another machine has other fonts. A test says that the page names each, and each is there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

DOCS: Final = Path(__file__).parent
#: The page says which address it shows. A browser that draws no frame calls no animation frame, so a timer looks.
ARRIVED: Final = "() => document.documentElement.dataset.at === location.hash"
LOOK_MS: Final = 10
PATIENCE_MS: Final = 240_000


class Screenshot(NamedTuple):
    """A picture of a page.

    Attributes:
        name: of the file, without its ending.
        address: where the page is: what stands behind the ``#``.
        clicks: the texts of links that are clicked then, one after the other.
        size: of the window, in pixels.
        scheme: the colours, "light" or "dark".
        page: which page: "run", or "explored", that of a guarantee report.
    """

    name: str
    address: str
    clicks: Sequence[str] = ()
    size: tuple[int, int] = (1080, 600)
    scheme: str = "light"
    page: str = "run"


SCREENSHOTS: Final[Sequence[Screenshot]] = (
    Screenshot("page-overview", "", ["charge-bolt[3] died"]),
    Screenshot("page-timeline", "view=timeline&select=tuple-1", size=(1080, 520)),
    Screenshot("page-trees", "view=trees&select=tree-0", ['"book"'], size=(1080, 420)),
    Screenshot("page-logs", "view=logs", size=(1080, 420), scheme="dark"),
    Screenshot("page-compare", "view=compare", size=(1080, 900), page="explored"),
)

# The example of retries, with a bolt that dies of an order where that of the example fails it.
EXAMPLE: Final = "retries"
CHANGE: Final = ("self.fail(tup)", 'raise ValueError(f"{order}: card declined")')
EXPLORED: Final = "wordcount"
EXPLORE: Final = ["explore", "--runs", "20"]
WORDS: Final = ["--on-crash", "restart", "--work", "charge-bolt=4ms", "-w", "2", "-t", "0.02"]


def write_run(directory: Path) -> Path:
    """Run the changed example, and write its page into a directory."""
    project = directory / EXAMPLE
    shutil.copytree(DOCS.parent / "examples" / EXAMPLE, project)
    for source in (project / "src").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        source.write_text(text.replace(*CHANGE), encoding="utf-8")
    return _page(directory / "run.html", ["simulate", *WORDS], project)


def write_exploration(directory: Path) -> Path:
    """Explore an example, and write the page of its guarantee report into a directory."""
    project = directory / EXPLORED
    shutil.copytree(DOCS.parent / "examples" / EXPLORED, project)
    return _page(directory / "explored.html", EXPLORE, project)


def _page(page: Path, words: Sequence[str], project: Path) -> Path:
    """Run a command that writes a page, with no name of this machine in it."""
    argv = [sys.executable, "-m", "streamparse.cli.sparse", *words, "--html", str(page)]
    subprocess.run(argv, cwd=project, check=False, capture_output=True)
    directory = page.parent
    text = page.read_text(encoding="utf-8")
    for place, name in ((directory, "/home/me"), (DOCS.parent, "/site")):
        text = text.replace(str(place), name)
    page.write_text(text, encoding="utf-8")
    return page


def main() -> None:
    """Take every picture."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        pages = {"run": write_run(Path(directory)), "explored": write_exploration(Path(directory))}
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for each in SCREENSHOTS:
            _take(browser, pages[each.page].as_uri(), each)


def _take(browser: Any, address: str, shot: Screenshot) -> None:
    """Any: Playwright is there for contributors only."""
    width, height = shot.size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=shot.scheme)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}#{shot.address}")
    page.locator("html[data-ready]").wait_for(state="attached")
    for words in shot.clicks:
        page.get_by_role("link", name=words, exact=True).first.click()
    settle(page)
    path = DOCS / f"{shot.name}.png"
    page.screenshot(path=path)
    page.close()
    print(f"{path} is written")


def settle(page: Any) -> None:
    """Wait until a page shows what its address says, for as long as Playwright waits for anything."""
    page.wait_for_function(ARRIVED, polling=LOOK_MS)


if __name__ == "__main__":
    main()
