"""The ``sparse`` command: its frame, and what becomes of errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cli import sparse
from streamparse.cli.sparse import COMMANDS, Command, main
from tests.support.sparse import TOPOLOGY, run, start

pytestmark = pytest.mark.usefixtures("words_project")


def test_help_lists_every_command_of_the_table_with_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, err = run(capsys, "--help")
    listed = out.partition("commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split(maxsplit=1) for line in listed] == [
        [each.name, each.help] for each in COMMANDS
    ]
    assert (status, err) == (0, "")


def test_without_a_command_there_is_help_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    _, shown, _ = run(capsys, "-h")
    assert run(capsys) == (1, shown, "")


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"sparse {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, command.name, "-h")
    assert (status, out.split()[:3], err) == (0, ["usage:", "sparse", command.name], "")
    assert f"\n{command.help[0].upper()}{command.help[1:]}.\n" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["simulat"], "no command 'simulat'; did you mean \"simulate\"?"),
        (["xyz"], f"no command 'xyz'; there are {', '.join(each.name for each in COMMANDS)}"),
        (["-x", "simulate"], "unrecognized arguments: -x; see sparse -h"),
        (["visualize", "-x"], "unrecognized arguments: -x; see sparse visualize -h"),
        (["visualize", "--out", "x.svg"], "unrecognized arguments: --out x.svg; see sparse visualize -h"),
        (["quickstart"], "the following arguments are required: NAME; see sparse quickstart -h"),
        (["visualize", "-n"], "argument -n/--name: expected one argument; see sparse visualize -h"),
        (["visualize", "-o", "x"], "-o x: no = in it; expected KEY=VALUE, such as topology.message.timeout.secs=30"),
        (["visualize", "-o", "x.svg"], "-o x.svg: -o is for settings; to draw there: --output x.svg"),
        (["visualize", "-n", "wrds"], 'topologies: no topology "wrds"; did you mean "words"?'),
        (["visualize", "--output", "x.png"], "--output x.png: expected FILE.svg, FILE.dot or FILE.mmd"),
        (["visualize", "--output", "no/x.svg"], "--output no/x.svg: No such file or directory"),
        (["visualize", "--output", ".svg"], "--output .svg: expected FILE.svg, FILE.dot or FILE.mmd"),
    ],
)  # fmt: skip
def test_a_mistake_of_the_user_is_one_line_on_stderr_and_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, *arguments) == (2, "", f"error: {message}\n")


def test_each_problem_of_a_topology_has_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], words_project: Path
) -> None:
    text = TOPOLOGY.replace('{"word-spout" ["word"]}', '{"word-spot" :all "word-spout" ["wrod"]}')
    (words_project / "topologies/words.clj").write_text(text)
    status, out, err = run(capsys, "visualize")
    assert (
        status,
        out,
        [line.split(";")[0].partition(" (Storm")[0] for line in err.splitlines()],
    ) == (
        2,
        "",
        [
            'error: topologies/words.clj:4:45: component "count-bolt": subscribes to "word-spot", '
            'and there is no such component (did you mean "word-spout"?)',
            'error: topologies/words.clj:4:75: component "count-bolt": groups on "wrod", '
            'which stream "default" of "word-spout" does not have (did you mean "word"?)',
        ],
    )


def test_each_problem_of_a_project_has_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], words_project: Path
) -> None:
    (words_project / "config.json").write_text('{"envs": [], "library": 1}')
    assert run(capsys, "visualize") == (
        2,
        "",
        "error: config.json: envs is []; expected an object\n"
        'error: config.json: library is 1; expected a string, such as ""\n',
    )


@pytest.fixture
def added_command(words_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module of one more command, ``sparse odd``, to be written."""
    monkeypatch.syspath_prepend(words_project)
    monkeypatch.delitem(sys.modules, "odd_command", raising=False)
    monkeypatch.setattr(sparse, "COMMANDS", (Command("odd", "odd_command", "misbehave"),))
    return words_project / "odd_command.py"


def test_a_mistake_of_ours_is_a_traceback(added_command: Path) -> None:
    added_command.write_text("def add_arguments(parser): pass\ndef run(args): return 1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        main(["odd"])


def test_an_interrupt_is_status_130_and_not_a_word(
    added_command: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added_command.write_text(
        "def add_arguments(parser): pass\ndef run(args): raise KeyboardInterrupt\n"
    )
    assert run(capsys, "odd") == (130, "", "")


def test_a_pipe_that_is_not_the_output_breaks_with_a_traceback(added_command: Path) -> None:
    added_command.write_text(
        "import os\n"
        "def add_arguments(parser): pass\n"
        "def run(args):\n"
        "    end, pipe = os.pipe()\n"
        "    os.close(end)\n"
        "    try: os.write(pipe, b'x')\n"
        "    finally: os.close(pipe)\n"
    )
    with pytest.raises(BrokenPipeError):
        main(["odd"])


@pytest.mark.parametrize(
    ("command", "buffering"), [("--help", ""), ("visualize", ""), ("visualize", "1")]
)
def test_a_reader_that_goes_away_is_no_error(command: str, buffering: str) -> None:
    argv, environment = start(command, PYTHONUNBUFFERED=buffering)
    unread, pipe = os.pipe()
    os.close(unread)
    done = subprocess.run(
        argv, env=environment, stdout=pipe, stderr=subprocess.PIPE, encoding="utf-8", check=False
    )
    os.close(pipe)
    assert (done.returncode, done.stderr) == (141, "")


def test_without_a_stdout_a_command_still_works_and_says_that_nobody_saw_its_result() -> None:
    argv, environment = start("visualize", "--output", "words.dot")
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *argv]
    done = subprocess.run(
        closed, env=environment, stderr=subprocess.PIPE, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr, Path("words.dot").is_file()) == (
        74,
        "error: stdout: cannot be written: it is closed\n",
        True,
    )


@pytest.mark.parametrize(
    ("settings", "label"),
    [
        ({}, "\x1b[31merror:\x1b[0m"),
        ({"NO_COLOR": "1"}, "error:"),
        ({"NO_COLOR": ""}, "\x1b[31merror:\x1b[0m"),
        ({"TERM": "dumb"}, "error:"),
    ],
)
def test_an_error_is_red_on_a_terminal_unless_colour_is_unwanted(
    settings: dict[str, str], label: str
) -> None:
    argv, environment = start("nothing", **settings)
    shown, terminal = os.openpty()
    subprocess.run(argv, env=environment, stderr=terminal, check=False)
    os.close(terminal)
    text = os.read(shown, 1000).decode()
    os.close(shown)
    assert text.startswith(f"{label} no command 'nothing';")


def test_help_loads_nothing_that_is_heavy() -> None:
    code = (
        "import sys; from streamparse.cli.sparse import main; main(['--help']);"
        "heavy = {'edn_format', 'networkx', 'simulator', 'logging', 'subprocess'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    _, environment = start()
    shown = subprocess.check_output([sys.executable, "-c", code], env=environment, encoding="utf-8")
    assert shown.splitlines()[-1] == "[]"
