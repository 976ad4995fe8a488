"""``storm.replay``: files, classes and accepted differences, and what is wrong with them in one line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from streamparse import Bolt, Spout
from streamparse.recordings import Head, head_line
from streamparse.storm import Tuple
from streamparse.testing import HarnessError, Storm
from tests.support import taped
from tests.support.recorded_lengths import Lengths, Longer, recording


class Never(Lengths):
    """Cannot be started."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        raise KeyError(storm_conf["topology.name"])


class Nothing(Spout):
    """Emits nothing."""

    def next_tuple(self) -> None:
        return None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A recording of ``Lengths``."""
    return recording(tmp_path)


def test_the_class_is_that_of_the_recording_unless_another_is_given(path: Path) -> None:
    with Storm(path.parent) as storm:
        assert str(storm.replay(None, path)) == (
            f"{path}:\n{Lengths.__module__}.Lengths, recorded as counts (task 4) of wordcount: the same for 2 inputs"
        )
        assert not storm.replay(Longer, path, check=False).is_same
        assert storm.replay(f"{Lengths.__module__}.Lengths", path.name).is_same  # beside the test


def refused(directory: Path, *arguments: Any, **more: Any) -> str:
    """The line with which a replay is refused."""
    with Storm(directory) as storm, pytest.raises(HarnessError) as caught:
        storm.replay(*arguments, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{directory}/", "")


def test_what_is_no_recording_is_one_line(path: Path) -> None:
    here = path.parent
    (here / "later.jsonl").write_text('{"recording": 99}\n')
    (here / "other.jsonl").write_text("[1, 2]\n")
    taped.write(here / "empty.jsonl", head_line(Head("wordcount", "counts", 4, 1)))
    assert [
        refused(here, Lengths, name)
        for name in ("none.jsonl", "later.jsonl", "other.jsonl", "empty.jsonl")
    ] == [
        "none.jsonl: No such file or directory; expected a recording",
        "later.jsonl:1: a recording of version 99; expected at most 1: read it with the streamparse that wrote it, or "
        "a later one",
        "other.jsonl:1: '[1, 2]' is no line of a recording",
        "empty.jsonl: there is no handshake; expected Storm's first message, with conf and context",
    ]


def test_a_recording_of_something_else_is_one_line(path: Path) -> None:
    here = path.parent
    taped.write(here / "nameless.jsonl", taped.tape(Lengths, taped.words("dog"), name=""))
    taped.write(
        here / "silent.jsonl",
        taped.tape(Nothing, [], kind="", shaken=taped.handshake(within=taped.context(inputs={}))),
    )
    assert refused(here, None, path, component="count") == (
        f"{path.name}: no recording of component 'count' (did you mean \"counts\"?); it has counts (task 4)"
    )
    assert refused(here, None, path, task=5) == (
        f"{path.name}: no recording of task 5; it has counts (task 4)"
    )
    assert refused(here, None, "nameless.jsonl") == (
        "the recording of counts (task 4) names no class; give one: storm.replay(CLASS, FILE)"
    )
    assert refused(here, None, "silent.jsonl") == (
        "the recording of counts (task 4) has no input; there is nothing to replay"
    )
    assert refused(here, Lengths, path, task="5") == (
        f"{path.name}: no recording of task '5'; it has counts (task 4)"
    )
    assert refused(here, Lengths, path, ignore="count") == (
        "ignore='count': expected a list of fields, such as ['count']"
    )
    assert refused(here, None, path, command="ruby counts.rb") == (
        "command='ruby counts.rb': expected a list, such as ['ruby', 'counts.rb']"
    )
    assert refused(here, Nothing, path) == (
        "storm.bolt(Nothing): Nothing is a spout; expected a bolt, or storm.spout(Nothing)"
    )


def test_a_component_that_cannot_be_started_is_one_line(path: Path) -> None:
    assert refused(path.parent, Never, path) == (
        f"{__name__}.Never cannot be started with the configuration of the recording: KeyError: 'wordcount'"
    )


def test_of_a_damaged_file_what_can_be_read_is_replayed(path: Path) -> None:
    lines = taped.tape(Lengths, taped.words("dog", "eel", "cat")).splitlines(keepends=True)
    damaged = taped.write(path.parent / "damaged.jsonl", "".join([*lines[:9], "dog\n", *lines[9:]]))
    with Storm(path.parent) as storm:
        made = storm.replay(Lengths, damaged)
    assert (made.is_same, made.inputs) == (True, 2)
    assert storm.warnings == [f"{damaged}: not read: {damaged}:10: 'dog' is no line of a recording"]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_wherever_a_file_is_cut_off_the_replay_says_so_or_one_line_is_the_reason(
    suffix: str, path: Path
) -> None:
    whole = taped.tape(Lengths, taped.words("dog", "eel"))
    data = taped.write(path.parent / f"whole{suffix}", whole).read_bytes()
    cut = path.parent / f"cut{suffix}"
    said = set()
    for length in range(0, len(data) - 1, 7):
        cut.write_bytes(data[:length])
        with Storm(path.parent) as storm:
            try:
                said.add(str(storm.replay(Lengths, cut)).splitlines()[1].partition(": ")[2])
            except HarnessError as error:
                said.add(str(error).replace(str(cut), "FILE"))
    inputs = ("1 input", "2 inputs") if suffix == ".jsonl" else ()
    assert said >= {
        "FILE: empty; expected a recording",
        *(f"the same for {each}, where the recording is cut off" for each in inputs),
    }
    others = {
        each
        for each in said
        if not each.endswith((", where the recording is cut off", "a recording"))
    }
    assert others <= {
        "FILE: there is no handshake; expected Storm's first message, with conf and context",
        "the recording of counts (task 4) has no input; there is nothing to replay",
        *(["the same for 2 inputs"] if suffix == ".jsonl.gz" else ()),  # its checksum is cut off
    }


def test_the_fields_of_a_recording_are_those_of_all_streams(path: Path) -> None:
    with Storm(path.parent) as storm:
        assert storm.fields_in(path) == {"word", "count"}


class Stamps(Bolt):
    """Emits the time of day, and sleeps."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], int(time.time())], need_task_ids=False)
        time.sleep(3600)


def stamped(directory: Path) -> Path:
    """A recording of ``Stamps`` that has run in 2027, an input each two hours."""
    began = 1_800_000_000
    lines = [("<", 0, taped.handshake()), (">", 0, '{"pid": 0}')]
    for number in (1, 2):
        given = json.loads(taped.given(number, "dog"))
        emit = {"command": "emit", "tuple": ["dog", began + number * 7200]}
        us = number * 7_200_000_000
        lines += [
            ("<", us, json.dumps(given)),
            (">", us, json.dumps({**emit, "anchors": [given["id"]], "need_task_ids": False})),
            (">", us, json.dumps({"command": "ack", "id": given["id"]})),
        ]
    name = f"{__name__}.Stamps"
    head = Head("wordcount", "counts", 4, name=name, kind="bolt", began=float(began))
    return taped.write(directory / "r.jsonl", taped.text_of(head, lines))


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_a_component_sees_the_clock_of_the_recording(mode: Any, tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        assert storm.replay(None, stamped(tmp_path), mode=mode).is_same


def test_without_time_machine_it_sees_the_clock_of_today_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamparse.testing.replays.find_spec", lambda name: None)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with Storm(tmp_path) as storm:
        made = storm.replay(None, stamped(tmp_path), check=False)
    assert (made.differing, str(made).splitlines()[-1]) == (
        2,
        "the component saw the clock of today; with time-machine it sees that of the recording: "
        "pip install time-machine",
    )


def test_a_component_that_cannot_know_the_time_has_no_line_about_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamparse.testing.replays.find_spec", lambda name: None)
    (tmp_path / "timeless.py").write_text(
        "from streamparse import Bolt\n\n\nclass Says(Bolt):\n    def process(self, tup):\n"
        "        self.emit(['other', 1])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with Storm(tmp_path) as storm:
        made = storm.replay("timeless.Says", stamped(tmp_path), check=False)
    assert (made.differing, "clock" in str(made)) == (2, False)


def test_where_the_class_is_gone_that_of_the_topology_of_today_is_replayed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = path.parent
    gone = taped.write(
        here / "gone.jsonl", taped.tape(Lengths, taped.words("dog"), name="old.Counts")
    )
    why = "cannot be started with the configuration of the recording: No module named 'old'"
    assert refused(here, None, gone).startswith(f"old.Counts {why}")
    (here / "config.json").write_text('{"topology_specs": "topologies/"}')
    (here / "topologies").mkdir()
    (here / "topologies/wordcount.clj").write_text(CHAIN)
    (here / "src").mkdir()
    (here / "src/made.py").write_text(MADE)
    monkeypatch.delitem(sys.modules, "made", raising=False)
    with Storm(here) as storm:
        assert str(storm.replay(None, gone)) == (
            f"{gone}:\nmade.Lengths, recorded as counts (task 4) of wordcount: the same for 1 input"
        )


ODD = """
import logging, random, threading
from streamparse import BatchingBolt, Bolt, Spout, TicklessBatchingBolt

class Words(Spout):
    def initialize(self, storm_conf, context):
        self.number = 0
    def next_tuple(self):
        if self.number < 40:
            self.number += 1
            self.emit([self.number, "\\u00e9 \\u2028 \\U0001f600"], tup_id=[self.number, None])
    def fail(self, tup_id):
        self.log(f"{tup_id} has failed")

class Values(Bolt):
    def process(self, tup):
        number, text = tup.values
        self.emit([{"a": [1, None, {"b": text}]}, None, "x" * 70000, 1e300, number])
        self.emit([number], stream="side", need_task_ids=number % 2 == 0)
        print("printed", number)
        self.logger.warning("warned of %s", number)

class Raises(Bolt):
    exit_on_exception = False
    def process(self, tup):
        if tup.values[0] % 7 == 3:
            raise KeyError(tup.values[0])
        self.emit([tup.values[0]])

class Batch(BatchingBolt):
    def group_key(self, tup):
        return tup.values[0] % 3
    def process_batch(self, key, tups):
        self.emit([len(tups)])

class Tickless(TicklessBatchingBolt):
    secs_between_batches = 0.01
    def group_key(self, tup):
        return tup.values[0] % 3
    def process_batch(self, key, tups):
        self.emit([len(tups)])

class Ticks(Bolt):
    def initialize(self, storm_conf, context):
        self.count = 0
    def process(self, tup):
        self.count += 1
    def process_tick(self, tup):
        self.emit([self.count])

class Threads(Bolt):
    auto_ack = auto_anchor = False
    def process(self, tup):
        def work():
            self.emit([tup.values[0]], anchors=[tup], need_task_ids=False)
            self.ack(tup)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

class Draws(Bolt):
    auto_anchor = False
    def process(self, tup):
        ids = self.emit([random.random()], need_task_ids=True)
        self.emit([len(ids)])

class Direct(Bolt):
    def initialize(self, storm_conf, context):
        tasks = context["task->component"]
        self.sink = next(int(task) for task, name in tasks.items() if name == "sink")
    def process(self, tup):
        self.emit([tup.values[0]], stream="d", direct_task=self.sink)

class Sink(Bolt):
    def process(self, tup):
        if tup.values[0] % 5 == 0:
            self.fail(tup)
        else:
            self.ack(tup)
    auto_ack = False
"""
ODD_BOLTS = {
    "values": ("Values", '{"default" ["deep" "none" "long" "big" "n"] "side" ["n"]}'),
    "raises": ("Raises", '["n"]'),
    "batch": ("Batch", '["n"] :conf {"topology.tick.tuple.freq.secs" 1}'),
    "tickless": ("Tickless", '["n"]'),
    "ticks": ("Ticks", '["n"] :conf {"topology.tick.tuple.freq.secs" 1}'),
    "threads": ("Threads", '["n"]'),
    "draws": ("Draws", '["n"]'),
    "direct": ("Direct", '{"d" (direct-stream ["n"])}'),
}


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_whatever_components_do_is_the_same_when_it_is_replayed(
    mode: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bolts = "".join(
        f'"{name}" (python-bolt-spec options {{"words" :shuffle}} "odd.{cls}" {outputs})\n'
        for name, (cls, outputs) in ODD_BOLTS.items()
    )
    (tmp_path / "odd.clj").write_text(
        "(ns odd (:use [streamparse.specs]))\n(defn odd [options]\n"
        '[{"words" (python-spout-spec options "odd.Words" ["n" "text"])}\n{' + bolts + '"sink" '
        '(python-bolt-spec options {["direct" "d"] :direct ["values" "side"] :shuffle} "odd.Sink" [])}])'
    )
    (tmp_path / "odd.py").write_text(ODD)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "odd", raising=False)
    names = ["words", *ODD_BOLTS, "sink"]
    with Storm(tmp_path, mode=mode, storm_version="2.4.0") as storm:
        topology = storm.topology("odd.clj", record=names, record_into=tmp_path)
        topology.advance(3)
    files = sorted(tmp_path.glob("*.jsonl*"))
    with Storm(tmp_path) as storm:
        made = [
            storm.replay(None, path, mode=other, check=False)
            for path in files
            for other in ("inprocess", "process")
        ]
    differing = [str(each) for each in made if not each.is_same]
    assert (len(files), differing, all(each.inputs > 10 for each in made)) == (len(names), [], True)


# -- what else a recording tells


class Breaks(Lengths):
    """Raises at an eel."""

    def process(self, tup: Tuple) -> None:
        if tup.values[0] == "eel":
            raise ValueError("eel")
        super().process(tup)


CHAIN = """
(ns wordcount (:use [streamparse.specs]))
(defn wordcount [options]
  [{"words" (python-spout-spec options "made.Words" ["word"])}
   {"counts" (python-bolt-spec options {"words" :shuffle} "made.Lengths" ["word" "count"])}])
"""
MADE = """
from streamparse import Bolt, Spout
class Words(Spout):
    def next_tuple(self): pass
class Lengths(Bolt):
    def process(self, tup):
        self.emit([tup.values[0], len(tup.values[0])])
"""


def test_recorded_rows_feed_a_topology_and_a_recorded_death_is_a_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wordcount.clj").write_text(CHAIN)
    (tmp_path / "made.py").write_text(MADE)
    monkeypatch.syspath_prepend(tmp_path)
    found = taped.tape(Breaks, taped.words("dog", "cat", "eel"), why="exception")
    path = taped.write(tmp_path / "r.jsonl", found)
    with Storm(tmp_path, mode="inprocess") as storm:
        rows = storm.feed(storm.recorded(path).rows(), retries=1)
        case = storm.incident(path)
        assert case.name == "incident-wordcount-counts-3.json"
        seen = []
        for run in storm.explore(1, cases=[case]):
            with run.topology("wordcount.clj", spouts={"words": rows}) as topology:
                topology.complete()
                seen.append((topology["counts"].restarts, topology["counts"].emitted))
    all_three = [["dog", 3], ["cat", 3], ["eel", 3]]
    assert seen == [(1, all_three), (0, all_three)]  # the case, then the fault-free run


def test_where_nothing_has_died_there_is_no_incident(path: Path) -> None:
    both = taped.write(
        path.parent / "both.jsonl",
        taped.tape(Lengths, taped.words("dog"))
        + taped.tape(Lengths, taped.words("dog"), component="other"),
    )
    with Storm(path.parent) as storm:
        with pytest.raises(HarnessError, match="counts has not died in its recording; expected"):
            storm.incident(path)
        with pytest.raises(HarnessError, match="recordings of counts, other; name one of them"):
            storm.recorded(both)
        assert storm.recorded(both, component="other").rows() == [["dog"]]
