"""The words for how a component ended."""

from pathlib import Path

import pytest

from simulator.engine import Death, death_by
from simulator.engine.faults import Crash, CrashOrder
from simulator.transports.deaths import describe_exit, exited, shown_place


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with exit status 0"),
        (9, "ended with exit status 9"),
        (-9, "was ended by SIGKILL"),
        (-250, "ended with exit status -250"),  # no signal of this system
        (None, "closed its stdout and runs on"),
    ],
)
def test_an_exit_status_is_described(status: int | None, words: str) -> None:
    assert describe_exit(status) == words


@pytest.mark.parametrize(
    ("code", "death"),
    [
        (None, Death("ended with exit status 0")),
        (7, Death("ended with exit status 7")),
        ("no more", Death("ended with exit status 1", stderr="no more\n")),
    ],
)
def test_an_exit_is_what_python_makes_of_its_argument(code: object, death: Death) -> None:
    assert exited(SystemExit(code)) == death


def test_an_injected_crash_is_a_death_that_was_asked_for() -> None:
    crash = Crash(CrashOrder("b", before="ack", nth=2))
    assert death_by(crash.order) == Death(str(crash), ordered=True, scope="worker")


def test_a_line_is_shown_as_it_would_be_typed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    places = [f"{tmp_path}/src/a.py:3", "/elsewhere/b.py:4", "<string>:5", ""]
    assert [*map(shown_place, places)] == ["src/a.py:3", "/elsewhere/b.py:4", "<string>:5", ""]
