"""Which files on a worker are a topology's, and which are shown first."""

from __future__ import annotations

import re

import pytest

from streamparse.cluster.log_files import LogNames
from streamparse.multilang import name_in_file

DIRECTORY = "/var/log/storm"
THERE = [
    "streamparse_word_x_3_11.log",
    "streamparse_word_x_3_11.log.1",
    "streamparse_word_a_x_3_11.log",  # of word's a_x, or of word_a's x
    "streamparse_word_2_x_4_12.log",
    "streamparse_word_x_3_11.log.bak",
    "streamparse_word_x_3.log",
    "streamparse_words_x_3_11.log",
    "streamparse_word_x\n_3_11.log",
    "worker-6700.log",
    "worker\n.log",
    "streamparse_word_x\udcff_3_11.log",
]


@pytest.mark.parametrize(
    ("names", "matching"),
    [
        (LogNames(DIRECTORY, "word"), THERE[:2]),
        (LogNames(DIRECTORY, "word", components=["x"]), THERE[:2]),
        (LogNames(DIRECTORY, "word", components=["a/x"]), [THERE[2]]),
        (
            LogNames(DIRECTORY, "word", components=["2_x", "x"], others=("word_2", "word")),
            THERE[:2],
        ),
        (LogNames(DIRECTORY, "word", components=["2_x", "x"]), [*THERE[:2], THERE[3]]),
        (LogNames(DIRECTORY, "word", components=[]), []),
        (LogNames(DIRECTORY, "word_2"), [THERE[3]]),
        (LogNames(DIRECTORY, "word", pattern=re.compile("_1.")), THERE[:2]),
        (LogNames(DIRECTORY, "word", pattern=re.compile(r"\d$"), all=True), [THERE[1]]),
        (LogNames(DIRECTORY, "word", all=True), [*THERE[:2], THERE[8]]),
    ],
)
def test_a_file_is_a_topologys_when_it_can_be_no_others(
    names: LogNames, matching: list[str]
) -> None:
    assert [name for name in THERE if names.matches(name)] == matching


def test_the_files_of_names_that_are_too_long_for_one_are_found() -> None:
    names = LogNames(DIRECTORY, "w" * 200, components=["c" * 200])
    there = f"streamparse_{name_in_file('w' * 200)}_{name_in_file('c' * 200)}_3_11.log"
    assert names.matches(there)
    assert len(there) < 255
    assert names.globs == [f"streamparse_{name_in_file('w' * 200)}_*"]


def test_what_may_be_anothers_is_doubtful() -> None:
    names = LogNames(DIRECTORY, "word")
    assert [name for name in THERE if names.is_doubtful(name)] == [*THERE[2:6], THERE[7], THERE[10]]
    knowing = LogNames(DIRECTORY, "word", others=("word_a",))
    assert [name for name in THERE if knowing.is_doubtful(name)] == [
        *THERE[3:6],
        THERE[7],
        THERE[10],
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"{DIRECTORY}/{THERE[0]}", THERE[0]),
        (f"{DIRECTORY}/more/{THERE[0]}", None),
        (f"{DIRECTORY}/../{THERE[0]}", None),
        (f"/etc/{THERE[0]}", None),
        (THERE[0], None),
        (f"{DIRECTORY}/passwd", None),
        (f"{DIRECTORY}/{THERE[0]}\n", None),
    ],
)
def test_a_path_elsewhere_is_none_of_them(path: str, name: str | None) -> None:
    assert LogNames(DIRECTORY, "word").inside(path) == name


def test_the_files_of_processes_that_run_are_shown_or_else_the_last_of_each_task() -> None:
    newest_first = [
        "streamparse_word_x_3_13.log",
        "worker-6700.log",
        "streamparse_word_x_3_12.log",
        "streamparse_word_y_4_11.log",
        "streamparse_word_x_3_12.log.1",
    ]
    names = LogNames(DIRECTORY, "word", all=True)
    assert (
        names.pids(newest_first),
        names.current(newest_first, [12]),
        names.current(newest_first, []),
    ) == (
        [11, 12, 13],
        ["streamparse_word_x_3_12.log", "worker-6700.log"],
        ["streamparse_word_x_3_13.log", "streamparse_word_y_4_11.log", "worker-6700.log"],
    )


def test_recordings_are_a_topologys_files_too_and_no_logs_to_show() -> None:
    names = LogNames(DIRECTORY, "word", components=["x"])
    there = [
        "streamparse_word_x_3_11.log",
        "streamparse_word_x_3_11.0.jsonl",
        "streamparse_word_x_3_11.12.jsonl.gz",
        "streamparse_word_x_3_11.0.jsonl.zst",
        "streamparse_word_x_3_11.jsonl.zst",
        "streamparse_word_x_3_11.0.jsonl.bz2",
        "streamparse_words_x_3_11.0.jsonl",
    ]
    assert (
        [name for name in there if names.matches(name)],
        [name for name in there if names.is_recording(name)],
        names.pids(there),
        names.current(there[:4], [11]),
    ) == (there[:4], there[1:4], [11], there[:1])
