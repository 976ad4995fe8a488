"""The columns of a page: each copy's fate, each tree's outcome, and what belongs to what."""

from __future__ import annotations

from simulator.page.source import Wave
from simulator.page.tables import OUTCOMES, STATES, Tables, make_tables
from tests.support.pages import events_of

# Id 1 is passed on by task 3 to task 4; the ack of the copy at 4 comes too late, and the second attempt is acked.
REPLAYED = events_of(
    '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":["a"],"id":1,"to":[[3,"1"]]}',
    '{"at":1,"event":"emit","component":"b","task":3,"stream":"x","values":["a!"],"anchors":["1"],"to":[[4,"2"]]}',
    '{"at":1,"event":"ack","component":"b","task":3,"tuple":"1"}',
    '{"at":30000,"event":"failed","component":"s","task":5,"id":1,"reason":"timeout"}',
    '{"at":30001,"event":"ack","component":"c","task":4,"tuple":"2"}',
    '{"at":30001,"event":"emit","component":"s","task":5,"stream":"default","values":["a"],"id":1,"to":[[3,"3"]]}',
    '{"at":30002,"event":"ack","component":"b","task":3,"tuple":"3"}',
    '{"at":30003,"event":"acked","component":"s","task":5,"id":1}',
)


def _copies(tables: Tables) -> list[tuple[str, str, int, int, int, str]]:
    """Each copy: its id, its values, when it came, was taken and was settled, and its state."""
    copies, texts = tables.copies, tables.texts.rows
    return [
        (
            copies.id[row],
            texts[tables.emits.values[emit]],
            copies.due[row],
            copies.start[row],
            copies.end[row],
            STATES[copies.state[row]],
        )
        for row, emit in enumerate(copies.emit)
    ]


def _trees(tables: Tables) -> list[tuple[int, int, str, int]]:
    """Each tree: its emit, its attempt, its outcome and its end."""
    trees = tables.trees
    outcomes = [OUTCOMES[each] for each in trees.outcome]
    return [*zip(trees.emit, trees.attempt, outcomes, trees.end, strict=True)]


def test_an_attempt_that_timed_out_and_the_one_that_was_acked_are_trees_of_one_message() -> None:
    tables = make_tables(REPLAYED)
    assert _trees(tables) == [(0, 1, "timeout", 30000), (2, 2, "acked", 30003)]
    assert tables.trees.first == [0, 0]
    assert tables.emits.trees == [[0], [0], [1]]
    assert tables.events.ref == [0, 1, 0, 0, 1, 2, 2, 1]


def test_a_copy_has_its_times_and_its_fate() -> None:
    assert _copies(make_tables(REPLAYED, {"1": 1, "2": 7})) == [
        ("1", '["a"]', 1, 1, 1, "acked"),
        ("2", '["a!"]', 2, 7, 30001, "acked"),
        ("3", '["a"]', 30002, -1, 30002, "acked"),
    ]


def test_without_a_record_a_tuple_is_taken_as_it_comes_or_as_the_one_before_is_settled() -> None:
    """The third is held: the fourth came later and was settled. The last may wait in its queue."""
    tables = make_tables(events_of(
        '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"to":[[3,"1"],[3,"2"],[3,"3"],[3,"4"]]}',
        '{"at":4,"event":"ack","component":"b","task":3,"tuple":"1"}',
        '{"at":4,"event":"ack","component":"b","task":3,"tuple":"2"}',
        '{"at":9,"event":"fail","component":"b","task":3,"tuple":"4"}',
        '{"at":9,"event":"emit","component":"s","task":5,"stream":"default","values":[2],"to":[[3,"5"]]}',
    ))  # fmt: skip
    assert [(each[0], each[3]) for each in _copies(tables)] == [
        ("1", 1), ("2", 4), ("3", 4), ("4", 4), ("5", -1),
    ]  # fmt: skip
    assert make_tables(events_of(
        '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"to":[[3,"1"]]}',
        '{"at":2,"event":"emit","component":"b","task":3,"stream":"default","values":[2],"anchors":["1"],"to":[]}',
    )).copies.start == [1]  # fmt: skip


def test_what_is_sent_arrives_at_the_end_of_its_wave_and_may_be_taken_at_once_after_a_service() -> (
    None
):
    tables = make_tables(REPLAYED, {"2": 1}, [Wave(1, 9), Wave(5, 12), Wave(6, 30100)])
    assert [each[2] for each in _copies(tables)] == [9, 1, 30100]


def test_what_a_task_held_when_it_was_started_again_is_lost_and_what_was_under_way_is_not() -> None:
    tables = make_tables(events_of(
        '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"id":1,"to":[[3,"1"],[3,"2"]]}',
        '{"at":0,"event":"fault","component":"b","task":3,"verdict":"delay","tuple":"2","due":900}',
        '{"at":9,"event":"died","component":"b","task":3,"reason":"KeyError: 1"}',
        '{"at":9,"event":"restart","component":"b","task":3}',
    ))  # fmt: skip
    assert _copies(tables) == [("1", "[1]", 1, -1, 9, "lost"), ("2", "[1]", 900, -1, -1, "held")]
    texts = tables.texts.rows
    assert [(place, texts[text]) for place, text in tables.events.text.items()] == [
        (1, "delay"),
        (2, "KeyError: 1"),
    ]


def test_what_was_sent_as_a_task_died_is_lost_and_a_spout_that_died_forgets_what_it_waited_for() -> (
    None
):
    tables = make_tables(events_of(
        '{"at":5,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"id":1,"to":[[3,"1"]]}',
        '{"at":5,"event":"restart","component":"b","task":3}',
        '{"at":5,"event":"restart","component":"s","task":5}',
        '{"at":6,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"id":1,"to":[[3,"2"]]}',
        '{"at":7,"event":"ack","component":"b","task":3,"tuple":"2"}',
        '{"at":8,"event":"acked","component":"s","task":5,"id":1}',
    ))  # fmt: skip
    assert _copies(tables) == [("1", "[1]", 6, -1, 5, "lost"), ("2", "[1]", 7, 7, 7, "acked")]
    assert _trees(tables) == [(0, 1, "forgotten", 5), (1, 2, "acked", 8)]


def test_faults_end_or_double_a_copy() -> None:
    tables = make_tables(events_of(
        '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"to":[[3,"1"],[3,"2"],[3,"3"]]}',
        '{"at":0,"event":"fault","component":"b","task":3,"verdict":"drop","tuple":"1"}',
        '{"at":0,"event":"fault","component":"b","task":3,"verdict":"fail","tuple":"2"}',
        '{"at":0,"event":"fault","component":"b","task":3,"verdict":"duplicate","tuple":"3","copy":"4"}',
        '{"at":0,"event":"late","component":"b","task":3,"tuple":"3","due":5}',
    ))  # fmt: skip
    assert [(each[0], each[2], each[5]) for each in _copies(tables)] == [
        ("1", 1, "lost"), ("2", 1, "failed"), ("3", 5, "held"), ("4", 1, "held"),
    ]  # fmt: skip
    assert tables.copies.emit == [0, 0, 0, 0]
    assert _trees(tables) == [(0, 1, "untracked", -1)]


def test_a_join_is_in_the_trees_of_all_its_anchors() -> None:
    tables = make_tables(events_of(
        '{"at":0,"event":"emit","component":"s","task":5,"stream":"default","values":[1],"id":1,"to":[[3,"1"]]}',
        '{"at":1,"event":"emit","component":"s","task":5,"stream":"default","values":[2],"id":2,"to":[[3,"2"]]}',
        '{"at":2,"event":"emit","component":"b","task":3,"stream":"default","values":[3],"anchors":["1","2"],"to":[[4,"3"]]}',
        '{"at":3,"event":"emit","component":"c","task":4,"stream":"default","values":[4],"anchors":["3"],"to":[]}',
        '{"at":3,"event":"emit","component":"c","task":4,"stream":"default","values":[5],"anchors":[],"to":[]}',
    ))  # fmt: skip
    assert tables.emits.trees == [[0], [1], [0, 1], [0, 1], [2]]
    assert tables.emits.anchors == [[], [], [0, 1], [2], []]


def test_an_event_of_a_tuple_that_the_trace_does_not_have_refers_to_nothing() -> None:
    tables = make_tables(events_of(
        '{"at":0,"event":"ack","component":"b","task":3,"tuple":"77"}',
        '{"at":0,"event":"acked","component":"s","task":5,"id":"gone"}',
        '{"at":0,"event":"fault","component":"b","task":3,"verdict":"drop","tuple":"78"}',
        '{"at":2,"event":"late","component":"b","task":3,"tuple":"79","due":5}',
    ))  # fmt: skip
    assert (tables.events.ref, tables.end_ms) == ([-1, -1, -1, -1], 2)
