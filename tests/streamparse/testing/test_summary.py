"""The summary of what a test has made."""

from __future__ import annotations

from simulator.testing import MOST_LINES
from streamparse.testing import Storm
from tests.support.chain_project import chain


def test_its_summary_names_all_that_was_made_and_has_done_something(storm: Storm) -> None:
    storm.bolt("made.Pass", inputs=["a"], outputs=["a"], name="idle")
    storm.bolt("made.Pass", inputs=["a"], outputs=["a"], name="busy").process([1])
    chain(storm, [[0, "dog"]]).complete()
    heads = [line for line in storm.summary().splitlines() if not line.startswith(" ")]
    assert heads == ["busy:", "chain:", "the last events:"]
    assert chain(storm).summary(10) == ""


def test_its_summary_leads_with_the_cause_and_has_few_lines(storm: Storm) -> None:
    rows = storm.feed([[number, "dog"] for number in range(30)], retries=2)
    topology = chain(storm, rows, bolts={"pass": "made.Fails"})
    topology["pass"].crash(nth=20)
    topology.complete()
    head, first, *rest = storm.summary().splitlines()
    assert (head, len(rest) + 2 <= MOST_LINES) == ("chain:", True)
    assert first.startswith(f"  at 20 ms pass[{topology['pass'].tasks[0]}] is killed")
    assert "the last events:" in rest
    storm.topology("numbers.clj").complete()
    assert len(storm.summary().splitlines()) <= MOST_LINES
