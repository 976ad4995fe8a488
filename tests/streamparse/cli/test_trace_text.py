"""The lines about a trace that several commands have."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.engine import events
from streamparse.cli.trace_text import event_line, id_lines, near_ids, reading, trees_of_id
from streamparse.project import UsageError
from tests.support.recorded import CRASH, NAMES, PLAIN, rooted, write


def test_the_line_of_an_event_is_one_line_that_no_terminal_obeys() -> None:
    event = events.Died(1500, "a\nb", 4, "")
    assert event_line(event, "dies:\x1b[31m\n\u202e") == (
        "   1.500 s  a\\nb[4] dies:\\x1b[31m\\n\\u202e"
    )


def test_a_line_has_a_colour_of_its_own_unless_the_caller_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    event = events.Failed(0, "a", 1, "7", "")
    assert event_line(event, "x").startswith("\x1b[31m")
    assert event_line(event, "x", has_colour=False) == "   0.000 s  a[1] x"


def test_the_trees_of_an_id_come_with_the_other_ids() -> None:
    roots, others = trees_of_id("0", CRASH, NAMES)
    assert ([root.attempt for root in roots], list(others)) == ([1, 2], ["1"])


def test_the_same_id_at_two_tasks_is_shown_apart() -> None:
    other = events.Emit(5, "words", 7, "default", '["owl"]', "0", None, ())
    roots, _ = trees_of_id("0", [PLAIN[0], other], NAMES)
    lines = list(id_lines(roots))
    assert [line for line in lines if line.startswith("id ")] == [
        "id 0 of words[5]: still pending",
        "id 0 of words[7]: still pending",
    ]
    assert "" in lines


def test_the_nearest_ids_are_numbers_by_distance_and_texts_by_their_letters() -> None:
    assert near_ids("10", ["1", "12", "9", "true"]) == "; the nearest are 9, 12, 1"
    assert near_ids("ordr-2", ['"order-2"', '"x"', "3"]) == '; the nearest are "order-2"'
    assert near_ids("0", []) == "; there are no message ids"


def test_what_could_not_be_read_is_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = write(tmp_path / "a.jsonl", [rooted(0, "dog", 0)])
    with (tmp_path / name).open("a") as file:
        file.write("{\n")
    with reading(name) as reader:
        assert len(list(reader)) == 1
    assert capsys.readouterr().err == (
        "warning: a.jsonl: line 3: it is no event of a trace; 1 such line is left out\n"
    )
    with pytest.raises(UsageError, match="none: No such file"), reading("none"):
        pass
