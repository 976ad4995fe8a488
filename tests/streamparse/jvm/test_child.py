"""Programs as child processes, and the lines of our Clojure commands."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from streamparse.jvm import (
    Jvm,
    Output,
    clojure_argv,
    clojure_error,
    find_step,
    option_file,
    running,
)
from streamparse.jvm.child import Step, quick_start


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("17.0.15", 17),
        ("1.8.0_412", 8),
        ("11.0.2", 11),
        ("25", 25),
        ("26-ea", 26),
        ("21.0.3+9", 21),
    ],
)
def test_the_release_of_a_java_is_read_from_its_version(version: str, release: int) -> None:
    assert Jvm("java", version, (), "").release == release


# -- programs ----------------------------------------------------------------------------------------------------


def has_ended(pid: int) -> bool:
    """True when a process is gone, or waits for its parent to notice."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_of_a_program_and_all_that_it_has_started_nothing_is_left() -> None:
    script = "sleep 1000 & echo $!; trap '' TERM; echo $$; wait; wait"
    with running(["sh", "-c", script]) as process:
        lines = Output(process).lines()
        pids = [int(next(lines)), int(next(lines))]
        signal.pidfd_send_signal(os.pidfd_open(pids[0]), 0)  # it runs
    assert (process.returncode is not None, [has_ended(pid) for pid in pids]) == (
        True,
        [True, True],
    )


def test_an_interrupt_while_a_program_is_being_started_does_not_lose_it(tmp_path: Path) -> None:
    interrupted = threading.Event()
    pid = os.getpid()

    class Slow(subprocess.Popen[bytes]):
        """A Popen that is interrupted at its very beginning."""

        def __init__(self, *args: object, **options: object) -> None:
            os.kill(pid, signal.SIGINT)
            interrupted.set()
            super().__init__(*args, **options)  # type: ignore[call-overload]

    started = tmp_path / "started"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", Slow)
        with (
            pytest.raises(KeyboardInterrupt),
            running(["sh", "-c", f"echo $$ > {started}; sleep 1000"]),
        ):
            raise AssertionError("the interrupt comes first")
    assert interrupted.is_set()
    text = started.read_text() if started.exists() else ""
    assert not text or has_ended(int(text))


def test_lines_come_whole_whatever_their_bytes_and_line_breaks() -> None:
    with running(["printf", r"one\r\n\377\n\nlast"]) as process:
        assert [*Output(process).lines()] == ["one", "\N{REPLACEMENT CHARACTER}", "", "last"]


def test_a_line_that_is_read_while_ctrl_c_comes_is_noted_and_yielded_later() -> None:
    noted = []

    def note(line: str) -> None:
        noted.append(line)
        if line == "one":
            signal.raise_signal(signal.SIGINT)
            noted.append("still")

    with running(["printf", r"one\ntwo\n"]) as process:
        output = Output(process, note)
        with pytest.raises(KeyboardInterrupt):
            next(output.lines())
        assert [*output.lines()] == ["one", "two"]
    assert noted == ["one", "still", "two"]


def test_ctrl_c_ends_the_waiting_for_a_line() -> None:
    script = "read word; kill -INT $PPID; read word; echo $word"
    with running(["sh", "-c", script], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        output = Output(process)

        def wait_for_ctrl_c(stdin: int) -> None:
            os.write(stdin, b"go\n")
            next(output.lines())

        with pytest.raises(KeyboardInterrupt):
            wait_for_ctrl_c(process.stdin.fileno())
        os.write(process.stdin.fileno(), b"after\n")
        assert [*output.lines()] == ["after"]


def test_a_thread_reads_lines_too() -> None:
    got: list[str] = []
    with running(["echo", "one"]) as process:
        thread = threading.Thread(target=lambda: got.extend(Output(process).lines()))
        thread.start()
        thread.join()
    assert got == ["one"]


# -- our Clojure -------------------------------------------------------------------------------------------------


def test_a_command_line_has_the_projects_arguments_before_ours_and_our_directories_in_front() -> (
    None
):
    jvm = Jvm("/bin/java", "17", ("-Xmx1g",), os.pathsep.join(["a.jar", "b"]))
    argv = clojure_argv(
        jvm, "streamparse.commands.list", ["--json"], front=["first"], options=["-Dx=1"]
    )
    assert argv == [
        "/bin/java", "-Xmx1g", *quick_start(()), "-Dx=1",
        "-cp", os.pathsep.join(["first", "a.jar", "b"]),
        "clojure.main", "-m", "streamparse.commands.list", "--json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("step: running wordcount", Step("running", "wordcount")),
        ("running wordcount", None),
        ("ShellLog pid:7, name:count-bolt step: running wordcount", None),
    ],
)
def test_only_a_labelled_line_is_a_step(line: str, step: Step | None) -> None:
    assert find_step(line) == step


@pytest.mark.parametrize(
    ("lines", "debug", "error"),
    [
        (["noise", "error: one", "error: two"], False, ("two", "")),
        (["noise", "error: two"], True, ("two", "noise\nerror: two")),
        (["an error: none"], False, ("the JVM ended with status 7", "an error: none")),
        ([], False, ("the JVM ended with status 7", "")),
    ],
)
def test_the_cause_of_a_failure_is_the_last_labelled_line(
    lines: list[str], debug: bool, error: tuple[str, str]
) -> None:
    found = clojure_error(7, lines, debug=debug)
    assert (found.line, found.output) == error


def test_options_are_in_a_file_without_a_name_and_not_on_the_command_line() -> None:
    with (
        option_file({"password": "secret"}) as options,
        running(
            ["sh", "-c", 'echo "$@"; cat "$2"', "sh", *options.arguments],
            pass_fds=options.descriptors,
        ) as process,
    ):
        mode = os.fstat(options.descriptors[0]).st_mode & 0o777
        links = os.fstat(options.descriptors[0]).st_nlink
        lines = [*Output(process).lines()]
    assert (lines, mode, links) == (
        [" ".join(options.arguments), '{"password": "secret"}'],
        0o600,
        0,
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-Xmx1g"], ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]),
        (["-XX:+UseG1GC"], ["-XX:TieredStopAtLevel=1"]),
        (["-XX:-UseParallelGC"], ["-XX:TieredStopAtLevel=1"]),
        (["-XX:+TieredCompilation", "-XX:TieredStopAtLevel=4"], ["-XX:+UseSerialGC"]),
        (["-XX:-TieredCompilation"], ["-XX:+UseSerialGC"]),
    ],
)
def test_the_options_for_a_quick_start_contradict_none_of_the_project(
    arguments: list[str], expected: list[str]
) -> None:
    assert quick_start(arguments, environ={}) == expected
    # A JVM takes options of the environment too, and does not start with two collectors.
    assert quick_start([], environ={"JAVA_TOOL_OPTIONS": " ".join(arguments)}) == expected
