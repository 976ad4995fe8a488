"""The pipes of one component process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from simulator.engine import Start
from simulator.model import Component
from simulator.transports.channel import STDERR_TAIL_BYTES, Channel

BOLT = Component(id="b", kind="bolt")


@dataclass
class Ends:
    """A channel, the process's ends of its pipes, and the lines that were handed on."""

    channel: Channel
    stdin: int
    stdout: int
    stderr: int
    lines: list[tuple[str, int, str]]


@pytest.fixture
def ends() -> Iterator[Ends]:
    lines: list[tuple[str, int, str]] = []
    channel, theirs = Channel.open(Start(3, BOLT, 0, "seed"), lambda *line: lines.append(line))
    stdin, stdout, stderr = theirs
    yield Ends(channel, stdin, stdout, stderr, lines)
    channel.close()
    for fd in (channel.stdin, *theirs):
        with suppress(OSError):  # a test has closed it
            os.close(fd)


def test_what_does_not_fit_into_the_pipe_is_written_when_there_is_room(ends: Ends) -> None:
    data = os.urandom(3 << 20)
    ends.channel.write(data)
    ends.channel.write(b"more")
    was_full = bool(ends.channel.unwritten)
    read = b""
    while len(read) < len(data) + 4:
        read += os.read(ends.stdin, 1 << 20)
        if ends.channel.unwritten:
            ends.channel.write_more()
    assert (was_full, read) == (True, data + b"more")


def test_a_process_that_reads_no_more_is_written_to_in_vain(ends: Ends) -> None:
    os.close(ends.stdin)
    ends.channel.write(b"x" * (3 << 20))
    assert ends.channel.unwritten == b""


def test_stdout_is_read_as_it_comes(ends: Ends) -> None:
    read = [ends.channel.read()]
    os.write(ends.stdout, b"[1]\nend\n")
    read.append(ends.channel.read())
    os.close(ends.stdout)
    read.append(ends.channel.read())
    assert read == [None, b"[1]\nend\n", b""]


def test_lines_of_stderr_are_handed_on_and_its_last_bytes_are_kept(ends: Ends) -> None:
    os.write(ends.stderr, b"one\ntw\xff")
    going_on = ends.channel.stderr.read()
    os.write(ends.stderr, b"o\n" + b"x" * STDERR_TAIL_BYTES)
    ends.channel.stderr.drain()
    os.close(ends.stderr)
    assert (going_on, ends.channel.stderr.read()) == (True, False)
    expected = ["one", "tw\ufffdo", "x" * STDERR_TAIL_BYTES]
    assert ends.lines == [("b", 3, line) for line in expected]
    assert ends.channel.stderr.text == "x" * STDERR_TAIL_BYTES


@pytest.mark.parametrize(
    ("taken", "last"),
    [
        (b"", b""),
        (b'{"pid": 5}\nend\n', b""),
        (b'{"a": 1}\nend\n{"b": 2}\nend\n', b'{"b": 2}'),
        (b'{"b": 2}', b'{"b": 2}'),  # one that was taken by itself
    ],
)
def test_the_last_message_is_the_last_that_was_taken(taken: bytes, last: bytes, ends: Ends) -> None:
    ends.channel.last = taken
    assert ends.channel.last_message == last
