"""Options and ini files: what they set, their header line, and mistakes in them."""

from __future__ import annotations

import pytest

from tests.pytest_streamparse.conftest import COUNT, Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--storm-mode=fork"], "--storm-mode=fork: expected inprocess, process or both"),
        (["--storm-seed=dog"], "--storm-seed=dog: expected an integer"),
        (
            ["--storm-html=config.json"],
            "--storm-html=config.json: no directory; expected one, or a new name",
        ),
        (
            ["--storm-replay=dog"],
            "--storm-replay=dog: no such file; expected a case file of storm.explore",
        ),
        (
            ["--storm-version=3"],
            "--storm-version: Storm version '3': not one that can be simulated; *",
        ),
        (["-o", "storm_mode=x"], "ini storm_mode=x: expected inprocess, process or both"),
        (
            ["-o", "storm_hang_seconds=-1"],
            "ini storm_hang_seconds=-1: expected a number of seconds, at most 1000000, 0 for no limit",
        ),
        (
            ["-o", "storm_strict=perhaps"],
            "ini storm_strict=perhaps: expected true or false",
        ),
        (
            ["-o", "storm_version=3"],
            "ini storm_version: Storm version '3': not one that can be simulated; expected a full version, "
            "0.9.2-incubating or newer, such as '2.8.3' *",
        ),
    ],
)
def test_a_wrong_setting_is_one_line_that_says_what_was_expected(
    arguments: list[str], message: str, run: Run
) -> None:
    result = run(*arguments)
    lines = [line for line in result.stderr.lines if line]
    assert (result.ret, len(lines)) == (pytest.ExitCode.USAGE_ERROR, 1)
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_the_header_has_a_line_only_where_something_was_set(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile("def test_it(): pass")

    def line(*options: str) -> list[str]:
        return [line for line in run(*options).stdout.lines if line.startswith("storm")]

    assert (
        line(),
        line("--storm-mode=process", "--storm-seed=7", "-o", "storm_version=1.2.4"),
        line("--storm-version=0.9.5", "-o", "storm_hang_seconds=0"),
    ) == (
        [],
        ["storm: mode process, seed 7, version 1.2.4, hung after 10 s"],
        ["storm: version 0.9.5, never hung"],
    )


@pytest.mark.parametrize(
    ("options", "variable", "conftest"),
    [
        (["--pdb"], "", ""),
        (["--trace"], "", ""),
        ([], "ipdb.set_trace", ""),
        ([], "", "import sys; sys.settrace(lambda *_: None)"),
    ],
)
def test_under_a_debugger_nothing_counts_as_hung(
    options: list[str],
    variable: str,
    conftest: str,
    pytester: pytest.Pytester,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if variable:
        monkeypatch.setenv("PYTHONBREAKPOINT", variable)
    pytester.makeconftest(conftest)
    run("--storm-seed=1", *options).stdout.fnmatch_lines(["storm: seed 1, never hung"])


def test_never_hung_is_for_ever_over_processes_too(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(COUNT)
    result = run("-o", "storm_hang_seconds=0", "--storm-mode=process")
    assert result.parseoutcomes() == {"passed": 1}
