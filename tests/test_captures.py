"""Recorded conversations: what Storm wrote is what we would write, and what components wrote is understood."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from simulator.model.groupings import Chooser, make_chooser
from simulator.model.placement import number_tasks
from simulator.model.profiles import profile
from simulator.wire import protocol
from simulator.wire.protocol import Dialect
from streamparse import multilang
from tests.support.captured import (
    OPTIONS,
    ROLES,
    SPEAKERS,
    VERSIONS,
    handshake,
    heard,
    said,
    topology,
)

recorded = pytest.mark.parametrize("version", VERSIONS)


def reprinted(frame: bytes) -> tuple[str, bytes]:
    """What a message of Storm is, and how we would write it."""
    message: Any = json.loads(frame)
    if isinstance(message, list):
        return "task ids", protocol.task_ids(message)
    if "conf" in message:
        written = protocol.handshakes(
            pid_dir=message["pidDir"], conf=message["conf"], context=message["context"]
        )
        return "handshake", written(message["context"]["taskid"])
    if "command" in message:
        name = message["command"]
        next_or_other = protocol.NEXT if name == "next" else protocol.command(name, message["id"])
        return name, next_or_other
    if message["stream"] == multilang.HEARTBEAT_STREAM:
        return "heartbeat", protocol.heartbeat(message["id"])
    keys = ("comp", "tuple", "task", "stream", "id")
    text = protocol.storm_json({key: message[key] for key in keys})
    return ("tick" if message["stream"] == "__tick" else "tuple"), protocol.frame(text)


ALWAYS = {"handshake", "next", "ack", "fail", "task ids", "heartbeat", "tick", "tuple"}
KINDS = {  # everything a Storm says, by version: so no kind was left out of the comparison
    "0.9.4": ALWAYS,
    "0.10.2": ALWAYS,
    "1.2.4": {*ALWAYS, "activate", "deactivate"},
    "2.8.3": {*ALWAYS, "activate", "deactivate"},
}


@recorded
def test_every_message_of_storm_is_written_byte_for_byte(version: str) -> None:
    frames = [frame for role in ROLES for frame in heard(version, role)]
    written = [reprinted(frame) for frame in frames]
    assert [text for _, text in written] == [frame + b"\nend\n" for frame in frames]
    assert {kind for kind, _ in written} == KINDS[version]


UNDERSTOOD = {  # messages of the spout, the bolt and the first sink, its pid apart
    "0.9.4": {"Log": 67, "Emit": 142, "Sync": 193, "Ack": 131, "Fail": 8, "Error": 2},
    "0.10.2": {"Log": 67, "Emit": 135, "Sync": 158, "Ack": 117, "Fail": 8, "Error": 3},
    "1.2.4": {"Log": 71, "Emit": 154, "Sync": 236, "Ack": 155, "Fail": 8, "Error": 3},
    "2.8.3": {"Log": 71, "Emit": 125, "Sync": 183, "Ack": 100, "Fail": 8, "Error": 3},
}


@recorded
def test_every_message_of_a_component_is_understood(version: str) -> None:
    dialect = Dialect(smart=profile(version).json == "smart")
    understood: Counter[str] = Counter()
    for role in SPEAKERS:
        first, *others = said(version, role)
        assert protocol.parse_pid(first, dialect)
        understood.update(type(protocol.parse(frame, dialect)).__name__ for frame in others)
    assert understood == UNDERSTOOD[version]


def choosers(version: str, component: str) -> dict[str, Chooser]:
    """What chooses among the tasks of the component's one subscriber, by stream."""
    spoken = topology()
    tasks = number_tasks(spoken, OPTIONS)
    return {
        stream: make_chooser(
            grouping,
            stream_fields=spoken.components[component].outputs[stream].fields,
            targets=tasks[subscriber],
            local=tasks[subscriber],
            rng=random.Random(0),
            profile=profile(version),
        )
        for stream in spoken.components[component].outputs
        for subscriber, grouping in spoken.subscribers(component, stream)
        if grouping.kind != "direct"
    }


@recorded
def test_the_words_went_to_the_sinks_that_we_would_choose(version: str) -> None:
    choose = choosers(version, "cap-bolt")["default"]
    received = [
        (handshake(version, role)["context"]["taskid"], message["tuple"])
        for role in ("sink1", "sink2")
        for message in map(json.loads, heard(version, role)[1:])
        if message["comp"] == "cap-bolt" and message["stream"] == "default"
    ]
    assert {task for task, _ in received} == {3, 4}
    assert [choose(values) for _, values in received] == [(task,) for task, _ in received]


@recorded
@pytest.mark.parametrize("role", ["spout", "bolt"])
def test_the_task_ids_that_storm_answered_are_those_that_we_would(version: str, role: str) -> None:
    choose = choosers(version, f"cap-{role}")
    messages = map(json.loads, heard(version, role)[1:])
    answers = [message for message in messages if isinstance(message, list)]
    emits = [protocol.parse(frame) for frame in said(version, role)[1:]]
    asked = [
        list(choose[emit.stream](emit.values))
        for emit in emits
        if isinstance(emit, protocol.Emit) and emit.need_task_ids and emit.task is None
    ]
    assert answers
    assert answers == asked
