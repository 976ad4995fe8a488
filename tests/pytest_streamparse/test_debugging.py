"""pdb in components under pytest, at a real terminal: in this process and in processes of their own."""

from __future__ import annotations

import sys

import pytest

from streamparse.multilang import ignored_breakpoint
from tests.pytest_streamparse.conftest import Run
from tests.support.at_terminal import AtTerminal

BOLT = """
from streamparse.bolt import Bolt


class WordCounter(Bolt):
    def initialize(self, conf, context):
        self.words = []

    def process(self, tup):
        (word,) = tup.values
        self.words.append(word)
        if word == "stop":
            breakpoint()
            self.words.append("stopped")
        if word == "raise":
            raise ValueError("raised")
        self.emit([word, len(self.words)])
"""
pytest_plugins = ["pytester"]
MODES = ("inprocess", "process")


def write_test(pytester: pytest.Pytester, words: list[str]) -> None:
    """Write the bolt, and a test of these words."""
    (pytester.path / "src/bolts/wordcount.py").write_text(BOLT)
    pytester.makepyfile(
        f"""
        def test_it(storm):
            rows = [[word] for word in {words!r}]
            conf = {{"topology.workers": 1}}
            topology = storm.topology("wordcount", spouts={{"word-spout": rows}}, conf=conf)
            topology.complete()
            assert [row[0] for row in topology["count-bolt"].emitted] == {words!r}
            assert topology.now_ms < 1000
        """
    )


def at_pytest(pytester: pytest.Pytester, words: list[str], *options: str) -> AtTerminal:
    """pytest at a terminal, with a test of these words."""
    write_test(pytester, words)
    hang = ["-o", "storm_hang_seconds=0.5"]
    return AtTerminal(
        [sys.executable, "-m", "pytest", "-q", *hang, *options], cwd=str(pytester.path)
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("capture", ["-s", "--capture=fd"])
def test_a_breakpoint_stops_in_the_users_frame_and_the_test_goes_on(
    mode: str, capture: str, pytester: pytest.Pytester, run: Run
) -> None:
    with at_pytest(pytester, ["a", "stop", "b"], f"--storm-mode={mode}", capture) as terminal:
        terminal.read_until(r"wordcount\.py\(\d+\)process\(\)\n(?s:.*?)\(Pdb\) ")
        terminal.type("p ('here', word, self.words)")
        terminal.read_until(r"\('here', 'stop', \[.*'stop'\]\)\n\(Pdb\) ")
        terminal.type("n")
        terminal.read_until(r"process\(\)\n(?s:.*?)\(Pdb\) ")
        terminal.type("p ('then', self.words[-1])")
        terminal.read_until(r"\('then', 'stop(ped)?'\)\n\(Pdb\) ")
        terminal.type("c")
        assert terminal.end() == 0, terminal.shown
    assert "1 passed" in terminal.shown
    assert "has not answered" not in terminal.shown


@pytest.mark.parametrize("mode", MODES)
def test_a_breakpoint_in_each_of_several_turns_stops_again(
    mode: str, pytester: pytest.Pytester, run: Run
) -> None:
    with at_pytest(pytester, ["stop", "stop", "stop"], f"--storm-mode={mode}") as terminal:
        for turn in range(3):
            terminal.read_until(r"process\(\)\n(?s:.*?)\(Pdb\) ")
            terminal.type(f"p ('turn', {turn}, word)")
            terminal.read_until(rf"\('turn', {turn}, 'stop'\)\n\(Pdb\) ")
            terminal.type("c")
        assert terminal.end() == 0, terminal.shown


@pytest.mark.parametrize(("mode", "typed"), [*((mode, "q") for mode in MODES), ("process", "\x04")])
def test_who_quits_the_debugger_ends_the_test_run(
    mode: str, typed: str, pytester: pytest.Pytester, run: Run
) -> None:
    with at_pytest(pytester, ["stop"], f"--storm-mode={mode}") as terminal:
        terminal.read_until(r"process\(\)\n(?s:.*?)\(Pdb\) ")
        terminal.type(typed)
        assert terminal.end() == 2, terminal.shown
    assert "Quitting debugger" in terminal.shown


@pytest.mark.parametrize("mode", MODES)
def test_an_exception_is_looked_at_in_the_users_frame_with_pdb(
    mode: str, pytester: pytest.Pytester, run: Run
) -> None:
    with at_pytest(pytester, ["a", "raise"], f"--storm-mode={mode}", "--pdb") as terminal:
        terminal.read_until(r"wordcount\.py\(\d+\)process\(\)\n(?s:.*?)\(Pdb\) ")
        terminal.type("p ('here', word)")
        terminal.read_until(r"\('here', 'raise'\)\n\(Pdb\) ")
        terminal.type("c")
        if mode == "process":  # behind it the test itself fails
            terminal.read_until(r"test_it\(\)\n(?s:.*?)\(Pdb\) ")
            terminal.type("c")
        assert terminal.end() == 1, terminal.shown
    assert "ValueError: raised" in terminal.shown


def test_an_expected_exception_is_not_stopped_at(pytester: pytest.Pytester, run: Run) -> None:
    at_pytest(pytester, ["a"]).__exit__(None, None, None)
    pytester.makepyfile(
        """
        def test_it(storm):
            bolt = storm.bolt("wordcount:count-bolt", mode="process")
            assert "ValueError: raised" in str(bolt.process(["raise"], check=False).error)
        """
    )
    words = [sys.executable, "-m", "pytest", "-q", "--pdb"]
    with AtTerminal(words, cwd=str(pytester.path)) as terminal:
        assert terminal.end() == 0, terminal.shown
    assert "1 passed" in terminal.shown


def test_in_a_worker_of_xdist_a_breakpoint_in_a_process_is_passed_over_and_one_line_says_so(
    pytester: pytest.Pytester, run: Run
) -> None:
    """Without remote_pdb. The line is on stderr at once, for a test that passes shows nothing of its output."""
    (pytester.path / "src/remote_pdb.py").write_text("raise ImportError\n")
    write_test(pytester, ["a", "stop", "stop"])
    result = run("-n", "1", "-q", "--storm-mode=process")
    place = f"{pytester.path}/src/bolts/wordcount.py:13"
    assert [line for line in result.errlines if "breakpoint()" in line] == [
        f"count-bolt: {ignored_breakpoint(place)}"
    ]
    assert result.ret == 0
