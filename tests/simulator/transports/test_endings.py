"""Processes are waited for until they have ended, or enough time counts against them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from simulator.transports.accounting import Stopwatch
from simulator.transports.endings import counts, wait_for_end
from simulator.transports.fork_server_client import ForkServerClient


@pytest.fixture
def server() -> Iterator[ForkServerClient]:
    made = ForkServerClient(sys.executable, os.getcwd(), os.environ)
    yield made
    made.close()


def spawn(server: ForkServerClient, *commands: str) -> list[int]:
    """The pids of shells that run these commands."""
    nothing = os.open(os.devnull, os.O_RDWR)
    start = {"python_class": None, "seed": "", "module_seed": ""}
    starts = [{**start, "argv": ["sh", "-c", each]} for each in commands]
    answer = server.start(starts, [nothing] * 3 * len(commands), cwd=os.getcwd(), env={})
    server.catch_up()
    os.close(nothing)
    return [started["pid"] for started in answer["started"]]


def never(waited: Stopwatch) -> bool:
    return False


def test_a_process_that_ends_has_its_exit_status(server: ForkServerClient) -> None:
    pids = spawn(server, "exit 3", "kill -9 $$")
    endings = wait_for_end(server, pids, never, 60)
    assert [endings[pid].status for pid in pids] == [3, -9]


def test_a_process_whose_time_is_over_still_runs(server: ForkServerClient) -> None:
    stays, ends = spawn(server, "exec sleep 1000", "exit 0")
    endings = wait_for_end(server, [stays], counts(0.05), 0.05)
    assert (endings[stays].status, endings[stays].waited.counted_seconds >= 0.05) == (None, True)
    assert wait_for_end(server, [ends], never, 60)[ends].status == 0
