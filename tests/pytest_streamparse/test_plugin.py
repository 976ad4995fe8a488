"""The pytest plugin as a whole: what it loads, what it leaves behind, and the plugins it works with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.pytest_streamparse.conftest import COUNT, Run

pytest_plugins = "pytester"
pytestmark = pytest.mark.slow


def test_a_run_that_does_not_use_the_fixture_loads_nothing_of_ours_but_the_plugin(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import json, sys

        def test_it():
            with open("loaded.json", "w") as file:
                json.dump(sorted(sys.modules), file)
        """
    )
    # Of the plugins only ours, so that what is loaded is pytest's or ours; pytest's own, without it, beside it.
    alone = ["-p", "no:xdist", "-p", "no:hypothesispytest", "-p", "no:randomly"]
    seen = []
    for options in (alone, [*alone, "-p", "no:streamparse"]):
        assert run(*options).parseoutcomes() == {"passed": 1}
        seen.append(set(json.loads((pytester.path / "loaded.json").read_text())))
    assert sorted(seen[0] - seen[1]) == [
        "pytest_streamparse",
        "pytest_streamparse.examples",
        "pytest_streamparse.fixture",
        "pytest_streamparse.markers",
        "pytest_streamparse.mutate",
        "pytest_streamparse.options",
        "pytest_streamparse.plugin",
        "pytest_streamparse.record",
        "pytest_streamparse.recordings",
        "pytest_streamparse.reporting",
        "pytest_streamparse.sources",
        "pytest_streamparse.summary",
        "pytest_streamparse.values",
    ]


def test_no_streamparse_removes_all_of_it(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("def test_it(storm): pass")
    without = ("-p", "no:streamparse")
    result = run(*without)
    result.stdout.fnmatch_lines(["E       fixture 'storm' not found"])
    helped = run(*without, "--help").stdout.str() + run(*without, "--markers").stdout.str()
    assert (result.parseoutcomes(), "storm" in helped) == ({"errors": 1}, False)
    assert run(*without, "--storm-seed=1").ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    "options",
    [
        ("-n", "2"),
        ("-p", "randomly", "-p", "no:cacheprovider"),
        ("--assert=plain",),
        ("-p", "cacheprovider"),
    ],
    ids=["xdist", "randomly", "plain asserts", "cacheprovider"],
)
def test_it_gets_along_with(
    options: tuple[str, ...], pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "")
    pytester.makepyfile(
        COUNT
        + """
    def test_fails(storm):
        bolt = storm.bolt("wordcount:count-bolt")
        assert bolt.process(["dog"]).emitted == [["dog", 2]]
"""
    )
    result = run("--storm-mode=both", *options)
    assert result.parseoutcomes() == {"passed": 2, "failed": 2}
    rerun = "rerun: pytest *.py::test_fails --storm-seed=* --storm-mode="
    result.stdout.fnmatch_lines_random([rerun + "inprocess", rerun + "process"])


def test_coverage_does_not_count_as_a_debugger_and_sees_component_processes(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(COUNT)
    (pytester.path / ".coveragerc").write_text(
        "[run]\nsource = src\npatch = subprocess, fork, _exit\nparallel = true\n"
    )
    coverage = [sys.executable, "-m", "coverage"]
    tested = pytester.run(
        *coverage, "run", "-m", "pytest", "--storm-mode=process", "--storm-seed=1"
    )
    tested.stdout.fnmatch_lines(["storm: mode process, seed 1, hung after 10 s", "*1 passed*"])
    pytester.run(*coverage, "combine")
    report = pytester.run(*coverage, "report", "--format=total", "--include=src/bolts/*")
    assert (
        int(report.outlines[0]) > 90
    )  # nothing but what it logs of every thousandth word is missing


PID = """
    import os, signal, pytest
    from streamparse import Bolt

    class Pid(Bolt):
        def process(self, tup):
            self.emit([os.getpid(), os.getppid()])
            if tup.values[0] == "sleep":
                signal.pause()

    def pids(storm):
        bolt = storm.bolt(Pid, inputs=["word"], outputs=["pid", "parent"], mode="process")
        with open("pids", "a") as file:
            for pid in bolt.process(["dog"]).emitted[0]:
                print(pid, file=file)
        return bolt
"""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("pids(storm)", pytest.ExitCode.OK),
        ("pids(storm); assert 0", pytest.ExitCode.TESTS_FAILED),
        ("os.kill(pids(storm).process(['dog']).emitted[0][0], signal.SIGKILL)", pytest.ExitCode.OK),
        ("pids(storm); os.kill(os.getpid(), signal.SIGINT)", pytest.ExitCode.INTERRUPTED),
        ("pids(storm).process(['sleep'])", pytest.ExitCode.TESTS_FAILED),
        ("pids(storm); pytest.exit('enough', 7)", 7),
    ],
    ids=["pass", "failure", "crash", "Ctrl-C", "hang", "exit"],
)
def test_no_process_outlives_its_test(
    body: str, status: int, pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(PID + f"\n    def test_it(storm):\n        {body}\n")
    result = run("-o", "storm_hang_seconds=0.5")
    pids = (pytester.path / "pids").read_text().split()
    alive = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert (result.ret, len(pids), alive) == (status, 2, [])
