"""The evidence of a run, taken from its events."""

from __future__ import annotations

import pickle

from simulator.engine import events
from simulator.exploring.cases import Case
from simulator.exploring.explored_run import RunOutcome
from simulator.laws.evidence import NO_RESULT, End, evidence_of
from tests.support.evidence import LOST_ACK, PLAIN, RESTART, acked, row, run, timed_out


def test_each_attempt_at_a_root_has_its_own_outcome() -> None:
    seen = run([row(0, "dog", "a"), row(1, "cat", "b"), timed_out(0), row(0, "dog", "c"), acked(0)])
    assert seen.roots == {("rows", "0"): ["timeout", "acked"], ("rows", "1"): ["pending"]}
    assert (seen.is_replayed, seen.most_pending, seen.emits) == (True, 2, 3)


def test_what_has_struck_is_seen_in_the_events() -> None:
    assert run([]).verdicts == frozenset()
    assert run([RESTART, LOST_ACK]).verdicts == {"crash", "lost-ack"}
    assert run([events.Fault(0, "count", 2, "duplicate", "a", None, "b")]).is_replayed


def test_evidence_is_read_from_the_lines_of_an_outcome() -> None:
    end = End(components={1: "rows"}, at_ms=7)
    lines = tuple(event.to_line() for event in PLAIN)
    found = evidence_of(RunOutcome(Case(3), None, "", "words", (lines,), (), kept=end))
    assert (found.case, [*found.events], found.end) == (Case(3), PLAIN, end)


def test_a_run_whose_body_kept_nothing_has_not_come_to_its_end() -> None:
    failed = RunOutcome(Case(3), ("AssertionError",), "AssertionError: 1", "words", ((),), ())
    assert evidence_of(failed).end == End(is_over=False, died="AssertionError: 1")


def test_the_end_of_a_run_can_cross_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(End())).result is NO_RESULT
