"""A rule of Storm's that is broken in the simulator is seen by a scenario: so it is the rule that a scenario holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from simulator.engine import acker, bolt_task, effects, routing, spout_task, timers, wiring
from simulator.model import groupings, handshake, java, placement, validation
from simulator.model.profiles import profile
from simulator.wire import json_printer
from tests.parity.cluster import CLUSTER
from tests.parity.record import recorded
from tests.parity.scenarios import SCENARIOS
from tests.parity.simulated import simulate
from tests.parity.verdicts import judge

Break = Callable[[pytest.MonkeyPatch], object]


def without(module: Any, name: str, instead: object) -> Break:
    """The rule of this name, replaced."""
    return lambda monkeypatch: monkeypatch.setattr(module, name, instead, raising=False)


def switched(**values: Any) -> Break:
    """A profile with another value of a switch."""
    return without(wiring, "profile", lambda storm: replace(profile(storm), **values))


def later_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acker.RotatingMap.__init__, "__defaults__", (3,))


def unknown_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_field_problems", lambda *_: ())
    monkeypatch.setattr(groupings._Wanted, "places", ())  # where it would be refused once more


def one_tick(armed: timers.Timers, due: timers.TickDue, after_ms: int = 0) -> None:
    ADD_TICK(armed, due._replace(tasks=due.tasks[:1]), after_ms)


ADD_TICK = timers.Timers._add_tick


def one_worker(dealt: Iterable[tuple[int, ...]], conf: Mapping[str, object]) -> dict[int, int]:
    return {task: 0 for tasks_ in dealt for task in tasks_}


#: Rule -> (how it is broken, the scenario that sees it, on which line).
RULES: Mapping[str, tuple[Break, str, str]] = {
    "the hash of a long folds its halves": (
        without(java, "_integer_hash", lambda value, profile: java._signed(value)),
        "keys",
        "0.9.4",
    ),
    "from 2.6 on a small integer is its own hash": (
        without(java, "_integer_hash", lambda value, profile: java._folded(value & java._LONG)),
        "keys",
        "2.8.3",
    ),
    "from 2.6 on a long float is hashed by its literal": (
        without(java, "_big_decimal_hash", lambda literal: java._folded(hash(literal))),
        "keys-literals",
        "2.8.3",
    ),
    "a reply names the tasks in the order of Java's map": (
        without(wiring, "outbound_order", lambda ids, everybody, profile: sorted(ids)),
        "fan-out",
        "2.8.3",
    ),
    "up to 1.x that map is a copy": (
        without(java, "copied", java.grown),
        "fan-out",
        "1.2.4",
    ),
    "of more than eight components Clojure decides the order": (
        without(java, "clojure_order", lambda keys, profile: list(keys)),
        "subscribers",
        "2.8.3",
    ),
    "ids are numbered in the order of UTF-16": (
        without(placement, "sorted", lambda names, key=None: list(names)),
        "words",
        "2.8.3",
    ),
    "a tree is complete when every edge has come twice": (
        without(acker.Ledger, "xor", lambda self, root, value: self.fail(root)),
        "fates",
        "2.8.3",
    ),
    "a tuple expires at the second rotation": (later_rotation, "expiry", "2.8.3"),
    "up to 1.x an executor's tuples rotate once for each task": (
        switched(rotations_per_task=False),
        "expiry-pair",
        "1.2.4",
    ),
    "some ackers of 1.x forget a root of which they hear nothing": (
        switched(ackers_forget=False),
        "acker-forgets",
        "1.2.4",
    ),
    "topology.max.spout.pending holds a spout back": (
        without(wiring.Wiring, "pending_limit", lambda self, executor: None),
        "max-pending",
        "2.8.3",
    ),
    "without ackers an ack comes inside of the emit": (
        without(spout_task.SpoutTask, "_ack_inside", lambda self, emit: b""),
        "no-ackers",
        "2.8.3",
    ),
    "every task of a bolt is ticked": (
        without(timers.Timers, "_add_tick", one_tick),
        "ticks",
        "2.8.3",
    ),
    "a component's own settings do not win where Storm does not let them": (
        without(handshake, "STORM_KEYS", frozenset()),
        "words",
        "2.8.3",
    ),
    "a spout shows its message timeout as its ticks": (
        without(handshake, "MESSAGE_TIMEOUT_SECS", "topology.workers"),
        "words",
        "2.8.3",
    ),
    "objects are kept in the order of a HashMap": (
        without(effects, "map_order", list),
        "odd-values",
        "2.8.3",
    ),
    "floats are printed as Double.toString does": (
        without(json_printer, "java_double", repr),
        "odd-values",
        "2.8.3",
    ),
    "a field that is there twice is refused": (
        without(validation, "_output_problems", lambda *_: ()),
        "bad-fields-twice",
        "2.8.3",
    ),
    "a field that is not there is refused": (
        unknown_fields,
        "bad-field",
        "2.8.3",
    ),
    "a source that is not there is refused": (
        without(validation, "_subscription_problems", lambda *_: ()),
        "bad-source",
        "2.8.3",
    ),
    "executors are dealt to the workers in turn": (
        without(wiring, "assign_workers", one_worker),
        "bolt-killed",
        "2.8.3",
    ),
    "an ack of what is settled kills the worker": (
        without(bolt_task.BoltTask, "_settle", lambda self, message: b""),
        "says-ack-twice",
        "2.8.3",
    ),
    "values that Kryo does not know do not leave their worker": (
        without(routing.Router, "_refuse_crossing", lambda *_: None),
        "far-map-dies",
        "2.8.3",
    ),
    "a spout is activated from 1.1 on": (
        switched(activates=False),
        "words",
        "1.1.3",
    ),
    "a spout is not activated up to 1.0": (
        switched(activates=True),
        "words",
        "1.0.6",
    ),
    "from 0.9.5 on an error of a spout is reported": (
        switched(spout_error_kills=True),
        "spout-error",
        "0.9.7",
    ),
    "2.0 lets any values cross between workers": (
        switched(java_serialization=False),
        "far-nested",
        "2.0.0",
    ),
    "up to 2.5 the hash of a long folds its halves": (
        switched(small_integers=True),
        "keys",
        "2.4.0",
    ),
    "up to 2.7 an executor's tuples rotate once for each task": (
        switched(rotations_per_task=False),
        "expiry-pair",
        "2.7.1",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_scenario_sees_it_when_a_rule_is_broken(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it, name, version = RULES[rule]
    each = next(each for each in (*SCENARIOS, *CLUSTER) if each.name == name)
    storm = recorded(version, each)
    assert storm is not None
    assert judge(each, version, storm, simulate(each, version)).is_good
    break_it(monkeypatch)
    try:
        verdict = judge(each, version, storm, simulate(each, version))
    except (KeyError, AssertionError):
        return  # the simulator itself relies on it
    assert not verdict.is_good
