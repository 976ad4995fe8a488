"""Recorded traces: reading a file that may be damaged, and views of its events: summary, trees, difference, exports."""

from simulator.traces.difference import (
    CauseDifference,
    Difference,
    Step,
    TimeDifference,
    find_difference,
    story_steps,
)
from simulator.traces.fates import fate, outcome_words, reasons, subtree, task_name
from simulator.traces.filters import Filter
from simulator.traces.instants import InstantError, parse_instant, shown_ms
from simulator.traces.perfetto import perfetto_parts
from simulator.traces.reading import TraceFileError, TraceReader, open_trace, unpacked
from simulator.traces.summary import ComponentCounts, RootKey, Summary, summarize
from simulator.traces.timed_trees import Sent, Taken, TreeBuilder
from simulator.traces.tree_dot import trees_to_dot
from simulator.traces.tree_text import id_text, tree_lines
from simulator.traces.words import KnownTuples, predicate, short_json

__all__ = [
    "CauseDifference",
    "ComponentCounts",
    "Difference",
    "Filter",
    "InstantError",
    "KnownTuples",
    "RootKey",
    "Sent",
    "Step",
    "Summary",
    "Taken",
    "TimeDifference",
    "TraceFileError",
    "TraceReader",
    "TreeBuilder",
    "fate",
    "find_difference",
    "id_text",
    "open_trace",
    "outcome_words",
    "parse_instant",
    "perfetto_parts",
    "predicate",
    "reasons",
    "short_json",
    "shown_ms",
    "story_steps",
    "subtree",
    "summarize",
    "task_name",
    "tree_lines",
    "trees_to_dot",
    "unpacked",
]
