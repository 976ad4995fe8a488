"""Puts a page together: one HTML file, with its style, its script and its data inside.

The page loads nothing. Its policy (``Content-Security-Policy``) allows the one style and the one script that it has, by
their digests. Data is JSON in an element that no browser runs.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pkgutil import get_data
from typing import Any, Final

from simulator.page.comparison import Pair, comparison_json
from simulator.page.data import dump, run_json
from simulator.page.sampling import MOST_EVENTS, sample
from simulator.page.source import PageSource

__all__ = ["MARKER", "is_page", "page_html", "page_of", "page_of_runs"]

#: In the head of every page of ours: a file that has it may be overwritten.
MARKER: Final = '<meta name="generator" content="streamparse page">'
_HEAD_CHARS: Final = 1024
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")

#: The parts of the script, in their order; they share one scope.
SCRIPTS: Final[Sequence[str]] = (
    "dom.js",
    "run.js",
    "words.js",
    "state.js",
    "search.js",
    "inspector.js",
    "tasks.js",
    "deaths.js",
    "graph.js",
    "scale.js",
    "lanes.js",
    "timeline.js",
    "tips.js",
    "trees.js",
    "logs.js",
    "events.js",
    "overview.js",
    "compare.js",
    "report.js",
    "app.js",
)


def page_html(title: str, data: Any) -> str:
    """The text of a page.

    Args:
        title: the title of its window.
        data: what its script reads. Any: it is JSON.
    """
    style, script = _style(), _script()
    parts = {
        "marker": MARKER,
        "policy": f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'",
        "title": escape(title),
        "style": style,
        "script": script,
        "data": dump(data),
    }
    # In one pass: what is put in is not looked through.
    return _PLACEHOLDER.sub(lambda found: parts[found[1]], _file("page.html"))


def page_of(source: PageSource, *, most_events: int = MOST_EVENTS) -> str:
    """The text of the page of one run.

    Args:
        source: the run.
        most_events: about how many events are shown; of a longer run they are a sample.
    """
    return page_of_runs(source.title, [source], most_events=most_events)


def page_of_runs(
    title: str,
    sources: Sequence[PageSource],
    pairs: Sequence[Pair] = (),
    report: Mapping[str, Any] | None = None,
    *,
    most_events: int = MOST_EVENTS,
) -> str:
    """The text of the page of one run or several.

    Args:
        title: the title of its window.
        sources: the runs, at least one.
        pairs: those of them that are compared; the page begins with the first comparison.
        report: what was found out about the topology by all runs, which the page then begins with: the values of
            ``Guarantees.as_dict()``, and in each law the place of its comparison as "pair", or None. Any: it is JSON.
        most_events: about how many events of each run are shown.
    """
    shown = [sample(each.events, most_events) for each in sources]
    data = {
        "title": title,
        "runs": [*map(run_json, sources, shown)],
        "pairs": [
            comparison_json(
                pair,
                (sources[pair.runs[0]], sources[pair.runs[1]]),
                (shown[pair.runs[0]].events, shown[pair.runs[1]].events),
            )
            for pair in pairs
        ],
        "report": report,
    }
    return page_html(title, data)


def is_page(text: str) -> bool:
    """Whether the text of a file is a page of ours.

    Args:
        text: its beginning, at least the first 1024 characters if it has as many.
    """
    return MARKER in text[:_HEAD_CHARS]


def _digest(text: str) -> str:
    """The digest of an element's text, as a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _file(name: str) -> str:
    found = get_data("simulator.page", f"files/{name}")
    assert found is not None  # it ships with the package
    return found.decode()


@cache
def _style() -> str:
    return _file("page.css")


@cache
def _script() -> str:
    body = "\n".join(_file(name) for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{body}\n}})();\n'
