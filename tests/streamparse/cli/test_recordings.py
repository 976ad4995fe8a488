"""``sparse recordings``: on workers over ssh, and of this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from streamparse.recordings import (
    Head,
    end_line,
    head_line,
    read_recordings,
    said_line,
)
from tests.support import sparse
from tests.support.recorded_components import lines
from tests.support.ssh_project import COUNT, NAME, config, run
from tests.support.sshd import Hosts

HEAD = Head(
    NAME, "count-bolt", 4, 99, "bolts.Count", "bolt", {"git": "v1-dirty"},
    began=1_000_000_000.0, tuples=10, redacted=["card"],
)  # fmt: skip
FILE = COUNT.replace(".log", ".0.jsonl")


def _text(host: str) -> str:
    return head_line(HEAD) + said_line("<", 5, json.dumps({"id": host})) + end_line(9, "limit", 10)


@pytest.fixture
def on_workers(worker_logs: dict[str, Path]) -> dict[str, Path]:
    """A recording of the topology on each worker, and one of another."""
    for host, directory in worker_logs.items():
        (directory / FILE).write_text(_text(host))
        os.utime(directory / FILE, (1_000_000_090, 1_000_000_090))
        (directory / f"streamparse_{NAME}_2_count-bolt_4_97.0.jsonl").write_text(_text(host))
    return worker_logs


# -- over ssh ------------------------------------------------------------------------------------------------------


@pytest.mark.real_ssh
def test_list_shows_size_span_and_redactions_of_all_workers(
    ssh_project: Path, on_workers: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "recordings", "list", "-n", NAME)
    size = len(_text("worker1"))
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in out]
    assert (status, err, rows) == (
        0,
        "",
        [
            ["recording", "size", "began", "span", "keeps", "code", "redacted"],
            *(
                [
                    f"{host}: {FILE}",
                    f"{size} B",
                    "2001-09-09 01:46:40Z",
                    "1 min 30 s",
                    "first 10",
                    "v1-dirty",
                    "card",
                ]
                for host in ("worker1", "worker2")
            ),
        ],
    )


@pytest.mark.real_ssh
def test_fetch_copies_what_is_not_here_yet_and_show_reads_it(
    ssh_project: Path,
    on_workers: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, err = run(capsys, "recordings", "fetch", "-n", NAME, "--into", "got")
    names = [f"got/{host}_{FILE}" for host in ("worker1", "worker2")]
    assert (status, out, err) == (0, names, "")
    assert [Path(name).read_text() for name in names] == [_text("worker1"), _text("worker2")]
    status, out, err = run(capsys, "recordings", "fetch", "-n", NAME, "--into", "got")
    assert (status, out, err) == (0, [], "2 of 2 were here already\n")
    status, out, err = run(capsys, "recordings", "show", names[0])
    assert (status, sorted(out), err) == (
        0,
        [
            '      0.000005 < {"id": "worker1"}',
            f"{names[0]}: count-bolt[4] of {NAME}, bolts.Count; redacted: card; ended: limit, after 10 tuples",
        ],
        "",
    )


@pytest.mark.real_ssh
def test_prune_keeps_the_newest_of_each_task_and_remove_logs_takes_recordings_too(
    hosts: Hosts,
    ssh_project: Path,
    on_workers: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    config(ssh_project, hosts, workers=["worker1"])
    directory = on_workers["worker1"]
    newer = FILE.replace("_99.", "_100.")
    (directory / newer).write_text(_text("worker1"))
    status, out, err = run(capsys, "recordings", "prune", "-n", NAME, "-y")
    assert (status, sorted(out), err) == (
        0,
        [f"    worker1: {directory}/{FILE}", "worker1: 1 file removed"],
        "",
    )
    status, out, err = run(capsys, "tail", "-n", NAME, "--ended")
    assert (status, [line for line in out if "jsonl" in line]) == (0, [])
    run(capsys, "remove_logs", "-n", NAME, "-y")
    assert sorted(path.name for path in directory.iterdir()) == [
        f"streamparse_{NAME}_2_count-bolt_4_97.0.jsonl",
        f"streamparse_{NAME}_2_count-bolt_4_97.log",
        "worker-6700.log",
    ]


# -- of this machine --------------------------------------------------------------------------------------------------


def _simulated(capsys: pytest.CaptureFixture[str], *more: str) -> None:
    status, _, err = sparse.run(capsys, "simulate", "-t", "1", *more)
    assert (status, [line for line in err.splitlines() if "record" in line]) == (0, [])


def test_local_recordings_are_listed_shown_and_pruned(
    counting_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        _simulated(capsys, "--record", "count-bolt:3", "--record-last")
    logs = counting_project / "logs"
    names = [path.name for path in sorted(logs.glob("*.jsonl.zst"))]
    status, out, _ = sparse.run(capsys, "recordings", "list", "--local")
    assert (status, [line.split()[0] for line in out.splitlines()[1:]]) == (0, names)
    shown = sparse.run(capsys, "recordings", "show", str(logs / names[-1]))
    assert sparse.run(capsys, "recordings", "show", "--json", str(logs / names[-1]))[0] == 0
    assert (shown[0], shown[1].count("\n") - 1) == (
        0,
        len(read_recordings(logs / names[-1])[0].said),
    )
    status, out, _ = sparse.run(capsys, "recordings", "prune", "--local", "-y")
    assert (status, {path.name for path in logs.glob("*.jsonl.zst")}) == (
        0,
        {name for name in names if "_2." in name},
    )
    assert lines(read_recordings(logs / names[-1])[0])[-1].startswith("= ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show"], "show: expected files, as `sparse recordings fetch` writes them"),
        (["show", "none"], "none: no such file; expected a recording, or a directory of them"),
        (["list", "a"], "a: list takes no files; --pattern REGEX chooses by name"),
        (
            ["fetch", "--local"],
            "--local: they are on this machine; `sparse recordings show` reads them",
        ),
        (["prune", "--local"], "no terminal to ask for a confirmation; expected -y"),
        (["prune", "--local", "--keep", "-1"], "--keep -1: expected at least 0"),
        (
            ["list", "--local", "--keep", "1"],
            "--keep: list has no use for it; expected it with prune",
        ),
        (
            ["show", "-n", "words", "x"],
            "--name: show has no use for it; expected it with list or fetch or prune",
        ),
        (
            ["show", "src"],
            "src: no recording in it; expected files such as "
            "streamparse_TOPOLOGY_COMPONENT_TASK_PID.0.jsonl.gz",
        ),
        (
            [],
            "the following arguments are required: ACTION; see sparse recordings -h",
        ),
    ],
)
def test_mistakes_of_the_command_are_one_line(
    arguments: list[str], words: str, words_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sparse.run(capsys, "recordings", *arguments) == (2, "", f"error: {words}\n")


def test_a_damaged_file_is_shown_as_far_as_it_goes_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(head_line(HEAD) + said_line("<", None, "[1]") + "what\n")
    status, out, err = sparse.run(capsys, "recordings", "show", str(path))
    assert (status, out.splitlines()[1:], err) == (
        1,
        ["               < [1]"],
        f"warning: {path}:3: 'what' is no line of a recording\n",
    )
