"""Every mistake of docs/troubleshooting.md is made, in both modes, and answered as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.mistakes import MISTAKES, PAGE, Answer, make, page_answer

pytestmark = pytest.mark.slow

# What no answer may show: our frames, a library's, and a path of this installation.
NOISE = re.compile(r'File "(?!src/|tests/|<)|site-packages|streamparse/(?:storm|run|process)')


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_costs_one_look(name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    found: list[Answer] = []
    for number, mode in enumerate(mistake.modes):
        directory = tmp_path / str(number)
        directory.mkdir()
        found.append(make(mistake, mode, directory))
    assert found == [found[0]] * len(found), "the modes answer differently"
    answer = found[0]
    assert answer.status == mistake.status
    assert [line for line in answer.lines if NOISE.search(line)] == []
    firsts = [line for line in answer.lines if line.startswith(("error: ", "warning: "))]
    assert len(firsts) == len(set(firsts))
    assert answer.lines, "no word of it"
    assert answer == page_answer(PAGE.read_text(encoding="utf-8"), name)
