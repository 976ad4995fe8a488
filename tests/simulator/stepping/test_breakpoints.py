"""Breakpoints as users type them, and when they are hit."""

from __future__ import annotations

from collections import Counter

import pytest

from simulator import parse_topology
from simulator.stepping import (
    Breakpoint,
    BreakpointError,
    EventBreakpoint,
    TimeBreakpoint,
    breakpoints,
    parse_breakpoint,
)
from tests.support.sparse import TOPOLOGY

WORDS = parse_topology(TOPOLOGY)


@pytest.mark.parametrize(
    ("text", "found", "shown"),
    [
        ("30s", TimeBreakpoint(30_000), "30s"),
        ("1500ms", TimeBreakpoint(1500), "1.5s"),
        (" 2 ", TimeBreakpoint(2000), "2s"),
        ("count-bolt:tuple@3", EventBreakpoint("count-bolt", "tuple", 3), "count-bolt:tuple@3"),
        ("word-spout:failed", EventBreakpoint("word-spout", "failed", None), "word-spout:failed"),
        ("count-bolt:died@1", EventBreakpoint("count-bolt", "died", 1), "count-bolt:died@1"),
    ],
)
def test_what_is_typed_is_a_breakpoint(text: str, found: Breakpoint, shown: str) -> None:
    breakpoint_ = parse_breakpoint(text, WORDS)
    assert (breakpoint_, str(breakpoint_)) == (found, shown)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", f"'' is no breakpoint; {breakpoints.EXPECTED}"),
        ("soon", f"'soon' is no breakpoint; {breakpoints.EXPECTED}"),
        ("30x", "'30x' is no time; expected a virtual time, such as 30s, 1500ms or 2m"),
        ("cuont-bolt:tuple", """there is no component 'cuont-bolt' (did you mean "count-bolt"?)"""),
        ("x:tuple", "there is no component 'x'; there are word-spout, count-bolt"),
        ("count-bolt:tupl", """there is no event 'tupl' (did you mean "tuple"?)"""),
        ("count-bolt:zzz", "there is no event 'zzz'; there are " + ", ".join(breakpoints.POINTS)),
        ("count-bolt:tuple@0", "'count-bolt:tuple@0': expected a number from 1 to 10^18 behind the @"),
        ("count-bolt:tuple@", "'count-bolt:tuple@': expected a number from 1 to 10^18 behind the @"),
        ("word-spout:tuple", "'word-spout' is a spout, which takes no tuples; emit, acked and failed are its events"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_with_the_nearest_name(text: str, error: str) -> None:
    with pytest.raises(BreakpointError) as caught:
        parse_breakpoint(text, WORDS)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("nth", "before", "after", "is_hit"),
    [(3, 0, 2, False), (3, 2, 3, True), (3, 0, 9, True), (3, 3, 4, False), (None, 3, 4, True), (None, 4, 4, False)],
)  # fmt: skip
def test_an_event_lies_in_the_wave_in_which_it_is_counted(
    nth: int | None, before: int, after: int, is_hit: bool
) -> None:
    key = ("count-bolt", "tuple")
    found = EventBreakpoint(*key, nth).is_hit({key: before}, Counter({key: after}))
    assert found == is_hit
