"""What components print and log is shown in this process, and is the same in both modes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from streamparse.testing import Storm

LOUD = """
import sys
from streamparse import Bolt

class Loud(Bolt):
    def process(self, tup):
        print("printed", *tup.values)
        self.logger.info("logged at info")
        self.logger.debug("logged at debug")
        self.log("sent to Storm", "warn")
        print("on stderr", file=sys.stderr)
        self.raise_exception(ValueError("reported"))
"""


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_prints_records_and_stderr_are_captured_here_in_both_modes(
    mode: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / f"loud_{mode}.py").write_text(LOUD)
    monkeypatch.syspath_prepend(tmp_path)
    before = logging.getLogger().level
    with Storm(tmp_path) as storm:
        bolt = storm.bolt(f"loud_{mode}.Loud", inputs=["word"], mode=mode)  # type: ignore[arg-type]  # a mode
        result = bolt.process(["dog"])
    assert capsys.readouterr() == ("printed dog\n", "on stderr\n")
    name = "streamparse.storm.component.Loud"
    assert caplog.record_tuples == [
        (name, logging.INFO, "logged at info"),
        (name, logging.WARNING, "sent to Storm"),
        (name, logging.ERROR, result.errors[0].text.strip()),
    ]
    assert result.errors[0].text.strip().endswith("ValueError: reported")
    assert [(each.message, each.level) for each in result.log] == [
        ("printed dog", "info"),
        ("logged at info", "info"),
        ("sent to Storm", "warn"),
    ]
    assert logging.getLogger().level == before


def test_two_storms_at_once_send_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loud_twice.py").write_text(LOUD)
    monkeypatch.syspath_prepend(tmp_path)
    with Storm(tmp_path) as outer, Storm(tmp_path) as inner:
        made = [each.bolt("loud_twice.Loud", inputs=["word"]) for each in (outer, inner)]
        assert [len(each.process(["dog"]).log) for each in made] == [3, 3]


DEBUGGED = """
from streamparse import Bolt

class Debugged(Bolt):
    def process(self, tup):
        breakpoint()
        self.emit(["went on"])
"""


def test_without_a_terminal_and_remote_pdb_a_breakpoint_is_passed_over_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "debugged.py").write_text(DEBUGGED)
    (tmp_path / "remote_pdb.py").write_text("raise ImportError\n")
    told: list[str] = []
    with Storm(tmp_path, terminal=None, on_debugger=told.append) as storm:
        bolt = storm.bolt("debugged.Debugged", inputs=["n"], outputs=["word"], mode="process")
        assert bolt.process([1]).emitted == [["went on"]]
    (line,) = told
    assert "debugged.py:6: breakpoint() is passed over; in a component process it needs" in line
