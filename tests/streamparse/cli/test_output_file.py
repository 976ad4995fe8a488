"""An option writes over an old file of its own kind, and over nothing else unless that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.page import page_html
from streamparse.cli.output_file import PAGE, OutputFile
from streamparse.cli.streams import OutputError
from streamparse.project import UsageError
from tests.support.sparse import COUNTING, TOPOLOGY, run

OLD = page_html("old", {"runs": []})


@pytest.mark.parametrize("before", [None, "", OLD])
def test_a_new_file_an_empty_one_and_an_old_page_are_written(
    before: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "run.html"
    if before is not None:
        path.write_text(before)
    OutputFile("--html", str(path), PAGE, force=False).write("new")
    assert path.read_text() == "new"


def test_another_file_is_written_over_by_force_only(tmp_path: Path) -> None:
    path = tmp_path / "notes.html"
    path.write_text("<p>mine")
    with pytest.raises(UsageError) as refused:
        OutputFile("--html", str(path), PAGE, force=False)
    assert (str(refused.value), path.read_text()) == (
        f"--html {path}: the file exists and is no page of streamparse; expected another name, or --force as well",
        "<p>mine",
    )
    OutputFile("--html", str(path), PAGE, force=True).write("new")
    assert path.read_text() == "new"


def test_a_place_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--output \S+: Is a directory$"):
        OutputFile("--output", str(tmp_path), PAGE, force=False)
    with pytest.raises(UsageError, match=r"--html \S+: No such file or directory$"):
        OutputFile("--html", str(tmp_path / "none" / "x.html"), PAGE, force=False)


def test_a_page_that_cannot_be_written_at_the_end_is_an_error_of_the_output() -> None:
    with pytest.raises(OutputError, match="--html /dev/full"):
        OutputFile("--html", "/dev/full", PAGE, force=True).write("text")


# -- the commands


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a new project."""
    files = {f"src/{name}.py": text for name, text in COUNTING.items()}
    for name, text in {**files, "topologies/words.clj": TOPOLOGY, "config.json": "{}"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "rows.jsonl").write_text('["dog"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


SIMULATE = ("simulate", "-t", "1", "--stub", "word-spout=rows.jsonl")
OPTIONS: dict[str, tuple[str, ...]] = {
    "--trace": SIMULATE,
    "--html": SIMULATE,
    "--save-work": (*SIMULATE, "--work", "count-bolt=3ms"),
    "--perfetto": ("trace", "a.trace"),
    "--output .svg": ("visualize",),
    "--output .dot": ("visualize",),
    "--output .mmd": ("visualize",),
    "--output .html": ("page", "a.trace"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_writes_over_what_it_has_written_and_over_no_other_file(
    option: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "a.trace" in OPTIONS[option]:
        assert run(capsys, *SIMULATE, "--trace", "a.trace")[0] == 0
    name, _, suffix = option.partition(" ")
    argv = (*OPTIONS[option], name, f"out{suffix}")
    out = project / f"out{suffix}"
    assert [run(capsys, *argv)[0], run(capsys, *argv)[0]] == [0, 0]
    written = out.read_text()
    for mine in ("mine\n", "{}", '{"price": "3ms"}', "digraph g {}", "<svg></svg>", "<p>"):
        out.write_text(mine)
        status, _, err = run(capsys, *argv)
        assert (status, err.count("\n"), out.read_text()) == (2, 1, mine)
        assert err.startswith(f"error: {name} out{suffix}: the file exists and is no ")
        assert err.endswith("; expected another name, or --force as well\n")
    assert (run(capsys, *argv, "--force")[0], len(out.read_text())) == (0, len(written))


def test_a_topology_file_is_written_over_by_force_only(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ("convert", "--output", "words.py")
    assert run(capsys, *argv)[0] == 0
    said = "error: --output words.py: the file exists; expected another name, or --force as well\n"
    assert run(capsys, *argv)[::2] == (2, said)
    assert run(capsys, *argv, "--force")[0] == 0


@pytest.mark.parametrize("command", ["simulate", "explore", "capacity", "convert", "visualize"])
def test_force_without_a_file_is_refused(
    command: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capsys, command, "--force")
    assert (status, err.startswith("error: --force: nothing is written to a file; ")) == (2, True)
