"""``sparse simulate --html``: the page of the run, beside the table and the trace that there are without it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.sparse import run

SPOUT = """
from streamparse import Spout

class WordSpout(Spout):
    def next_tuple(self):
        self.emit(["dog"], tup_id=1)
"""
BOLT = """
from streamparse import Bolt

class CountBolt(Bolt):
    def process(self, tup):
        self.emit([tup.values[0], 1])
"""


@pytest.fixture(autouse=True)
def project(words_project: Path) -> Path:
    (words_project / "src/spouts.py").write_text(SPOUT)
    (words_project / "src/bolts.py").write_text(BOLT)
    return words_project


def _data(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])["runs"][0]


def test_the_page_of_a_run_has_its_graph_facts_and_events(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plain = run(capsys, "simulate", "-t", "1", "--trace", "plain.jsonl", "-q")
    paged = run(
        capsys, "simulate", "-t", "1", "--trace", "paged.jsonl", "--html", "run.html", "-q",
    )  # fmt: skip
    assert paged == plain
    lines = Path("paged.jsonl").read_text()
    assert lines == Path("plain.jsonl").read_text()
    data = _data(Path("run.html").read_text(encoding="utf-8"))
    assert (data["title"], data["knowsTaken"], len(data["events"]["at"])) == (
        "words",
        True,
        lines.count("\n") - 1,  # the head
    )
    assert [node["name"] for node in data["graph"]["nodes"]] == ["word-spout", "count-bolt"]
    assert data["facts"]["ended because"] == "its time was up"


def test_a_file_of_the_user_is_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("mine.html").write_text("mine")
    status, out, err = run(capsys, "simulate", "--html", "mine.html")
    assert (status, out) == (2, "")
    assert err.endswith("expected another name, or --force as well\n")
    assert Path("mine.html").read_text() == "mine"


def test_the_page_of_a_run_that_failed_is_written_too(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    (project / "src/bolts.py").write_text(BOLT.replace("self.emit([tup.values[0], 1])", "1 / 0"))
    status, _, err = run(capsys, "simulate", "-t", "1", "--html", "run.html")
    assert (status, "page: run.html\n" in err) == (1, True)
    (error, *_) = _data(Path("run.html").read_text(encoding="utf-8"))["errors"]
    file, _, name, code = error["frame"]
    assert (Path(file).name, name, code) == ("bolts.py", "process", "1 / 0")
