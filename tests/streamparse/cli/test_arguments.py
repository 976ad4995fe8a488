"""The arguments that several commands share."""

from __future__ import annotations

import argparse

import pytest

from streamparse.cli.arguments import (
    HelpShown,
    Parser,
    add_storm_version_argument,
    add_topology_arguments,
    check_at_least,
)
from streamparse.project import UsageError


@pytest.fixture
def parser() -> Parser:
    made = Parser(prog="sparse odd", description="Misbehave.")
    add_topology_arguments(made)
    add_storm_version_argument(made)
    return made


def test_the_defaults_are_two_workers_and_ackers_and_nothing_else(parser: Parser) -> None:
    assert vars(parser.parse_args([])) == {
        "name": None, "options": [], "par": None, "ackers": None, "workers": None, "debug": False,
        "storm_version": None, "log_levels": [],
    }  # fmt: skip


@pytest.mark.parametrize("spelling", ["--storm-version", "--storm"])
def test_the_version_of_storm_has_two_spellings(parser: Parser, spelling: str) -> None:
    assert parser.parse_args([spelling, "1.2.4"]).storm_version == "1.2.4"


def test_a_mistake_is_raised_and_names_the_commands_help(parser: Parser) -> None:
    with pytest.raises(UsageError, match=r"^unrecognized arguments: --deb; see sparse odd -h$"):
        parser.parse_args(["--deb"])


def test_help_is_printed_and_raised(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(HelpShown):
        parser.parse_args(["-h"])
    assert "--storm-version VERSION, --storm VERSION" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "remark", "error"),
    [
        (None, "", None),
        (1, "", None),
        (0, "", "--par 0: expected at least 1"),
        (0.5, "0 is for ever", "--par 0.5: expected at least 1; 0 is for ever"),
    ],
)
def test_a_number_that_is_too_small_is_refused(
    number: float | None, remark: str, error: str | None
) -> None:
    if error is None:
        check_at_least("--par", number, 1, remark)
    else:
        with pytest.raises(UsageError) as caught:
            check_at_least("--par", number, 1, remark)
        assert str(caught.value) == error


def test_every_flag_of_a_topology_has_help() -> None:
    parser = argparse.ArgumentParser()
    add_topology_arguments(parser)
    assert [action.dest for action in parser._actions if not action.help] == []
