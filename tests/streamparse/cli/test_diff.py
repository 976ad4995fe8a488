"""``sparse diff``: the first difference of two traces, by cause and by time."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from simulator.engine import events
from tests.support.recorded import CRASH, HEAD, PLAIN, rooted, text_of, write
from tests.support.sparse import run

WRITER = "expected a file that `sparse simulate --trace FILE` has written"
Capture = pytest.CaptureFixture[str]

DIFFERENT = """\
by cause: id 0 of words[5] is the first that goes another way
      words emits ["dog"] with id 0 at 0 ms
    - plain.jsonl: count emits ["dog", 1] at 2 ms
    + crash.jsonl: count loses ["dog"] at 2 ms
only in crash.jsonl until then:
       0.002 s  count[4] dies: KeyError: 'dog'
       0.002 s  count[4] is started again

by time: event 5 is the first that differs
         0.000 s  words[5] emits ["dog"] with id 0
         0.001 s  words[5] emits ["cat"] with id 1
         0.002 s  count[3] emits ["cat", 1], anchored to ["cat"]
         0.002 s  count[3] acks ["cat"]
    -    0.002 s  count[4] emits ["dog", 1], anchored to ["dog"]
    -    0.002 s  count[4] acks ["dog"]
    -    0.003 s  store[6] acks ["cat", 1]
    -    0.003 s  store[6] acks ["dog", 1]
    -    0.004 s  words[5] is notified that 1 is acked
    -    0.004 s  words[5] is notified that 0 is acked
    +    0.002 s  count[4] dies: KeyError: 'dog'
    +    0.002 s  count[4] is started again
    +    0.003 s  store[6] acks ["cat", 1]
    +    0.004 s  words[5] is notified that 1 is acked
    +  120.000 s  words[5] is notified that 0 has failed by timeout
    +  120.001 s  words[5] emits ["dog"] with id 0
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "crash.jsonl", CRASH)
    write(tmp_path / "plain.jsonl", PLAIN)
    return tmp_path


def test_a_crash_is_found_by_its_cause_and_by_time(capsys: Capture) -> None:
    assert run(capsys, "diff", "plain.jsonl", "crash.jsonl") == (1, DIFFERENT, "")


def test_a_trace_is_the_same_as_itself(capsys: Capture) -> None:
    assert run(capsys, "diff", "crash.jsonl", "crash.jsonl") == (
        0, "the traces are the same: 14 events\n", "",
    )  # fmt: skip


def test_runs_of_other_options_are_told_before_all_else(capsys: Capture, files: Path) -> None:
    other = msgspec.structs.replace(
        HEAD, seed="7", storm="1.2.4", components=(*HEAD.components[:2],)
    )
    write(files / "other.jsonl", PLAIN, other)
    assert run(capsys, "diff", "plain.jsonl", "other.jsonl") == (
        0,
        "the runs differ in version of Storm: 2.8.3 and 1.2.4\n"
        "the runs differ in seed: 0 and 7\n"
        "the topologies differ in store\n"
        "the traces are the same: 10 events\n",
        "",
    )


def test_another_order_alone_is_told_as_such(capsys: Capture, files: Path) -> None:
    write(files / "order.jsonl", [*PLAIN[:8], PLAIN[9], PLAIN[8]])
    status, out, _ = run(capsys, "diff", "plain.jsonl", "order.jsonl")
    assert (status, out.splitlines()[:3]) == (
        1,
        [
            "by cause: nothing differs: the same came of every root; only times, tasks or the order differ",
            "",
            "by time: event 9 is the first that differs",
        ],
    )


def test_a_trace_that_ends_before_the_other_is_told(capsys: Capture, files: Path) -> None:
    write(files / "short.jsonl", PLAIN[:9])
    _, out, _ = run(capsys, "diff", "plain.jsonl", "short.jsonl")
    assert out.splitlines()[-2:] == [
        "    -    0.004 s  words[5] is notified that 0 is acked",
        "    + short.jsonl ends here",
    ]


def test_a_cut_trace_is_compared_as_far_as_it_goes(capsys: Capture, files: Path) -> None:
    (files / "cut.jsonl").write_text(text_of(PLAIN)[:-9])
    status, _, err = run(capsys, "diff", "plain.jsonl", "cut.jsonl")
    assert (status, err) == (
        1,
        "warning: cut.jsonl: line 11, the last, is cut: what happened after 4 ms is not known\n",
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["plain.jsonl", "none"], "none: No such file or directory; " + WRITER),
        (["empty", "plain.jsonl"], "empty: it is empty; " + WRITER),
        (["-", "-"], "diff - -: stdin is one trace; expected two"),
    ],
)
def test_what_is_no_trace_is_one_line(
    words: list[str], error: str, capsys: Capture, files: Path
) -> None:
    (files / "empty").touch()
    assert run(capsys, "diff", *words) == (2, "", f"error: {error}\n")


def test_no_value_can_reach_the_terminal_as_an_escape(capsys: Capture, files: Path) -> None:
    hostile = "\x1b[31m\r\n\u202e\x9b"
    for name, value in (("a", hostile), ("b", hostile + "!")):
        happened = [rooted(0, value, hostile, (4, "1")), events.Error(0, "count", 4, value)]
        write(files / name, happened)
    _, out, err = run(capsys, "diff", "a", "b")
    assert [each for each in out + err if not (each.isprintable() or each == "\n")] == []
