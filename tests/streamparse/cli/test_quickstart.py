"""``sparse quickstart``: the screen of the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamparse.cli.sparse import main
from tests.support.sparse import QUICKSTART_SCREEN


def test_the_screen_is_that_of_the_documents_and_names_what_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (main(["quickstart", "demo"]), *capsys.readouterr()) == (0, QUICKSTART_SCREEN, "")
    named = re.findall(r"^    create    (.*?)/?$", QUICKSTART_SCREEN, re.MULTILINE)
    assert sorted(named) == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))


def test_a_project_in_python_is_shown_with_what_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["quickstart", "--python", "demo"]) == 0
    screen = capsys.readouterr().out
    expected = QUICKSTART_SCREEN.replace("wordcount.clj", "wordcount.py")
    assert screen == expected.replace("Java and Leiningen", "Java, and Maven or STORM_HOME")
    named = re.findall(r"^    create    (.*?)/?$", screen, re.MULTILINE)
    assert sorted(named) == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert "demo/topologies/wordcount.py" in named
    texts = [each.read_text() for each in tmp_path.rglob("*") if each.is_file()]
    assert [each for each in texts if "Leiningen" in each or "wordcount.clj" in each] == []
