"""Components played to: what they are given, in either mode, and what becomes of them."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamparse import Bolt, TicklessBatchingBolt
from streamparse.recordings import Head
from streamparse.storm import Tuple
from streamparse.testing import Storm
from tests.support import taped

MODES = ("inprocess", "process")


@pytest.fixture(params=MODES)
def storm(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Storm]:
    """A Storm in a directory with a module ``made``, whose components run in either mode."""
    (tmp_path / "made.py").write_text(
        "from streamparse import Bolt\n"
        "class Answers(Bolt):\n"
        "    def process(self, tup):\n"
        "        tasks = self.emit(tup.values)\n"
        "        self.logger.info('a record')\n"
        "        self.log(f'{self.task_id} of {self.component_name}: {tasks}')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with Storm(tmp_path, mode=request.param) as made:
        yield made


class Answers(Bolt):
    """Tells where it is, and where its tuples go."""

    def process(self, tup: Tuple) -> None:
        tasks = self.emit(tup.values)
        self.log(f"{self.task_id} of {self.component_name}: {tasks}")


WORDS = taped.handshake(within=taped.context(outputs={"default": ["word"]}))


def test_task_ids_are_those_of_the_recording(storm: Storm) -> None:
    text = taped.tape(Answers, taped.words("dog", "cat"), shaken=WORDS, answers=[[7, 8], [8]])
    assert "4 of counts: [7, 8]" in text
    path = taped.write(storm.directory / "r.jsonl", text)
    assert storm.replay("made.Answers", path).is_same


def test_an_emit_that_is_new_is_answered_as_the_last_one_on_its_stream(tmp_path: Path) -> None:
    class Twice(Answers):
        def process(self, tup: Tuple) -> None:
            super().process(tup)
            self.log(f"then {self.emit(tup.values)}")

    text = taped.tape(Answers, taped.words("dog"), shaken=WORDS, answers=[[7, 8]])
    with Storm(tmp_path) as storm:
        made = storm.replay(Twice, taped.write(tmp_path / "r.jsonl", text), check=False)
    assert "    + log info: then [7, 8]" in made.text().splitlines()


class Timed(TicklessBatchingBolt):
    """Counts words, whenever its timer says so."""

    secs_between_batches = 60

    def group_key(self, tup: Tuple) -> Any:
        return tup.values[0]

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        self.emit([key, len(tups)])


class TimedOtherwise(Timed):
    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        self.emit([key, -len(tups)])


def batches() -> str:
    """A recording of ``Timed``: the second round began while the bolt had been given a tuple more."""
    dog, cat, eel = (
        json.loads(taped.given(at, word)) for at, word in ((1, "dog"), (2, "cat"), (3, "eel"))
    )

    def given(tup: dict[str, Any]) -> tuple[str, str]:
        return "<", json.dumps(tup)

    def settled(tup: dict[str, Any]) -> list[tuple[str, str]]:
        emit = {
            "command": "emit",
            "tuple": [tup["tuple"][0], 1],
            "anchors": [tup["id"]],
            "need_task_ids": False,
        }
        return [(">", json.dumps(emit)), (">", json.dumps({"command": "ack", "id": tup["id"]}))]

    said = [
        ("<", taped.handshake()), (">", '{"pid": 0}'),
        given(dog), *settled(dog), given(cat), given(eel), *settled(cat), *settled(eel),
    ]  # fmt: skip
    late = [
        ("<", taped.handshake()), (">", '{"pid": 0}'),
        given(dog), *settled(dog), given(cat), given(eel), *settled(cat),
    ]  # fmt: skip
    head = Head("wordcount", "counts", 4, 1, kind="bolt")
    return "".join(
        taped.text_of(head, [(mark, at * 1000, text) for at, (mark, text) in enumerate(lines)])
        for lines in (said, late)
    )


def test_a_batch_by_the_clock_has_the_tuples_that_it_had(tmp_path: Path) -> None:
    path = taped.write(tmp_path / "r.jsonl", batches())
    with Storm(tmp_path) as storm:
        assert storm.replay(Timed, path).is_same
        made = storm.replay(TimedOtherwise, path, check=False)
    assert [each.differing for each in made.comparisons] == [[1, 3], [1, 3]]


def test_a_component_that_ends_is_started_again_as_on_storm(tmp_path: Path) -> None:
    class Counted(Bolt):
        def initialize(self, storm_conf: Any, context: Any) -> None:
            self.count = 0

        def process(self, tup: Tuple) -> None:
            self.count += 1
            self.emit([tup.values[0], self.count])

    class Exits(Counted):
        def process(self, tup: Tuple) -> None:
            if tup.values[0] == "eel":
                raise SystemExit(3)
            super().process(tup)

    text = taped.tape(Counted, taped.words("dog", "eel", "cat"))
    with Storm(tmp_path) as storm:
        made = storm.replay(Exits, taped.write(tmp_path / "r.jsonl", text), check=False)
    assert made.text().splitlines()[1:] == [
        '  input 2: ["eel"] from words',
        '    - emit ["eel", 2]',
        "    - ack",
        "    + it ends: ended with exit status 3",
        '  input 3: ["cat"] from words',
        '    - emit ["cat", 3]',
        '    + emit ["cat", 1]',
        "    ? count: 3, now 1",
        "      ack",
    ]


class Draws(Bolt):
    """Emits what it draws."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], random.random()])


def test_random_numbers_are_those_of_the_recording_where_it_was_seeded(tmp_path: Path) -> None:
    state = random.getstate()
    random.seed("3/counts/0")
    text = taped.tape(Draws, taped.words("dog", "cat"), seed="3/counts/0")
    random.setstate(state)
    with Storm(tmp_path) as storm:
        assert storm.replay(Draws, taped.write(tmp_path / "r.jsonl", text)).is_same


class Clock(Bolt):
    """Emits the time."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], time.time()])


def test_the_clock_is_that_of_the_recording_where_time_is_virtual(tmp_path: Path) -> None:
    began = 1_800_000_000.0
    text = taped.tape(Clock, taped.words("dog", "cat"), began=began)
    with Storm(tmp_path, virtual_time=True) as storm:
        path = taped.write(tmp_path / "r.jsonl", text)
        made = storm.replay(Clock, path, check=False)
    now = [line for line in made.text().splitlines() if line.startswith("    +")]
    assert now == [
        f'    + emit ["dog", {began + 0.002}]',
        f'    + emit ["cat", {began + 0.003}]',
    ]
