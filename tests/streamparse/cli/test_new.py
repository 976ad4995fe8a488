"""``sparse new`` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.quickstart import write_project
from tests.support.sparse import run


def test_a_new_bolt_is_shown_with_its_test_and_its_place_in_a_topology(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project("demo", tmp_path)
    monkeypatch.chdir(tmp_path / "demo")
    use = '"word-filter" (python-bolt-spec options {"word-spout" :shuffle} "bolts.word_filter.WordFilter" ["value"])'
    assert run(capsys, "new", "bolt", "word-filter") == (
        0,
        "    create    src/bolts/word_filter.py\n"
        "    create    tests/test_word_filter.py\n"
        "\nTest it with:\n\n"
        "    pytest tests/test_word_filter.py\n"
        "\nA topology file names it so:\n\n"
        f"    {use.replace('word-spout', 'SOURCE')}\n",
        "",
    )
    topology = tmp_path / "demo/topologies/wordcount.clj"
    text = topology.read_text()
    topology.write_text(text.replace(":p 2)}", f":p 2)\n{use}}}"))
    status, out, err = run(capsys, "simulate", "-t", "0.01")
    assert (status, "word-filter" in out) == (0, True), err


@pytest.mark.parametrize(
    ("kind", "use"),
    [
        ("bolt", 'word_filter = WordFilter.spec(inputs=[SOURCE], outputs=["value"])'),
        ("spout", 'word_filter = WordFilter.spec(outputs=["value"])'),
    ],
)
def test_in_a_project_in_python_the_place_in_a_class_is_shown(
    kind: str,
    use: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_project("demo", tmp_path, in_python=True)
    monkeypatch.chdir(tmp_path / "demo")
    status, out, _ = run(capsys, "new", kind, "word-filter")
    assert (status, out.splitlines()[-1]) == (0, f"    {use}")


def test_a_kind_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "new", "blot", "a")
    assert (status, out) == (2, "")
    assert err.startswith("error: argument KIND: invalid choice: 'blot'")
