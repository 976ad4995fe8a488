"""A sample has whole messages from the whole run, the unusual ones first, and says what it left out."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.events import (
    Ack,
    Acked,
    Died,
    Emit,
    Event,
    Fail,
    Failed,
    Fault,
    Restart,
    Tick,
)  # fmt: skip
from simulator.page.data import run_json
from simulator.page.sampling import Sample, sample
from simulator.page.source import ErrorReport, LogLine, source_of_events


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
    assert sample(RUN, len(RUN)) == (RUN, range(400), "")


def test_the_messages_of_a_sample_are_whole_and_come_from_the_whole_run() -> None:
    events, kept, note = sample(RUN, 60)
    assert events == [RUN[each] for each in kept]
    ids = _ids(events)
    assert [*kept] == sorted(kept)
    assert len(events) == 4 * len(ids) <= 60
    assert "41" in ids
    assert (int(ids[0]) < 20, int(ids[-1]) > 80) == (True, True)
    assert note == (
        f"This page shows {len(events)} of 400 events: {len(ids)} of 100 messages, "
        "with 1 of the 1 that are unusual. Counts are of the whole run."
    )


def test_messages_that_came_again_were_struck_or_did_not_end_are_unusual() -> None:
    again = [*_message(7, 5000), *_message(8, 5010)[:2], *_message(200, 5020)[:3]]
    struck: list[Event] = [
        Fault(301, "b", 3, "duplicate", "60", copy_id="x"),
        Ack(302, "b", 3, "x"),
    ]
    shown = [*sample([*RUN, *again, *struck], 120).events]
    assert {"7", "8", "30", "41", "200"} <= {*_ids(shown)}
    assert struck[0] in shown
    assert struck[1] in shown


def test_events_without_a_message_are_kept_as_far_as_there_is_room() -> None:
    ticks: list[Event] = [Tick(each, "b", 3, f"t{each}") for each in range(500)]
    _, kept, _ = sample([Died(0, "b", 3, ""), *ticks, *RUN], 100)
    assert (0 in kept, sum(each <= 500 for each in kept)) == (True, 25)


def test_a_long_list_of_unusual_messages_is_thinned_too() -> None:
    failing = [event for number in range(100) for event in _message(number, number, fails=True)]
    _, kept, note = sample(failing, 80)
    assert 20 <= len(kept) <= 40
    assert "of the 100 that are unusual" in note


def test_deaths_are_kept_before_ticks() -> None:
    ticks: list[Event] = [Tick(each, "b", 3, f"t{each}") for each in range(500)]
    died: list[Event] = [Died(500, "b", 3, str(each)) for each in range(20)]
    shown = sample([*ticks, *died, *RUN], 100).events
    assert [each for each in shown if isinstance(each, Died)] == died
    assert sum(isinstance(each, Tick) for each in shown) == 5
    many: list[Event] = [Died(500, "b", 3, str(each)) for each in range(80)]
    shown = sample([*ticks, *many, *RUN], 100).events
    assert sum(isinstance(each, Died) for each in shown) == 25
    assert not any(isinstance(each, Tick) for each in shown)


# -- the data of a sampled run


def test_a_sample_has_the_numbers_of_the_whole_run() -> None:
    source = source_of_events("t", RUN)
    part, whole = run_json(source, sample(RUN, 60)), run_json(source)
    assert len(part["events"]["at"]) < len(whole["events"]["at"]) == part["totals"]["events"]
    assert (part["totals"], part["endMs"]) == (whole["totals"], whole["endMs"])


def test_a_log_line_and_an_error_of_a_sample_belong_to_the_tuple_that_they_belong_to() -> None:
    """Two messages are at the task at one instant: the lines of the one that is left out are not the other's."""
    emits: list[Event] = [
        Emit(0, "s", 5, "default", f"[{each}]", str(each), None, ((3, str(each)),)) for each in "12"
    ]
    settled: list[Event] = [Ack(1, "b", 3, "1"), Fail(1, "b", 3, "2")]
    source = replace(
        source_of_events("t", [*emits, *settled]),
        taken={"1": 1, "2": 1},
        logs=[LogLine(1, "b", 3, "info", "one", 2), LogLine(1, "b", 3, "info", "two", 3)],
        errors=[ErrorReport(1, "b", 3, "boom", 2)],
    )
    kept = (1, 3)  # all of the second message
    data = run_json(source, Sample([source.events[each] for each in kept], kept, "a sample"))
    assert data["copies"]["id"] == ["2"]
    assert ([each[4] for each in data["logs"]], data["errors"][0]["copy"]) == ([-1, 0], -1)


def test_a_tuple_of_a_sample_has_the_times_and_the_fate_that_it_has_in_the_whole_run() -> None:
    """Without what came before it, it would have been taken at once; without the restart, it would not be lost."""
    run: list[Event] = [
        Emit(0, "s", 5, "default", "[1]", "1", None, ((3, "1"),)),
        Emit(0, "s", 5, "default", "[2]", "2", None, ((3, "2"),)),
        Ack(30, "b", 3, "1"),
        Ack(40, "b", 3, "2"),
        Emit(50, "s", 5, "default", "[3]", "3", None, ((3, "3"),)),
        Restart(60, "b", 3),
        Restart(60, "s", 5),
        Acked(70, "s", 5, "1"),
    ]
    kept = (1, 3, 4)
    data = run_json(
        source_of_events("t", run), Sample([run[each] for each in kept], kept, "a sample")
    )
    copies, states, outcomes = data["copies"], data["states"], data["outcomes"]
    assert [*zip(copies["id"], copies["start"], copies["end"], strict=True)] == [
        ("2", 30, 40),
        ("3", -1, 60),
    ]
    assert [states[each] for each in copies["state"]] == ["acked", "lost"]
    assert [outcomes[each] for each in data["trees"]["outcome"]] == ["forgotten", "forgotten"]
    assert data["endMs"] == 70
