"""The result of a run where no function of the user's says what it is: what the last bolts of the topology did.

A last bolt emits tuples that no bolt takes, or none at all. Its result has up to three forms: the tuples that it has
acked, those that it has emitted, and the last that it has emitted for each key. The key is what its input is grouped
by, where it emits these fields too. Two runs agree when they agree in one of the forms: a pass-through bolt emits the
same tuples in another order, and a bolt that keeps a total for each key emits other intermediate totals.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.engine import events
from simulator.laws.evidence import NO_RESULT, Evidence
from simulator.laws.values import Rule, differences, text
from simulator.model import Component, Topology
from streamparse.multilang import DEFAULT_STREAM


@dataclass
class LastBolt:
    """What one last bolt did, in the forms that it has.

    Attributes:
        acked: the tuples that it acked; one of which each task gets a copy is there once, when all have acked theirs.
        emitted: the tuples that it emitted and no bolt takes.
        last: the last of them by key.
        in_batches: a tuple that it emitted has another number of anchors than one, so that what it emits depends on
            which tuples came together.
    """

    acked: list[Any] = field(default_factory=list)
    emitted: list[Any] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)
    in_batches: bool = False


Results = Mapping[str, LastBolt]


def results_of(topology: Topology, run: Evidence) -> Results:
    """Return what each last bolt of a topology did in a run."""
    found = {bolt: LastBolt() for bolt in last_bolts(topology)}
    keys = {
        (bolt, stream): at
        for bolt in found
        for stream, at in _keys(topology.components[bolt]).items()
    }
    tuples: dict[str, Any] = {}
    unacked: dict[
        str, set[str]
    ] = {}  # by the id of each copy: all copies that the tasks of a bolt have got of a tuple
    for event in run.events:
        if isinstance(event, events.Emit):
            for _, tuple_id in event.to:
                tuples[tuple_id] = event.values
            for bolt in _with_a_copy_for_each_task(topology, event, found):
                copies = {each for task, each in event.to if run.end.components.get(task) == bolt}
                unacked.update(dict.fromkeys(copies, copies))
            if event.component in found and not event.to:
                _take(found[event.component], event, keys.get((event.component, event.stream)))
        elif isinstance(event, events.Fault) and event.copy_id is not None:
            tuples[event.copy_id] = tuples.get(event.tuple_id)
        elif isinstance(event, events.Ack) and event.component in found:
            copies = unacked.get(event.tuple_id, set())
            copies.discard(event.tuple_id)
            # What is not there is a tick.
            if event.tuple_id in tuples and not copies:
                found[event.component].acked.append(tuples[event.tuple_id])
    return found


def _with_a_copy_for_each_task(
    topology: Topology, event: events.Emit, bolts: Collection[str]
) -> list[str]:
    """Those of these bolts of which each task gets a copy of a tuple: how many copies there are says nothing."""
    source = (event.component, event.stream)
    inputs = {bolt: topology.components[bolt].inputs.get(source) for bolt in bolts}
    return [bolt for bolt, grouping in inputs.items() if grouping and grouping.kind == "all"]


def _take(bolt: LastBolt, event: events.Emit, key: Sequence[int] | None) -> None:
    values = event.values
    bolt.emitted.append(values if event.stream == DEFAULT_STREAM else [event.stream, *values])
    bolt.in_batches |= len(event.anchors or ()) != 1
    if key is not None:
        bolt.last[text([values[at] for at in key])] = text(values)


def last_bolts(topology: Topology) -> list[str]:
    """Return the bolts that emit on a stream which no bolt takes, or on none."""
    return [
        name
        for name, bolt in topology.bolts.items()
        if not bolt.outputs
        or not all(topology.subscribers(name, stream) for stream in bolt.outputs)
    ]


def _keys(bolt: Component) -> Mapping[str, Sequence[int]]:
    """Where the fields that all inputs are grouped by are in the tuples of each stream that has them all."""
    groupings = {
        grouping.fields if grouping.kind == "fields" else None for grouping in bolt.inputs.values()
    }
    fields = groupings.pop() if len(groupings) == 1 else None
    if not fields:
        return {}
    return {
        name: [stream.fields.index(each) for each in fields]
        for name, stream in bolt.outputs.items()
        if set(fields) <= set(stream.fields)
    }


# -- two runs ---------------------------------------------------------------------------------------------------


def compared(topology: Topology, expected: Evidence, found: Evidence, rule: Rule) -> list[str]:
    """Return what the results of two runs differ in, a line each; none where the rule holds.

    Args:
        topology: what was run.
        expected: the fault-free run.
        found: the run to be judged.
        rule: how they may differ.
    """
    if found.end.raised:
        return [f"result raised {found.end.raised}"]
    if expected.end.result is not NO_RESULT:
        return differences(expected.end.result, found.end.result, rule)
    wanted, there = results_of(topology, expected), results_of(topology, found)
    return [
        f"{bolt}: {line}" for bolt in wanted for line in _of_bolt(wanted[bolt], there[bolt], rule)
    ]


def what_is_not_compared(topology: Topology, run: Evidence) -> list[str]:
    """Return a line for each reason why the results of runs tell less than one might think.

    Args:
        topology: what was run.
        run: the fault-free run.
    """
    result = run.end.result
    if result is not NO_RESULT:
        is_empty = result is None or (isinstance(result, Collection) and not result)
        return [f"result is {result!r} in the fault-free run: it tells little"] if is_empty else []
    return [
        f"{name} emits tuples for several at a time, so what it emits may depend on which came together, and only "
        f"which tuples it acks is compared; to compare what comes out in the end: {_example(topology, name)}"
        for name, bolt in results_of(topology, run).items()
        if bolt.in_batches and bolt.emitted
    ]


def _example(topology: Topology, name: str) -> str:
    """What a user may write to have the last tuple for each key compared: running totals do not depend on batches."""
    stream = topology.components[name].outputs.get(DEFAULT_STREAM)
    emitted = f'topology["{name}"].emitted'
    if stream is None or len(stream.fields) < 2:
        return f"result=lambda topology: set(map(tuple, {emitted}))"
    places = _keys(topology.components[name]).get(DEFAULT_STREAM, (0,))
    if len(places) == 1:
        return f'result=lambda topology: {emitted}.last_by("{stream.fields[places[0]]}")'
    key = ", ".join(f"row[{place}]" for place in places)
    return f"result=lambda topology: {{({key}): list(row) for row in {emitted}}}"


def _of_bolt(expected: LastBolt, found: LastBolt, rule: Rule) -> list[str]:
    """The differences in the first form, if there are some in every form.

    A bolt that dies may have emitted a tuple for what it acks at the next attempt, or not. So after faults ("again") it
    counts what it emits and should not; whether something is missing is a matter of what it has acked ("all").
    """
    forms: list[tuple[Any, Any, Rule]] = []
    if expected.in_batches or found.in_batches or not (expected.emitted or found.emitted):
        forms.append((expected.acked, found.acked, rule))
    elif rule == "all":
        forms.append((expected.acked, found.acked, rule))
        forms.append((expected.emitted, found.emitted, rule))
    elif expected.last:
        forms.append((expected.last, found.last, "new" if rule == "again" else rule))
        forms.append((expected.emitted, found.emitted, rule))
    else:
        forms.append((expected.emitted, found.emitted, "new" if rule == "again" else rule))
    lines = [differences(*form) for form in forms]
    return lines[0] if all(lines) else []
