"""The data of a page: a run as JSON, which the script of the page reads."""

from __future__ import annotations

import json
from typing import Any, Final

from simulator.engine import events as trace_events
from simulator.page.errors import error_json
from simulator.page.graph import graph_json
from simulator.page.logs import tuples_of
from simulator.page.sampling import Sample, sample
from simulator.page.source import PageSource
from simulator.page.tables import OUTCOMES, STATES, Tables, make_tables
from simulator.page.totals import totals_json

__all__ = ["run_json"]

FORMAT: Final = 1


def run_json(source: PageSource, chosen: Sample | None = None) -> dict[str, Any]:
    """The data of a run, as the page reads it; of a very long run, a sample with the numbers of all. Any: it is JSON.

    Args:
        source: the run.
        chosen: what the page shows of it, which ``sample`` tells; it is asked if this is left out.
    """
    chosen = chosen or sample(source.events)
    tables = whole = make_tables(source.events, source.taken, source.waves)
    said = [tuples_of(each, whole) for each in (source.logs, source.errors)]
    if chosen.note:
        tables = make_tables(chosen.events)
        rows = tables.take_from(whole, chosen.kept)
        said = [[each if each < 0 else rows[each] for each in copies] for copies in said]
    texts, (copies_of_logs, copies_of_errors) = tables.texts, said
    logs = [
        [each.at_ms, each.task, texts(each.level), texts(each.message), copy]
        for each, copy in zip(source.logs, copies_of_logs, strict=True)
    ]
    return {
        "title": source.title,
        "facts": dict(source.facts),
        "notes": [*filter(None, [chosen.note]), *source.notes],
        "graph": graph_json(source.graph),
        "kinds": [*trace_events.EVENTS],
        "states": STATES,
        "outcomes": OUTCOMES,
        "endMs": tables.end_ms,
        "knowsTaken": source.taken is not None,
        "knowsLogs": source.taken is not None or bool(source.logs),
        "totals": totals_json(source.graph, whole),
        "logs": logs,
        "errors": [
            error_json(each, source.sources, copy, texts)
            for each, copy in zip(source.errors, copies_of_errors, strict=True)
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
        "lost": sorted(tables.lost.items()),
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
