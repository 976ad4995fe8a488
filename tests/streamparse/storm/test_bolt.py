"""What bolts of all kinds send to Storm, message by message."""

from __future__ import annotations

import io
import threading
from inspect import getsourcelines
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from simulator import Mode
from streamparse import BatchingBolt, Bolt, TicklessBatchingBolt, Tuple
from streamparse.multilang import HOST, OWN_THREAD, Host
from streamparse.testing import Storm
from tests.support.component_process import Talk
from tests.support.messages import HEARTBEAT, tick, tup, written


def test_a_bolt_anchors_acks_and_answers_heartbeats(talk: Any) -> None:
    class Echo(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit(tup.values, need_task_ids=False)

    assert talk(Echo, tup("1", "a"), HEARTBEAT, tick()) == (
        [
            {"command": "emit", "tuple": ["a"], "anchors": ["1"], "need_task_ids": False},
            {"command": "ack", "id": "1"},
            {"command": "sync"},
            {"command": "ack", "id": "t"},
        ],
        0,
    )


@pytest.mark.parametrize("base", [Bolt, BatchingBolt])
@pytest.mark.parametrize("name", ["of-a-user", OWN_THREAD])
def test_a_simulator_is_told_once_that_a_bolt_has_threads_of_its_user(
    talk: Any, base: type[Bolt], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = Event()
    threads = [threading.main_thread()]  # the process of the tests may have more
    monkeypatch.setattr(threading, "enumerate", lambda: threads)

    class Threaded(base):  # type: ignore[valid-type, misc]  # both are bolts
        def initialize(self, storm_conf: Any, context: Any) -> None:
            thread = threading.Thread(target=may_end.wait, name=name)
            thread.start()
            threads.append(thread)

    def said(*, tells_more: bool) -> list[str]:
        token = HOST.set(Host(tells_more=tells_more))
        try:
            messages, _ = talk(Threaded, HEARTBEAT, HEARTBEAT)
        finally:
            HOST.reset(token)
        return [message["command"] for message in messages]

    try:
        alone, told = said(tells_more=False), said(tells_more=True)
    finally:
        may_end.set()
    expected = [] if name == OWN_THREAD else ["threads"]
    assert (alone, told) == (["sync", "sync"], [*expected, "sync", "sync"])


def test_a_bolt_does_nothing_by_itself_when_told_so(talk: Any) -> None:
    class Quiet(Bolt):
        auto_anchor = auto_ack = auto_fail = False

        def process(self, tup: Tuple) -> None:
            self.emit(tup.values, need_task_ids=False)
            if tup.values == ["b"]:
                raise ValueError

    messages, status = talk(Quiet, tup("1", "a"), tick(), tup("2", "b"))
    assert [message["command"] for message in messages] == ["emit", "emit", "error", "sync"]
    assert [message["anchors"] for message in messages[:2]] == [[], []]
    assert status == 1


@pytest.mark.parametrize("verb", ["ack", "fail"])
def test_a_tuple_that_process_settled_is_not_acked_again(talk: Any, verb: str) -> None:
    class Settles(Bolt):
        def process(self, tup: Tuple) -> None:
            getattr(self, verb)(tup)

        process_tick = process

    assert talk(Settles, tup("1"), tick("2"), tup("1")) == (
        [{"command": verb, "id": "1"}, {"command": verb, "id": "2"}, {"command": verb, "id": "1"}],
        0,
    )


def test_anchors_may_be_tuples_or_ids_and_explicit_ones_win(talk: Any) -> None:
    class Joins(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit([], anchors=[tup, "9"], need_task_ids=False)
            self.emit([], anchors=[], need_task_ids=False)
            with pytest.deprecated_call():
                self.emit_many([[1], [2]], anchors=iter(["8"]), need_task_ids=False)

    messages, _ = talk(Joins, tup("1"))
    assert [message["anchors"] for message in messages[:4]] == [["1", "9"], [], ["8"], ["8"]]


def test_an_exception_is_reported_once_and_fails_the_tuple_then_ends_the_bolt(talk: Any) -> None:
    class Breaks(Bolt):
        def process(self, tup: Tuple) -> None:
            raise ValueError(tup.values[0])

    messages, status = talk(Breaks, tup("1", "dog"), tup("2", "cat"))
    assert [message["command"] for message in messages] == ["error", "sync", "fail"]
    assert "ValueError: dog" in messages[0]["msg"]
    assert "Tuple(id='1'" in messages[0]["msg"]
    assert messages[2] == {"command": "fail", "id": "1"}
    assert status == 1


def test_an_acked_tuple_is_not_failed_by_what_comes_after(talk: Any) -> None:
    class AcksEarly(Bolt):
        def process(self, tup: Tuple) -> None:
            self.ack(tup)
            raise ValueError

    messages, _ = talk(AcksEarly, tup("1"))
    assert [message["command"] for message in messages] == ["ack", "error", "sync"]


def test_an_exception_in_initialize_reaches_storm(talk: Any) -> None:
    class Unlucky(Bolt):
        def initialize(self, storm_conf: Any, context: Any) -> None:
            raise OSError("no database")

    messages, status = talk(Unlucky, tup("1"))
    assert [message["command"] for message in messages] == ["error", "sync"]
    assert "OSError: no database" in messages[0]["msg"]
    assert status == 1


def test_task_ids_may_come_after_tuples_that_were_already_in_the_pipe(talk: Any) -> None:
    class Tells(Bolt):
        def process(self, tup: Tuple) -> None:
            self.log(self.emit(tup.values))

    messages, _ = talk(Tells, tup("1", "a"), tup("2", "b"), [7], HEARTBEAT, [8])
    told = [m.get("msg") or m.get("id") or m.get("anchors") or m["command"] for m in messages]
    assert told == [["1"], "[7]", "1", ["2"], "[8]", "2", "sync"]


@pytest.mark.parametrize(
    ("base", "signature"), [(Bolt, "process(self, tup)"), (BatchingBolt, "process_batch(self, key, tups)")]
)  # fmt: skip
def test_a_bolt_without_the_method_that_it_needs_says_so_in_one_line(
    talk: Any, base: type[Bolt], signature: str
) -> None:
    class Forgets(base):  # type: ignore[misc,valid-type]  # either base
        pass

    messages, _ = talk(Forgets, tup("1"), tick("2"), tick("3"))
    (said,) = (each["msg"] for each in messages if each["command"] == "error")
    name = signature.partition("(")[0]
    line = getsourcelines(Forgets)[1]
    assert said == f"{__file__}:{line}: Forgets has no method {name}; expected def {signature}\n"


class Counts(BatchingBolt):
    def group_key(self, tup: Tuple) -> str:
        word: str = tup.values[0]
        return word

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        if key == "bad":
            raise ValueError("bad batch")
        self.emit([key, len(tups)])


def test_a_batch_is_processed_at_the_second_tick_and_anchored_to_all_its_tuples(talk: Any) -> None:
    words = [tup("1", "dog"), tup("2", "cat"), tup("3", "dog")]
    assert talk(Counts, *words, tick("4"), tick("5"), tick("6")) == (
        [
            {"command": "ack", "id": "4"},
            {"command": "ack", "id": "5"},
            {
                "command": "emit",
                "tuple": ["dog", 2],
                "anchors": ["1", "3"],
                "need_task_ids": False,
            },
            {"command": "ack", "id": "1"},
            {"command": "ack", "id": "3"},
            {"command": "emit", "tuple": ["cat", 1], "anchors": ["2"], "need_task_ids": False},
            {"command": "ack", "id": "2"},
            {"command": "ack", "id": "6"},
        ],
        0,
    )


def test_ticks_count_on_while_there_is_nothing_to_process(talk: Any) -> None:
    messages, _ = talk(Counts, tick("1"), tick("2"), tick("3"), tup("4", "dog"), tick("5"))
    assert [message["command"] for message in messages] == ["ack"] * 4 + ["emit", "ack"]


def test_ticks_are_acked_even_without_auto_ack_and_tuples_are_not(talk: Any) -> None:
    class Keeps(Counts):
        auto_ack = False

    messages, _ = talk(Keeps, tup("1", "dog"), tick("2"), tick("3"))
    assert [message.get("id", "emit") for message in messages] == ["2", "3", "emit"]


def test_all_gathered_tuples_fail_when_a_batch_raises_but_those_already_acked(talk: Any) -> None:
    words = [tup("1", "dog"), tup("2", "bad"), tup("3", "cat"), tup("4", "bad")]
    messages, status = talk(Counts, *words, tick("5"), tick("6"))
    assert [(m["command"], m.get("id")) for m in messages] == [
        ("ack", "5"),
        ("ack", "6"),
        ("emit", None),
        ("ack", "1"),
        ("error", None),
        ("sync", None),
        ("fail", "2"),
        ("fail", "4"),
        ("fail", "3"),
    ]
    assert "Tuples Tuple(id='2'" in messages[4]["msg"]
    assert status == 1


def test_a_tuple_that_process_batch_settled_is_not_acked_again(talk: Any) -> None:
    class FailsOne(BatchingBolt):
        def process_batch(self, key: Any, tups: list[Tuple]) -> None:
            self.fail(tups[0])

    messages, _ = talk(FailsOne, tup("1"), tup("2"), tick("3"), tick("4"))
    assert [(message["command"], message["id"]) for message in messages] == [
        ("ack", "3"),
        ("ack", "4"),
        ("fail", "1"),
        ("ack", "2"),
    ]


def test_a_tuple_whose_key_cannot_be_told_is_failed_with_the_gathered_ones(talk: Any) -> None:
    class Keyless(Counts):
        def group_key(self, tup: Tuple) -> Any:
            return tup.values[0]

    messages, _ = talk(Keyless, tup("1", "dog"), tup("2"))
    assert [(message["command"], message.get("id")) for message in messages] == [
        ("error", None),
        ("sync", None),
        ("fail", "1"),
        ("fail", "2"),
    ]


def test_a_tickless_bolt_processes_batches_by_the_real_clock(components: Path) -> None:
    talk = Talk(components, ["-m", "streamparse.run", "timer.Timed"])
    assert [talk.hear().get("command") for _ in range(2)] == [None, "log"]
    talk.say(tup("1", "dog"))
    assert [talk.hear()["command"] for _ in range(2)] == ["emit", "ack"]
    talk.say(tup("1", "bad"))
    messages = [talk.hear() for _ in range(3)]
    status = talk.process.wait()
    talk.end()
    assert [message["command"] for message in messages] == ["error", "sync", "fail"]
    assert "ValueError: in the thread" in messages[0]["msg"]
    assert status == 1


def test_a_batching_bolt_without_tuples_remembers_no_ticks() -> None:
    class Settles(Counts):
        def process(self, tup: Tuple) -> None:
            self.ack(tup)

    for made, given in ((Counts, tick), (Settles, tup)):
        text = written(*(given(str(n)) for n in range(100)))
        bolt = made(io.StringIO(text), io.StringIO())
        for _ in range(100):
            bolt._run()
        assert bolt._settled == set()


# -- a component that goes on after an exception


class GoesOn(Bolt):
    """Raises at a tuple and processes the next."""

    exit_on_exception = False

    def process(self, tup: Tuple) -> None:
        if tup.values == ["bad"]:
            raise ValueError("bad")
        self.emit(tup.values)


class GoesOnWithBatches(BatchingBolt):
    """Raises at one batch and keeps the others."""

    exit_on_exception = False
    ticks_between_batches = 0

    def group_key(self, tup: Tuple) -> object:
        return tup.values[0]

    def process_batch(self, key: object, tups: list[Tuple]) -> None:
        if key == "bad":
            raise ValueError("bad")
        self.emit([key])


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_a_bolt_may_go_on_after_an_exception(mode: Mode) -> None:
    with Storm(mode=mode) as storm:
        bolt = storm.bolt(GoesOn, inputs=["word"], outputs=["word"])
        first = bolt.process(["bad"], check=False)
        assert (first.failed, len(first.errors)) == ([["bad"]], 1)
        second = bolt.process(["good"])
        assert (second.emitted, second.acked) == ([["good"]], [["good"]])


def test_a_batch_that_raises_fails_and_the_others_are_kept() -> None:
    with Storm() as storm:
        bolt = storm.bolt(GoesOnWithBatches, inputs=["word"], outputs=["word"])
        for word in ("bad", "good"):
            bolt.process([word])
        first = bolt.tick(check=False)
        assert (first.failed, first.emitted) == ([["bad"]], [])
        second = bolt.tick()
        assert (second.acked, second.emitted) == ([["good"]], [["good"]])


class GoesOnWithATimer(TicklessBatchingBolt):
    """Raises at its first batch."""

    exit_on_exception = False
    secs_between_batches = 1

    def process_batch(self, key: object, tups: list[Tuple]) -> None:
        if tups[0].values == ["bad"]:
            raise ValueError("bad")
        self.emit([len(tups)])


def test_the_timer_of_a_bolt_that_goes_on_goes_on() -> None:
    with Storm() as storm:
        bolt = storm.bolt(GoesOnWithATimer, inputs=["word"], outputs=["count"])
        bolt.process(["bad"])
        assert bolt.advance(seconds=1, check=False).failed == [["bad"]]
        bolt.process(["good"])
        later = bolt.advance(seconds=1)
        assert (later.emitted, later.acked) == ([[1]], [["good"]])
