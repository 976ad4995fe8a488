"""Mutations: small mistakes that are made in a topology on purpose, to see whether a test notices.

A mutation changes the topology as a test builds it (a grouping, the number of tasks, a tick), the Python components in
it as they are made (an anchor, an ack, an emit), or its tuples on their way (each comes twice, some come late).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import signature
from typing import Any

from simulator.engine import events, faults
from simulator.model import Component, Grouping, Topology, did_you_mean, settings
from simulator.testing import Account, HarnessError
from streamparse.testing.adjustments import Adjustment

LATE_MS = 20  # overtaken by some

#: What each kind of mutation does.
MUTATION_KINDS: Mapping[str, str] = {
    "shuffle": "a fields grouping becomes a shuffle",
    "other-field": "a fields grouping is by another field",
    "to-all": "a shuffle sends every tuple to all tasks",
    "swap-streams": "a bolt takes another stream of the same component",
    "three-tasks": "a bolt with one task has three",
    "no-tick": "a bolt gets no ticks",
    "short-timeout": "the message timeout is shorter than the tick interval",
    "no-anchor": "a bolt emits without anchors",
    "ack-first": "a bolt acks a tuple before it processes it",
    "no-ack": "a bolt acks nothing",
    "no-output": "a bolt emits nothing",
    "twice": "a bolt emits every tuple twice",
    "fail-swallowed": "a bolt acks what it should fail",
    "no-id": "a spout emits without message ids",
    "deaf": "a spout does nothing when a tuple fails",
    "duplicate": "every tuple to a bolt comes twice",
    "reorder": "every second tuple to a bolt is overtaken",
}


@dataclass(frozen=True)
class Mutation:
    """One mistake in one topology.

    Attributes:
        kind: one of ``MUTATION_KINDS``.
        topology: the name of the topology.
        component: where the mistake is.
        words: what it is.
        change: returns the topology with the mistake.
        adjust: makes the mistake in a Python component that has just been made; None: not there.
        rule: makes a rule on deliveries; None: there is none.
        conf: settings of the topology.
    """

    kind: str
    topology: str
    component: str
    words: str
    change: Callable[[Topology], Topology] = field(default=lambda topology: topology)
    adjust: Adjustment | None = None
    rule: Callable[[], faults.Rule] | None = None
    conf: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


#: Kinds of mistakes that lose something when something else goes wrong, and else change nothing.
SHOWN_BY_FAULTS = frozenset(("no-anchor", "ack-first"))


def result_of(account: Account) -> Counter[tuple[object, ...]]:
    """Return what a test can see of a run, in whatever order and at whatever time: emits, acks, fails, logs, deaths."""
    return Counter(_seen(account))


def _seen(account: Account) -> Iterator[tuple[object, ...]]:
    for event in account.events:
        where = (event.event, event.component)
        match event:
            case events.Emit():
                yield (*where, event.stream, event.values_json, event.id_json)
            case events.Ack() | events.Fail() if event.tuple_id in account.sent:
                yield (*where, account.sent[event.tuple_id].values_json)
            case events.Acked():
                yield (*where, event.id_json)
            case events.Failed():
                yield (*where, event.id_json, event.reason)
            case events.Error():
                yield (*where, event.message)
            case events.Died():
                yield (*where, event.reason)
    for logged in account.logged:
        if logged.level != "system":  # a tick: what the bolt does with it is seen
            yield ("log", logged.component, logged.level, logged.message)


def check_mutation_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds that a list of names means; "all" is all of them.

    Raises:
        HarnessError: there is no such kind.
    """
    if text == "all":
        return (*MUTATION_KINDS,)
    names = [each.strip() for each in text.split(",")]
    for name in names:
        if name not in MUTATION_KINDS:
            raise HarnessError(
                f"no mutation is called {name!r}{did_you_mean(name, MUTATION_KINDS)}; "
                f"expected {', '.join(MUTATION_KINDS)}"
            )
    return tuple(names)


def mutations_of(
    topology: Topology,
    replaced: Collection[str] = (),
    kinds: Collection[str] = tuple(MUTATION_KINDS),
) -> list[Mutation]:
    """Return the mutations of a topology, component by component; those that could make no difference are left out.

    Args:
        topology: as a test has built it.
        replaced: the ids of components that the test has replaced; they are left as they are.
        kinds: which kinds.
    """
    found: list[Mutation] = []
    for component in topology.components.values():
        make = partial(Mutation, topology=topology.name, component=component.id)
        if component.kind == "bolt":
            found += _groupings(topology, component, make)
            found += _tasks_and_ticks(topology, component, make)
            found += _deliveries(component, make)
        if component.python_class is not None and component.id not in replaced:
            found += _behaviour(topology, component, make)
    return [each for each in found if each.kind in kinds]


Maker = Callable[..., Mutation]


# -- the topology -----------------------------------------------------------------------------------------------


def _groupings(topology: Topology, bolt: Component, make: Maker) -> Iterator[Mutation]:
    several = (bolt.parallelism or 1) > 1
    for (source, stream), grouping in bolt.inputs.items():
        what = f"{bolt.id} takes {stream} of {source}"
        declared = topology.components[source].outputs
        change = partial(_regroup, bolt.id, (source, stream))
        if grouping.kind == "fields" and several:
            # One that looks at the load prefers tasks of its own worker: there may be one only, which gets all.
            conf = {settings.DISABLE_LOADAWARE_MESSAGING: True}
            shuffle = partial(change, Grouping("shuffle"))
            yield make("shuffle", words=f"{what} by a shuffle", change=shuffle, conf=conf)
            fields = declared[stream].fields if stream in declared else ()
            for name in [each for each in fields if each not in grouping.fields][:1]:
                other = Grouping("fields", (name,))
                yield make("other-field", words=f"{what} by {name}", change=partial(change, other))
        if grouping.kind in ("shuffle", "local-or-shuffle") and several:
            to_all = partial(change, Grouping("all"))
            yield make("to-all", words=f"{what} in all tasks", change=to_all)
        others = [each for each in declared if each != stream and not declared[each].direct]
        for other_stream in others[:1]:
            swap = partial(_swap, bolt.id, source, stream, other_stream)
            words = f"{bolt.id} takes {other_stream} of {source} in place of {stream}"
            yield make("swap-streams", words=words, change=swap)


def _regroup(
    bolt: str, source: tuple[str, str], grouping: Grouping, topology: Topology
) -> Topology:
    inputs = {**topology.components[bolt].inputs, source: grouping}
    return _with(topology, bolt, inputs=inputs)


def _swap(bolt: str, source: str, stream: str, other: str, topology: Topology) -> Topology:
    """The topology whose bolt takes the other stream, and this one where it took that; groupings by field go."""
    swapped = {stream: other, other: stream}
    inputs = {
        (name, swapped.get(each, each) if name == source else each): (
            Grouping("shuffle") if name == source and each in swapped else grouping
        )
        for (name, each), grouping in topology.components[bolt].inputs.items()
    }
    return _with(topology, bolt, inputs=inputs)


def _with(topology: Topology, component: str, **changes: Any) -> Topology:
    changed = replace(topology.components[component], **changes)
    return replace(topology, components={**topology.components, component: changed})


def _tasks_and_ticks(topology: Topology, bolt: Component, make: Maker) -> Iterator[Mutation]:
    is_spread = any(each.kind != "global" for each in bolt.inputs.values())
    if (bolt.parallelism or 1) == 1 and is_spread:
        three = partial(_set, bolt.id, "parallelism", 3)
        yield make("three-tasks", words=f"{bolt.id} has three tasks, not one", change=three)
    seconds = bolt.conf.get(settings.TICK_TUPLE_FREQ_SECS)
    if isinstance(seconds, int) and seconds > 0:
        without = {
            key: value for key, value in bolt.conf.items() if key != settings.TICK_TUPLE_FREQ_SECS
        }
        quiet = partial(_set, bolt.id, "conf", without)
        yield make("no-tick", words=f"{bolt.id} gets no ticks", change=quiet)
        late = partial(
            _set, bolt.id, "conf", {**bolt.conf, settings.TICK_TUPLE_FREQ_SECS: 3 * seconds}
        )
        words = f"{bolt.id} ticks every {3 * seconds} s, and the message timeout is {seconds} s"
        yield make(
            "short-timeout", words=words, change=late, conf={settings.MESSAGE_TIMEOUT_SECS: seconds}
        )


def _set(component: str, name: str, value: object, topology: Topology) -> Topology:
    return _with(topology, component, **{name: value})


# -- tuples on their way ----------------------------------------------------------------------------------------


@dataclass
class EachNth:
    """A rule that gives a verdict to each n-th delivery to a bolt.

    Attributes:
        component: the bolt.
        verdict: what it gives.
        nth: 1 for every delivery.
    """

    component: str
    verdict: faults.Verdict
    nth: int = 1
    seen: int = 0

    def judge(self, component: str, delivery: faults.Delivered) -> faults.Verdict | None:
        if component != self.component:
            return None
        self.seen += 1
        return self.verdict if self.seen % self.nth == 0 else None


def _deliveries(bolt: Component, make: Maker) -> Iterator[Mutation]:
    twice = partial(EachNth, bolt.id, faults.Duplicate())
    yield make("duplicate", words=f"every tuple to {bolt.id} comes twice", rule=twice)
    late = partial(EachNth, bolt.id, faults.Reorder(LATE_MS), 2)
    words = f"every second tuple to {bolt.id} comes {LATE_MS} ms late, and others overtake it"
    yield make("reorder", words=words, rule=late)


# -- components -------------------------------------------------------------------------------------------------


def _behaviour(topology: Topology, component: Component, make: Maker) -> Iterator[Mutation]:
    name = component.id
    if component.kind == "spout":
        yield make("no-id", words=f"{name} emits without message ids", adjust=_no_id)
        yield make("deaf", words=f"{name} does nothing when a tuple fails", adjust=_deaf)
        return
    yield make("ack-first", words=f"{name} acks a tuple before it processes it", adjust=_ack_first)
    yield make("no-ack", words=f"{name} acks nothing", adjust=_no_ack)
    yield make("fail-swallowed", words=f"{name} acks what it should fail", adjust=_swallow)
    if component.outputs:
        yield make("no-output", words=f"{name} emits nothing", adjust=_no_output)
        yield make("twice", words=f"{name} emits every tuple twice", adjust=_twice)
    if any(topology.subscribers(name, stream) for stream in component.outputs):
        yield make("no-anchor", words=f"{name} emits without anchors", adjust=_no_anchor)


def _no_id(spout: Any) -> None:
    """Any, here and below: a component of the user's."""
    spout.emit = _with_argument(spout.emit, "tup_id", None)


def _deaf(spout: Any) -> None:
    spout.fail = _nothing


def _no_anchor(bolt: Any) -> None:
    bolt.emit = _with_argument(bolt.emit, "anchors", ())


def _with_argument(method: Callable[..., Any], name: str, value: object) -> Callable[..., Any]:
    """The method with one argument that is always this value."""

    def call(*args: Any, **named: Any) -> Any:
        given = signature(method).bind(*args, **named)
        if name in signature(method).parameters:
            given.arguments[name] = value
            return method(*given.args, **given.kwargs)
        return method(*args, **{**named, name: value})

    return call


def _ack_first(bolt: Any) -> None:
    ack, fail, process = bolt.ack, bolt.fail, bolt.process
    acked: set[str] = set()

    def unless_acked(settle: Callable[[Any], object], tup: Any) -> None:
        if getattr(tup, "id", tup) not in acked:
            settle(tup)

    def process_acked(tup: Any) -> object:
        ack(tup)
        acked.add(tup.id)
        return process(tup)

    bolt.process = process_acked
    bolt.ack, bolt.fail = partial(unless_acked, ack), partial(unless_acked, fail)
    _no_anchor(bolt)  # to what is acked nothing can be anchored


def _no_ack(bolt: Any) -> None:
    bolt.ack = _nothing


def _swallow(bolt: Any) -> None:
    bolt.fail = bolt.ack


def _no_output(bolt: Any) -> None:
    bolt.emit = _no_tasks


def _twice(bolt: Any) -> None:
    emit = bolt.emit

    def emit_twice(*args: Any, **named: Any) -> Any:
        emit(*args, **named)
        return emit(*args, **named)

    bolt.emit = emit_twice


def _nothing(*args: Any, **named: Any) -> None:
    return None


def _no_tasks(*args: Any, **named: Any) -> list[int]:
    return []
