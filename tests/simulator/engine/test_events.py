"""Events of a trace: the line of each, and back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import events
from simulator.engine.events import EVENTS, Event, TraceError, from_line, from_lines
from simulator.wire import storm_json

WHERE = (1500, 'a "quoted" / bolt', 4)
HEAD = '"component":"a \\"quoted\\" \\/ bolt","task":4'

#: Every event, and its line.
TABLE: list[tuple[Event, str]] = [
    (
        events.Emit(*WHERE, "default", '["x",1]', "7", None, ((4, "12"), (5, "13"))),
        f'{{"at":1500,"event":"emit",{HEAD},"stream":"default","values":["x",1],"id":7,"to":[[4,"12"],[5,"13"]]}}',
    ),
    (
        events.Emit(*WHERE, "default", "[]", None, None, ()),
        f'{{"at":1500,"event":"emit",{HEAD},"stream":"default","values":[],"to":[]}}',
    ),
    (
        events.Emit(*WHERE, "a/b", "[null]", None, ("3", "4"), ((6, "9"),)),
        f'{{"at":1500,"event":"emit",{HEAD},"stream":"a\\/b","values":[null],"anchors":["3","4"],"to":[[6,"9"]]}}',
    ),
    (
        events.Emit(*WHERE, "default", "[1.0]", None, (), ()),
        f'{{"at":1500,"event":"emit",{HEAD},"stream":"default","values":[1.0],"anchors":[],"to":[]}}',
    ),
    (events.Ack(*WHERE, "7"), f'{{"at":1500,"event":"ack",{HEAD},"tuple":"7"}}'),
    (events.Fail(*WHERE, "7"), f'{{"at":1500,"event":"fail",{HEAD},"tuple":"7"}}'),
    (events.Acked(*WHERE, '{"n":[1]}'), f'{{"at":1500,"event":"acked",{HEAD},"id":{{"n":[1]}}}}'),
    (
        events.Failed(*WHERE, "null", "timeout"),
        f'{{"at":1500,"event":"failed",{HEAD},"id":null,"reason":"timeout"}}',
    ),
    (events.Failed(*WHERE, "7", ""), f'{{"at":1500,"event":"failed",{HEAD},"id":7,"reason":""}}'),
    (events.Tick(*WHERE, "8"), f'{{"at":1500,"event":"tick",{HEAD},"tuple":"8"}}'),
    (events.Timer(*WHERE, "8"), f'{{"at":1500,"event":"timer",{HEAD},"tuple":"8"}}'),
    (events.Error(*WHERE, "é"), f'{{"at":1500,"event":"error",{HEAD},"message":"é"}}'),
    (
        events.Fault(*WHERE, "drop", "7"),
        f'{{"at":1500,"event":"fault",{HEAD},"verdict":"drop","tuple":"7"}}',
    ),
    (
        events.Fault(*WHERE, "delay", "7", due_ms=1750),
        f'{{"at":1500,"event":"fault",{HEAD},"verdict":"delay","tuple":"7","due":1750}}',
    ),
    (
        events.Fault(*WHERE, "duplicate", "7", copy_id="8"),
        f'{{"at":1500,"event":"fault",{HEAD},"verdict":"duplicate","tuple":"7","copy":"8"}}',
    ),
    (events.Late(*WHERE, "7", 1503), f'{{"at":1500,"event":"late",{HEAD},"tuple":"7","due":1503}}'),
    (events.Died(*WHERE, "boom"), f'{{"at":1500,"event":"died",{HEAD},"reason":"boom"}}'),
    (events.Restart(*WHERE), f'{{"at":1500,"event":"restart",{HEAD}}}'),
    (events.Deactivated(*WHERE), f'{{"at":1500,"event":"deactivated",{HEAD}}}'),
    (events.Activated(*WHERE), f'{{"at":1500,"event":"activated",{HEAD}}}'),
]


@pytest.mark.parametrize(("event", "line"), TABLE)
def test_an_event_is_printed_as_this_line_and_read_back_from_it(event: Event, line: str) -> None:
    assert (event.to_line(), from_line(line)) == (line, event)


def test_the_table_has_every_event() -> None:
    assert {type(event) for event, _ in TABLE} == set(EVENTS.values())
    assert [each.event for each in EVENTS.values()] == list(EVENTS)


@pytest.mark.parametrize("event", [event for event, _ in TABLE])
def test_what_is_printed_by_hand_is_what_the_classes_keys_say(event: Event) -> None:
    assert event.to_line() == Event.to_line(event)


@pytest.mark.parametrize("event", EVENTS.values())
def test_every_event_and_every_attribute_of_it_is_documented(event: type[Event]) -> None:
    assert event.__doc__
    own = [each.name for each in msgspec.structs.fields(event)[3:]]
    assert [name for name in own if f"{name}:" not in event.__doc__] == []


@given(
    component=st.text(),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_any_component_and_any_message_id_read_back(component: str, value: Any) -> None:
    event = events.Acked(1, component, 3, storm_json(value))
    line = event.to_line()
    assert json.loads(line)["id"] == value
    if line.isascii() or "\ud800" not in ascii(line):
        read = from_line(line)
        assert isinstance(read, events.Acked)
        assert read.id == value or read.id_json == event.id_json.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("", "not an event of a trace"),
        ("[1]", "not an event of a trace"),
        ("{}", "not an event of a trace"),
        ('{"at":1,"event":"frob","component":"c","task":1}', "'frob'"),
        ('{"at":"1","event":"restart","component":"c","task":1}', "Expected `int`, got `str`"),
        ('{"at":1,"event":"tick","component":"c","task":1}', "tick without tuple"),
        ('{"at":1,"event":"tick","component":"c","task":1,"tuple":3}', "Expected `str`, got `int`"),
        ('{"at":1,"event":"restart","component":"c","task":1,"x":1}', "restart has no key x"),
        ('{"at":1,"event":"restart","component":"c","tas', "truncated"),
    ],
)
def test_a_line_that_is_no_event_is_refused_with_what_was_found(line: str, finding: str) -> None:
    with pytest.raises(TraceError) as raised:
        from_line(line)
    assert finding in str(raised.value)


def test_of_many_lines_the_one_that_is_no_event_is_named_by_its_number() -> None:
    lines = [line for _, line in TABLE]
    assert from_lines(lines) == [event for event, _ in TABLE]
    with pytest.raises(TraceError, match=r"^line 3: not an event"):
        from_lines([*lines[:2], "x", *lines[2:]])
