"""The pages of the example topologies: runs of the examples, and what makes them worth looking at."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["EXAMPLES", "PLACE", "Example", "links", "write_pages"]

#: Where a page of the site has the links.
PLACE: Final = "<!-- the pages of the examples -->"
HOME: Final = Path(__file__).parent.parent / "examples"


class Example(NamedTuple):
    """A run of an example.

    Attributes:
        name: its directory.
        words: what the command line says after ``sparse simulate``.
        about: what its page shows, a clause.
        needs: the program that it cannot do without; empty for none.
    """

    name: str
    words: Sequence[str]
    about: str
    needs: str = ""


LIMITS: Final = ["-o", "topology.max.spout.pending=400", "-o", "topology.message.timeout.secs=5"]
EXAMPLES: Final[Sequence[Example]] = (
    Example(
        "wordcount",
        ["-t", "1", "--crash", "count-bolt@300"],
        "a worker that dies, and what it held",
    ),
    Example(
        "sentences",
        ["--crash", "count-bolt@20"],
        "trees of three levels, and a crash in the middle",
    ),
    Example("retries", [], "messages that need a second attempt, and one that is given up"),
    Example("batching", [], "tuples that a batching bolt holds until its tick"),
    Example("streams", [], "streams with names, and groupings of every kind"),
    Example(
        "load",
        ["-t", "20", "--work", "price=30ms", "-w", "1", *LIMITS],
        "a bolt that takes 30 ms, the queue in front of it, and messages that time out in it",
    ),
    Example("polyglot", [], "components in several languages", needs="node"),
)


def links(which: Callable[[str], str | None] = shutil.which) -> str:
    """A list of links to the pages, as HTML: they are made with the site, and a code host does not have them.

    Args:
        which: tells whether a program is there, as ``shutil.which`` does.
    """
    items = (
        f'<li><a href="pages/{each.name}.html">{each.name}</a>: {each.about}</li>'
        for each in EXAMPLES
        if not each.needs or which(each.needs)
    )
    return f"Pages of the examples:\n\n<ul>\n{chr(10).join(items)}\n</ul>"


def write_pages(directory: Path) -> Iterator[tuple[Example, Path]]:
    """Run the examples that can run here, and write the page of each.

    Args:
        directory: where the pages go; it is made if it does not exist.

    Raises:
        RuntimeError: an example has written no page.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for example in EXAMPLES:
        if not example.needs or shutil.which(example.needs):
            yield example, _write(example, directory / f"{example.name}.html")


def _write(example: Example, path: Path) -> Path:
    words = ["simulate", *example.words, "--html", str(path.absolute()), "--force", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "streamparse.cli.sparse", *words],
        cwd=HOME / example.name,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if not path.exists():
        raise RuntimeError(f"the example {example.name} has no page:\n{done.stdout}{done.stderr}")
    return path
