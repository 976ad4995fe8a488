"""The data of a page: a run as JSON, which the script of the page reads."""

from __future__ import annotations

import json
from typing import Any, Final

from simulator.engine import events as trace_events
from simulator.page.errors import error_json
from simulator.page.graph import graph_json
from simulator.page.logs import tuples_of
from simulator.page.sampling import shortened
from simulator.page.source import PageSource
from simulator.page.tables import OUTCOMES, STATES, Tables, make_tables

__all__ = ["run_json", "shown_json"]

FORMAT: Final = 1


def run_json(source: PageSource) -> dict[str, Any]:
    """The data of a run, as the page reads it; of a very long run, a sample. Any: it is JSON.

    Args:
        source: the run.
    """
    return shown_json(shortened(source))


def shown_json(source: PageSource) -> dict[str, Any]:
    """The data of a run, all of which is shown. Any: it is JSON.

    Args:
        source: the run, short enough for a page.
    """
    tables = make_tables(source.events, source.taken, source.waves)
    texts = tables.texts
    copies = tuples_of(source.logs, tables)
    logs = [
        [each.at_ms, each.task, texts(each.level), texts(each.message), copy]
        for each, copy in zip(source.logs, copies, strict=True)
    ]
    return {
        "title": source.title,
        "facts": dict(source.facts),
        "notes": list(source.notes),
        "graph": graph_json(source.graph),
        "kinds": [*trace_events.EVENTS],
        "states": STATES,
        "outcomes": OUTCOMES,
        "endMs": tables.end_ms,
        "knowsTaken": source.taken is not None,
        "knowsLogs": source.taken is not None or bool(source.logs),
        "logs": logs,
        "errors": [
            error_json(each, source.sources, copy, texts)
            for each, copy in zip(source.errors, tuples_of(source.errors, tables), strict=True)
        ],
        **_columns(tables),
        "texts": texts.rows,  # last: all else has added to it
    }


def _columns(tables: Tables) -> dict[str, Any]:
    events, emits, copies, trees = tables.events, tables.emits, tables.copies, tables.trees
    return {
        "events": {**vars(events), "text": sorted(events.text.items())},
        "emits": {**vars(emits), "anchors": _sparse(emits.anchors)},
        "copies": vars(copies),
        "trees": vars(trees),
    }


def _sparse(rows: list[Any]) -> list[Any]:
    """Lists of one are shown as their element, and empty ones as -1."""
    return [each[0] if len(each) == 1 else each or -1 for each in rows]


def dump(data: Any) -> str:
    """Print JSON so that it can stand in a script element of HTML: no ``<``, and nothing but ASCII.

    Args:
        data: what to print. Any: it is JSON.
    """
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
