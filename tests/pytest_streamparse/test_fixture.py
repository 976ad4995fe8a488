"""The storm fixture: its mode and seed, what it is after its test, and its warnings."""

from __future__ import annotations

import re

import pytest

from tests.pytest_streamparse.conftest import COUNT, Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"


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
    results[1].stdout.fnmatch_lines(["storm: *, updating golden files"])


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


def test_what_is_suspicious_in_the_project_and_in_settings_is_warned_of(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text('{"envs": {"prod": {"virtualenv_name": "w"}}}')
    topology = pytester.path / "topologies/wordcount.clj"
    text = topology.read_text().replace(":p 2", ':p 2 :conf {"topology.task" 1 "mine" 1}')
    topology.write_text(text)
    pytester.makepyfile(
        """
        def test_counts(storm):
            storm.topology(
                "wordcount",
                spouts={"word-spout": [["dog"]]},
                conf={"mine": 2},
            ).complete()
        """
    )
    result = run("-q")
    result.stdout.fnmatch_lines(
        [
            "*StormWarning: *config.json: *virtualenv_name is a key of streamparse 3 or later *",
            '*StormWarning: *wordcount.clj:*: component "count-bolt": :conf "topology.task" is not a setting *',
            '*StormWarning: *wordcount.clj:*: component "count-bolt": :conf "mine" is 1, which wins over *',
        ]
    )
    assert run("-q", "-W", "error::pytest_streamparse.StormWarning").ret == 1


def test_a_test_whose_fault_never_strikes_fails(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def count(storm, **options):
            return storm.topology("wordcount", spouts={"word-spout": [["dog"]]}, mode="inprocess", **options)

        def test_misses(storm):
            topology = count(storm)
            topology["count-bolt"].crash(nth=50)
            topology.complete()

        def test_is_allowed_to_miss(storm):
            topology = count(storm, allow_unstruck=True)
            topology["count-bolt"].crash(nth=50)
            topology.complete()
        """
    )
    done = run("-q", "-W", "default")
    done.assert_outcomes(failed=1, passed=1, warnings=1)
    done.stdout.fnmatch_lines(
        [
            "topology 'wordcount': crash before tuple 50 of count-bolt never struck: 1 tuple was seen",
            "*StormWarning: crash before tuple 50 of count-bolt never struck: 1 tuple was seen",
        ]
    )
