"""The run of one component alone."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from streamparse.storm import Bolt
from streamparse.testing import (
    Storm,
)
from tests.support.chain_project import Mistake, check_mistake
from tests.support.class_topologies import CONSTRUCTS

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "task of tasks": (
        lambda storm: storm.bolt("made.Pass", inputs=["a"], tasks=2, task=2),
        "task=2: expected 0 to 1, since tasks=2",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])


def test_a_component_is_in_this_process_unless_it_has_a_command_or_the_mode_says_so(
    tmp_path: Path,
) -> None:
    with Storm(tmp_path) as storm:
        ran = [
            storm.bolt(Bolt),
            storm.bolt(command=["true"]),
            storm.bolt("streamparse.Bolt", mode="process"),
        ]
        kinds = [type(each._run.transport).__name__ for each in ran]
    assert kinds == ["InProcess", "Processes", "Processes"]


def test_the_task_of_a_run_is_one_of_the_components(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        tasks = [storm.bolt(Bolt, tasks=3, task=task).task for task in range(3)]
    assert tasks == [tasks[0], tasks[0] + 1, tasks[0] + 2]


def test_a_component_alone_behaves_as_in_its_topology() -> None:
    with Storm(CONSTRUCTS) as storm:
        named = storm.bolt("named:count-bolt")
        assert named.process(["dog"]).emitted == [["dog", 1]]
        counter = import_module("bolts").WordCounter
        alone = storm.bolt(counter, inputs=["word"], outputs=["word", "count"])
        assert alone.process(["cat"]).emitted == [["cat", 1]]
