"""``--record`` and ``--redact``: what a simulation records, and what the flags refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from streamparse.recordings import read_recordings
from tests.support import sparse
from tests.support.submit_project import SubmitProject, sparse_lines


def _simulated(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    status, out, err = sparse.run(capsys, "simulate", "-t", "1", *more)
    assert (status, [line for line in err.splitlines() if "record" in line]) == (0, [])
    return next(line for line in out.splitlines() if line.startswith("trace "))


def test_both_modes_record_the_same_in_virtual_time_and_leave_the_trace_as_it_was(
    counting_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--record", "count-bolt", "--record", "word-spout:30", "--redact", "word")
    traces = {
        _simulated(capsys),
        _simulated(capsys, *flags),
        _simulated(capsys, "--in-process", *flags),
    }
    found: dict[str, list[Any]] = {}
    for path in sorted((counting_project / "logs").glob("*.jsonl.zst")):
        task = path.name.rpartition("_")[0]
        [each] = read_recordings(path)
        found.setdefault(task, []).append((each.head, each.said, each.end))
    assert (len(traces), sorted(found)) == (
        1,
        [f"streamparse_words_{task}" for task in ("count-bolt_3", "count-bolt_4", "word-spout_5")],
    )
    for processes, in_process in found.values():
        assert processes == in_process
        assert processes[0].clock == "virtual"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["capacity", "--work", "count-bolt=1ms", "--tasks", "1"], "sparse capacity"),
        (["explore", "--runs", "1", "--laws", "settled"], "sparse explore"),
        (["simulate", "--step"], "--step"),
    ],
)
def test_commands_that_run_a_topology_many_times_record_nothing_and_say_so(
    words: list[str],
    command: str,
    counting_project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("step\nback\nquit\n"))
    _, _, err = sparse.run(capsys, *words, "-o", "streamparse.record=true")
    told = [line for line in err.splitlines() if line.startswith("streamparse.record")]
    files = [*(counting_project / "logs").glob("*.jsonl*")]
    line = f"streamparse.record: {command} runs the topology many times, and records nothing"
    assert (told, files) == ([line], [])


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            ["--record", "count-blot"],
            "--record count-blot: there is no component 'count-blot' (did you mean \"count-bolt\"?)",
        ),
        (
            ["--record", "count-bolt:many"],
            "--record count-bolt:many: there is no component 'count-bolt:many'; 'many' is no number of tuples of "
            "'count-bolt', which is from 1 to 10^18",
        ),
        (["--record", ":5"], "--record :5: expected ID[:N], such as count-bolt:1000"),
        (
            ["--record", "count-bolt", "--redact", "wrod"],
            '--redact wrod: no stream of count-bolt has this field (did you mean "word"?); expected one of word, count',
        ),
        (
            ["--redact", "word"],
            "--redact: nothing is recorded; expected --record ID as well, such as --record count-bolt",
        ),
        (
            ["-o", 'streamparse.record={"tuples": 0}'],
            "streamparse.record.tuples is 0; expected a number of at least 1",
        ),
        (["--step", "--record", "count-bolt"], "--step and --record: expected one of them"),
    ],
)
def test_bad_input_is_one_line(
    flags: list[str], words: str, words_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sparse.run(capsys, "simulate", *flags) == (2, "", f"error: {words}\n")


def test_a_spout_whose_rows_come_from_a_file_is_not_recorded(
    counting_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (counting_project / "rows.json").write_text('["dog"]\n')
    flags = ("--stub", "word-spout=rows.json", "--record", "word-spout:5")
    assert sparse.run(capsys, "simulate", *flags) == (
        2,
        "",
        "error: --record word-spout:5: 'word-spout' does not run, for its rows are given; "
        "expected a component that runs\n",
    )


def test_a_submit_takes_the_settings_to_the_cluster(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--record", "count-bolt:7", "--record-last")
    status, lines = sparse_lines(capsys, "submit", "--dry-run", *flags)
    [setting] = [line.strip() for line in lines if "streamparse.record" in line]
    name, _, value = setting.partition("=")
    assert (status, name, json.loads(value)) == (
        0,
        "streamparse.record.components",
        {"count-bolt": {"tuples": 7, "keep": "last"}},
    )


@pytest.mark.parametrize("command", ["run", "submit"])
def test_run_and_submit_refuse_what_cannot_be_recorded(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert sparse_lines(capsys, command, "--record", "count-blot") == (
        2,
        [
            "error: --record count-blot: there is no component 'count-blot' (did you mean \"count-bolt\"?)"
        ],
    )
    assert submit_project.was_asked() is False
