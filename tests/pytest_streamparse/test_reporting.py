"""The report of a failed test: the command that runs it again, output, tracebacks, and one-line mistakes."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from pytest_streamparse.reporting import page_name
from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"


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
        commands = re.findall(r"^(?:E +)?rerun: (.*)$", output, re.MULTILINE)
        assert [re.findall(r"::(\w+)|(--storm-replay)", each) for each in commands] == [
            [("test_it", ""), ("", "--storm-replay")],
            [("test_a_mistake", "")],
        ]
    assert run("-s").stderr.str().count("COMPLAINED") > 2  # nothing is captured, nothing taken
    assert run("-p", "no:logging").parseoutcomes() == {"failed": 2}


def test_the_command_in_a_report_runs_the_failed_test_again_with_its_seed(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("word", ["a dog", "a cat"])
        def test_it(storm, word):
            print("SEED", storm.seed, storm.mode, storm.version)
            assert word != "a dog"
        """
    )
    result = run("--storm-mode=both")
    seeds = re.findall("SEED (.*)", result.stdout.str())
    commands = re.findall("^rerun: (.*)$", result.stdout.str(), re.MULTILINE)
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
            'E       *ComponentError: Breaks?*?: ended with exit status 1; it held tuple * ?"dog"? from *',
        ]
    )
    outside.stdout.fnmatch_lines(
        [
            'E       *ComponentError: Breaks?*?: ended with exit status 1; it held tuple * ?"dog"? from *',
            "E *Traceback (most recent call last):",
            'E *stubs.py", line *, in process',
            "E *self.look_up(tup.values?0?)",
            'E *stubs.py", line *, in look_up',
            "E       KeyError: 'dog'",
        ]
    )


MISTAKES = {
    "storm.explore(faults=['crsh'])": "no fault is called 'crsh' (did you mean \"crash\"?); *",
    "storm.explore(strategy='swep')": "strategy='swep': expected mixed, sweep or random (did you mean \"sweep\"?)",
    "list(storm.explore())": "the body of the loop never entered *",
    "topology['count-bolt'].emitted.last_by('wrod')": "* has no field 'wrod' (did you mean \"word\"?)",
    "topology['count-bolt'].emitted[0]['wrod']": "* has no field 'wrod' (did you mean \"word\"?)",
    "topology['count-bolt'].on('dfault')": "* no stream 'dfault' (did you mean \"default\"?)",
    "topology['count-bolt'].emitted.on('dfault')": "* no stream 'dfault' (did you mean \"default\"?)",
    "topology['word-spout'].drop()": "word-spout has no 'drop'; that is for bolts, and it is a spout",
    "topology['count-bolt'].crsh()": "count-bolt has no 'crsh' (did you mean \"crash\"?)",
    "topology['count-bolt'].crash(nht=2)": "ComponentView.crash() has no argument 'nht' (did you mean \"nth\"?)",
    "topology.completed()": "RunningTopology has no 'completed' (did you mean \"complete\"?)",
    "topology.count_bolt.emitted": "RunningTopology has no 'count_bolt'; it is a component: topology['count-bolt']",
    "topology['count-bolt'].emitted[0].word": "Record has no 'word'; it is a field: record['word']",
    "topology['count-bolt'].emitted.tasks_for": "Records has no 'tasks_for' (did you mean \"tasks_by\"?)",
    "storm.topolgy('wordcount')": "Storm has no 'topolgy' (did you mean \"topology\"?)",
    "storm.topology('wordcuont')": '*no topology "wordcuont"; did you mean "wordcount"?',
    "storm.topology('wordcount', conf={'topology.workers': '2'})": '*option "topology.workers" is "2" *',
    "storm.topology('wordcount', conf=['topology.workers'])": "conf=*: expected a dict of settings, *",
    "storm.bolt('check')": "storm.bolt('check'): expected a class, *",
    "stubbed(storm, lambda tup: 7).complete()": "* returned 7; expected a list of rows, *",
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


def test_a_condition_that_does_not_hold_is_shown_with_the_lines_of_the_test_alone(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        ROWS = {"word-spout": [["dog"]]}

        def test_by_its_value(storm):
            storm.invariant(lambda topology: not topology["count-bolt"].emitted)
            storm.topology("wordcount", spouts=ROWS).complete()

        def test_by_its_assertion(storm):
            @storm.invariant
            def nothing_is_emitted(topology):
                assert topology["count-bolt"].emitted == []

            for run in storm.explore(1):
                with run.topology("wordcount", spouts=ROWS) as topology:
                    topology.complete()

        def test_never(storm):
            for run in storm.explore(2):
                with run.topology("wordcount", spouts=ROWS) as topology:
                    storm.sometimes("a late tuple is dropped", False)
        """
    )
    result = run("-q", "--storm-mode=inprocess")
    assert result.parseoutcomes() == {"failed": 3}
    shown = result.stdout.str()
    assert [line for line in shown.splitlines() if "/simulator/" in line] == []
    assert "the invariant <lambda> does not hold at" in shown
    assert "in none of 2 runs: a late tuple is dropped" in shown


def test_what_goes_wrong_is_shown_with_component_tuple_and_remedy(
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
            'E *count-bolt?*? holds ?"dog"?, emitted at 0 ms, and has neither acked nor failed it',
            "*storm*",
            '* ms  word-spout?*? emits ?"dog"? with id 0',
            "* ms  word-spout?*? is notified that 0 has failed by timeout",
            "rerun: pytest test_it.py::test_acks --storm-seed=*",
            'E *ComponentError: count-bolt?*?: an emit on stream "defualt", which "count-bolt" does not declare; '
            'did you mean "default"?; it held tuple * Storm: the worker dies: Unknown stream ID: defualt',
            'E *ComponentError: count-bolt?*?: was ended by SIGSEGV; it held tuple * ?"*"? from word-spout?*?',
            "E *ComponentError: count-bolt?*?: has not answered for 0.5 s (Storm would report a subprocess heartbeat "
            'timeout and end its worker)*; it held tuple * ?"*"? from word-spout?*?',
            "E *its stack, most recent call first:",
            "E *in wait_for_ever",
            "E *in process",
            '>       topology?"count-blot"?',
            "E *HarnessError: topology 'wordcount' has no component 'count-blot' (did you mean \"count-bolt\"?)",
        ]
    )


LOUD = """
import sys

from streamparse.bolt import Bolt


class WordCounter(Bolt):
    def process(self, tup):
        (word,) = tup.values
        print("printed", word)
        self.logger.info("logged %s", word)
        print("complained", word, file=sys.stderr)
        if word == "debug":
            breakpoint()
        if word == "report":
            self.raise_exception(ValueError("reported"), tup)
        if word == "raise":
            raise ValueError("raised")
        if word == "twice":
            self.ack(tup)
            self.ack(tup)
"""


def loud(pytester: pytest.Pytester, word: str) -> None:
    """A test that fails with the bolt above in the project."""
    (pytester.path / "src/bolts/wordcount.py").write_text(LOUD)
    pytester.makepyfile(
        f"""
        def test_it(storm):
            topology = storm.topology("wordcount", spouts={{"word-spout": [[{word!r}]]}})
            topology.complete()
            assert topology["count-bolt"].acked == []
        """
    )


def sections(result: pytest.RunResult) -> dict[str, list[str]]:
    """The lines of each captured section."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in result.outlines:
        if header := re.fullmatch(r"-+ (Captured .+|storm) -+", line):
            lines = found.setdefault(header[1], [])
        elif line.startswith("="):
            lines = []
        else:
            lines.append(line)
    return found


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_what_components_print_log_and_report_is_in_the_sections_of_a_failed_test(
    mode: str, pytester: pytest.Pytester, run: Run
) -> None:
    loud(pytester, "report")
    found = sections(run(f"--storm-mode={mode}"))
    assert found["Captured stdout call"] == ["printed report"]
    assert found["Captured stderr call"] == ["complained report"]
    logged = found["Captured log call"]
    assert logged[0].endswith(" logged report")
    assert [line for line in logged if "ValueError: reported" in line] == [logged[-1]]
    assert "  count-bolt[4]: reported ValueError: reported" in found["storm"]


@pytest.mark.parametrize("mode", ["inprocess", "process"])
def test_a_broken_protocol_names_the_line_that_broke_it(
    mode: str, pytester: pytest.Pytester, run: Run
) -> None:
    loud(pytester, "twice")
    number = LOUD.splitlines().index("            self.ack(tup)") + 2
    run(f"--storm-mode={mode}").stdout.fnmatch_lines([f"*sent at src/bolts/wordcount.py:{number}"])


def test_the_debugger_of_a_failed_test_begins_in_the_component(
    pytester: pytest.Pytester, run: Run
) -> None:
    loud(pytester, "raise")
    words = [sys.executable, "-m", "pytest", "--pdb", "--storm-mode=inprocess"]
    said = "p ('here', word)\nup\nq\n"
    done = subprocess.run(words, input=said, capture_output=True, text=True, check=False)
    shown = done.stdout.partition("PDB post_mortem")[2]
    assert re.search(
        r"wordcount\.py\(\d+\)process\(\)\n.*\n\(Pdb\) \('here', 'raise'\)\n\(Pdb\) > .*test_it\(\)",
        shown,
    ), done.stdout


def test_each_failing_test_has_a_page_which_its_report_names(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("name", ["../a", "/a", "<b>"])
        def test_plain(storm, name):
            storm.topology("wordcount", spouts={"word-spout": [["dog"]]}).complete()
            assert not name

        def test_explored(storm):
            for run in storm.explore(20, faults=["duplicate"]):
                with run.topology("wordcount", spouts={"word-spout": [["dog"]]}) as topology:
                    topology.complete()
                    assert topology["count-bolt"].emitted == [["dog", 1]]

        def test_passes(storm):
            storm.topology("wordcount", spouts={"word-spout": [["dog"]]}).complete()

        def test_nothing(storm):
            assert not storm
        """
    )
    found = run("--storm-html=pages")
    found.assert_outcomes(failed=5, passed=1)
    named = re.findall(r"^page: (.*pages/\S+\.html)$", found.stdout.str(), re.MULTILINE)
    written = sorted(pytester.path.glob("pages/*"))
    assert sorted(named) == [str(path) for path in written]
    assert len(written) == 4
    assert [path.name for path in written if not re.fullmatch(r"[\w-]+\.html", path.name)] == []
    assert "inevitable from" in found.stdout.str()
    assert "page: none, for no topology was run" in found.stdout.str()


def test_the_name_of_a_page_is_its_own_and_safe_everywhere() -> None:
    nodes = [
        "t.py::test[a/b]",
        "t.py::test[a_b]",
        "t.py::test[A/B]",
        "t.py::" + "x" * 500,
        "\udcff",
        "",
    ]
    names = [page_name(each) for each in nodes]
    assert len({name.lower() for name in names}) == len(nodes)
    assert all(re.fullmatch(r"[A-Za-z0-9_][\w-]{0,140}\.html", name) for name in names)
    assert names[0].startswith("t-py-test-a-b-")
