"""``--storm-recordings``: a test for each recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamparse.recordings import Head
from tests.pytest_streamparse.conftest import Run
from tests.support import taped

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"

DIFFERENCE = """\
bolts.wordcount.WordCounter, recorded as count-bolt (task 4) of wordcount: 1 of 2 inputs differs; \
the first (- recorded, + now):
  input 2: ["dog"] from words
    - emit ["dog", 1]
    + emit ["dog", 2]
    ? count: 1, now 2
      ack
if the change is right, accept it with pytest --storm-update-recordings
"""
NAME = "streamparse_wordcount_count-bolt_4_1.0.jsonl"


def recorded(directory: Path, *counts: int) -> None:
    """A recording of the project's WordCounter, that counted a dog so many times."""
    lines = [("<", 0, taped.handshake()), (">", 1, '{"pid": 0}')]
    for number, count in enumerate(counts, 1):
        given = json.loads(taped.given(number, "dog"))
        emit = {"command": "emit", "tuple": ["dog", count], "anchors": [given["id"]]}
        lines += [
            ("<", number * 10, json.dumps(given)),
            (">", number * 10 + 1, json.dumps(emit)),
            ("<", number * 10 + 2, "[9]"),
            (">", number * 10 + 3, json.dumps({"command": "ack", "id": given["id"]})),
        ]
    head = Head("wordcount", "count-bolt", 4, 1, name="bolts.wordcount.WordCounter", kind="bolt")
    directory.mkdir(exist_ok=True)
    taped.write(directory / NAME, taped.text_of(head, lines))


def test_each_recording_is_a_test_that_can_be_chosen(pytester: pytest.Pytester, run: Run) -> None:
    recorded(pytester.path / "recordings", 1, 2)
    recorded(pytester.path / "recordings/old", 1, 1)
    pytester.makepyfile("def test_it(): pass")
    result = run("-v", "--storm-recordings=recordings")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "storm: *recordings in *",
            f"recordings::old/{NAME} FAILED*",
            f"recordings::{NAME} PASSED*",
        ]
    )
    assert DIFFERENCE in result.stdout.str()
    run("--storm-recordings=recordings", "-k", "old").assert_outcomes(failed=1, deselected=2)


def test_differences_are_accepted_and_then_pass(pytester: pytest.Pytester, run: Run) -> None:
    recorded(pytester.path / "recordings", 1, 1)
    both = ["--storm-recordings=recordings", "--storm-update-recordings"]
    run(*both).assert_outcomes(passed=1)
    accepted = pytester.path / "recordings/streamparse_wordcount_count-bolt_4_1.0.accepted.txt"
    assert '    - emit ["dog", 1]\n    + emit ["dog", 2]\n' in accepted.read_text()
    run(*both[:1]).assert_outcomes(passed=1)


def test_what_may_differ_is_said_in_the_ini_file(pytester: pytest.Pytester, run: Run) -> None:
    recorded(pytester.path / "recordings", 1, 1)
    pytester.makeini("[pytest]\nstorm_replay_ignore = count elsewhere\nstorm_replay_allow = logs")
    run("--storm-recordings=recordings").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--storm-recordings=none"],
            "--storm-recordings=none: no directory; expected one with recordings",
        ),
        (
            ["--storm-recordings=src"],
            "--storm-recordings=src: no recording in it; expected files such as "
            "streamparse_TOPOLOGY_COMPONENT_TASK_PID.0.jsonl.gz",
        ),
        (
            ["-o", "storm_replay_allow=values"],
            "ini storm_replay_allow=values: expected order, tasks or logs",
        ),
    ],
)
def test_a_wrong_setting_is_one_line(arguments: list[str], message: str, run: Run) -> None:
    result = run(*arguments)
    lines = [line for line in result.stderr.lines if line]
    assert (result.ret, lines) == (pytest.ExitCode.USAGE_ERROR, [f"ERROR: {message}"])
