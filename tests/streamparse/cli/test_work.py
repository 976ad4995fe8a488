"""``--work``, ``--save-work`` and ``--advise`` of ``sparse simulate``, on an example."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.load import Variant, Verdict
from streamparse import Bolt
from streamparse.cli.work import load_lines, variant_lines
from streamparse.storm import Tuple
from tests.support import taped
from tests.support.paths import EXAMPLES
from tests.support.sparse import Result, run

Simulate = Callable[..., Result]


@pytest.fixture
def simulate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Simulate:
    """Runs ``sparse simulate`` in a copy of the word count, in this process, for two virtual seconds."""
    project = tmp_path / "wordcount"
    shutil.copytree(EXAMPLES / "wordcount", project, ignore=shutil.ignore_patterns("logs", "_*"))
    monkeypatch.chdir(project)

    def call(*words: str, seconds: str = "2") -> Result:
        return run(capsys, "simulate", "--in-process", "-t", seconds, *words)

    return call


def recordings(directory: Path) -> None:
    """A directory with a recording of the counter."""
    directory.mkdir()
    within = taped.context("count-bolt", inputs={"word-spout": {"default": ["word"]}})
    shaken = taped.handshake(within=within)
    text = taped.tape(Counter, taped.words("dog", "cat"), shaken=shaken)
    taped.write(directory / "streamparse_wordcount_count-bolt_4_1.0.jsonl.gz", text)


class Counter(Bolt):
    """Counts nothing."""

    def process(self, tup: Tuple) -> None:
        self.emit([tup.values[0], 1])


BROKEN = """
from streamparse import Bolt

class Broken(Bolt):
    def process(self, tup):
        raise OSError("no database")
"""


def broken() -> tuple[str, str]:
    """The words that put a bolt in the counter's place that fails at its first tuple."""
    Path("src/broken_counter.py").write_text(BROKEN)
    return "--stub", "count-bolt=broken_counter.Broken"


def printed(result: Result) -> Any:
    """The JSON that a run has printed."""
    status, out, err = result
    assert status == 0, err
    return json.loads(out)


# -- what is refused


EXPECTED = "expected 30ms, 0.03s, 20ms..40ms or exp(30ms)"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--work", "count-bolt"],
            "--work count-bolt: expected ID=TIME such as price=30ms, a .json file, measured, or recorded:PATH",
        ),
        (["--work", "count-bolt="], f'--work count-bolt: "" is no duration; {EXPECTED}'),
        (["--work", "count-bolt=30"], '--work count-bolt: "30" has no unit; expected 30ms or 0.03s'),
        (["--work", "count-bolt=-30ms"], f'--work count-bolt: "-30ms" is no duration; {EXPECTED}'),
        (["--work", "count-bolt=nan"], f'--work count-bolt: "nan" is no duration; {EXPECTED}'),
        (
            ["--work", "count-bolt=40ms..30ms"],
            f"--work count-bolt: the range 40ms..30ms ends before it begins; {EXPECTED}",
        ),
        (["--work", "count-bolt=exp()"], f'--work count-bolt: "" is no duration; {EXPECTED}'),
        (
            ["--work", "count-blt=30ms"],
            "--work count-blt: there is no component 'count-blt' (did you mean \"count-bolt\"?)",
        ),
        (["--work", "=30ms"], "--work : there is no component ''"),
        (
            ["--work", "count-bolt.ack=30ms"],
            "--work count-bolt.ack: the bolt count-bolt has no work 'ack'; "
            "expected one of tuple, tick, initialize, parallel",
        ),
        (
            ["--work", "count-bolt.parallel=0"],
            '--work count-bolt.parallel: "0"; expected how many tuples at a time, from 1 to 10000',
        ),
        (["--work", "none.json"], "none.json: No such file or directory"),
        (["--work", "./src"], "src: Is a directory"),
        (["--work", "README.md/x"], "README.md/x: Not a directory"),
        (["--work", "list.json"], 'list.json: expected a JSON object, such as {"price": "30ms"}'),
        (["--work", "other.json"], "other.json: it is the work of topology \"other\", and this is 'wordcount'"),
        (["--work", "bad.json"], '--work bad.json: count-bolt: 30 has no unit; ' + EXPECTED),
        (["--work", "nested.json"], '--work nested.json: count-bolt.tick: 30 has no unit; ' + EXPECTED),
        (
            ["--stub", "word-spout=rows.jsonl", "--work", "word-spout=1ms"],
            "--work word-spout: word-spout has no process that could work, its rows come from a stub",
        ),
        (
            ["--advise"],
            "--advise: there is no work; expected --work as well, such as --work measured, or --virtual-time",
        ),
        (
            ["--restart-time", "3"],
            "--restart-time 3: nothing is started again; expected --on-crash restart as well",
        ),
        (["--save-work", "f.json"], "--save-work: there is no work; expected --work as well"),
        (["--work", "count-bolt=1ms", "--save-work", "no/f.json"], "--save-work no/f.json: No such file or directory"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_work_is_told_in_one_line(
    simulate: Simulate, words: list[str], message: str
) -> None:
    for name, text in [
        ("list.json", '["30ms"]'),
        ("other.json", '{"topology": "other", "work": {}}'),
        ("bad.json", '{"count-bolt": 30}'),
        ("nested.json", '{"count-bolt": {"tick": 30}}'),
        ("rows.jsonl", '["dog"]\n'),
    ]:
        Path(name).write_text(text)
    status, out, err = simulate(*words)
    # What the report of a run needs is printed once the file has been written.
    assert (status, out, err.splitlines()[-1]) == (2, "", f"error: {message}")
    if "--save-work" not in words[2:3]:
        assert len(err.splitlines()) == 1


def test_a_failing_component_ends_the_measuring_with_its_error(simulate: Simulate) -> None:
    status, out, err = simulate(*broken(), "--work", "measured")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith(
        "error: --work measured: the calibration run failed: count-bolt[4]: ended with exit status 1"
    )


# -- what is given


def test_what_comes_later_wins_however_it_is_written(simulate: Simulate) -> None:
    Path("work.json").write_text('{"count-bolt": {"tuple": "30ms", "initialize": "100ms"}}')
    simulate("--work", "work.json", "--work", "count-bolt=1ms", "--save-work", "one.json")
    simulate(
        "--work", "count-bolt=9ms", "--work", "count-bolt.initialize=100ms",
        "--work", "count-bolt.tuple=1ms", "--save-work", "other.json",
    )  # fmt: skip
    saved = [json.loads(Path(name).read_text()) for name in ("one.json", "other.json")]
    work = {"count-bolt": "1ms", "count-bolt.initialize": "100ms"}
    assert saved == [{"topology": "wordcount", "work": work}] * 2


def test_work_that_was_measured_once_gives_the_same_trace_from_its_file_again_and_again(
    simulate: Simulate,
) -> None:
    # A few microseconds a tuple are many tuples in a second, so the run is short.
    words = ["--save-work", "work.json", "--json"]
    measured = simulate("--work", "measured", *words, seconds="0.1")
    work = json.loads(Path("work.json").read_text())
    assert (work["topology"], sorted(work["work"])) == ("wordcount", ["count-bolt", "word-spout"])
    assert "measured on this machine; for the same run again: --work word-spout=" in measured[2]
    digests = [
        printed(simulate("--work", "work.json", "--json", seconds="0.1"))["trace_sha256"]
        for _ in range(2)
    ]
    assert digests == [printed(measured)["trace_sha256"]] * 2


SLEEPS = """
import time
from streamparse import Bolt

class Sleeps(Bolt):
    def process(self, tup):
        time.sleep(20)
"""


def test_a_sleep_in_virtual_time_is_not_measured_as_well(simulate: Simulate) -> None:
    Path("src/sleeps.py").write_text(SLEEPS)
    words = ["--work", "measured", "--virtual-time", "--stub", "count-bolt=sleeps.Sleeps"]
    found = printed(simulate(*words, "--json", seconds="100"))
    # 20 s, and what the machine took for the call itself.
    assert 20_000 <= found["components"]["count-bolt"]["load"]["service_ms"] < 30_000


def test_what_is_given_is_not_measured(simulate: Simulate) -> None:
    simulate(
        "--work", "count-bolt=7ms", "--work", "measured", "--save-work", "work.json", seconds="0.1"
    )
    work = json.loads(Path("work.json").read_text())["work"]
    assert (work["count-bolt"], sorted(work)) == ("7ms", ["count-bolt", "word-spout"])


def test_processes_and_objects_give_the_same_trace_with_work(
    simulate: Simulate, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--work", "count-bolt=exp(5ms)", "--json", "--seed", "3"]
    inside = printed(simulate(*words))
    outside = printed(run(capsys, "simulate", "-t", "2", *words))
    assert inside["trace_sha256"] == outside["trace_sha256"]
    assert inside["components"]["count-bolt"]["load"] == outside["components"]["count-bolt"]["load"]


# -- what is shown


def test_json_has_the_load_the_series_and_the_advice(simulate: Simulate) -> None:
    words = ["--work", "count-bolt=30ms", "-o", "topology.message.timeout.secs=1", "--json"]
    shown = printed(simulate(*words, "-o", "topology.max.spout.pending=200", "--advise"))
    assert shown["load"]["verdict"] in ("late", "meltdown")
    assert shown["load"]["bottleneck"] == "count-bolt"
    load = shown["components"]["count-bolt"]["load"]
    assert set(load) == {
        "busy",
        "busiest",
        "queue",
        "waited_ms",
        "service_ms",
        "process_ms",
        "shares",
    }
    assert load["service_ms"] == 30
    assert "load" not in shown["components"]["word-spout"]
    columns = ("emitted", "executed", "acked", "failed", "queue")
    assert list(shown["series"]) == ["word-spout", "count-bolt"]
    for series in shown["series"].values():
        assert {name: len(each) for name, each in series.items()} == dict.fromkeys(columns, 2)
    first = shown["advice"][0]
    assert first["change"] == "as it is"
    assert any(each["verdict"] == "steady" for each in shown["advice"])
    needed = {"change", "verdict", "why", "acked", "failed", "per_second"}
    assert all(needed <= set(each) for each in shown["advice"])


def test_without_work_nothing_is_said_about_load(simulate: Simulate) -> None:
    shown = printed(simulate("--json"))
    assert not {"load", "series", "advice"} & set(shown)
    assert "load" not in shown["components"]["count-bolt"]
    status, out, _ = simulate()
    assert (status, "busy" in out, "verdict" in out) == (0, False, False)


def test_the_table_has_what_was_busy_queued_and_waited_and_then_the_verdict(
    simulate: Simulate,
) -> None:
    status, out, _ = simulate(
        "--work", "count-bolt=10ms", "--work", "word-spout=20ms", "--work", "word-spout.ack=1ms"
    )
    assert status == 0
    table = [line for line in out.splitlines()[1:] if line[:4] in ("comp", "word", "coun")]
    heading, spout, bolt = table[:3]
    assert heading.split()[-3:] == ["busy", "queue", "waited"]
    assert spout.split()[0] == "word-spout"
    assert spout.split()[-1] == "100%"
    # One tuple each 21 ms, for two tasks that take 10 ms.
    assert bolt.split()[0] == "count-bolt"
    assert bolt.split()[-4:] == ["24%", "1", "0.0", "ms"]
    assert "verdict: steady\n  why: the busiest task of count-bolt is busy 36% of the time" in out


def test_a_run_that_failed_has_no_verdict(simulate: Simulate) -> None:
    status, out, _ = simulate(*broken(), "--work", "count-bolt=10ms", "--advise")
    assert (status, "verdict" in out) == (1, False)


VERDICT = Verdict("meltdown", 20, "because", None, 30.0)
FORECAST = Verdict("late", None, "because", None, 30.0, is_forecast=True)


def test_a_forecast_is_told_as_such() -> None:
    assert list(load_lines(VERDICT)) == ["verdict: MELTDOWN at 20 s", "  why: because"]
    assert list(load_lines(FORECAST)) == ["verdict: late is to be expected", "  why: because"]


def test_the_changes_are_a_table() -> None:
    variants = [Variant("as it is", VERDICT, 652, 2370, 10.9), Variant(":p 2 of b", FORECAST, 5, 0, 100.0)]  # fmt: skip
    assert list(variant_lines(variants)) == [
        "change     verdict           acked  failed  acked/s",
        "as it is   MELTDOWN at 20 s    652    2370     10.9",
        ":p 2 of b  late                  5       0      100",
    ]


def test_work_is_taken_from_recordings(simulate: Simulate) -> None:
    recordings(Path("recorded"))
    result = printed(simulate("--work", "recorded:recorded", "--save-work", "work.json", "--json"))
    assert result["stopped"] == "time"
    saved = json.loads(Path("work.json").read_text())
    assert saved["work"] == {"count-bolt": ["2us", "2us"]}


def test_recordings_without_use_are_one_line(simulate: Simulate) -> None:
    Path("none").mkdir()
    assert simulate("--work", "recorded:none") == (
        2,
        "",
        "error: --work recorded:none: none: no recording in it; expected "
        "streamparse_TOPOLOGY_COMPONENT_TASK_PID.0.jsonl.gz\n",
    )
