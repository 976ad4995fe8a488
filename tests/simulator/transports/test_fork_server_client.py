"""Fork servers are kept from one simulation to the next, and nobody can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.transports import fork_server_client
from streamparse.testing import Storm
from tests.support.paths import ROOT

TELLER = """
import os
from streamparse import Bolt

class Teller(Bolt):
    def process(self, tup):
        self.emit([WORD, os.environ.get("COLOUR"), os.environ.get("PYTEST_CURRENT_TEST")])

class Server(Bolt):
    def process(self, tup):
        self.emit([os.getppid()])
"""


def write(directory: Path, word: str) -> Path:
    directory.mkdir(exist_ok=True)
    (directory / "telling.py").write_text(f"WORD = {word!r}\n{TELLER}", encoding="utf-8")
    return directory


def described(directory: Path) -> list[object]:
    """What the component process of a directory says of itself: its word, its colour, the test it runs in."""
    with Storm(directory) as storm:
        bolt = storm.bolt(
            "telling.Teller",
            inputs=["x"],
            outputs=["word", "colour", "test"],
            mode="process",
        )
        return list(bolt.process(["?"]).emitted[0])


def server(directory: Path) -> int:
    with Storm(directory) as storm:
        bolt = storm.bolt("telling.Server", inputs=["x"], outputs=["pid"], mode="process")
        pid = bolt.process(["?"]).emitted[0][0]
        assert isinstance(pid, int)
        return pid


def test_the_next_simulation_in_the_same_place_has_the_same_fork_server(tmp_path: Path) -> None:
    write(tmp_path, "dog")
    assert server(tmp_path) == server(tmp_path)


def test_two_simulations_at_the_same_time_have_a_fork_server_each(tmp_path: Path) -> None:
    write(tmp_path, "dog")
    with Storm(tmp_path) as storm:
        bolts = [
            storm.bolt("telling.Server", inputs=["x"], outputs=["pid"], mode="process")
            for _ in range(2)
        ]
        pids = [bolt.process(["?"]).emitted[0][0] for bolt in bolts]
    assert len(set(pids)) == 2


def test_a_fork_server_that_died_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, "dog")
    first = server(tmp_path)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # it is gone; its owner reaps it
    second = server(tmp_path)
    assert (second != first, server(tmp_path)) == (True, second)


def test_two_projects_may_have_modules_of_the_same_name(tmp_path: Path) -> None:
    here, there = write(tmp_path / "here", "dog"), write(tmp_path / "there", "cat")
    assert [described(each)[0] for each in (here, there, here)] == ["dog", "cat", "dog"]


def test_a_module_that_changed_between_two_runs_is_read_again(tmp_path: Path) -> None:
    assert [described(write(tmp_path, word))[0] for word in ("dog", "zebra")] == ["dog", "zebra"]


def test_a_module_that_was_not_there_when_the_fork_server_started_is_found(tmp_path: Path) -> None:
    write(tmp_path, "dog")
    first = server(tmp_path)
    (tmp_path / "later.py").write_text("from telling import Server as Later\n", encoding="utf-8")
    with Storm(tmp_path) as storm:
        bolt = storm.bolt("later.Later", inputs=["x"], outputs=["pid"], mode="process")
        assert bolt.process(["?"]).emitted == [[first]]


def test_each_run_sees_the_environment_of_its_own_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "dog")
    seen = []
    for colour, test in (("red", "a"), ("blue", "b"), ("blue", "c")):
        monkeypatch.setenv("COLOUR", colour)
        monkeypatch.setenv("PYTEST_CURRENT_TEST", test)
        seen.append(described(tmp_path)[1:])
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    seen.append(described(tmp_path)[1:])
    assert seen == [["red", "a"], ["blue", "b"], ["blue", "c"], ["blue", None]]


def test_a_test_that_is_told_its_name_does_not_cost_a_new_fork_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "dog")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "a")
    first = server(tmp_path)
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "b")
    assert server(tmp_path) == first


def test_a_fork_of_the_owner_has_fork_servers_of_its_own_and_leaves_ours_alone(
    tmp_path: Path,
) -> None:
    write(tmp_path, "dog")
    ours = server(tmp_path)
    fork = os.fork()
    if fork == 0:
        status = 1
        try:
            status = 0 if server(tmp_path) not in (ours, 0) else 2
        finally:
            fork_server_client.close_idle()  # what an ordinary exit would do
            os._exit(status)
    _, status = os.waitpid(fork, 0)
    assert (os.waitstatus_to_exitcode(status), server(tmp_path)) == (0, ours)


def test_more_components_than_fit_into_one_request_all_start(tmp_path: Path) -> None:
    write(tmp_path, "dog")
    (tmp_path / "many.clj").write_text(
        """
        (ns many (:use [streamparse.specs]))
        (defn many [options]
          [{"words" (python-spout-spec options "telling.Words" ["word"])}
           {"tell" (python-bolt-spec options {"words" :all} "telling.Teller" ["a" "b" "c"] :p 70)}])
        """,
        encoding="utf-8",
    )
    with Storm(tmp_path) as storm:
        run = storm.topology("many.clj", spouts={"words": [["x"]]}, mode="process")
        run.complete()
        assert [row[0] for row in run["tell"].emitted] == ["dog"] * 70


def test_no_fork_server_outlives_its_owner(tmp_path: Path) -> None:
    write(tmp_path, "dog")
    program = (
        "import sys\n"
        "from streamparse.testing import Storm\n"
        "with Storm('.') as storm:\n"
        "    bolt = storm.bolt('telling.Server', inputs=['x'], outputs=['pid'], mode='process')\n"
        "    print(bolt.process(['?']).emitted[0][0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
    assert done.stderr == ""
