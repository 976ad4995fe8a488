"""What is shown of a run while it goes on."""

from __future__ import annotations

import io

import pytest

from streamparse.cli.console import Console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def test_progress_is_shown_on_a_terminal_only_and_makes_way_for_what_components_say() -> None:
    times = iter([1.0, 1.05, 1.2])
    terminal, pipe = Terminal(), io.StringIO()
    console = Console(terminal, clock=lambda: next(times))
    for now_ms in (1500, 1600, 1700):  # the second comes too soon after the first
        console.progress(now_ms)
    console.log("count-bolt", 3, 3, "two\nlines")
    console.clear()
    Console(pipe, clock=lambda: 1.0).progress(1500)
    assert (terminal.getvalue(), pipe.getvalue()) == (
        "\r\x1b[K1.500 virtual seconds\r\x1b[K1.700 virtual seconds, 1 a second\r\x1b[K"
        "count-bolt[3] WARN two\ncount-bolt[3] WARN lines\n",
        "",
    )


def test_progress_tells_the_total_the_rate_and_the_time_that_is_left() -> None:
    times = iter([100.0, 102.0, 104.0])
    terminal = Terminal()
    console = Console(terminal, clock=lambda: next(times), until_ms=600_000)
    for now_ms in (0, 60_000, 600_010):  # the last tuples are processed when the time is up
        console.progress(now_ms)
    assert terminal.getvalue().split("\r\x1b[K")[1:] == [
        "0.000 of 600 virtual seconds, 0%",
        "60.000 of 600 virtual seconds, 10%, 30 a second, 18s left",
        "600.010 virtual seconds, 150 a second",
    ]


def test_what_a_terminal_obeys_in_an_id_is_an_escape_and_raw_as_it_is() -> None:
    shown, raw = io.StringIO(), io.StringIO()
    for console in (Console(shown), Console(raw, raw=True)):
        console.log("a\x1b[31m\n", 3, 3, "x")
        console.stderr("a\x1b[31m\n", 3, "y")
    assert shown.getvalue() == "a\\x1b[31m\\n[3] WARN x\na\\x1b[31m\\n[3] stderr y\n"
    assert raw.getvalue() == "a\x1b[31m\n[3] WARN x\na\x1b[31m\n[3] stderr y\n"


def test_a_quiet_console_shows_nothing() -> None:
    terminal = Terminal()
    console = Console(terminal, is_quiet=True)
    console.progress(1500)
    console.log("count-bolt", 3, 4, "an error")
    console.stderr("count-bolt", 3, "a line")
    console.unending(61_000, ["b holds a tuple"])
    console.clear()
    assert terminal.getvalue() == ""


def test_warnings_and_errors_of_components_have_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    console = Console(terminal)
    for level in (2, 3, 4):
        console.log("a", 1, level, "text")
    assert terminal.getvalue() == (
        "a[1] INFO text\na[1] \x1b[33mWARN\x1b[0m text\na[1] \x1b[31mERROR\x1b[0m text\n"
    )


def test_what_keeps_a_run_going_is_a_warning_above_the_line_of_progress() -> None:
    terminal = Terminal()
    console = Console(terminal, clock=lambda: 1.0)
    console.progress(61_000)
    console.unending(61_000, ["b holds a tuple"])
    assert terminal.getvalue() == (
        "\r\x1b[K61.000 virtual seconds\r\x1b[K"
        "warning: still running after 61 virtual seconds: b holds a tuple; "
        "--time SECS limits a run, and Ctrl-C ends it with its table\n"
    )
