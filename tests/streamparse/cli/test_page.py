"""``sparse page``: a page from the file of a trace, wherever that was written."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import pytest

from simulator.engine import Head, HeadComponent, HeadInput
from simulator.page import is_page
from streamparse.cli.page import page_source
from tests.support.sparse import run

TRACE = """\
{"at":0,"event":"emit","component":"s","task":3,"stream":"default","values":["dog"],"id":1,"to":[[2,"1"]]}
{"at":1,"event":"ack","component":"b","task":2,"tuple":"1"}
{"at":2,"event":"acked","component":"s","task":3,"id":1}
"""


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("run.jsonl").write_text(TRACE)
    return tmp_path


def test_the_page_of_a_trace_is_written_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "page", "run.jsonl") == (0, "run.html is written\n", "")
    page = Path("run.html").read_text(encoding="utf-8")
    assert is_page(page)
    assert "<title>run.jsonl</title>" in page


def test_the_page_goes_where_it_is_asked_for_but_not_over_a_file_of_the_user(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("mine.html").write_text("mine")
    assert run(capsys, "page", "run.jsonl", "-o", "mine.html") == (
        2,
        "",
        "error: --output mine.html: the file exists and is no page of streamparse; "
        "expected another name, or --force as well\n",
    )
    assert run(capsys, "page", "run.jsonl", "-o", "mine.html", "--force")[0] == 0
    assert is_page(Path("mine.html").read_text())


def test_a_trace_that_is_not_there_or_none_is_a_mistake_of_the_user(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, err = run(capsys, "page", "no.jsonl")
    assert (status, out) == (2, "")
    assert err.startswith("error: no.jsonl: No such file or directory; expected a file that ")
    Path("no.jsonl").write_text("hello\n")
    status, out, err = run(capsys, "page", "no.jsonl")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: no.jsonl: ")


def test_the_head_of_a_trace_tells_the_topology_its_streams_and_its_workers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    head = Head(
        1, "words", "2.8.3", "0", 30_000,
        (
            HeadComponent("s", "spout", (3,), {"default": ("word",)}, (), False),
            HeadComponent("b", "bolt", (1, 2), {}, (HeadInput("s", "default", '["word"]'),), False),
        ),
        ((1, 3), (2,)),
    )  # fmt: skip
    Path("run.jsonl").write_text(f"{head.to_line()}\n{TRACE}")
    assert run(capsys, "page", "run.jsonl") == (0, "run.html is written\n", "")
    page = Path("run.html").read_text(encoding="utf-8")
    assert "<title>words</title>" in page
    assert '"workers":{"1":1,"2":2,"3":1}' in page
    assert '"fields":["word"]' in page


def test_what_could_not_be_read_is_told_in_the_terminal_and_on_the_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("run.jsonl").write_text(f'{TRACE}{{"at":3,"event":"ack","comp')
    said = "run.jsonl: line 4, the last, is cut: what happened after 2 ms is not known"
    assert run(capsys, "page", "run.jsonl") == (0, "run.html is written\n", f"warning: {said}\n")
    assert said in Path("run.html").read_text(encoding="utf-8")


def test_of_a_trace_of_any_size_so_many_events_are_read_and_a_line_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The file has no end: whoever read on would never come back."""
    read, write = os.pipe()

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(write, "w") as file:
            file.write("no event\n")
            while True:
                file.write(TRACE)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        source = page_source(f"/dev/fd/{read}", has_name=True, most_events=9)
    finally:
        os.close(read)
        feeder.join()
    where = f"/dev/fd/{read}"
    notes = [
        f"{where}: line 1: it is no event of a trace; 1 such line is left out",
        f"{where}: events after the first 9 are not read, and not counted",
    ]
    assert (len(source.events), source.notes) == (9, notes)
    assert capsys.readouterr().err == "".join(f"warning: {each}\n" for each in notes)


def test_two_traces_are_one_page_beside_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    Path("other").mkdir()
    Path("other/b.jsonl").write_text(TRACE.replace('"ack"', '"fail"'))
    assert run(capsys, "page", "run.jsonl", "other/b.jsonl") == (0, "run-b.html is written\n", "")
    page = Path("run-b.html").read_text(encoding="utf-8")
    assert "<title>run.jsonl and other/b.jsonl</title>" in page
    assert run(capsys, "page", "-", "-") == (
        2,
        "",
        "error: page - -: stdin is one trace; expected two\n",
    )
