"""``--workload`` and ``--save-workload`` of ``sparse simulate``, on an example."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from streamparse import Spout
from tests.streamparse.cli.test_work import Simulate, printed, recordings, simulate
from tests.support import taped

__all__ = ["simulate"]


class Words(Spout):
    """Emits a dog, a cat and a dog, every tenth turn."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.turns = 0

    def next_tuple(self) -> None:
        self.turns += 1
        if self.turns % 10 == 0:
            self.emit([["dog", "cat", "dog"][self.turns // 10 % 3]], need_task_ids=False)


@pytest.fixture
def recorded(simulate: Simulate) -> str:
    """A directory with recordings of the spout and of the counter."""
    recordings(Path("recorded"))
    within = taped.context("word-spout", outputs={"default": ["word"]}, inputs={})
    text = taped.tape(Words, [taped.command("next")] * 60, shaken=taped.handshake(within=within))
    taped.write(Path("recorded/streamparse_wordcount_word-spout_4_2.0.jsonl"), text)
    return "recorded"


def test_rates_rows_and_times_are_those_of_the_recordings(
    simulate: Simulate, recorded: str
) -> None:
    result = printed(
        simulate(
            "--workload", recorded, "--save-workload", "w.json", "--trace", "t.jsonl", "--json"
        )
    )
    assert result["stopped"] == "idle"
    events = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()[1:]]
    emitted = [
        each for each in events if each["event"] == "emit" and each["component"] == "word-spout"
    ]
    assert [each["values"] for each in emitted] == [
        ["cat"],
        ["dog"],
        ["dog"],
        ["cat"],
        ["dog"],
        ["dog"],
    ]
    gaps = [later["at"] - sooner["at"] for sooner, later in pairwise(emitted)]
    assert gaps == [10] * 5  # 10 turns of a millisecond each
    assert printed(simulate("--workload", "w.json", "--json"))["components"] == result["components"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workload", "none"], "--workload none: No such file or directory"),
        (
            ["--save-workload", "w"],
            "--save-workload: there is no workload; expected --workload as well",
        ),
        (
            ["--workload", "recorded", "--save-workload", "none/w"],
            "--save-workload none/w: No such file or directory",
        ),
    ],
)
def test_a_wrong_workload_is_one_line(
    words: list[str], message: str, simulate: Simulate, recorded: str
) -> None:
    status, out, err = simulate(*words)
    assert (status, out, err.splitlines()[-1]) == (2, "", f"error: {message}")
