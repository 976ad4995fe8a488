"""A sample has whole messages from the whole run, the unusual ones first, and says what it left out."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine import events as trace_events
from simulator.engine.events import Ack, Acked, Died, Emit, Event, Failed, Fault, Tick
from simulator.page.sampling import sample, shortened
from simulator.page.source import ErrorReport, LogLine, Wave, source_of_events


def _message(number: int, at_ms: int, *, fails: bool = False) -> list[Event]:
    """The events of one message: emitted, passed on, and acked or failed."""
    first, second, id_json = str(2 * number), str(2 * number + 1), str(number)
    end: Event = Acked(at_ms + 2, "s", 5, id_json)
    if fails:
        end = Failed(at_ms + 2, "s", 5, id_json, "timeout")
    return [
        Emit(at_ms, "s", 5, "default", f"[{number}]", id_json, None, ((3, first),)),
        Emit(at_ms + 1, "b", 3, "default", f"[{number}]", None, (first,), ((4, second),)),
        Ack(at_ms + 1, "b", 3, first),
        end,
    ]


RUN = [
    event for number in range(100) for event in _message(number, 10 * number, fails=number == 41)
]


def _ids(events: list[Event]) -> list[str]:
    return [each.id_json for each in events if isinstance(each, Emit) and each.id_json is not None]


def test_a_short_run_is_shown_whole() -> None:
    assert sample(RUN, len(RUN)) == (range(400), "")
    source = source_of_events("t", RUN)
    assert shortened(source) is source


def test_the_messages_of_a_sample_are_whole_and_come_from_the_whole_run() -> None:
    kept, note = sample(RUN, 60)
    events = [RUN[each] for each in kept]
    ids = _ids(events)
    assert [*kept] == sorted(kept)
    assert len(events) == 4 * len(ids) <= 60
    assert "41" in ids
    assert (int(ids[0]) < 20, int(ids[-1]) > 80) == (True, True)
    assert note == (
        f"This page shows {len(events)} of 400 events: {len(ids)} of 100 messages, "
        "with 1 of the 1 that are unusual. Counts are of what is shown."
    )


def test_messages_that_came_again_were_struck_or_did_not_end_are_unusual() -> None:
    again = [*_message(7, 5000), *_message(8, 5010)[:2], *_message(200, 5020)[:3]]
    struck: list[Event] = [
        Fault(301, "b", 3, "duplicate", "60", copy_id="x"),
        Ack(302, "b", 3, "x"),
    ]
    kept, _ = sample([*RUN, *again, *struck], 120)
    shown = [[*RUN, *again, *struck][each] for each in kept]
    assert {"7", "8", "30", "41", "200"} <= {*_ids(shown)}
    assert struck[0] in shown
    assert struck[1] in shown


def test_events_without_a_message_are_kept_as_far_as_there_is_room() -> None:
    ticks: list[Event] = [Tick(each, "b", 3, f"t{each}") for each in range(500)]
    kept, _ = sample([Died(0, "b", 3, ""), *ticks, *RUN], 100)
    assert (0 in kept, sum(each <= 500 for each in kept)) == (True, 25)


def test_a_long_list_of_unusual_messages_is_thinned_too() -> None:
    failing = [event for number in range(100) for event in _message(number, number, fails=True)]
    kept, note = sample(failing, 80)
    assert 20 <= len(kept) <= 40
    assert "of the 100 that are unusual" in note


def test_lines_errors_and_waves_keep_their_place_among_the_events() -> None:
    source = replace(
        source_of_events("t", RUN),
        waves=[Wave(166, 413)],
        logs=[LogLine(411, "b", 3, "info", "x", 165), LogLine(0, "b", 3, "stderr", "y", -1)],
        errors=[ErrorReport(411, "b", 3, "boom", 165)],
    )
    short = shortened(source, 60)
    places = [*sample(RUN, 60).kept]
    assert places[places.index(164) : places.index(164) + 3] == [164, 165, 166]
    at = places.index(165)
    assert (short.waves, [each.after for each in short.logs], short.errors[0].after) == (
        [Wave(at + 1, 413)],
        [at, -1],
        at,
    )
    assert isinstance(short.events[at], trace_events.Emit)
