"""What ``--step`` prints of a run between two waves."""

from __future__ import annotations

import pytest

from simulator.engine import faults
from tests.support.stepped import said
from tests.support.table_top import bolt, one_bolt, spout, topology_text

Capture = pytest.CaptureFixture[str]


def test_a_wave_is_shown_with_its_events_and_what_waits(capsys: Capture) -> None:
    assert said(capsys, "next", "", "n 2") == [
        "wave 1 began at 0 ms: 1 event",
        '     0.000 s  s[4] emits ["pass_on", "x"] with id 0',
        "  queues: b[3] 1; held: nothing; pending: 1",
        "wave 2 began at 1 ms: 3 events",
        '     0.001 s  b[3] emits ["x"], anchored to ["pass_on", "x"]',
        '     0.001 s  b[3] acks ["pass_on", "x"]',
        '     0.001 s  s[4] emits ["keep", "y"] with id 1',
        "  queues: b[3] 1, sink[5] 1; held: nothing; pending: 2",
        "wave 4 began at 3 ms: 1 event",
        "     0.003 s  s[4] is notified that 0 is acked",
        "  queues: empty; held: b[3] 1; pending: 1",
    ]


def test_queues_held_tuples_and_pending_roots_are_looked_at(capsys: Capture) -> None:
    found = said(
        capsys, "queues", "held", "pending", "n 2", "queues b", "n", "held", "pending", "tasks"
    )
    assert [line for line in found if "s  " not in line and not line.startswith("wave")] == [
        "  nothing waits",
        "  nothing is held",
        "  no root is pending",
        "  queues: b[3] 1, sink[5] 1; held: nothing; pending: 2",
        "  b[3]: 1 tuple",
        '    ["keep","y"] from s[4]',
        "  queues: empty; held: b[3] 1; pending: 2",
        "  b[3]: 1 tuple",
        '    ["keep","y"] from s[4]',
        "  id 0 of s[4], since 0 ms: no task has a tuple of it",
        '  id 1 of s[4], since 1 ms: b[3] has ["keep","y"]',
        "task     queue  held  late  pending  state",
        "b[3]         0     1     0        -  -",
        "s[4]         -     -     -        2  -",
        "sink[5]      0     0     0        -  -",
    ]


def test_a_copy_that_is_late_says_when_it_arrives(capsys: Capture) -> None:
    rules = [faults.Nth(faults.Delay(500), "b")]
    assert said(capsys, "n", "queues", rules=rules)[-2:] == [
        "  b[3]: 1 tuple",
        '    ["pass_on","x"] from s[4], arrives at 501 ms',
    ]


def test_the_end_is_told_and_the_table_is_there(capsys: Capture) -> None:
    found = said(capsys, "table", "run", "table", "next")
    assert found[0] == "t: 0 virtual seconds like Storm 2.8.3, seed 0; it goes on"
    end = "the run has ended: time is up; table shows the result, back goes back"
    assert (found.count(end), found[-1]) == (2, end)
    assert "t: 10 virtual seconds like Storm 2.8.3, seed 0; time is up" in found


def test_a_component_that_dies_ends_the_run_with_its_error(capsys: Capture) -> None:
    text = topology_text(spout('[["bad"]]'), bolt("b", "Fussy"))
    found = said(capsys, "run", text=text)
    assert "the run has ended: a component failed; table shows the result, back goes back" in found
    assert any("ValueError: bad" in line for line in found)


HOSTILE = "\\u001b[31m\\u009b\\u202e"


def test_no_value_can_reach_the_terminal_as_an_escape(capsys: Capture) -> None:
    text = one_bolt(f'[["keep" "{HOSTILE}"]]', outputs='["a"]').replace(
        '["a"] :conf', '["a" "b"] :conf'
    )
    found = said(
        capsys, "n", "queues", "n", "held", "pending", "events", "tree 0", "table", text=text
    )
    assert "keep" in "".join(found)
    assert [each for each in "".join(found) if not each.isprintable()] == []
