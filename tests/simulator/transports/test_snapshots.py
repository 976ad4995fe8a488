"""Snapshots fork a child for each job, and leave no process, file or descriptor behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.transports.snapshots import (
    MOST_OUTPUT,
    Finished,
    Job,
    Snapshot,
    Snapshots,
    end_child,
    is_child,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are safe on Linux only")


@pytest.fixture
def snapshots() -> Iterator[Snapshots]:
    made = Snapshots(jobs=2)
    yield made
    made.close()


def take(snapshots: Snapshots, work: Any, position: int = 0) -> Snapshot:
    """A snapshot whose children end with ``work(task)``."""
    taken = snapshots.take(position)
    if isinstance(taken, Job):
        end_child(work(taken.task))
    assert taken is not None
    return taken


def results(snapshots: Snapshots, tasks: list[tuple[Snapshot, Any]]) -> list[Any]:
    return [each.result for each in snapshots.carry_out(tasks)]


def test_each_job_begins_with_the_memory_of_its_snapshot(snapshots: Snapshots) -> None:
    memory = ["before"]

    def work(task: str) -> list[str]:
        memory.append(task)
        return memory

    early = take(snapshots, work)
    memory.append("between")
    late = take(snapshots, work)
    memory.append("behind")
    assert results(snapshots, [(early, "a"), (late, "b"), (early, "c")]) == [
        ["before", "a"],
        ["before", "between", "b"],
        ["before", "c"],
    ]
    assert (memory, is_child()) == (["before", "between", "behind"], False)


def test_jobs_work_at_the_same_time_and_end_in_their_order(snapshots: Snapshots) -> None:
    read, write = os.pipe()

    def work(task: str) -> str:
        if task == "first":
            return os.read(read, 10).decode()  # of the second, which must be at work too
        os.write(write, b"second")
        return "wrote"

    taken = take(snapshots, work)
    try:
        assert results(snapshots, [(taken, "first"), (taken, "second")]) == ["second", "wrote"]
    finally:
        os.close(read)
        os.close(write)


def test_what_a_child_writes_is_handed_over_once(
    snapshots: Snapshots, capfd: pytest.CaptureFixture[str]
) -> None:
    print("before")

    def work(task: str) -> int:
        print(f"out {task}")
        print(f"err {task}", file=sys.stderr)
        return 1

    taken = take(snapshots, work)
    assert list(snapshots.carry_out([(taken, "a"), (taken, "b")])) == [
        Finished(0, 1, ("out a\n", "err a\n")),
        Finished(1, 1, ("out b\n", "err b\n")),
    ]
    assert capfd.readouterr() == ("before\n", "")


def test_the_output_of_a_child_has_a_bound(snapshots: Snapshots) -> None:
    taken = take(snapshots, lambda task: print("x" * (MOST_OUTPUT + 10)) or 1)
    (end,) = snapshots.carry_out([(taken, None)])
    assert len(end.output[0]) == MOST_OUTPUT


def test_a_child_that_dies_or_gives_up_ends_without_a_result(snapshots: Snapshots) -> None:
    def work(task: str) -> Any:
        if task == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        return None if task == "gives up" else task

    taken = take(snapshots, work)
    tasks: list[tuple[Snapshot, Any]] = [(taken, "killed"), (taken, "gives up"), (taken, "works")]
    assert results(snapshots, tasks) == [None, None, "works"]


def test_a_task_that_cannot_be_pickled_ends_without_a_result(snapshots: Snapshots) -> None:
    taken = take(snapshots, lambda task: 1)
    assert results(snapshots, [(taken, lambda: 0), (taken, "works")]) == [None, 1]


def test_jobs_of_a_snapshot_that_is_gone_end_without_a_result(snapshots: Snapshots) -> None:
    def work(task: str) -> int:
        os.kill(os.getppid(), signal.SIGKILL)  # its snapshot
        return 1

    taken = take(snapshots, work)
    # Those that had begun with the first one may come to their end.
    jobs = [(taken, str(number)) for number in range(6)]
    assert results(snapshots, jobs)[-2:] == [None, None]


def test_nothing_is_left_behind() -> None:
    def look() -> tuple[list[str], list[str]]:
        return os.listdir("/dev/fd"), sorted(
            Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        )

    before = look()
    snapshots = Snapshots(jobs=2)
    directory = snapshots._directory
    taken = [take(snapshots, lambda task: task, position) for position in range(3)]
    ends = snapshots.carry_out([(each, each.position) for each in taken])
    assert next(ends).result == 0
    snapshots.drop(taken[:1])
    snapshots.close()  # while the others are at work
    snapshots.close()
    assert (look(), directory.exists()) == (before, False)


PROGRAM = """
import os, sys, time
from simulator.transports.snapshots import Snapshots, Job
snapshots = Snapshots(jobs=2)
taken = snapshots.take(0)
if isinstance(taken, Job):
    os.write(1, b"%d %d\\n" % (os.getppid(), os.getpid()))
    time.sleep(1000)
try:
    list(snapshots.carry_out([(taken, 1), (taken, 2)]))
finally:
    if sys.argv[1] == "closes":
        snapshots.close()
"""


@pytest.mark.parametrize(
    ("number", "way"), [(signal.SIGINT, "closes"), (signal.SIGKILL, "is killed")]
)
def test_the_end_of_the_parent_ends_all(number: signal.Signals, way: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, way], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline(), program.stdout.readline()]
        program.send_signal(number)  # to it alone, where the keyboard would interrupt all
        rest = program.stdout.read()  # ends when nobody can write any more
    assert (len({line for line in lines if line}), rest) == (2, b"")
