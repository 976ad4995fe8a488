"""The page of a run: one HTML file that shows its graph, timeline, trees, logs and errors, and compares two."""

from simulator.page.collector import Collector
from simulator.page.comparison import Chance, Chances, Pair
from simulator.page.data import run_json
from simulator.page.graph import Graph, Link, Node, graph_of, graph_of_events, graph_of_head
from simulator.page.html import MARKER, is_page, page_html, page_of, page_of_runs
from simulator.page.source import ErrorReport, LogLine, PageSource, Wave, source_of_events

__all__ = [
    "MARKER",
    "Chance",
    "Chances",
    "Collector",
    "ErrorReport",
    "Graph",
    "Link",
    "LogLine",
    "Node",
    "PageSource",
    "Pair",
    "Wave",
    "graph_of",
    "graph_of_events",
    "graph_of_head",
    "is_page",
    "page_html",
    "page_of",
    "page_of_runs",
    "run_json",
    "source_of_events",
]
