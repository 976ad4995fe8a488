"""Descriptors are reported with their owner when they are ready."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from simulator.transports.poller import Poller


@pytest.fixture
def poller() -> Iterator[Poller[str]]:
    made: Poller[str] = Poller()
    yield made
    made.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for fd in ends:
        os.close(fd)


def test_a_descriptor_is_ready_when_it_can_be_read_or_written(
    poller: Poller[str], pipe: tuple[int, int]
) -> None:
    reader, writer = pipe
    poller.watch(reader, "reader")
    nothing = poller.wait(0.001)
    os.write(writer, b"x")
    readable = poller.wait(60)
    poller.watch(writer, "writer", write=True)
    both = poller.wait(60)
    assert (nothing, readable, sorted(both)) == ([], ["reader"], ["reader", "writer"])


def test_what_is_not_watched_is_not_reported(poller: Poller[str], pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.write(writer, b"x")
    poller.watch(reader, "reader")
    poller.unwatch(reader)
    poller.unwatch(reader)  # once more does nothing
    assert poller.wait(0.001) == []
