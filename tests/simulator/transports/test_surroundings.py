"""Whatever a turn does to the process, its caller finds it as it was."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from simulator.transports.surroundings import OwnSurroundings
from streamparse import multilang


def test_the_random_state_the_directory_the_variables_and_the_host_are_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINE", "before")
    monkeypatch.delenv("NEW", raising=False)
    before = random.getstate(), os.getcwd(), multilang.HOST.get()
    with OwnSurroundings({"MINE": "theirs", "NEW": "x"}):
        seen = os.environ["MINE"], os.environ["NEW"], multilang.HOST.get().virtual_clock
        random.seed(1)
        os.chdir("/")
        os.environ["MINE"] = "changed"
    assert seen == ("theirs", "x", True)
    assert (random.getstate(), os.getcwd(), multilang.HOST.get()) == before
    assert (os.environ["MINE"], os.environ.get("NEW")) == ("before", None)


def test_they_are_given_back_where_the_turn_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    state = random.getstate()

    def turn() -> None:
        with OwnSurroundings({}):
            random.seed(2)
            raise KeyError

    with pytest.raises(KeyError):
        turn()
    assert random.getstate() == state


def test_a_directory_that_has_been_removed_is_given_back_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    where = os.stat(".").st_ino
    with OwnSurroundings({}):
        gone.rmdir()
        os.chdir("/")
    assert os.stat(".").st_ino == where
