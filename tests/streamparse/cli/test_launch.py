"""What ``submit`` and ``run`` refuse at once, before anything slow begins."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from simulator.transports import temporary_directory
from streamparse.cli.launch import swept_temporary_files
from tests.support.submit_project import SubmitProject, sparse_lines

WHEREVER = {
    "-o abc": "-o abc: no = in it; expected KEY=VALUE, such as topology.message.timeout.secs=30",
    "-o =1": "-o =1: no key in front of =; expected KEY=VALUE, such as topology.message.timeout.secs=30",
    "-p 0": "--par 0: expected at least 1",
    "-w 0": "--workers 0: expected at least 1",
    "-a -1": "--ackers -1: expected at least 0",
    "-n word": 'topologies: no topology "word"; did you mean "words"?',
    "-e prd": 'config.json: no environment "prd"; did you mean "prod"?',
}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        *((f"{command} {given}", error) for command in ("submit", "run") for given, error in WHEREVER.items()),
        ("submit --wait -1", "--wait -1: expected at least 0"),
        ("run --time -1", "--time -1: expected at least 0; 0 is until Ctrl-C"),
    ],
)  # fmt: skip
def test_a_command_line_that_cannot_be_meant_is_refused_at_once(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], arguments: str, error: str
) -> None:
    assert (sparse_lines(capsys, *arguments.split()), submit_project.was_asked()) == (
        (2, [f"error: {error}"]),
        False,
    )


def test_a_program_that_needs_its_execute_bit_is_refused_before_a_submit_and_runs_elsewhere(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = """{"word-spout" (python-spout-spec options "spouts.WordSpout" ["word"])}
       {"tag-bolt" (shell-bolt-spec {"word-spout" ["word"]} ["./tag.py"] ["word"])
        "log-bolt" (shell-bolt-spec {"word-spout" ["word"]} ["bin/log" "-v"] ["word"])
        "cat-bolt" (shell-bolt-spec {"word-spout" ["word"]} ["sh" "./tag.py"] ["word"])}"""
    uses = "(ns words (:use [streamparse.specs] [backtype.storm.clojure]))"
    submit_project.write("topologies/words.clj", f"{uses}\n(defn words [options] [{tag}])\n")
    submit_project.write("src/tag.py", "#!/usr/bin/env -S python3 -u\n")
    submit_project.write("src/bin/log", "echo\n")
    why = "cannot be started on a worker: Storm unpacks the jar without execute bits"
    front = "expected the program that runs it in front, as in"
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == (
        (
            2,
            [
                f'error: topologies/words.clj:3:9: component "tag-bolt": ./tag.py {why}; '
                f'{front} ["python3" "-u" "./tag.py"]',
                f'error: topologies/words.clj:4:9: component "log-bolt": bin/log {why}; {front} ["sh" "bin/log"]',
            ],
        ),
        False,
    )


def test_temporary_files_of_a_command_are_where_the_next_removes_them() -> None:
    before = tempfile.tempdir
    with swept_temporary_files(), tempfile.TemporaryDirectory() as directory:
        assert Path(directory).parent == Path(temporary_directory())
    assert tempfile.tempdir == before
