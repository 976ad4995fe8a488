"""A rule of load that is broken in the simulator is seen by a curve: so it is the rule that the curve holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from simulator.engine import acker, servers, timers, tracker, waves, wiring
from simulator.engine.effects import SYSTEM, Delivery
from simulator.model import groupings
from tests.parity.load.comparison import compare
from tests.parity.load.curves import recorded
from tests.parity.load.scenarios import scenario

Break = Callable[[pytest.MonkeyPatch], object]


def last_in_first_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers.Queue, "append", in_front)


def in_front(queue: servers.Queue, delivery: Delivery) -> None:
    deque.appendleft(queue, delivery)
    queue._since_ms.appendleft(queue._agenda.arrival_ms)
    delivery.executed_ms = queue._agenda.arrival_ms
    queue._executed += 1
    queue._load.waiting = len(queue)
    queue._load.longest_queue = max(queue._load.longest_queue, len(queue))


def ticks_overtake(monkeypatch: pytest.MonkeyPatch) -> None:
    append = servers.Queue.append

    def put(queue: servers.Queue, delivery: Delivery) -> None:
        (in_front if delivery.source is SYSTEM else append)(queue, delivery)

    monkeypatch.setattr(servers.Queue, "append", put)


def expired_for_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tuples that have timed out are skipped: they take no time."""
    expired: set[int] = set()
    rotate, time_of = acker.RotatingMap.rotate, servers.Server.time_of

    def noted(self: acker.RotatingMap[int, tracker.Pending]) -> list[tracker.Pending]:
        found = rotate(self)
        expired.update(each.root for each in found)
        return found

    def skipped(self: servers.Server, delivery: Delivery) -> float:
        roots = delivery.roots
        return 0.0 if roots and expired.issuperset(roots) else time_of(self, delivery)

    monkeypatch.setattr(acker.RotatingMap, "rotate", noted)
    monkeypatch.setattr(servers.Server, "time_of", skipped)


def rotates_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message timeout passes while the spout's executor is busy."""

    def handle(armed: timers.Timers, due: Any) -> None:
        if isinstance(due, timers.RotationDue):
            armed._tracker._rotate(due.executor)
            armed._agenda.add(armed._agenda.now_ms + due.period_ms, due)
        else:
            HANDLE(armed, due)

    monkeypatch.setattr(timers.Timers, "handle", handle)


HANDLE = timers.Timers.handle


def shuffles_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def everywhere(targets: Sequence[int], *_: object) -> tuple[int, ...]:
        return tuple(targets)

    monkeypatch.setattr(groupings, "shuffle_scope", everywhere)


def rotations(number: int) -> Break:
    return lambda monkeypatch: monkeypatch.setattr(
        acker.RotatingMap.__init__, "__defaults__", (number,)
    )


def twice_as_many_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = wiring.Wiring.pending_limit

    def doubled(self: wiring.Wiring, executor: Sequence[int]) -> int | None:
        found = limit(self, executor)
        return None if found is None else 2 * found

    monkeypatch.setattr(wiring.Wiring, "pending_limit", doubled)


def asked_between_acks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As up to 1.x: a spout is asked behind the acks that waited when it began with them."""
    never = property(lambda _: False, lambda _, value: None)
    monkeypatch.setattr(waves.Waves, "_inbox_until_empty", never, raising=False)


#: Rule -> (how it is broken, the scenario whose curve sees it, on which Storm).
RULES: Mapping[str, tuple[Break, str, str]] = {
    "a task takes its inputs in the order in which they came": (
        last_in_first_out,
        "a-1000",
        "2.8.3",
    ),
    "a tick waits behind the tuples that came before it": (ticks_overtake, "f-ticks", "2.8.3"),
    "a tuple that has timed out waits and costs its work all the same": (
        expired_for_free,
        "a-1000",
        "2.8.3",
    ),
    "a message timeout is in the inbox of the spout's executor, behind a next_tuple that takes long": (
        rotates_at_once,
        "j-block",
        "2.8.3",
    ),
    "from 2.0 on a shuffle stays in the worker": (shuffles_everywhere, "c-p2w2", "2.8.3"),
    "a tuple expires at the second rotation, not at the first": (rotations(1), "a-400", "2.8.3"),
    "a tuple expires at the second rotation, not at the third": (rotations(3), "a-400", "2.8.3"),
    "from 2.0 on a spout is asked once no ack waits for it": (
        asked_between_acks,
        "p-tell",
        "2.8.3",
    ),
    "topology.max.spout.pending holds a spout back": (twice_as_many_pending, "a-300", "2.8.3"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_curve_sees_it_when_a_rule_is_broken(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it, name, version = RULES[rule]
    each, curve = scenario(name), recorded(name, version)
    break_it(monkeypatch)
    assert compare(each, curve).unexplained != []
