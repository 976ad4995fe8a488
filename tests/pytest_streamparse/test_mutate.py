"""pytest --storm-mutate: what is noticed, what survives, and what is refused."""

from __future__ import annotations

import pytest

from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"

TOPOLOGY = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{"words" (python-spout-spec options "made.Words" ["word"])}
   {"count" (python-bolt-spec options {"words" ["word"]} "made.Count" ["word" "count"] :p 2)}])
"""
COMPONENTS = """
from streamparse import Bolt

class Count(Bolt):
    def initialize(self, conf, context):
        self.counts = {}
    def process(self, tup):
        word = tup.values[0]
        self.counts[word] = self.counts.get(word, 0) + 1
        self.emit([word, self.counts[word]])
"""
TESTS = """
import pytest

ROWS = {"words": [["dog"], ["cat"], ["dog"], ["emu"], ["dog"], ["dog"]]}

def test_counts(storm):
    topology = storm.topology("words.clj", spouts=ROWS)
    topology.complete()
    assert topology["count"].emitted.last_by("word") == {"dog": 4, "cat": 1, "emu": 1}

def test_looks_at_nothing(storm):
    storm.topology("words.clj", spouts=ROWS).advance(1)

def test_builds_nothing(storm):
    assert storm.seed

@pytest.mark.filterwarnings("ignore")
def test_fails(storm):
    storm.topology("words.clj", spouts=ROWS).complete()
    assert False
"""


def made(pytester: pytest.Pytester) -> None:
    pytester.makefile(".clj", words=TOPOLOGY)
    pytester.makepyfile(made=COMPONENTS, test_words=TESTS)


def test_survivors_are_listed_with_the_tests_that_could_have_noticed(
    pytester: pytest.Pytester, run: Run
) -> None:
    made(pytester)
    result = run("-q", "--storm-mutate")
    assert result.parseoutcomes() == {"passed": 3, "failed": 1}
    text = result.stdout.str()
    lines = text[text.index("storm: mutations") :].splitlines()[1:]
    survived = [line for line in lines if line.startswith("survived")]
    many = 7 - sum(line.startswith("changed nothing") for line in lines)
    assert lines[0] == f"{many - len(survived)} of {many} mutations were noticed"
    assert any(
        line.startswith("survived in words: ack-first: count acks a tuple") for line in survived
    )
    assert not any("no-output" in line or "duplicate" in line for line in survived)
    tests = {line.rpartition("::")[2] for line in lines if line.startswith("    not noticed by")}
    assert tests == {"test_counts", "test_looks_at_nothing"}


def test_kinds_can_be_chosen(pytester: pytest.Pytester, run: Run) -> None:
    made(pytester)
    result = run("-q", "--storm-mutate=no-output,twice")
    result.stdout.fnmatch_lines(["1 of 2 mutations were noticed", "survived in words: twice: *"])


def test_what_a_test_has_noticed_before_does_not_hide_what_it_misses(
    pytester: pytest.Pytester, run: Run
) -> None:
    made(pytester)
    result = run("-q", "--storm-mutate=no-output,twice", "-k", "test_counts")
    result.stdout.fnmatch_lines(["1 of 2 mutations were noticed", "survived in words: twice: *"])


def test_what_changes_nothing_that_a_test_could_see_has_not_survived(
    pytester: pytest.Pytester, run: Run
) -> None:
    made(pytester)
    pytester.makepyfile(
        made="from streamparse import Bolt\n\nclass Count(Bolt):\n    def process(self, tup):\n"
        "        self.emit([tup.values[0], 1])\n"
    )
    result = run(
        "-q", "--storm-mutate=shuffle,ack-first,reorder,twice", "-k", "test_looks_at_nothing"
    )
    text = result.stdout.str()
    assert [
        line.partition(": count")[0]
        for line in text[text.index("storm: mutations") :].splitlines()[1:]
        if not line.startswith(" ") and " in words: " in line
    ] == [
        "survived in words: ack-first",  # a fault would show it
        "survived in words: twice",
        "changed nothing in words: shuffle",
        "changed nothing in words: reorder: every second tuple to count comes 20 ms late, and others overtake it",
    ]


def test_topologies_in_python_are_mutated_too(pytester: pytest.Pytester, run: Run) -> None:
    made(pytester)
    pytester.makepyfile(
        made=COMPONENTS
        + """
from streamparse import Spout

class WordSpout(Spout):
    outputs = ["word"]

class CountBolt(Count):
    outputs = ["word", "count"]
""",
        words="""
        from made import CountBolt, WordSpout
        from streamparse import Grouping, Topology

        class Words(Topology):
            words = WordSpout.spec()
            count = CountBolt.spec(inputs={words: Grouping.fields("word")}, par=2)
        """,
        test_words=TESTS.replace("words.clj", "words.py"),
    )
    result = run("-q", "--storm-mutate=shuffle,no-output")
    result.stdout.fnmatch_lines(["2 of 2 mutations were noticed"])


def test_an_exploring_test_notices_more_and_writes_no_case(
    pytester: pytest.Pytester, run: Run
) -> None:
    made(pytester)
    pytester.makepyfile(
        test_words="""
        def test_nothing_is_lost(storm):
            storm.check(
                "words.clj", rows=[["dog"], ["cat"]], laws=["at-least-once"], runs=60,
                result=lambda topology: topology["count"].emitted.last_by("word"),
            )
        """
    )
    result = run("-q", "--storm-mutate=ack-first")
    result.stdout.fnmatch_lines(["1 of 1 mutations were noticed"])
    assert not (pytester.path / ".storm-cases").exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--storm-mutate=shufle"], "*--storm-mutate=shufle: no mutation is called 'shufle' (did you mean *"),
        (["--storm-mutate", "-n", "2"], "*--storm-mutate runs tests again in this process; expected no -n*"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(
    pytester: pytest.Pytester, run: Run, options: list[str], line: str
) -> None:
    made(pytester)
    result = run(*options)
    result.stderr.fnmatch_lines([line])
