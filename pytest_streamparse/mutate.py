"""``pytest --storm-mutate``: mistakes are made in the topologies under test, one by one; which does no test notice?

The tests run as always first. Then each that has passed and built a topology is run again with a mutation of that
topology, until one fails: it has noticed. What no test notices has survived, unless it has changed nothing that a test
could see: then it is no mistake with these rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

from pytest_streamparse.options import SETTINGS
from pytest_streamparse.reporting import FAILED

if TYPE_CHECKING:
    from streamparse.testing import Mutation, Storm


@dataclass
class Mutating:
    """The state of a mutation run.

    Attributes:
        kinds: the kinds of mutations.
        found: by test, the mutations of the topologies that it has built.
        passed: the tests that have passed.
        failing: by topology, the components in which something has failed; without that, what a fail does is no matter.
        current: the mutation that is made now; None in the first run of all tests.
        results: by test, what it could see of its topologies without a mutation; not of one that explores.
        has_changed: the mutation has changed that, in a test that has not noticed.
        survived: the mutations that no test has noticed, with the tests that could have.
        same: those that have changed nothing that a test could see.
        noticed: how many were.
    """

    kinds: tuple[str, ...]
    found: dict[pytest.Item, list[Mutation]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    failing: set[tuple[str, str]] = field(default_factory=set)
    current: Mutation | None = None
    survived: list[tuple[Mutation, list[str]]] = field(default_factory=list)
    same: list[Mutation] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    has_changed: bool = False
    noticed: int = 0

    def prepare(self, item: pytest.Item, storm: Storm) -> None:
        """Have the ``storm`` of a test note what it builds, or make the mutation of this run."""
        from streamparse.testing import mutations_of

        if self.current is not None:
            storm.mutation = self.current
            return

        def note(topology: Any, replaced: Any) -> None:
            known = self.found.setdefault(item, [])
            for each in mutations_of(topology, replaced, self.kinds):
                if str(each) not in [str(other) for other in known]:
                    known.append(each)

        storm.on_built = note

    def end(self, item: pytest.Item, storm: Storm, *, has_failed: bool) -> None:
        """Note whether a test has passed, what it could see, and which components have failed a tuple in it."""
        if has_failed:
            return
        result = _result_of(storm)
        if self.current is not None:
            self.has_changed |= result is None or result != self.results.get(item.nodeid)
            return
        self.results[item.nodeid] = result
        self.passed.add(item.nodeid)
        for run in storm.runs:
            name, counts = run.topology.name, run.simulation.counts
            self.failing |= {(name, each) for each in counts if counts[each].failed}
        if storm.has_explored:
            self.failing |= {(each.topology, each.component) for each in self.found.get(item, ())}

    def matters(self, mutation: Mutation) -> bool:
        """True unless a mutation is about fails, and there are none."""
        is_about_fails = mutation.kind in ("fail-swallowed", "deaf")
        return not is_about_fails or (mutation.topology, mutation.component) in self.failing


def _result_of(storm: Storm) -> Any:
    """What a test could see of its topologies, or None where it has explored them. Any: compared only."""
    from streamparse.testing import result_of

    return None if storm.has_explored else [result_of(run.account()) for run in storm.runs]


MUTATING = pytest.StashKey[Mutating]()


def pytest_sessionstart(session: pytest.Session) -> None:
    kinds = session.config.stash[SETTINGS].mutate
    if kinds is not None:
        session.config.stash[MUTATING] = Mutating(kinds)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    yield
    mutating = session.config.stash.get(MUTATING, None)
    if mutating is not None:
        _mutate(session, mutating)


def _mutate(session: pytest.Session, mutating: Mutating) -> None:
    """Make each mutation, and run the tests of its topology until one notices."""
    from streamparse.testing import SHOWN_BY_FAULTS

    tests: dict[tuple[str, str], tuple[Mutation, list[pytest.Item]]] = {}
    for item, mutations in mutating.found.items():
        for each in mutations if item.nodeid in mutating.passed else ():
            if not mutating.matters(each):
                continue
            key = (each.topology, str(each))
            tests.setdefault(key, (each, []))[1].append(item)
    best: dict[pytest.Item, int] = {}  # who has noticed most is asked first
    for mutation, items in tests.values():
        mutating.current, mutating.has_changed = mutation, False
        for item in sorted(items, key=lambda each: -best.get(each, 0)):
            if _notices(item):
                best[item] = best.get(item, 0) + 1
                mutating.noticed += 1
                break
        else:
            if mutating.has_changed or mutation.kind in SHOWN_BY_FAULTS:
                mutating.survived.append((mutation, [item.nodeid for item in items]))
            else:
                mutating.same.append(mutation)
    mutating.current = None


def _notices(item: Any) -> bool:
    """True when a test fails now. Any: what runs an item again is no public interface of pytest."""
    item._initrequest()
    item.stash[FAILED] = False
    return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def show_mutations(terminalreporter: Any, config: pytest.Config) -> None:
    """Show which mutations were noticed, where there were any. Any: the reporter of pytest is no public class."""
    mutating = config.stash.get(MUTATING, None)
    if mutating is None:
        return
    terminalreporter.section("storm: mutations")
    many = mutating.noticed + len(mutating.survived)
    terminalreporter.write_line(f"{mutating.noticed} of {many} mutations were noticed")
    for mutation, tests in mutating.survived:
        terminalreporter.write_line(f"survived in {mutation.topology}: {mutation}")
        for test in tests:
            terminalreporter.write_line(f"    not noticed by {test}")
    for mutation in mutating.same:
        terminalreporter.write_line(f"changed nothing in {mutation.topology}: {mutation}")
