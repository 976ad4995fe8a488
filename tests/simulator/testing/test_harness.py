"""Harnesses of bolts and spouts, in each mode."""

from __future__ import annotations

import pytest

from streamparse.testing import (
    ComponentError,
    HarnessError,
    Storm,
)
from tests.support.chain_project import Mistake, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "time of a bolt": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"]).advance(-1),
        "advance(-1): expected at least 0; time does not go back",
    ),
}


def test_a_task_knows_how_many_it_is_one_of(storm: Storm) -> None:
    bolt = storm.bolt("made.Counts", inputs=["word"], outputs=["word", "count"], tasks=3, task=1)
    bolt.process(["dog"])
    assert [(each.message, each.level) for each in bolt.log if each.task == bolt.task] == [
        (f"task {bolt.task} of 3", "info")
    ]


def test_a_batch_belongs_to_the_call_that_made_it(storm: Storm) -> None:
    bolt = storm.bolt(
        "made.Batches",
        inputs=["word"],
        outputs=["word", "n"],
        conf={"topology.tick.tuple.freq.secs": 10},
    )
    calls = [bolt.process([word]) for word in ["dog", "cat", "dog"]]
    assert [(call.emitted, call.acked) for call in calls] == [([], [])] * 3
    assert bolt.advance(10).emitted == []
    result = bolt.advance(10)
    assert sorted(result.emitted) == [["cat", 1], ["dog", 2]]
    assert sorted(result.acked) == sorted(bolt.acked) == [["cat"], ["dog"], ["dog"]]
    assert result.emitted == bolt.emitted


def test_a_tick_comes_at_once_and_is_seen_in_the_log_alone(storm: Storm) -> None:
    bolt = storm.bolt("made.Batches", inputs=["word"], outputs=["word", "n"])
    bolt.process(["dog"])
    results = [bolt.tick(), bolt.tick()]
    assert [result.emitted for result in results] == [[], [["dog", 1]]]
    assert [result.acked for result in results] == [[], [["dog"]]]
    assert [each.level for each in bolt.log] == ["system", "system"]


def test_a_bolt_without_ticks_follows_the_virtual_clock(storm: Storm) -> None:
    bolt = storm.bolt("made.Timed", inputs=["word"], outputs=["word", "n"])
    bolt.process(["dog"])
    assert [bolt.advance(1).emitted, bolt.advance(1.5).emitted, bolt.advance(3600).emitted] == [
        [],
        [["dog", 1]],
        [],
    ]


def test_an_exception_fails_the_tuple_and_the_component_is_started_again(storm: Storm) -> None:
    bolt = storm.bolt("made.Breaks", inputs=["word"], outputs=["word"])
    result = bolt.process(["bad"], check=False)
    assert (result.failed, result.acked, bolt.restarts) == ([["bad"]], [], 1)
    assert bolt.process(["dog"]).acked == [["dog"]]
    with pytest.raises(
        ComponentError, match=r'ended with exit status 1; it held tuple .*\["bad"\]'
    ) as caught:
        bolt.process(["bad"])
    cause = caught.value.__cause__
    if storm.mode == "inprocess":
        assert isinstance(cause, ValueError)
        assert cause.__traceback__ is not None
        assert cause.__traceback__.tb_frame.f_code.co_name == "process"
    else:
        assert str(caught.value).endswith("ValueError: bad")


def test_auto_fail_fails_the_tuple(storm: Storm) -> None:
    # streamparse 2.1.3 forgot which tuple it was at before it failed it, so that nothing was sent.
    bolt = storm.bolt("made.Breaks", inputs=["word"], outputs=["word"])
    assert bolt.process(["bad"], check=False).failed == [["bad"]]


def test_what_broke_the_protocol_is_not_started_again_and_says_so(storm: Storm) -> None:
    bolt = storm.bolt("made.Strays", inputs=["word"], outputs=["word"])
    with pytest.raises(ComponentError, match='did you mean "default"'):
        bolt.process(["dog"])
    with pytest.raises(HarnessError, match=r'not started again .* "defualt"'):
        bolt.process(["dog"])


def test_a_class_that_emits_needs_outputs(storm: Storm) -> None:
    with pytest.raises(
        ComponentError, match=r"declare what it emits: storm.bolt\(\.\.\., outputs=\[fields\]\)"
    ):
        storm.bolt("made.Pass", inputs=["word"]).process(["dog"])
    with pytest.raises(
        ComponentError, match=r"declare what it emits: storm.spout\(\.\.\., outputs=\[fields\]\)"
    ):
        storm.spout("made.Numbers").next_tuple()


def test_a_spouts_tuples_wait_for_the_tests_verdict(storm: Storm) -> None:
    spout = storm.spout("made.Numbers", outputs=["n"])
    emitted = [spout.next_tuple().emitted[0] for _ in range(3)]
    assert ([each.values for each in emitted], [each.id for each in emitted]) == (
        [[0], [1], [2]],
        ["id-0", "id-1", "id-2"],
    )
    result = spout.ack("id-1")
    assert ([each.message for each in result.log], result.acked) == (["id-1 is done"], ["id-1"])
    assert spout.fail("id-0").failed == ["id-0"]
    assert spout.pending == ["id-2"]
    assert spout.next_tuple().emitted == [[0]]
    assert spout.next_tuple().emitted == []
    assert (spout.acked, spout.failed, spout.pending) == (["id-1"], ["id-0"], ["id-2", "id-0"])


def test_what_waits_too_long_fails_between_one_and_two_timeouts(storm: Storm) -> None:
    spout = storm.spout("made.Numbers", outputs=["n"], conf={"topology.message.timeout.secs": 30})
    spout.next_tuple()
    assert [spout.advance(29).failed, spout.advance(31).failed] == [[], ["id-0"]]


def test_a_verdict_on_what_is_not_pending_names_what_is(storm: Storm) -> None:
    spout = storm.spout("made.Numbers", outputs=["n"])
    spout.next_tuple()
    with pytest.raises(HarnessError) as caught:
        spout.ack("id-7")
    assert str(caught.value) == "Numbers has no pending tuple with id 'id-7'; pending are ['id-0']"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])
