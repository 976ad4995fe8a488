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
    ]
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
