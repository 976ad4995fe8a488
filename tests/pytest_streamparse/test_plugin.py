"""The pytest plugin: what it adds to a run, what it keeps out of one, and what a failure says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from streamparse.quickstart import write_project
from tests.support import plugged

pytest_plugins = "pytester"

Run = Callable[..., pytest.RunResult]

COUNT = """
    def test_counts(storm):
        topology = storm.topology("wordcount", spouts={"word-spout": [["dog"], ["cat"], ["dog"]]})
        topology.complete()
        assert topology["count-bolt"].emitted.last_by("word") == {"dog": 2, "cat": 1}
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """pytest in a new wordcount project, in a process of its own."""
    for name, value in plugged.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONBREAKPOINT", raising=False)
    write_project("demo", pytester.path)
    shutil.rmtree(pytester.path / "demo/tests")
    for path in (pytester.path / "demo").iterdir():
        path.rename(pytester.path / path.name)
    return pytester.runpytest_subprocess


# -- one fixture -------------------------------------------------------------------------------------------------


def test_the_fixture_runs_in_each_mode_and_in_both(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(COUNT)
    passed = [
        run("-q", *options).parseoutcomes()
        for options in [(), ("--storm-mode=inprocess",), ("--storm-mode=process",)]
    ]
    both = run("-v", "--storm-mode=both")
    both.stdout.fnmatch_lines(
        ["*::test_counts?inprocess? PASSED*", "*::test_counts?process? PASSED*"]
    )
    assert [*passed, both.parseoutcomes()] == [{"passed": 1}] * 3 + [{"passed": 2}]


def test_mode_seed_and_version_are_the_nearest_markers_then_the_options_then_the_files(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makeini("[pytest]\nstorm_mode = process\nstorm_version = 1.2.4")
    pytester.makepyfile(
        """
        import pytest

        def test_plain(storm):
            print("SAID", storm.mode, storm.version, storm.seed)

        @pytest.mark.storm(mode="inprocess", seed=7)
        class TestMarked:
            def test_class(self, storm):
                print("SAID", storm.mode, storm.version, storm.seed)

            @pytest.mark.storm(storm="0.9.5", seed=8)
            def test_function(self, storm):
                print("SAID", storm.mode, storm.version, storm.seed)
        """
    )

    def said(*options: str) -> list[str]:
        return re.findall("SAID (.*)", run("-s", *options).stdout.str())

    name = f"{pytester.path.name.rstrip('0123456789')}.py::test_plain"
    plain = zlib.crc32(name.encode())
    assert (said()[1:], said("--storm-seed=3", "--storm-mode=both")) == (
        ["inprocess 1.2.4 7", "inprocess 0.9.5 8"],
        ["inprocess 1.2.4 3", "process 1.2.4 3", "inprocess 1.2.4 7", "inprocess 0.9.5 8"],
    )
    assert said()[0] == f"process 1.2.4 {plain}"


def test_a_test_has_the_same_seed_in_both_modes_and_another_test_another(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("word", ["dog", "cat"])
        def test_plain(storm, word):
            print("SEED", word, storm.seed)
        """
    )
    alone = sorted(set(re.findall("SEED (.*)", run("-s").stdout.str())))
    both = sorted(set(re.findall("SEED (.*)", run("-s", "--storm-mode=both").stdout.str())))
    assert (alone, len({line.split()[1] for line in both})) == (both, 2)


def test_the_sources_of_the_nearest_project_can_be_imported_by_a_conftest_already(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests/conftest.py").write_text("from bolts.wordcount import WordCounter\n")
    (pytester.path / "tests/test_it.py").write_text(
        "from conftest import WordCounter\n"
        "def test_it(storm):\n"
        "    bolt = storm.bolt(WordCounter, inputs=['word'], outputs=['word', 'count'])\n"
        "    assert bolt.process(['dog']).emitted == [['dog', 1]]\n"
    )
    elsewhere = pytester.mkdir("elsewhere")
    outcomes = [run("-q", "tests").parseoutcomes()]
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(elsewhere)
        outcomes.append(
            run("-q", f"--rootdir={elsewhere}", "../tests/test_it.py::test_it").parseoutcomes()
        )
    assert outcomes == [{"passed": 1}] * 2


def test_a_directory_with_a_config_of_somebody_else_is_left_alone(
    pytester: pytest.Pytester, run: Run
) -> None:
    shutil.rmtree(pytester.path / "topologies")
    pytester.makepyfile(
        "import sys\ndef test_it(): print('SAID', [p for p in sys.path if p[-4:] == '/src'])"
    )
    said = []
    for config in ("{}", '{"topology_specs": "specs/"}'):
        (pytester.path / "config.json").write_text(config)
        said += re.findall("SAID (.*)", run("-s").stdout.str())
    assert said == ["[]", f"['{pytester.path}/src']"]


def test_the_fixture_can_be_asked_for_at_run_time_and_be_replaced(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest
        from streamparse.testing import Storm

        def test_asks(request):
            assert isinstance(request.getfixturevalue("storm"), Storm)

        class TestOwn:
            @pytest.fixture
            def storm(self, storm):
                return storm.mode

            def test_replaced(self, storm):
                assert storm in ("process", "inprocess")
        """
    )
    assert run("--storm-mode=both").parseoutcomes() == {"passed": 3}


# -- manners -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--storm-mode=fork"], "--storm-mode=fork: one of inprocess, process, both would do"),
        (["--storm-seed=dog"], "--storm-seed=dog: a whole number would do"),
        (["--storm-replay=dog"], "--storm-replay=dog: there is no such file; a case file would do"),
        (["-o", "storm_mode=x"], "ini storm_mode=x: one of inprocess, process, both would do"),
        (
            ["-o", "storm_hang_seconds=-1"],
            "ini storm_hang_seconds=-1: seconds from 0 would do; 0 is for ever",
        ),
        (
            ["-o", "storm_version=3"],
            "ini storm_version: Storm version '3': not one that can be simulated; give a full version from "
            "0.9.3 to 2.8.x, such as '2.8.3' *",
        ),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_what_would_do(
    arguments: list[str], message: str, run: Run
) -> None:
    result = run(*arguments)
    lines = [line for line in result.stderr.lines if line]
    assert (result.ret, len(lines)) == (pytest.ExitCode.USAGE_ERROR, 1)
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("'process'", "takes mode=, seed=, storm= and virtual_time=, by name"),
        ("moed='process'", "has no moed=; mode=, seed=, storm= and virtual_time= would do"),
        ("mode='fork'", ": mode=fork: one of inprocess, process, both would do"),
        ("seed=True", ": seed=True: a whole number would do"),
        ("virtual_time=1", ": virtual_time=1: True or False would do"),
        ("storm='2'", ": storm: Storm version '2': not one that can be simulated; *"),
    ],
)
def test_a_wrong_marker_is_one_line_that_names_the_test(
    marker: str, message: str, pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.storm({marker})\ndef test_it(storm): pass")
    result = run()
    gap = "" if message.startswith(":") else " "
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *.py::test_it: the marker storm{gap}{message}"])


BROKEN = '{"envs": {},\n"log":\n  x}'


@pytest.mark.parametrize("place", [".", "tests"])
def test_a_broken_config_json_is_one_line_with_its_place(
    place: str, pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text(BROKEN)
    pytester.mkdir("tests").joinpath("test_it.py").write_text("def test_it(storm): pass")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(pytester.path / place)
        result = run()
    lines = [line for line in result.stderr.lines if line]
    up = "" if place == "." else "../"
    assert (result.ret, lines) == (
        pytest.ExitCode.USAGE_ERROR,
        [f"ERROR: {up}config.json:3:3: no JSON: expecting value"],
    )


def test_a_broken_config_json_fails_each_test_in_a_line_where_workers_cannot_end_the_run(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text(BROKEN)
    pytester.makepyfile("def test_it(storm): pass\ndef test_other(): pass")
    result = run("-n", "2", "-q")
    assert result.parseoutcomes() == {"passed": 1, "errors": 1}
    told = [line for line in result.stdout.lines if "config.json" in line]
    assert told[0] == "config.json:3:3: no JSON: expecting value"
    assert "Traceback" not in result.stdout.str()
    result.stdout.no_fnmatch_line("During handling of*")


def test_a_broken_config_json_is_nothing_to_tests_without_the_fixture(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text(BROKEN)
    pytester.makepyfile("def test_it(): pass")
    assert run().parseoutcomes() == {"passed": 1}


def test_a_wrong_marker_fails_its_test_where_workers_cannot_end_the_run(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.storm(mode="fork")
        def test_it(storm):
            pass

        def test_other(storm):
            pass
        """
    )
    result = run("-n", "2")
    assert result.parseoutcomes() == {"passed": 1, "errors": 1}
    result.stdout.fnmatch_lines(
        ["*.py::test_it: the marker storm: mode=fork: one of inprocess, process, both would do"]
    )


def test_the_header_has_a_line_only_where_something_was_set(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile("def test_it(): pass")

    def line(*options: str) -> list[str]:
        return [line for line in run(*options).stdout.lines if line.startswith("storm")]

    assert (
        line(),
        line("--storm-mode=process", "--storm-seed=7", "-o", "storm_version=1.2.4"),
    ) == (
        [],
        ["storm: mode process, seed 7, version 1.2.4, hung after 10 s"],
    )


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
    assert sorted(seen[0] - seen[1]) == ["pytest_streamparse", "pytest_streamparse.plugin"]


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
    again = "again: pytest *.py::test_fails --storm-seed=* --storm-mode="
    result.stdout.fnmatch_lines_random([again + "inprocess", again + "process"])


@pytest.mark.parametrize(
    ("options", "variable", "conftest"),
    [
        (["--pdb"], "", ""),
        (["--trace"], "", ""),
        ([], "ipdb.set_trace", ""),
        ([], "", "import sys; sys.settrace(lambda *_: None)"),
    ],
)
def test_under_a_debugger_nothing_counts_as_hung(
    options: list[str],
    variable: str,
    conftest: str,
    pytester: pytest.Pytester,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if variable:
        monkeypatch.setenv("PYTHONBREAKPOINT", variable)
    pytester.makeconftest(conftest)
    run("--storm-seed=1", *options).stdout.fnmatch_lines(["storm: seed 1, never hung"])


def test_never_hung_is_for_ever_over_processes_too(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(COUNT)
    result = run("-o", "storm_hang_seconds=0", "--storm-mode=process")
    assert result.parseoutcomes() == {"passed": 1}


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
    assert report.outlines == ["100"]


# -- nothing is left ---------------------------------------------------------------------------------------------

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


def test_after_its_test_a_storm_says_that_it_is_closed(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        kept = {}

        def test_first(storm):
            kept["storm"] = storm
            kept["bolt"] = storm.bolt("wordcount:count-bolt")
            kept["spout"] = storm.spout("wordcount:word-spout")
            kept["topology"] = storm.topology("wordcount", spouts={"word-spout": []}).complete()

        def test_bolt(storm):
            kept["bolt"].process(["dog"])

        def test_spout(storm):
            kept["spout"].next_tuple()

        def test_topology(storm):
            kept["topology"].complete()

        def test_storm(storm):
            kept["storm"].bolt("wordcount:count-bolt")
        """
    )
    result = run("--storm-mode=inprocess")
    assert result.parseoutcomes() == {"passed": 1, "failed": 4}
    result.stdout.fnmatch_lines(
        [
            "E *HarnessError: count-bolt: this test is over, and its component has been ended",
            "E *HarnessError: word-spout: this test is over, and its component has been ended",
            "E *HarnessError: topology 'wordcount': this test is over, and its components are gone",
            "E *HarnessError: this Storm is closed, for its test is over; each test has its own",
        ]
    )


# -- what is handed on -------------------------------------------------------------------------------------------


def test_a_golden_file_is_written_when_asked_for_and_compared_with_otherwise(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        def test_it(storm):
            storm.topology("wordcount", spouts={"word-spout": [["dog"]]}).complete()
            storm.golden("dog")
        """
    )
    results = [run(), run("--storm-update-golden"), run()]
    assert [result.parseoutcomes() for result in results] == [
        {"failed": 1},
        {"passed": 1},
        {"passed": 1},
    ]
    results[0].stdout.fnmatch_lines(["E *there is no golden file */golden/dog.txt*"])
    results[1].stdout.fnmatch_lines(["storm: *, writing golden files anew"])


def test_a_case_that_explore_has_found_is_replayed_by_the_command_it_names(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        def test_it(storm):
            for run in storm.explore(50, faults=["duplicate"]):
                with run.topology("wordcount", spouts={"word-spout": [["dog"]]}) as topology:
                    topology.complete()
                    print("RAN")
                    assert topology["count-bolt"].emitted == [["dog", 1]]
        """
    )
    found = run("-s")  # so that every run is heard
    command = re.search(r"pytest .*--storm-replay=\S+", found.stdout.str())
    assert command
    again = run("-s", *shlex.split(command[0])[1:])
    assert [result.parseoutcomes() for result in (found, again)] == [{"failed": 1}] * 2
    assert again.stdout.str().count("RAN") < found.stdout.str().count("RAN")


def test_a_failing_explore_shows_the_output_of_the_smallest_run_and_one_command(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import logging, sys

        def test_it(storm):
            print("BEFORE")
            for run in storm.explore(50, faults=["duplicate"]):
                with run.topology("wordcount", spouts={"word-spout": [["dog"]]}) as topology:
                    print("RAN", run.case.faults)
                    print("COMPLAINED", file=sys.stderr)
                    logging.getLogger("test").warning("LOGGED")
                    topology.complete()
                    assert topology["count-bolt"].emitted == [["dog", 1]]

        def test_a_mistake(storm):
            for run in storm.explore(50):
                storm.nothing
        """
    )
    for capture in ("--capture=fd", "--capture=sys"):
        result = run(capture)
        # Where CI is set, pytest's summary has the whole of each message once more.
        output = result.stdout.str().partition("short test summary info")[0]
        words = re.findall("^(BEFORE|RAN|COMPLAINED|WARNING)", output, re.MULTILINE)
        assert words == ["BEFORE", "RAN", "COMPLAINED", "WARNING"]
        commands = re.findall(r"^(?:E +)?again: (.*)$", output, re.MULTILINE)
        assert [re.findall(r"::(\w+)|(--storm-replay)", each) for each in commands] == [
            [("test_it", ""), ("", "--storm-replay")],
            [("test_a_mistake", "")],
        ]
    assert run("-s").stderr.str().count("COMPLAINED") > 2  # nothing is captured, nothing taken
    assert run("-p", "no:logging").parseoutcomes() == {"failed": 2}


# -- warnings ----------------------------------------------------------------------------------------------------


def test_a_test_that_did_not_look_is_warned(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        FAILS = {"count-bolt": "stubs.Fails"}

        def test_never_run(storm):
            storm.topology("wordcount", spouts={"word-spout": []})

        def test_failed(storm):
            storm.topology("wordcount", spouts={"word-spout": [["dog"]]}, bolts=FAILS).complete()

        def test_pending(storm):
            topology = storm.topology("wordcount", spouts={"word-spout": [["dog"]]})
            topology["count-bolt"].hang()
            topology.advance(1)

        def test_looked_at(storm):
            topology = storm.topology("wordcount", spouts={"word-spout": [["dog"]]}, bolts=FAILS)
            assert topology.complete()["word-spout"].failed == [0]

        def test_failed_itself(storm):
            storm.topology("wordcount", spouts={"word-spout": []})
            assert 0
        """
    )
    (pytester.path / "src/stubs.py").write_text(
        "from streamparse import Bolt\n"
        "class Fails(Bolt):\n"
        "    auto_ack = False\n"
        "    def process(self, tup): self.fail(tup)\n"
    )
    result = run()
    result.stdout.fnmatch_lines(
        [
            "*::test_never_run",
            "*StormWarning: topology 'wordcount' was made and never run; complete() runs it",
            "*::test_failed",
            "*StormWarning: topology 'wordcount': tuples ?0? of 'word-spout' have failed, and nobody looked: "
            "assert what topology?'word-spout'?.failed is",
            "*::test_pending",
            "*StormWarning: topology 'wordcount': tuples ?0? of 'word-spout' are neither acked nor failed, and "
            "nobody looked: complete() settles them, or assert what topology?'word-spout'?.pending is",
        ]
    )
    assert result.parseoutcomes() == {"passed": 4, "failed": 1, "warnings": 3}
    strict = run("-W", "error::pytest_streamparse.StormWarning")
    assert strict.parseoutcomes() == {"passed": 4, "failed": 1, "errors": 3}
    strict.stdout.fnmatch_lines(["topology 'wordcount' was made and never run; complete() runs it"])


# -- what a failure says -----------------------------------------------------------------------------------------


def test_rows_that_differ_are_shown_with_the_place(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def test_counts(storm):
            topology = storm.topology("wordcount", spouts={"word-spout": [["dog"], ["cat"], ["dog"]]})
            topology.complete()
            assert topology["count-bolt"].emitted == [["dog", 1], ["cat", 1], ["dog", 3]]

        def test_any_order(storm):
            topology = storm.topology("wordcount", spouts={"word-spout": [["dog"], ["cat"], ["dog"]]})
            topology.complete()
            rows = [["dog", 2], ["cat", 1], ["cat", 2]]
            assert topology["count-bolt"].emitted == storm.any_order(rows)

        def test_values(storm):
            emitted = storm.bolt("wordcount:count-bolt").process(["dog"]).emitted
            assert emitted[0] == ["dog", 2]
        """
    )
    result = run("--storm-mode=inprocess")
    assert result.parseoutcomes() == {"failed": 3}
    first = [
        "E *assert 3 rows == 3 rows; the first difference is at 2",
        "E *left:  ?'dog', 2?  by count-bolt?*? at 3 ms",
        "E *right: ?'dog', 3?",
    ]
    result.stdout.fnmatch_lines(
        [
            *first,
            "E *-vv shows all rows",
            "E *assert 3 rows == 3 rows, in any order",
            "E *missing: 1 row",
            "E *?'cat', 2?",
            "E *too many: 1 row",
            "E *?'dog', 1?  by count-bolt?*? at 1 ms",
            "E *assert ?'dog', 1? == ?'dog', 2?",
            "E *emitted by count-bolt?*? at 0 ms",
            "E *value 1 (count) differs: 1 == 2",
        ]
    )
    run("--storm-mode=inprocess", "-vv").stdout.fnmatch_lines(
        [
            *first,
            "E *all of the left:",
            "E *  0 ?'dog', 1?",
            "E *  1 ?'cat', 1?",
            "E *> * 2 ?'dog', 2?",
            "E *all of the right:",
            "E *> * 2 ?'dog', 3?",
        ],
        consecutive=False,
    )


def test_the_command_in_a_report_runs_the_failed_test_again_with_its_seed(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("word", ["a dog", "a cat"])
        def test_it(storm, word):
            print("SEED", storm.seed, storm.mode)
            assert word != "a dog"
        """
    )
    result = run("--storm-mode=both")
    seeds = re.findall("SEED (.*)", result.stdout.str())
    commands = re.findall("^again: (.*)$", result.stdout.str(), re.MULTILINE)
    again = [run(*shlex.split(command)[1:]) for command in commands]
    assert [re.findall("SEED (.*)", each.stdout.str()) for each in again] == [
        [seed] for seed in seeds
    ]
    assert [each.parseoutcomes() for each in again] == [{"failed": 1}] * 2


def test_an_exception_shows_the_users_frames_and_none_of_ours(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        stubs="""
        from streamparse import Bolt

        class Breaks(Bolt):
            def process(self, tup):
                self.look_up(tup.values[0])

            def look_up(self, word):
                raise KeyError(word)
        """,
        test_it="""
        from stubs import Breaks

        def test_bolt(storm):
            storm.bolt(Breaks, inputs=["word"]).process(["dog"])

        def test_topology(storm):
            topology = storm.topology(
                "wordcount", spouts={"word-spout": [["dog"]]}, bolts={"count-bolt": Breaks}
            )
            topology.complete()
        """,
    )
    inside, outside = run("--storm-mode=inprocess"), run("--storm-mode=process")
    for result in (inside, outside):
        assert result.parseoutcomes() == {"failed": 2}
        ours = [
            line
            for line in result.stdout.lines
            if re.search(r"(simulator|streamparse)/\w+(/\w+)?\.py", line)
        ]
        assert ours == []
    inside.stdout.fnmatch_lines(
        [
            "    def process(self, tup):",
            ">       self.look_up(tup.values?0?)",
            ">       raise KeyError(word)",
            "E       KeyError: 'dog'",
            "The above exception was the direct cause of the following exception:",
            '>       storm.bolt(Breaks, inputs=?"word"?).process(?"dog"?)',
            "E       *ComponentError: Breaks?*?: ended with exit status 1; it held tuple * '?\"dog\"?' from *",
        ]
    )
    outside.stdout.fnmatch_lines(
        [
            "E       *ComponentError: Breaks?*?: ended with exit status 1; it held tuple * '?\"dog\"?' from *",
            "E *Traceback (most recent call last):",
            'E *stubs.py", line *, in process',
            "E *self.look_up(tup.values?0?)",
            'E *stubs.py", line *, in look_up',
            "E       KeyError: 'dog'",
        ]
    )


MISTAKES = {
    "storm.explore(faults=['crsh'])": "no fault is called 'crsh'; did you mean 'crash'? *",
    "storm.explore(strategy='swep')": "strategy='swep' (did you mean \"sweep\"?); *",
    "list(storm.explore())": "the body of the loop never entered *",
    "topology['count-bolt'].emitted.last_by('wrod')": "* has no field 'wrod'; did you mean 'word'?",
    "topology['count-bolt'].emitted[0]['wrod']": "* has no field 'wrod'; did you mean 'word'?",
    "topology['count-bolt'].on('dfault')": "* no stream 'dfault' (did you mean \"default\"?)",
    "topology['count-bolt'].emitted.on('dfault')": "* no stream 'dfault' (did you mean \"default\"?)",
    "topology['word-spout'].crash()": "word-spout has no 'crash'; that is for bolts, and it is a spout",
    "topology['count-bolt'].crsh()": "count-bolt has no 'crsh'; did you mean 'crash'?",
    "storm.bolt('check')": "'check' names no class; *",
    "stubbed(storm, lambda tup: 7).complete()": "* returned 7; a list of rows would do, *",
    "storm.bolt('a.B', conf={'topology.tick.tuple.freq.secs': 1.5})": "* is 1.5 (Storm: *",
}


def test_a_mistake_in_a_test_is_one_line_under_the_line_that_makes_it(
    pytester: pytest.Pytester, run: Run
) -> None:
    body = "def stubbed(storm, function):\n    bolts = {'count-bolt': function}\n"
    body += "    spouts = {'word-spout': [['dog']]}\n"
    body += "    return storm.topology('wordcount', spouts=spouts, bolts=bolts)\n"
    for number, mistake in enumerate(MISTAKES):
        body += f"def test_{number}(storm):\n"
        body += "    topology = storm.topology('wordcount', spouts={'word-spout': [['dog']]}).complete()\n"
        body += f"    {mistake}\n"
    pytester.makepyfile(body)
    for mode in ("inprocess", "process"):
        result = run(f"--storm-mode={mode}")
        assert result.parseoutcomes()["failed"] == len(MISTAKES)
        shown = [line for line in result.stdout.lines if line.startswith((">  ", "E  "))]
        assert len(shown) == 2 * len(MISTAKES), result.stdout.str()
        for (mistake, message), at in zip(MISTAKES.items(), shown[::2], strict=True):
            assert at.split(maxsplit=1)[1] == mistake
            result.stdout.fnmatch_lines([f"E *: {message.replace('[', '[[]')}"])


def test_what_goes_wrong_is_told_with_component_tuple_and_remedy(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        stubs="""
        import os, signal
        from streamparse import Bolt

        class NeverAcks(Bolt):
            auto_ack = False
            def process(self, tup):
                pass

        class Strays(Bolt):
            def process(self, tup):
                self.emit([1], stream="defualt")

        class Dies(Bolt):
            def process(self, tup):
                os.kill(os.getpid(), signal.SIGSEGV)

        class Hangs(Bolt):
            def process(self, tup):
                self.wait_for_ever()
            def wait_for_ever(self):
                signal.pause()
        """,
        test_it="""
        import stubs

        ROWS = {"word-spout": [["dog"], ["cat"]]}

        def run(storm, cls):
            topology = storm.topology("wordcount", spouts=ROWS, bolts={"count-bolt": cls})
            topology.complete()
            return topology

        def test_acks(storm):
            run(storm, stubs.NeverAcks)

        def test_stream(storm):
            run(storm, stubs.Strays)

        def test_death(storm):
            run(storm, stubs.Dies)

        def test_hang(storm):
            run(storm, stubs.Hangs)

        def test_id(storm):
            topology = storm.topology("wordcount", spouts=ROWS)
            topology["count-blot"]
        """,
    )
    result = run("-o", "storm_hang_seconds=0.5")
    assert result.parseoutcomes() == {"failed": 5}
    result.stdout.fnmatch_lines(
        [
            "E *PendingError: not complete:",
            'E *word-spout: row 0 ?"dog"? timed out',
            'E *word-spout: row 1 ?"cat"? timed out',
            'E *count-bolt?*? holds ?"dog"?, and has not settled it',
            "*storm*",
            '* ms  word-spout?*? emits ?"dog"? with id 0',
            "* ms  word-spout?*? is told that 0 is failed by timeout",
            "again: pytest test_it.py::test_acks --storm-seed=*",
            'E *ComponentError: count-bolt?*?: an emit on stream "defualt", which "count-bolt" does not declare; '
            'did you mean "default"?; it held tuple * Storm: the worker dies: Unknown stream ID: defualt',
            "E *ComponentError: count-bolt?*?: was ended by SIGSEGV; it held tuple * '?\"*\"?' from word-spout?*?",
            "E *ComponentError: count-bolt?*?: has not answered for 0.5 s (Storm would report a subprocess heartbeat "
            "timeout and end its worker)*; it held tuple * '?\"*\"?' from word-spout?*?",
            "E *its stack, most recent call first:",
            "E *in wait_for_ever",
            "E *in process",
            '>       topology?"count-blot"?',
            "E *HarnessError: topology 'wordcount' has no component 'count-blot' (did you mean \"count-bolt\"?)",
        ]
    )
