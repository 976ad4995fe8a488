"""``sparse trace``: the summary, the trees of a message id, chosen events, and what can be wrong with a file."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from simulator.engine import events
from tests.support.recorded import CRASH, PLAIN, counted, rooted, text_of, write
from tests.support.sparse import run

WRITER = "expected a file that `sparse simulate --trace FILE` has written"
Capture = pytest.CaptureFixture[str]

SUMMARY = """\
crash.jsonl: wordcount like Storm 2.8.3, seed 0; 14 events from 0 ms to 120.004 s

component  tasks  emitted  acked  failed  pending  latency
words      5            3      2       1        0  3.0 ms
count      3-4          2      2       0        -  -
store      6            0      2       0        -  -

what was unusual:
       0.002 s  count[4] dies: KeyError: 'dog'
       0.002 s  count[4] is started again

roots that failed, or were pending at the end:
    id 0 of words[5]: failed by timeout at 120 s; attempt 2 was acked
        count[4] died at 2 ms and had ["dog"]

the tree of a message id: sparse trace crash.jsonl --id ID
"""

TREES = """\
id 0 of words[5]: 2 attempts: 1 timeout, 1 acked

attempt 1: words[5] emits ["dog"] at 0 ms; failed by timeout at 120 s
  count[4] gets ["dog"]: lost: its task died at 2 ms, and was started again
  why: count[4] died at 2 ms and had ["dog"]

attempt 2: words[5] emits ["dog"] at 120.001 s; acked at 120.004 s
  count[4] gets ["dog"]: acked at 120.002 s
    emits ["dog", 1] at 120.002 s
      store[6] gets ["dog", 1]: acked at 120.003 s
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "crash.jsonl", CRASH)
    write(tmp_path / "plain.jsonl", PLAIN)
    return tmp_path


def test_the_summary_tells_who_had_the_tuple_that_timed_out(capsys: Capture) -> None:
    assert run(capsys, "trace", "crash.jsonl") == (0, SUMMARY, "")


def test_the_summary_of_a_run_without_faults_says_so(capsys: Capture) -> None:
    _, out, _ = run(capsys, "trace", "plain.jsonl")
    assert out.splitlines()[-1] == (
        "nothing unusual: no fault, no death, no error; no tuple failed or was pending at the end"
    )


def test_a_bolt_that_never_says_anything_is_named_by_the_head(capsys: Capture, files: Path) -> None:
    write(files / "silent.jsonl", [rooted(0, "dog", 0, (4, "1"))])
    _, out, _ = run(capsys, "trace", "silent.jsonl")
    assert 'count[4] neither acked nor failed ["dog"], sent to it at 0 ms' in out


def test_of_many_pending_roots_the_first_are_explained_and_the_others_counted(
    capsys: Capture, files: Path
) -> None:
    write(files / "many.jsonl", [rooted(n, "dog", n, (4, str(n))) for n in range(100)])
    _, out, _ = run(capsys, "trace", "many.jsonl")
    assert out.count("still pending") == 10
    assert "    and 90 more\n" in out


def test_stdin_is_read_once(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text_of(CRASH).encode())))
    status, out, err = run(capsys, "trace", "-")
    assert (status, out.splitlines()[-2:], err) == (
        0,
        ["roots that failed, or were pending at the end:", "    id 0 of words[5]"],
        "",
    )


def test_the_trees_of_a_message_id(capsys: Capture) -> None:
    assert run(capsys, "trace", "crash.jsonl", "--id", "0") == (0, TREES, "")


def test_a_message_id_may_be_any_json_and_a_string_needs_no_quotes(
    capsys: Capture, files: Path
) -> None:
    ids: list[object] = ["order-7", {"n": [1, "é"]}, 1.5, "5"]
    write(files / "ids.jsonl", [rooted(n, "dog", each) for n, each in enumerate(ids)])
    for typed, shown in (
        ("order-7", '"order-7"'), ('"order-7"', '"order-7"'), ('{"n":[1,"é"]}', '{"n": [1, "é"]}'),
        ("1.5", "1.5"), ("5", '"5"'),
    ):  # fmt: skip
        _, out, _ = run(capsys, "trace", "ids.jsonl", "--id", typed)
        assert out.splitlines()[0] == f"id {shown} of words[5]: still pending"


@pytest.mark.parametrize(
    ("ids", "typed", "near"),
    [
        ([*range(20)], "12345", "the nearest are 19, 18, 17, 16, 15"),
        (["order-1", "order-2", "x"], "ordr-2", 'the nearest are "order-2", "order-1"'),
        ([*range(9)], "abc", "the nearest are 0, 1, 2, 3, 4"),
        ([], "1", "there are no message ids"),
    ],
)
def test_an_unknown_message_id_gets_the_nearest_ones(
    ids: list[object], typed: str, near: str, capsys: Capture, files: Path
) -> None:
    untracked = events.Emit(0, "words", 5, "default", "[1]", None, None, ())
    write(files / "a.jsonl", [untracked, *(rooted(n, "dog", each) for n, each in enumerate(ids))])
    assert run(capsys, "trace", "a.jsonl", "--id", typed) == (
        2, "", f"error: --id {typed}: no tuple has this message id; {near}\n",
    )  # fmt: skip


DIED = "   0.002 s  count[4] dies: KeyError: 'dog'\n"
AGAIN = "   0.002 s  count[4] is started again\n"


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["--event", "died", "--event", "restart"], DIED + AGAIN),
        (["--task", "4", "--between", "0", "1s"], DIED + AGAIN),
        (["--component", "store", "--between", "2m", "3m"], ' 120.003 s  store[6] acks ["dog", 1]\n'),
        (["--between", "5s", "6s"], ""),
    ],
)  # fmt: skip
def test_chosen_events_are_listed_and_counted(words: list[str], out: str, capsys: Capture) -> None:
    count = out.count("\n")
    expected = (0, out, f"{count} of 14 events\n")
    assert run(capsys, "trace", "crash.jsonl", *words) == expected


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ["crash.jsonl", "--component", "cuont"],
            '--component cuont: the trace has no component of this name (did you mean "count"?)',
        ),
        (
            ["crash.jsonl", "--component", "qqq"],
            "--component qqq: the trace has no component of this name; it has count, store, words",
        ),
        (
            ["crash.jsonl", "--task", "9"],
            "--task 9: the trace has no task of this number; it has 3 (count), 4 (count), 5 (words), 6 (store)",
        ),
        (
            ["crash.jsonl", "--event", "timeout"],
            "--event timeout: there is no such event; there are " + ", ".join(events.EVENTS),
        ),
        (
            ["crash.jsonl", "--event", "emti"],
            '--event emti: there is no such event (did you mean "emit"?)',
        ),
        (
            ["crash.jsonl", "--between", "1s", "x"],
            "--between 1s x: 'x' is no time; expected a virtual time, such as 30s, 1500ms or 2m",
        ),
        (["crash.jsonl", "--between", "2s", "1s"], "--between 2s 1s: it ends before it begins"),
        (
            ["crash.jsonl", "--id", "0", "--task", "4"],
            "--id shows whole trees; expected no filter with it",
        ),
        (["crash.jsonl", "--id", "0", "--follow"], "--id and --follow: expected one of them"),
        (["crash.jsonl", "--dot"], "--dot draws the trees of a message id; expected --id as well"),
        (
            ["crash.jsonl", "--perfetto", "no/such/file"],
            "--perfetto no/such/file: No such file or directory",
        ),
        (["-", "--follow"], "--follow -: stdin is followed anyway; expected a file"),
        (["none.jsonl"], "none.jsonl: No such file or directory; " + WRITER),
        (["."], ".: Is a directory; " + WRITER),
        (["empty"], "empty: it is empty; " + WRITER),
        (["empty", "--id", "0"], "empty: it is empty; " + WRITER),
        (["binary"], "binary: it is no trace: line 1 is '\\x7fELF\\x00'; " + WRITER),
    ],
)
def test_what_cannot_be_done_is_one_line(
    words: list[str], error: str, capsys: Capture, files: Path
) -> None:
    (files / "empty").touch()
    (files / "binary").write_bytes(b"\x7fELF\x00")
    assert run(capsys, "trace", *words) == (2, "", f"error: {error}\n")


def test_of_a_file_that_is_cut_what_is_there_is_shown_and_a_line_says_what_is_not(
    capsys: Capture, files: Path
) -> None:
    (files / "cut.jsonl").write_text(text_of(CRASH)[:-9])
    status, out, err = run(capsys, "trace", "cut.jsonl", "--event", "failed")
    assert (status, out, err) == (
        0,
        " 120.000 s  words[5] is notified that 0 has failed by timeout\n",
        "1 of 13 events\n"
        "warning: cut.jsonl: line 15, the last, is cut: what happened after 120.003 s is not known\n",
    )


HOSTILE = "\x1b]0;owned\x07\x1b[31m\r\n\u202e\x9b"


@pytest.mark.parametrize(
    "words", [[], ["--id", "0"], ["--id", "0", "--dot"], ["--task", "5"], ["--task", "66"]]
)
def test_no_value_can_reach_the_terminal_as_an_escape(
    words: list[str], capsys: Capture, files: Path
) -> None:
    happened = [
        rooted(0, HOSTILE, 0, (4, "1")),
        counted(1, 4, HOSTILE, 1, "1", (6, "2")),
        events.Error(1, "count", 4, HOSTILE),
        events.Died(1, HOSTILE, 66, HOSTILE),
        rooted(2, HOSTILE, HOSTILE),
        events.Emit(3, "words", 5, HOSTILE, "[1]", None, None, ()),
    ]
    write(files / "hostile.jsonl", happened)
    with (files / "hostile.jsonl").open("a") as file:
        file.write(json.dumps({"at": 1, "event": HOSTILE, "component": "a", "task": 1}) + "\n")
    _, out, err = run(capsys, "trace", "hostile.jsonl", *words)
    assert out
    assert [each for each in out + err if not (each.isprintable() or each == "\n")] == []


def test_failures_are_coloured_where_colours_are_wanted(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    _, out, _ = run(capsys, "trace", "crash.jsonl", "--event", "died")
    assert out == f"\x1b[31m{DIED.rstrip()}\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(capsys, "trace", "crash.jsonl", "--event", "died")[1] == DIED


def test_the_trees_are_written_for_graphviz(capsys: Capture) -> None:
    status, out, _ = run(capsys, "trace", "crash.jsonl", "--id", "0", "--dot")
    assert (status, out.splitlines()[0], out.count(" -> ")) == (0, "digraph trees {", 3)


def test_the_trace_is_written_for_perfetto(capsys: Capture, files: Path) -> None:
    assert run(capsys, "trace", "crash.jsonl", "--perfetto", "out.json") == (
        0, "out.json is written; open it at https://ui.perfetto.dev\n", "",
    )  # fmt: skip
    assert json.loads((files / "out.json").read_text())["displayTimeUnit"] == "ms"


def test_a_trace_is_not_written_over_by_its_export(capsys: Capture, files: Path) -> None:
    before = (files / "crash.jsonl").read_text()
    assert run(capsys, "trace", "crash.jsonl", "--perfetto", "./crash.jsonl") == (
        2, "", "error: --perfetto ./crash.jsonl: that is the trace itself; expected another file\n",
    )  # fmt: skip
    assert (files / "crash.jsonl").read_text() == before


def test_of_what_is_no_trace_no_file_is_made(capsys: Capture, files: Path) -> None:
    (files / "empty").touch()
    assert run(capsys, "trace", "empty", "--perfetto", "out.json")[0] == 2
    assert not (files / "out.json").exists()
