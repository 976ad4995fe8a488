"""``sparse explore``: its table, its JSON, the replay of a case, and what is refused."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.exploring.cases import ALL_KINDS, USUAL_KINDS
from streamparse.cli import explore
from tests.support.sparse import TOPOLOGY, Result, run

Sparse = Callable[..., Result]
BOLTS = """
from streamparse import Bolt

class CountBolt(Bolt):
    def initialize(self, storm_conf, context):
        self.counts = {}

    def process(self, tup):
        word = tup.values[0]
        self.counts[word] = self.counts.get(word, 0) + 1
        print("counted", word)
        self.emit([word, self.counts[word]])
"""
SPOUTS = """
from streamparse import Spout

class WordSpout(Spout):
    def initialize(self, storm_conf, context):
        self.number = 0

    def next_tuple(self):
        self.number += 1
        self.emit(["dog"], tup_id=self.number)
"""

PAUSES = """
import time
from streamparse import Spout

class WordSpout(Spout):
    def initialize(self, storm_conf, context):
        self.due = {0: 0, 1: 0}

    def next_tuple(self):
        for number, due in self.due.items():
            if due <= time.time():
                del self.due[number]
                self.emit(["dog"], tup_id=number)
                return

    def fail(self, number):
        self.due[number] = time.time() + 250
"""


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project that counts words in memory."""
    for path, content in {
        "config.json": "{}",
        "src/bolts.py": BOLTS,
        "src/spouts.py": SPOUTS,
        "topologies/words.clj": TOPOLOGY,
        "rows.jsonl": '["dog"]\n["cat"]\n["dog"]\n',
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sparse(words: Path, capsys: pytest.CaptureFixture[str]) -> Sparse:
    """Run a command in the project: status, stdout, stderr."""
    return lambda *argv: run(capsys, *argv)


STUB = ("--stub", "word-spout=rows.jsonl")


def test_the_table_has_each_law_and_the_status_says_whether_one_is_broken(sparse: Sparse) -> None:
    status, out, err = sparse("explore", *STUB, "--runs", "40")
    assert status == 1
    assert re.search(r"^words: 40 runs, ", out)
    assert re.search(r"^idempotent +BROKEN ", out, re.MULTILINE)
    assert re.search(r"^every root is settled +held +in \d+ runs$", out, re.MULTILINE)
    assert "sparse explore --stub word-spout=rows.jsonl --replay .storm-cases/words-" in err


def test_the_page_has_the_laws_and_the_smallest_case_of_each_broken_one(
    sparse: Sparse, words: Path
) -> None:
    status, out, err = sparse("explore", *STUB, "--runs", "40", "--html", "report.html")
    assert (status, "page: report.html" in err) == (1, True)
    page = (words / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    broken = [law for law in data["report"]["laws"] if law["verdict"] == "broken"]
    assert [law["pair"] for law in broken] == list(range(len(data["pairs"])))
    for law in broken:
        assert law["inevitable"] in out


def test_what_holds_ends_with_status_0(sparse: Sparse) -> None:
    status, out, err = sparse("explore", *STUB, "--runs", "20", "--laws", "settled,at-least-once")
    assert (status, err) == (0, "")
    assert len(re.findall(r" held ", out)) == 2


def test_the_command_that_is_shown_runs_the_case_again(sparse: Sparse, words: Path) -> None:
    (words / "topologies" / "other.clj").write_text(TOPOLOGY.replace("words", "other"))
    _, _, err = sparse(
        "explore", *STUB, "-n", "words", "-o", "a=b c", "--runs", "20", "--laws", "idempotent"
    )
    command = err.removeprefix("note: ").partition(" shows the whole run")[0]
    expected = "sparse explore -n words -o 'a=b c' --stub word-spout=rows.jsonl --laws=idempotent --replay "
    assert command.startswith(expected)
    status, out, _ = sparse(*shlex.split(command)[1:])
    assert (status, out.splitlines()[0]) == (1, "idempotent: BROKEN")


def test_a_spout_that_pauses_needs_virtual_time(sparse: Sparse, words: Path) -> None:
    (words / "src" / "spouts.py").write_text(PAUSES)
    asked = ("explore", "--runs", "6", "--faults", "drop", "--laws", "at-least-once")
    assert sparse(*asked, "--virtual-time")[0] == 0
    assert sparse(*asked)[0] == 1


def test_the_json_object_is_all_there_is_on_stdout(sparse: Sparse) -> None:
    status, out, _ = sparse("explore", *STUB, "--runs", "40", "--json")
    found = json.loads(out)
    broken = {each["law"] for each in found["laws"] if each["verdict"] == "broken"}
    assert (status, found["holds"], "idempotent" in broken) == (1, False, True)


def test_a_case_is_shown_with_its_trees_and_what_is_different(sparse: Sparse, words: Path) -> None:
    sparse("explore", *STUB, "--runs", "40", "--laws", "idempotent")
    (case,) = (words / ".storm-cases").iterdir()
    status, out, _ = sparse("explore", *STUB, "--laws", "idempotent", "--replay", str(case))
    assert status == 1
    assert out.startswith("idempotent: BROKEN\n")
    trees, _, differs = out.partition("what differs from the fault-free run (-) in this case (+):")
    assert "\nits tuple trees:\nword-spout" in trees
    assert re.search(r"^\+ +-> \[\"dog\", 3\]$", differs, re.MULTILINE)


def test_a_case_that_breaks_nothing_says_so(sparse: Sparse, words: Path) -> None:
    sparse("explore", *STUB, "--runs", "40", "--laws", "idempotent")
    (case,) = (words / ".storm-cases").iterdir()
    status, out, _ = sparse("explore", *STUB, "--laws", "settled", "--replay", str(case))
    assert (status, out.splitlines()[0]) == (0, "no law is broken by this case")


def test_a_real_spout_is_asked_for_its_first_tuples(sparse: Sparse) -> None:
    _, out, _ = sparse("explore", "--runs", "2", "--first", "3", "--laws", "settled")
    assert "note: word-spout is asked for its first 3 tuples only, in each of its lives" in out


REMEMBERS = """
from streamparse import Bolt

SEEN = {}

class CountBolt(Bolt):
    def process(self, tup):
        word = tup.values[0]
        SEEN[word] = SEEN.get(word, 0) + 1
        self.emit([word, SEEN[word]])
"""


def test_what_runs_leave_for_each_other_is_avoided_as_the_command_line_can(
    sparse: Sparse, words: Path
) -> None:
    (words / "src" / "bolts.py").write_text(REMEMBERS)
    sys.modules.pop("bolts", None)
    asked = ("explore", *STUB, "--runs", "5")
    status, out, err = sparse(*asked)
    advice = (
        "make that new in initialize, or run components as processes: sparse explore --processes"
    )
    assert (status, advice in out + err) == (1, True)
    assert not re.search(r"reset=|fork=|storm\.check|loop's body", out + err)
    assert "by then the fault-free run did something else too" in out
    _, out, err = sparse(*asked, "--processes")
    assert "earlier runs" not in out + err


STORES = """
import os
from streamparse import Bolt

class CountBolt(Bolt):
    def process(self, tup):
        word = tup.values[0]
        is_new = not os.path.exists(word)
        open(word, "w").close()
        self.emit([word, is_new])
"""


def test_what_runs_leave_in_a_file_is_told_as_such(sparse: Sparse, words: Path) -> None:
    (words / "src" / "bolts.py").write_text(STORES)
    sys.modules.pop("bolts", None)
    status, out, err = sparse("explore", *STUB, "--runs", "5")
    assert (status, "storm.check(reset=...) in a test makes that new" in out + err) == (1, True)
    assert "--processes" not in out + err


def test_jobs_that_cannot_be_kept_are_named_as_they_were_given(sparse: Sparse) -> None:
    laws = ("--laws", "settled")
    _, _, err = sparse("explore", *STUB, *laws, "--runs", "2", "--jobs", "2", "--processes")
    assert err == (
        "warning: --jobs 2: all runs were made in one process, one after the other: components run as processes\n"
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--laws", "setled"], 'no law is called \'setled\' (did you mean "settled"?); expected alive, '),
        (["--faults", "crsh"], 'no fault is called \'crsh\' (did you mean "crash"?); expected crash, '),
        (["--stub", "wrd-spout=rows.jsonl"], 'rows can be fed to a spout, and there is no spout'),
        (["--replay", "nope.json"], "--replay nope.json: no such file; expected a case of .storm-cases/"),
        (["--replay", "rows.jsonl"], "rows.jsonl"),
        (["--runs", "0"], "--runs 0: expected at least 1"),
        (["--first", "0"], "--first 0: expected at least 1"),
        (["--within", "30"], '--within 30: expected a time above 0 with its unit, such as "30s" or "5m"'),
        (["--jobs", "0"], "--jobs 0: expected at least 1"),
        (["-n", "wrods"], "wrods"),
        (["--html", "config.json"], "--html config.json: the file exists and is no page of streamparse; "),
        (["--force"], "--force: nothing is written to a file; expected --html FILE as well"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(sparse: Sparse, argv: list[str], message: str) -> None:
    status, out, err = sparse("explore", *argv)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


def test_the_help_names_every_kind_of_fault_and_the_usual_ones_first() -> None:
    parser = argparse.ArgumentParser()
    explore.add_arguments(parser)
    (action,) = [each for each in parser._actions if each.dest == "faults"]
    usual, others = (
        str(action.help).removeprefix("what may go wrong: ").split(" (the default), and ")
    )
    assert tuple(usual.split(", ")) == USUAL_KINDS
    assert {*usual.split(", "), *others.split(", ")} == {*ALL_KINDS}
