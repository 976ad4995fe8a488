"""Lines and tables of commands."""

from __future__ import annotations

import doctest
import json
import logging
from dataclasses import dataclass
from operator import attrgetter

import pytest

from streamparse.cli import output
from streamparse.cli.output import (
    Cell,
    detail,
    duration,
    note,
    print_records,
    printable,
    say,
    table,
    talking,
    warn,
)


def test_the_example_of_a_table_holds() -> None:
    assert doctest.testmod(output).failed == 0


def test_results_go_to_stdout_and_progress_and_warnings_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("done")
    note("at work")
    warn(["one", "two"])
    assert capsys.readouterr() == ("done\n", "at work\nwarning: one\nwarning: two\n")


def test_what_is_not_known_is_a_dash_and_a_float_has_three_places() -> None:
    rows: list[list[Cell]] = [["a", None, 1.5], ["", 12, 0.25]]
    assert (
        table(["id", "tasks", "ms"], rows) == "id  tasks     ms\na       -  1.500\n-      12  0.250"
    )


@pytest.mark.parametrize(
    ("secs", "text"),
    [(None, None), (0, "0s"), (59, "59s"), (10800, "3h"), (93784, "1d 2h 3m 4s"), (86460, "1d 1m")],
)
def test_a_time_is_in_the_units_of_storms_ui(secs: int | None, text: str | None) -> None:
    assert duration(secs) == text


def test_control_characters_of_others_do_not_reach_a_terminal() -> None:
    assert (
        printable("a\tb\x1b[31m\n") == "a   b\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    )


@dataclass
class Pet:
    name: str
    age: int


@pytest.mark.parametrize(
    ("pets", "as_json", "text"),
    [
        ([Pet("Rex", 3)], False, "name\nRex\n"),
        ([Pet("Rex", 3)], True, json.dumps([{"name": "Rex", "age": 3}]) + "\n"),
        ([], False, "No pets.\n"),
        ([], True, "[]\n"),
    ],
)
def test_records_are_a_table_of_some_columns_or_json_of_all(
    pets: list[Pet], as_json: bool, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_records(pets, {"name": attrgetter("name")}, as_json=as_json, when_empty="No pets.")
    assert capsys.readouterr().out == text


def test_a_quiet_command_notes_nothing_and_a_verbose_one_shows_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def tell() -> str:
        note("a step")
        warn(["careful"])
        detail("more")
        logging.getLogger("streamparse.cluster.ssh").info("worker1: %s", "ls")
        logging.getLogger("streamparse.cluster.ssh").debug("nobody wants this")
        return capsys.readouterr().err

    with talking(is_quiet=True, is_verbose=False):
        quiet = tell()
    with talking(is_quiet=False, is_verbose=True):
        verbose = tell()
    assert (quiet, verbose, tell()) == (
        "",
        "a step\nwarning: careful\nmore\nstreamparse.cluster.ssh: worker1: ls\n",
        "a step\nwarning: careful\n",
    )
