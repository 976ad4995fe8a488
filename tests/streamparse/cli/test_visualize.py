"""``sparse visualize``: a topology on the terminal or in a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from simulator import RUN_CONF, drawing, read_topology
from tests.support.sparse import PICTURE, TOPOLOGY, run, start

pytestmark = pytest.mark.usefixtures("words_project")


def test_a_topology_is_drawn_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "visualize") == (0, PICTURE, "")


def test_the_task_ids_are_those_of_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "visualize", "-n", "words", "-o", "topology.acker.executors=0")
    expected = PICTURE.replace("task 5", "task 3").replace("tasks 3-4", "tasks 1-2")
    assert out == expected


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("suffix", ["svg", "dot", "mmd", "SVG"])
def test_a_file_holds_the_drawing_that_its_name_asks_for(
    suffix: str, flip: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--flip"] if flip else []
    shown = run(capsys, "visualize", "--output", f"words.{suffix}", *flags)
    drawers = {"dot": drawing.to_dot, "mmd": drawing.to_mermaid}
    drawer = drawers.get(suffix, drawing.to_svg)
    topology = read_topology("topologies/words.clj", RUN_CONF)
    assert (shown, Path(f"words.{suffix}").read_text(encoding="utf-8")) == (
        (0, f"words.{suffix} is drawn\n", ""),
        drawer(topology, RUN_CONF, flip=flip),
    )


def test_flip_without_a_file_says_that_it_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(capsys, "visualize", "-f") == (
        0,
        PICTURE,
        "warning: --flip changes nothing without --output\n",
    )


def test_unknown_keys_of_the_config_are_warned_of(
    capsys: pytest.CaptureFixture[str], words_project: Path
) -> None:
    (words_project / "config.json").write_text('{"libary": ""}')
    warning = 'config.json: libary is not a known key and has no effect; did you mean "library"?'
    assert run(capsys, "visualize") == (0, PICTURE, f"warning: {warning}\n")


def test_a_terminal_without_lines_and_arrows_gets_what_it_can_print() -> None:
    argv, environment = start("visualize", PYTHONIOENCODING="ascii")
    shown = subprocess.check_output(argv, env=environment)
    assert shown == drawing.as_ascii(PICTURE).encode("ascii")


def test_tasks_that_cannot_be_numbered_are_a_mistake_of_the_user(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, err = run(capsys, "visualize", "-o", "topology.tasks=1000000")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: topologies/words.clj:3:18: 2000002 tasks, 1000000 of them of ")


@pytest.mark.parametrize("spelling", ["--storm-version", "--storm"])
def test_a_topology_is_read_as_the_storm_that_is_asked_for_reads_it(
    spelling: str, capsys: pytest.CaptureFixture[str], words_project: Path
) -> None:
    text = TOPOLOGY.replace(" :p 2)", ' :p 2 :conf {"topology.tick.tuple.freq.secs" 1.5})')
    (words_project / "topologies/words.clj").write_text(text)
    fine = run(capsys, "visualize", spelling, "1.2.4")
    status, out, err = run(capsys, "visualize", spelling, "2.8.3")
    assert (fine, status, out, "topology.tick.tuple.freq.secs" in err) == (
        (0, PICTURE, ""),
        2,
        "",
        True,
    )
    assert run(capsys, "visualize", spelling, "0.8.1")[2].startswith(
        "error: --storm-version: Storm version '0.8.1': not one that can be simulated"
    )
