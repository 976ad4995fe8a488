"""The Storm of tests, without pytest's fixture: its promises, each in both modes."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.model.problems import TopologyError
from streamparse.storm import Bolt, Spout, Tuple
from streamparse.testing import (
    ComponentError,
    HarnessError,
    PendingError,
    Record,
    RunningTopology,
    Storm,
    any_order,
)

# What runs in other processes is in a module of its own: they would load pytest with this one.
COMPONENTS = '''
from collections import Counter
from streamparse import BatchingBolt, Bolt, Spout, TicklessBatchingBolt

class Counts(Bolt):
    """[n, word] -> [word, count]; remembers nothing across a crash."""
    def initialize(self, storm_conf, context):
        self.counts = Counter()
        self.log(f"task {context['taskid']} of {sorted(context['task->component'].values()).count('Counts')}")

    def process(self, tup):
        word = tup.values[-1]
        self.counts[word] += 1
        self.emit([word, self.counts[word]])

class Pass(Bolt):
    def process(self, tup):
        self.emit(tup.values)

class Two(Bolt):
    """Emits on two streams."""
    def process(self, tup):
        self.emit([tup.values[0]])
        self.emit([f"{tup.values[0]} from {tup.component} on {tup.stream}"], stream="notes")

class Fails(Bolt):
    auto_ack = False
    def process(self, tup):
        self.fail(tup)

class FailsOnce(Bolt):
    """Fails the first tuple of every word; forgets it when it crashes."""
    auto_ack = False
    def initialize(self, storm_conf, context):
        self.seen = set()
    def process(self, tup):
        word = tup.values[-1]
        (self.ack if word in self.seen else self.fail)(tup)
        self.seen.add(word)

class Forgets(Bolt):
    auto_ack = False
    def process(self, tup):
        pass

class Breaks(Bolt):
    def process(self, tup):
        if tup.values[-1] == "bad":
            raise ValueError(tup.values[-1])
        self.emit(tup.values)

class Strays(Bolt):
    def process(self, tup):
        self.emit(["x"], stream="defualt")

class Batches(BatchingBolt):
    def group_key(self, tup):
        return tup.values[0]
    def process_batch(self, key, tups):
        self.emit([key, len(tups)])

class Timed(TicklessBatchingBolt):
    secs_between_batches = 2
    def group_key(self, tup):
        return tup.values[0]
    def process_batch(self, key, tups):
        self.emit([key, len(tups)])

class Numbers(Spout):
    """Three numbers, again when they fail."""
    def initialize(self, storm_conf, context):
        self.left = list(range(storm_conf.get("numbers", 3)))
    def next_tuple(self):
        if self.left:
            number = self.left.pop(0)
            self.emit([number], tup_id=f"id-{number}")
    def ack(self, tup_id):
        self.log(f"{tup_id} is done")
    def fail(self, tup_id):
        self.left.append(int(tup_id[3:]))
'''
CHAIN = """
(ns chain (:use [streamparse.specs]))
(defn chain [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n" "word"])}
   {"pass" (python-bolt-spec options {"rows" :shuffle} "made.Pass" ["n" "word"])
    "count" (python-bolt-spec options {"pass" ["word"]} "made.Counts" ["word" "count"] :p 2)}])
"""
NUMBERS = """
(ns numbers (:use [streamparse.specs]))
(defn numbers [options]
  [{"numbers" (python-spout-spec options "made.Numbers" ["n"])}
   {"last" (python-bolt-spec options {"numbers" :shuffle} "made.Pass" ["n"])}])
"""
STREAMS = """
(ns streams (:use [streamparse.specs]))
(defn streams [options]
  [{"rows" (python-spout-spec options "made.Numbers" {"odd" ["n"]})}
   {"notes" (python-bolt-spec options {["rows" "odd"] :shuffle} "made.Two" {"default" ["a"] "notes" ["text"]})
    "both" (python-bolt-spec options {["rows" "odd"] :shuffle "notes" :shuffle ["notes" "notes"] :shuffle} "made.Pass"
             ["a"])}])
"""
JAVA = """
(ns java (:use [streamparse.specs] [org.apache.storm.clojure]))
(defn java [options]
  [{"kafka" (spout-spec (org.example.Kafka. "topic"))}
   {"pass" (python-bolt-spec options {"kafka" :shuffle} "made.Pass" ["n"])
    "store" (bolt-spec {"pass" :shuffle} (org.example.Store.))}])
"""
MISTAKES = """
(ns mistakes (:use [streamparse.specs]))
(defn mistakes [options]
  [{"rows" (python-spout-spec options "made.Numbers" ["n" "word"])}
   {"pass" (python-bolt-spec options {"rosw" :shuffle} "made.Pass" ["n" "word"])
    "count" (python-bolt-spec options {"pass" ["wrod"]} "made.Counts" ["word" "count"])}])
"""
ROWS: list[list[Any]] = [[0, "dog"], [1, "cat"], [2, "dog"], [3, "zebra"]]


@pytest.fixture(params=["inprocess", "process"])
def storm(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Storm]:
    for name, text in {
        "made.py": COMPONENTS,
        "chain.clj": CHAIN,
        "numbers.clj": NUMBERS,
        "streams.clj": STREAMS,
        "java.clj": JAVA,
        "mistakes.clj": MISTAKES,
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "made", raising=False)
    with Storm(tmp_path, mode=request.param) as made:
        yield made


def chain(storm: Storm, rows: Any = ROWS, **options: Any) -> RunningTopology:
    return storm.topology("chain.clj", spouts={"rows": rows}, **options)


# -- one bolt ----------------------------------------------------------------------------------------------------


def test_a_record_is_its_values_and_knows_where_it_comes_from(storm: Storm) -> None:
    bolt = storm.bolt("made.Counts", inputs=["word"], outputs=["word", "count"])
    bolt.process(["dog"])
    result = bolt.process({"word": "dog"})
    record = result.emitted[0]
    assert record == ["dog", 2] == record.values
    assert (record["count"], record[1], record.stream, record.component, record.id) == (
        2,
        2,
        "default",
        "Counts",
        None,
    )
    assert (record.anchors, result.acked, result.failed, result.tuple) == (
        [result.tuple],
        [result.tuple],
        [],
        ["dog"],
    )
    assert (bolt.emitted, bolt.acked) == ([["dog", 1], ["dog", 2]], [["dog"], ["dog"]])


def test_streams_go_in_and_come_out_by_name(storm: Storm) -> None:
    bolt = storm.bolt(
        "made.Two",
        inputs={"default": ["a"], "other": ["b"]},
        outputs={"default": ["a"], "notes": ["text"]},
    )
    result = bolt.process(["x"], stream="other")
    assert (result.emitted, result.emitted.on("notes")) == (
        [["x"], ["x from input on other"]],
        [["x from input on other"]],
    )


def test_a_bolts_only_input_need_not_be_named(storm: Storm) -> None:
    made = storm.bolt(
        "made.Two", inputs={"other": ["b"]}, outputs={"default": ["a"], "notes": ["t"]}
    )
    whole = storm.bolt("streams.clj:notes")
    assert made.process({"b": "x"}).emitted.on("notes") == [["x from input on other"]]
    assert whole.process(["x"]).emitted[1] == ["x from rows on odd"]


def test_of_several_inputs_the_first_on_the_default_stream_is_meant_or_the_one_that_is_named(
    storm: Storm,
) -> None:
    bolt = storm.bolt("streams.clj:both")
    sources = [
        bolt.process([1]),
        bolt.process([1], stream="notes"),
        bolt.process([1], component="rows"),
        bolt.process([1], component="notes", stream="default"),
    ]
    assert [(each.tuple.component, each.tuple.stream) for each in sources if each.tuple] == [
        ("notes", "default"),
        ("notes", "notes"),
        ("rows", "odd"),
        ("notes", "default"),
    ]


def test_a_topology_says_what_its_components_take_and_emit(storm: Storm) -> None:
    bolt = storm.bolt("chain.clj:count")
    assert bolt.process({"n": 0, "word": "dog"}, component="pass").emitted == [["dog", 1]]
    spout = storm.spout("numbers.clj:numbers")
    assert spout.next_tuple().emitted[0]["n"] == 0


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
        ComponentError, match=r"say what it emits: storm.bolt\(\.\.\., outputs=\[fields\]\)"
    ):
        storm.bolt("made.Pass", inputs=["word"]).process(["dog"])
    with pytest.raises(
        ComponentError, match=r"say what it emits: storm.spout\(\.\.\., outputs=\[fields\]\)"
    ):
        storm.spout("made.Numbers").next_tuple()


# -- one spout ---------------------------------------------------------------------------------------------------


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


# -- a whole topology --------------------------------------------------------------------------------------------


def test_rows_are_acked_by_their_index(storm: Storm) -> None:
    run = chain(storm).complete()
    assert (run["rows"].acked, run["rows"].failed, run["rows"].pending) == ([0, 1, 2, 3], [], [])
    assert run["count"].emitted.last_by("word") == {"dog": 2, "cat": 1, "zebra": 1}
    assert run["pass"].emitted.last_by("word") == {"dog": 2, "cat": 1, "zebra": 3}
    assert run["count"].received == any_order(ROWS)
    assert run["count"].acked == any_order(ROWS)
    assert run["pass"].emitted == ROWS
    assert run["count"].received[0].anchors == []


def test_last_by_has_a_tuple_where_several_fields_are_left(storm: Storm) -> None:
    storm.bolt("made.Pass", inputs=["a", "b", "c"], outputs=["a", "b", "c"])
    bolt = storm.bolt("made.Pass", inputs=["a", "b", "c"], outputs=["a", "b", "c"])
    bolt.process([1, "x", None])
    bolt.process([2, "x", [3]])
    bolt.process([2, "y", {}])
    assert bolt.emitted.last_by("a") == {1: ("x", None), 2: ("y", {})}
    assert bolt.emitted.last_by("b") == {"x": (2, [3]), "y": (2, {})}


def test_the_same_word_goes_to_the_task_that_storm_would_choose(storm: Storm) -> None:
    run = chain(storm, parallelism={"count": 3}).complete()
    chosen = {word: {run["count"].task_for(word=word)} for word in ["dog", "cat", "zebra"]}
    assert len(run["count"].tasks) == 3
    assert run["count"].received.tasks_by("word") == chosen == run["count"].emitted.tasks_by("word")


def test_a_failed_row_comes_again_under_its_id_as_often_as_it_may(storm: Storm) -> None:
    run = chain(storm, storm.feed([[0, "dog"]], retries=2), bolts={"pass": "made.Fails"}).complete()
    assert run["rows"].emitted == [[0, "dog"]] * 3
    assert ([each.id for each in run["rows"].emitted], run["rows"].failed) == ([0, 0, 0], [0])
    once = chain(storm, bolts={"pass": "made.Fails"}).complete()
    assert (once["rows"].emitted, once["rows"].failed) == (ROWS, [0, 1, 2, 3])
    assert once["pass"].failed == ROWS


def test_acked_and_failed_are_in_the_order_of_first_emission(storm: Storm) -> None:
    rows = [[0, "a"], [1, "a"], [2, "b"], [3, "a"]]
    run = chain(storm, storm.feed(rows, retries=1), bolts={"pass": "made.FailsOnce"}).complete()
    # 0 and 2 fail first and are acked after 3.
    assert (run["rows"].acked, run["rows"].failed) == ([0, 1, 2, 3], [0, 2])


def test_complete_leaps_through_timeouts_and_retries(storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=1))
    run["count"].hang(tuples=2)
    run.complete()
    assert (run["rows"].acked, len(run["rows"].failed), run.now_ms > 60_000) == (
        [0, 1, 2, 3],
        2,
        True,
    )


def test_complete_raises_when_a_rows_last_word_was_a_timeout(storm: Storm) -> None:
    run = chain(storm)
    run["count"].hang(tuples=1)
    with pytest.raises(PendingError) as caught:
        run.complete()
    held = run["count"].pending
    assert len(held) == 1
    assert run["rows"].failed == [held[0]["n"]]
    row = held[0].values
    text = f'[{row[0]},"{row[1]}"]'
    task = run["count"].task_for(word=row[1])
    assert str(caught.value).splitlines() == [
        "not complete:",
        f"rows: row {row[0]} {text.replace(',', ', ')} timed out",
        f"count[{task}] holds {text}, and has not settled it",
    ]


def test_complete_raises_with_the_pending_trees_when_nothing_can_settle_them(storm: Storm) -> None:
    run = chain(
        storm,
        [[0, "dog"]],
        bolts={"pass": "made.Forgets"},
        conf={"topology.enable.message.timeouts": False},
    )
    with pytest.raises(PendingError) as caught:
        run.complete()
    spout, bolt = run["rows"].tasks[0], run["pass"].tasks[0]
    assert str(caught.value).splitlines()[:2] == [
        "not complete:",
        f'rows[{spout}]: 0 is pending since 0 ms, held by pass[{bolt}] ([0,"dog"])',
    ]


def test_a_lost_tuple_is_held_by_nobody(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]], conf={"topology.enable.message.timeouts": False})
    run["count"].drop()
    with pytest.raises(
        PendingError, match="0 is pending since 0 ms, held by nobody: a tuple was lost"
    ):
        run.complete()


def test_real_spouts_run_until_they_are_silent(storm: Storm) -> None:
    run = storm.topology("numbers.clj", conf={"numbers": 5}).complete()
    assert run["numbers"].acked == [f"id-{number}" for number in range(5)]
    assert run["last"].emitted == [[0], [1], [2], [3], [4]]
    assert run["numbers"].log[-1].message == "id-4 is done"


def test_a_deactivated_topology_asks_its_spouts_for_nothing_and_goes_on_with_the_rest(
    storm: Storm,
) -> None:
    class Switched(Spout):
        count = 0

        def next_tuple(self) -> None:
            self.count += 1
            self.emit([self.count], tup_id=self.count)

        def fail(self, tup_id: Any) -> None:
            self.log(f"{tup_id} failed")

        def activate(self) -> None:
            self.log("activate")

        def deactivate(self) -> None:
            self.log("deactivate")

    topology = storm.topology("numbers.clj", spouts={"numbers": Switched})
    topology["last"].hang(tuples=1)
    spout = topology["numbers"]
    topology.advance(0.1).deactivate().advance(0.1)
    emitted, acked = len(spout.emitted), len(spout.acked)
    topology.advance(200)
    assert (len(spout.emitted), len(spout.acked)) == (emitted, acked) == (emitted, emitted - 1)
    topology.activate().advance(0.1)
    assert len(spout.emitted) > emitted
    assert [logged.message for logged in spout.log] == ["activate", "deactivate", "1 failed", "activate"]  # fmt: skip


def test_time_passes_up_to_and_including_its_end(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]], conf={"topology.message.timeout.secs": 30})
    run["count"].hang()
    failed = [run.advance(seconds)["rows"].failed for seconds in (29, 30.999, 0.001)]
    assert (failed, run["rows"].pending) == ([[], [], [0]], [])


def test_more_rows_can_be_fed_and_their_ids_go_on(storm: Storm) -> None:
    run = chain(storm, []).complete()
    run["rows"].feed(ROWS[:2])
    run.complete()
    run["rows"].feed(ROWS[2:])
    run.complete()
    assert (run["rows"].acked, run["pass"].emitted) == ([0, 1, 2, 3], ROWS)


def test_a_function_stands_in_for_a_bolt_in_the_tests_own_process(storm: Storm) -> None:
    seen = []

    def double(tup: Tuple) -> list[list[Any]]:
        seen.append(tup.values[1])
        return [tup.values, tup.values]

    run = chain(storm, ROWS[:2], bolts={"pass": double}).complete()
    assert (seen, run["count"].emitted.last_by("word")) == (["dog", "cat"], {"dog": 2, "cat": 2})


def test_a_class_made_inside_a_test_runs_in_its_process_but_not_as_a_process_of_its_own(
    storm: Storm,
) -> None:
    seen = []

    class Sees(Bolt):
        def process(self, tup: Tuple) -> None:
            seen.append(tup.values[1])

    chain(storm, ROWS[:2], bolts={"pass": Sees}).complete()
    storm.bolt(Sees, inputs=["n", "word"], mode="inprocess").process([2, "emu"])
    with pytest.raises(HarnessError, match="is defined where no other process can import it"):
        storm.bolt(Sees, inputs=["n", "word"], mode="process")
    assert seen == ["dog", "cat", "emu"]


def test_what_needs_a_jvm_runs_when_it_is_stubbed(storm: Storm) -> None:
    stored = []
    run = storm.topology(
        "java.clj",
        spouts={"kafka": [[1], [2]]},
        bolts={"store": lambda tup: stored.append(tup.values)},
        outputs={"kafka": ["n"]},
    ).complete()
    assert (stored, run["kafka"].acked) == ([[1], [2]], [0, 1])


def test_a_spout_has_no_bolts_attributes_and_says_so(storm: Storm) -> None:
    run = chain(storm)
    told = []
    for component, name in [("rows", "crash"), ("count", "feed"), ("count", "emited")]:
        with pytest.raises(AttributeError) as caught:
            getattr(run[component], name)
        told.append(str(caught.value))
    assert told == [
        "rows has no 'crash'; that is for bolts, and it is a spout",
        "count has no 'feed'; that is for spouts, and it is a bolt",
        "count has no 'emited'; did you mean 'emitted'?",
    ]


# -- faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["tuple", "emit", "ack"])
def test_a_crash_loses_the_tuple_and_a_retry_brings_it(before: Any, storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=3))
    run["pass"].crash(before=before, nth=2)
    run.complete()
    assert (run["pass"].restarts, run["rows"].acked) == (1, [0, 1, 2, 3])
    # What it emitted before it died, its crash before the ack did not take back.
    again = [1] if before == "ack" else []
    assert [each["n"] for each in run["pass"].emitted if each["n"] == 1] == [1, *again]


def test_a_crash_takes_the_worker_with_it_unless_its_scope_is_the_task(storm: Storm) -> None:
    kept = {}
    for scope in ("worker", "task"):
        run = chain(
            storm,
            storm.feed([[0, "dog"], [1, "dog"], [2, "cat"]], retries=1),
            conf={"topology.workers": 1},
        )
        run["pass"].crash(nth=3, scope=scope)
        run.advance(0.1)
        run["rows"].feed([[3, "dog"]])
        run.complete()
        kept[scope] = run["count"].emitted.last_by("word")["dog"]
        assert (run["pass"].restarts, run["count"].restarts) == (1, 0)
    # With the worker the counter lost its two dogs; rows are outside of it and were not lost.
    assert kept == {"worker": 1, "task": 3}


def test_nth_counts_over_all_tasks_in_the_order_of_delivery_or_for_one_task(storm: Storm) -> None:
    run = chain(storm, storm.feed(ROWS, retries=1))
    run["count"].crash(nth=3, before="tuple")
    run.complete()
    third = run["count"].received[2]
    died = [event for event in run.trace.events() if event["event"] == "died"]
    assert [(event["component"], event["task"]) for event in died] == [("count", third.to)]

    run = chain(storm, storm.feed(ROWS, retries=1))
    task = run["count"].task_for(word="dog")
    run["count"].crash(nth=2, task=task)
    run.complete()
    died = [event for event in run.trace.events() if event["event"] == "died"]
    assert [event["task"] for event in died] == [task]


def test_hang_takes_tuples_and_answers_heartbeats(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].hang(tuples=2)
    run.advance(1)
    assert (run["pass"].pending, run["pass"].acked, run["rows"].acked) == (
        ROWS[:2],
        ROWS[2:],
        [2, 3],
    )
    assert run["rows"].pending == [0, 1]


def test_a_dropped_tuple_is_never_seen_and_its_row_times_out(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].drop(nth=2)
    run.advance(120)
    assert (run["rows"].failed, run["pass"].received) == ([1], [ROWS[0], *ROWS[2:]])


def test_a_delayed_tuple_comes_late(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["pass"].delay(5, nth=1)
    run.complete()
    assert run["pass"].received == [*ROWS[1:], ROWS[0]]
    assert run["pass"].received[-1].time_ms - run["rows"].emitted[0].time_ms == 5001


def test_a_duplicate_has_an_id_and_an_edge_of_its_own(storm: Storm) -> None:
    run = chain(storm, [[0, "dog"]])
    run["pass"].duplicate()
    run.complete()
    first, second = run["pass"].received
    assert (first, first.id == second.id) == (second, False)
    assert (run["rows"].acked, run["count"].emitted) == ([0], [["dog", 1], ["dog", 2]])


def test_only_every_one_that_matches_is_judged(storm: Storm) -> None:
    run = chain(storm, ROWS)
    run["count"].drop(nth=None, task=run["count"].task_for(word="dog"))
    run.advance(120)
    lost = [
        row
        for row in ROWS
        if run["count"].task_for(word=row[1]) == run["count"].task_for(word="dog")
    ]
    assert run["rows"].failed == [row[0] for row in lost]


def test_both_modes_and_the_same_seed_give_one_trace(tmp_path: Path, storm: Storm) -> None:
    def digest(mode: Any, seed: int) -> str:
        run = chain(
            storm, storm.feed(ROWS, retries=2), mode=mode, seed=seed, parallelism={"pass": 2}
        )
        run["count"].crash(before="ack", nth=2)
        return run.complete().trace.sha256

    assert digest("process", 1) == digest("inprocess", 1) != digest("inprocess", 2)


# -- mistakes ----------------------------------------------------------------------------------------------------

Mistake = Callable[[Storm], object]
NEAR: dict[str, tuple[Mistake, str]] = {
    "component": (
        lambda storm: chain(storm)["cuont"],
        "topology 'chain' has no component 'cuont' (did you mean \"count\"?)",
    ),
    "spout": (
        lambda storm: storm.topology("chain.clj", spouts={"rosw": []}),
        "topology 'chain' has no spout 'rosw' (did you mean \"rows\"?)",
    ),
    "field": (
        lambda storm: chain(storm).complete()["pass"].emitted.last_by("wrod"),
        "stream 'default' of 'pass' has no field 'wrod'; did you mean 'word'?",
    ),
    "stream": (
        lambda storm: chain(storm)["pass"].on("defualt"),
        "pass has no stream 'defualt' (did you mean \"default\"?)",
    ),
    "short stream": (
        lambda storm: storm.bolt("made.Two", outputs={"bad": ["a"]}).emitted.on("bda"),
        "Two has no stream 'bda' (did you mean \"bad\"?)",
    ),
    "stream of what was emitted": (
        lambda storm: chain(storm)["pass"].emitted.on("words"),
        "pass has no stream 'words'; there are ['default']",
    ),
    "stream of what was received": (
        lambda storm: chain(storm)["count"].received.on("defualt"),
        "the input of count has no stream 'defualt' (did you mean \"default\"?)",
    ),
    "stream that is only in the output": (
        lambda storm: storm.bolt("streams.clj:notes").process([1], stream="note"),
        "notes has no input from stream 'note'; there are ['odd']",
    ),
    "one of several streams": (
        lambda storm: storm.bolt("made.Pass", inputs={"a": ["n"], "b": ["n"]}).process([1]),
        "Pass has inputs on the streams ['a', 'b']; say which with stream=",
    ),
    "no inputs": (
        lambda storm: storm.bolt("made.Pass", inputs={}).process([1]),
        "Pass has no inputs; inputs=[fields] would give it one",
    ),
    "name that is no class": (
        lambda storm: storm.bolt("check"),
        "'check' names no class; package.module.Class would, and storm.bolt(\"TOPOLOGY:check\") is a component of "
        "a topology",
    ),
    "spout that is no class": (
        lambda storm: storm.spout("rows"),
        "'rows' names no class; package.module.Class would, and storm.spout(\"TOPOLOGY:rows\") is a component of "
        "a topology",
    ),
    "stub that names no class": (
        lambda storm: chain(storm, bolts={"pass": "Pass"}),
        "'Pass' names no class; package.module.Class would, and 'pass' can be run by any class",
    ),
    "function that returns a value": (
        lambda storm: chain(storm, bolts={"count": lambda tup: tup.values[1]}).complete(),
        "the function in place of 'count' returned 'dog'; a list of rows would do, such as [['dog', 1]], or None",
    ),
    "function that returns a row": (
        lambda storm: chain(storm, bolts={"count": lambda tup: ["dog", 1]}).complete(),
        "the function in place of 'count' returned ['dog', 1], where 'dog' is no row; a list of rows would do, "
        "such as [['dog', 1]], or None",
    ),
    "lamp": (
        lambda storm: storm.bolt("chain.clj:cuont"),
        "topology 'chain.clj' has no bolt 'cuont' (did you mean \"count\"?)",
    ),
    "arity of a row": (
        lambda storm: chain(storm, [[0, "dog"], [1]]),
        "row 1 of 'rows' is [1]; 2 values are wanted: ['n', 'word']",
    ),
    "row that is no JSON": (
        lambda storm: chain(storm, [[0, {1, 2}]]),
        "row 0 of 'rows' is [0, {1, 2}], which is no JSON: Object of type set is not JSON serializable",
    ),
    "number that is no JSON": (
        lambda storm: chain(storm, [[0, math.nan]]),
        "row 0 of 'rows' is [0, nan], which is no JSON: Out of range float values are not JSON compliant*",
    ),
    "rows that are no lists": (
        lambda storm: chain(storm, ["dog"]),
        "rows ['dog']: a list of lists of values would do, such as [['dog'], ['cat']]",
    ),
    "rows fed later": (
        lambda storm: chain(storm)["rows"].feed([["dog"]]),
        "row 0 of 'rows' is ['dog']; 2 values are wanted: ['n', 'word']",
    ),
    "time": (
        lambda storm: chain(storm).advance(-1),
        "advance(-1): time does not go back; from 0 would do",
    ),
    "time of a bolt": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"]).advance(-1),
        "advance(-1): time does not go back; from 0 would do",
    ),
    "retries": (lambda storm: storm.feed([], retries=-1), "retries=-1; from 0 would do"),
    "nth": (lambda storm: chain(storm)["pass"].crash(nth=0), "crash(nth=0): from 1 would do"),
    "point": (
        lambda storm: chain(storm)["pass"].crash(before="lunch"),
        "crash(before='lunch'): tuple, emit or ack would do",
    ),
    "task": (
        lambda storm: chain(storm)["pass"].crash(task=99),
        "pass has no task 99; its tasks are [5]",
    ),
    "fields of a grouping": (
        lambda storm: chain(storm)["count"].task_for(wrod="dog"),
        "count is not grouped by ['wrod']; its fields groupings: *word*",
    ),
    "values": (
        lambda storm: storm.bolt("made.Pass", inputs=["a", "b"]).process(["dog"]),
        "1 values for 'input', stream 'default', which has 2 fields: ['a', 'b']",
    ),
    "values that are no list": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"]).process("dog"),
        "'dog' is no list of values",
    ),
    "values by name": (
        lambda storm: storm.bolt("made.Pass", inputs=["a", "b"]).process({"a": 1, "c": 2}),
        "values for ['a', 'c']; the fields of 'input', stream 'default' are ['a', 'b']",
    ),
    "values that are no JSON": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"]).process([{1}]),
        "Pass was given [{1}], which is no JSON: Object of type set is not JSON serializable",
    ),
    "input": (
        lambda storm: storm.bolt("chain.clj:count").process([0, "dog"], component="psas"),
        "count has no input from 'psas' (did you mean \"pass\"?)",
    ),
    "neither class nor command": (
        lambda storm: storm.bolt(inputs=["a"]),
        "storm.bolt() takes a class, a name or command=[...], and one of them only",
    ),
    "fields that are no list": (
        lambda storm: storm.bolt("made.Pass", inputs="word"),
        "inputs='word': a list of field names would do",
    ),
    "task of tasks": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"], tasks=2, task=2),
        "task 2 of 2; from 0 to 1 would do",
    ),
    "no project": (
        lambda storm: storm.topology("chain"),
        "topology 'chain': no config.json at or above *; in a project a topology is known by its name, "
        "elsewhere by the path of its .clj file",
    ),
    "parallelism": (
        lambda storm: chain(storm, parallelism={"cuont": 2}),
        'topology "chain" has no component "cuont" (did you mean "count"?)',
    ),
    "stub": (
        lambda storm: chain(storm, bolts={"cuont": "made.Pass"}),
        "topology 'chain' has no bolt 'cuont' (did you mean \"count\"?)",
    ),
    "stub of the other kind": (
        lambda storm: chain(storm, bolts={"rows": "made.Pass"}),
        "topology 'chain' has no bolt 'rows'; its bolts are ['pass', 'count']",
    ),
    "JVM bolt": (
        lambda storm: storm.topology("java.clj", spouts={"kafka": [[1]]}, outputs={"kafka": ["n"]}),
        "store (org.example.Store) needs a JVM, and cannot run here; give a class or a function in its place: "
        "bolts={'store': ...}, and what that emits: outputs={'store': [fields]}",
    ),
    "rows of a JVM spout": (
        lambda storm: storm.topology(
            "java.clj", spouts={"kafka": [[1]]}, bolts={"store": "made.Pass"}
        ),
        "spout 'kafka' has no stream 'default'; say what it emits: outputs={'kafka': [fields]}",
    ),
    "stub that is nothing": (
        lambda storm: chain(storm, bolts={"count": 7}),
        "the stub for 'count' is 7; a class or a function would do",
    ),
}


@pytest.mark.parametrize("mistake", NEAR)
def test_a_mistake_is_one_line_with_what_would_do(
    mistake: str, storm: Storm, recwarn: pytest.WarningsRecorder
) -> None:
    make, message = NEAR[mistake]
    with pytest.raises(HarnessError) as caught:
        make(storm)
    pattern = "".join(".*" if part == "*" else re.escape(part) for part in _parts(message))
    assert re.fullmatch(pattern, str(caught.value)), str(caught.value)


def _parts(message: str) -> list[str]:
    return [part for piece in message.split("*") for part in ("*", piece)][1:]


def test_all_mistakes_of_a_topology_file_are_told_with_their_places(
    tmp_path: Path, storm: Storm
) -> None:
    with pytest.raises(TopologyError) as caught:
        storm.topology("mistakes.clj", spouts={"rows": []})
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        f"{tmp_path}/mistakes.clj:5:39",
        f"{tmp_path}/mistakes.clj:6:47",
    ]


def test_what_is_closed_says_so(storm: Storm) -> None:
    bolt = storm.bolt("made.Pass", inputs=["a"], outputs=["a"])
    run = chain(storm).complete()
    storm.close()
    for use in (
        lambda: bolt.process([1]),
        lambda: run.advance(1),
        lambda: storm.spout("made.Numbers"),
    ):
        with pytest.raises(HarnessError, match=r"this test is over|its test is over"):
            use()


# -- comparing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "equal"),
    [
        ([[2], [1], [1]], True),
        ([[1], [2]], False),
        ([[1], [1], [2], [3]], False),
        ([[1], [2], [2]], False),
        ([], False),
    ],
)
def test_any_order_compares_as_a_multiset(rows: list[list[int]], equal: bool) -> None:
    records = [
        Record([value], fields=["n"], stream="default", component="c", task=1, time_ms=0)
        for value in (1, 1, 2)
    ]
    assert (records == any_order(rows), any_order(rows) == records) == (equal, equal)


def test_what_nobody_looked_at_is_told(storm: Storm) -> None:
    chain(storm)
    chain(storm, bolts={"pass": "made.Fails"}).complete()
    chain(storm).complete()
    seen = chain(storm, bolts={"pass": "made.Fails"}).complete()
    assert seen["rows"].failed == [0, 1, 2, 3]
    caught = chain(storm, bolts={"pass": "made.Forgets"})
    with pytest.raises(PendingError):
        caught.complete()
    assert [line.partition(";")[0] for line in storm.unchecked()] == [
        "topology 'chain' was made and never run",
        "topology 'chain': tuples [0, 1, 2, 3] of 'rows' have failed, and nobody looked: "
        "assert what topology['rows'].failed is",
    ]
