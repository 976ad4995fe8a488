"""The corpus: what is kept, and the children that are made of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from simulator.engine import Step, stream_of
from simulator.exploring.cases import Case, Fault
from simulator.exploring.corpus import Corpus
from simulator.exploring.plan import PlannedRun
from tests.simulator.exploring.test_search import FAULT_FREE, outcome

CRASHED = outcome(Case(0, (Fault("drop", "store-bolt", 3),), (Step("order", 1, 1, 2),)), 8, 1, 2, 3)


def children(corpus: Corpus, number: int = 300) -> list[PlannedRun]:
    return [corpus.child(each, stream_of(each, "search")) for each in range(number)]


def test_a_run_is_kept_when_it_has_shown_a_new_life() -> None:
    corpus = Corpus(FAULT_FREE, ["drop"], 4)
    new = [corpus.learn(each) for each in (FAULT_FREE, CRASHED, CRASHED)]
    assert new == [0, 1, 0]
    assert [entry.outcome for entry in corpus.entries] == [FAULT_FREE, CRASHED]


def test_a_run_is_kept_when_it_has_gone_where_no_run_has_gone_in_the_users_code() -> None:
    corpus = Corpus(FAULT_FREE, ["drop"], 4)
    runs = [replace(FAULT_FREE, arcs=frozenset(arcs)) for arcs in ({1, 2}, {2}, {2, 3, 4})]
    assert [corpus.learn(each) for each in runs] == [1, 0, 1]
    assert corpus.arcs == {1, 2, 3, 4}


def test_children_differ_from_their_parents_and_have_at_most_so_many_faults() -> None:
    corpus = Corpus(FAULT_FREE, ["drop"], 2)
    corpus.learn(CRASHED)
    made = children(corpus)
    assert {len(child.case.faults) for child in made} == {0, 1, 2}
    known = {Case(0), CRASHED.case}
    assert all(child.schedule is not None or child.case not in known for child in made)


def test_a_further_fault_is_mostly_behind_what_the_fault_free_run_had() -> None:
    corpus = Corpus(FAULT_FREE, ["drop"], 4)
    corpus.learn(CRASHED)
    further = [
        child.case.faults[1].nth > 5 for child in children(corpus) if len(child.case.faults) == 2
    ]
    assert Counter(further)[True] / len(further) == pytest.approx(0.7, abs=0.12)


def test_a_child_with_a_further_fault_keeps_the_schedule_of_its_parent() -> None:
    corpus = Corpus(FAULT_FREE, ["drop"], 4)
    corpus.learn(CRASHED)
    made = [child for child in children(corpus) if len(child.case.faults) == 2]
    assert made
    assert {child.case.schedule for child in made} == {CRASHED.case.schedule}


def test_faults_of_two_cases_are_joined() -> None:
    corpus = Corpus(FAULT_FREE, [], 4)
    other = replace(CRASHED.case, faults=(Fault("fail", "store-bolt", 2),))
    corpus.learn(CRASHED)
    corpus.learn(outcome(other, 5, 1, 2, 7))
    both = {frozenset((*CRASHED.case.faults, *other.faults))}
    assert both <= {frozenset(child.case.faults) for child in children(corpus)}


def test_parents_that_were_chosen_often_are_chosen_less() -> None:
    corpus = Corpus(FAULT_FREE, ["drop"], 4)
    corpus.learn(CRASHED)
    children(corpus, 300)
    chosen = [entry.chosen for entry in corpus.entries]
    # Two new lives against one, and each choice makes the next one less likely.
    assert chosen[0] / chosen[1] == pytest.approx(1.4, abs=0.2)
