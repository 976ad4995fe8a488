"""``pytest --storm-mutate``: mistakes are made in the topologies under test, one by one; which does no test notice?

The tests run as always first. Then each that has passed and built a topology is run again with a mutation of that
topology, until one fails: it has noticed. What no test notices has survived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

from pytest_streamparse.options import SETTINGS

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
        survived: the mutations that no test has noticed, with the tests that could have.
        noticed: how many were.
    """

    kinds: tuple[str, ...]
    found: dict[pytest.Item, list[Mutation]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    failing: set[tuple[str, str]] = field(default_factory=set)
    current: Mutation | None = None
    survived: list[tuple[Mutation, list[str]]] = field(default_factory=list)
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
        """Note whether a test has passed, and which components have failed a tuple, or were told so, in it."""
        if self.current is not None or has_failed:
            return
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
    tests: dict[tuple[str, str], tuple[Mutation, list[pytest.Item]]] = {}
    for item, mutations in mutating.found.items():
        for each in mutations if item.nodeid in mutating.passed else ():
            if not mutating.matters(each):
                continue
            key = (each.topology, str(each))
            tests.setdefault(key, (each, []))[1].append(item)
    best: dict[pytest.Item, int] = {}  # who has noticed most is asked first
    for mutation, items in tests.values():
        mutating.current = mutation
        for item in sorted(items, key=lambda each: -best.get(each, 0)):
            if _notices(item):
                best[item] = best.get(item, 0) + 1
                mutating.noticed += 1
                break
        else:
            mutating.survived.append((mutation, [item.nodeid for item in items]))
    mutating.current = None


def _notices(item: Any) -> bool:
    """True when a test fails now. Any: what runs an item again is no public interface of pytest."""
    item._initrequest()
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
