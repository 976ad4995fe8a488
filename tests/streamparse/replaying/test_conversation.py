"""Recordings cut into turns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.wire import Ack, Emit
from streamparse.recordings import FROM_STORM, TO_STORM, End, Head, Idle, Recording, Said
from streamparse.replaying import Conversation, ConversationError, read_conversation
from tests.support import taped

HEAD = Head(topology="wordcount", component="counts", task=4, pid=1)


def said(*lines: tuple[str, int | None, str]) -> list[Said | Idle]:
    """Messages behind a handshake and its answer."""
    shaken = [(FROM_STORM, 0, taped.handshake()), (TO_STORM, 5, '{"pid": 0}')]
    return [Said(*line) for line in [*shaken, *lines]]


def conversation(
    entries: list[Said | Idle], why: str | None = "closed", head: Head = HEAD
) -> Conversation:
    """The conversation of a recording with these lines."""
    end = None if why is None else End(99, why, 1)
    return read_conversation(Recording(Path("r.jsonl"), head, entries, end))


def test_what_a_component_says_belongs_to_its_last_input() -> None:
    made = conversation(
        said(
            (FROM_STORM, 10, taped.given(1, "dog")),
            (TO_STORM, 11, '{"command": "emit", "tuple": ["dog", 1], "anchors": ["2919"]}'),
            (FROM_STORM, 12, "[9]"),
            (TO_STORM, 13, '{"command": "ack", "id": "2919"}'),
            (FROM_STORM, 20, taped.tick(1)),
            (TO_STORM, 21, '{"command": "ack", "id": "-1"}'),
        )
    )
    assert [
        (turn.number, turn.at_us, turn.end_us, turn.is_tick, turn.said, turn.answers)
        for turn in made.turns
    ] == [
        (0, 0, None, False, [], {}),
        (
            1,
            10,
            13,
            False,
            [Emit(["dog", 1], "default", ("2919",)), Ack("2919")],
            {"default": made.turns[1].answers["default"]},
        ),
        (2, 20, 21, True, [Ack("-1")], {}),
    ]
    assert [*made.turns[1].answers["default"]] == [[9]]
    assert (made.kind, made.inputs, made.outputs) == ("bolt", 2, {"default": ("word", "count")})


def test_idle_turns_are_inputs_as_often_as_they_were() -> None:
    made = conversation([*said((FROM_STORM, 3, taped.command("activate"))), Idle(50, 40)])
    assert [(turn.command, turn.times) for turn in made.turns[1:]] == [
        ("activate", 1),
        ("next", 40),
    ]
    assert (made.kind, made.inputs) == ("spout", 41)


def test_what_only_a_simulator_says_and_hears_is_left_out() -> None:
    made = conversation(
        said(
            (TO_STORM, 6, '{"command": "timer", "after_ms": 2000}'),
            (FROM_STORM, 7, '{"command": "crash_at", "left": {}, "uncounted": []}'),
            (FROM_STORM, 8, '{"id":"-1","comp":null,"stream":"__heartbeat","task":-1,"tuple":[]}'),
            (TO_STORM, 9, '{"command": "sync"}'),
        )
    )
    assert [(turn.said, turn.end_us) for turn in made.turns] == [([], 9)]


@pytest.mark.parametrize(
    ("why", "is_cut"),
    [("closed", False), ("exception", False), ("limit", True), ("part", True), (None, True)],
)
def test_only_a_component_that_has_ended_has_said_all_to_its_last_input(
    why: str | None, is_cut: bool
) -> None:
    made = conversation(said((FROM_STORM, 10, taped.given(1, "dog"))), why)
    assert [turn.is_cut for turn in made.turns] == [False, is_cut]


def test_a_time_that_nobody_has_taken_is_that_of_the_message_before() -> None:
    made = conversation(
        said((FROM_STORM, 10, taped.given(1, "dog")), (FROM_STORM, None, taped.given(2, "cat")))
    )
    assert [turn.at_us for turn in made.turns] == [0, 10, 10]


@pytest.mark.parametrize(
    ("entries", "finding"),
    [
        (
            [],
            "r.jsonl: there is no handshake; expected Storm's first message, with conf and context",
        ),
        (
            [Said(FROM_STORM, 0, '{"pidDir": ""}')],
            "r.jsonl: there is no handshake; expected Storm's first message, with conf and context",
        ),
        (
            said((TO_STORM, 9, '{"command": "emit", "tuple": 3}')),
            "r.jsonl: an emit with a tuple that is no list: '3'; expected a message of a component",
        ),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_line(
    entries: list[Said | Idle], finding: str
) -> None:
    with pytest.raises(ConversationError) as caught:
        conversation(entries)
    assert str(caught.value) == finding


@pytest.mark.parametrize(
    ("conf", "clock", "heard"),
    [
        ({}, "real", False),
        ({"streamparse.topology.class": True}, "virtual", False),
        ({"streamparse.topology.class": True}, "real", True),
        ({"streamparse.topology.class": True, "pystorm.log.path": "/var/log"}, "real", False),
    ],
)
def test_what_is_logged_is_in_a_recording_where_it_goes_to_storm(
    conf: dict[str, object], clock: str, heard: bool
) -> None:
    entry = Said(FROM_STORM, 0, taped.handshake(conf))
    assert conversation([entry], head=HEAD._replace(clock=clock)).has_logging is heard


def test_a_storm_before_0_10_tells_no_fields() -> None:
    shaken = json.dumps({"pidDir": "", "conf": {}, "context": {"taskid": 4, "task->component": {}}})
    made = conversation([Said(FROM_STORM, 0, shaken)])
    assert (made.outputs, made.fields_of({"comp": "words", "stream": "default"}), made.kind) == (
        None,
        None,
        None,
    )


def test_where_no_times_were_taken_an_ack_tells_the_input() -> None:
    """Somebody at a bolt's pipe sees tuples that it has not read yet."""
    dog, cat = (taped.given(number, word) for number, word in ((1, "dog"), (2, "cat")))
    first, second = (json.loads(each)["id"] for each in (dog, cat))
    heard = [
        Said(FROM_STORM, None, taped.handshake()),
        Said(FROM_STORM, None, dog),
        Said(FROM_STORM, None, cat),
        Said(TO_STORM, None, '{"command": "emit", "tuple": ["dog", 1], "anchors": []}'),
        Said(FROM_STORM, None, "[9]"),
        Said(TO_STORM, None, json.dumps({"command": "ack", "id": first})),
        Said(TO_STORM, None, json.dumps({"command": "ack", "id": second})),
    ]
    turns = conversation([*heard]).turns
    assert [(turn.said, [*turn.answers]) for turn in turns] == [
        ([], []),
        ([Emit(["dog", 1]), Ack(first)], ["default"]),
        ([Ack(second)], []),
    ]
