"""Messages come out of a stream of bytes whole, however it is cut; and they go to whatever takes them whole."""

import io
import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamparse import Component, multilang
from streamparse.multilang import Inbox, Outbox, Reader

MESSAGES = b'{"a":1}\nend\n{"b":\n2}\r\nend\r\n\nend\n["end"]\rend\r{"c":"\xc3\xa9"}\nend\n'
FRAMES = [b'{"a":1}', b'{"b":\n2}', b"", b'["end"]', b'{"c":"\xc3\xa9"}']


@given(st.lists(st.integers(0, len(MESSAGES))))
def test_messages_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    reader = Reader()
    found = []
    edges = [0, *sorted(cuts), len(MESSAGES)]
    for start, end in pairwise(edges):
        found += reader.feed(MESSAGES[start:end])
    assert found == FRAMES
    assert reader.rest == b""


def test_what_is_left_of_an_unfinished_message_is_known() -> None:
    reader = Reader()
    assert reader.feed(b'{"a":1}\nend\n{"b"') == [b'{"a":1}']
    assert reader.rest == b'{"b"'


@pytest.mark.parametrize("cut", [1, 60, 110])
def test_a_message_beyond_the_limit_is_refused_with_its_beginning(cut: int) -> None:
    reader = Reader(limit=100)
    said = b"short\nend\n" + b"x" * 101 + b"\nend\nlate\nend\n"
    frames = reader.feed(said[:cut]) + reader.feed(said[cut:])
    assert frames == [b"short"]
    assert reader.overflow
    assert "more than 100 bytes" in reader.overflow.finding
    assert "xxxx" in reader.overflow.excerpt


@given(st.lists(st.integers(0, len(MESSAGES))), st.binary(max_size=3))
def test_whole_messages_are_the_same_as_one_by_one(cuts: list[int], odd: bytes) -> None:
    edges = [0, *sorted(cuts), len(MESSAGES)]
    pieces = [MESSAGES[start:end] + odd for start, end in pairwise(edges)]
    reader, plain = Reader(), Reader()
    for piece in pieces:
        whole = reader.whole(piece)
        found = reader.feed(piece) if whole is None else Reader().feed(whole)
        assert found == plain.feed(piece)
    assert reader.rest == plain.rest


class Kept(Outbox):
    """Keeps what is sent, and its JSON."""

    def __init__(self) -> None:
        self.sent: list[tuple[object, str]] = []

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        self.sent.append((message, encode(message)))


class Waiting(Inbox):
    """Hands over one message that is text, one that never was, and the end."""

    def __init__(self) -> None:
        self.left: list[Any] = ["[4]", [5], None]

    def receive(self) -> Any:
        return self.left.pop(0)


def test_a_component_sends_whole_messages_to_an_outbox_and_takes_them_from_an_inbox() -> None:
    outbox = Kept()
    component = Component(input_stream=Waiting(), output_stream=outbox)
    component.send_message({"command": "sync"})
    read = [component.read_message(), component.read_message()]
    assert (outbox.sent, read) == ([({"command": "sync"}, '{"command": "sync"}')], [[4], [5]])


def test_a_component_writes_to_the_stream_that_was_set_last() -> None:
    first, second, third = io.StringIO(), Kept(), io.StringIO()
    component = Component(input_stream=io.StringIO(), output_stream=first)
    for number, stream in enumerate((first, second, third)):
        component.output_stream = stream  # type: ignore[assignment]  # as code that nobody checks may do
        component.send_message({"n": number})
    assert (first.getvalue(), second.sent, third.getvalue()) == (
        '{"n": 0}\nend\n',
        [({"n": 1}, '{"n": 1}')],
        '{"n": 2}\nend\n',
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count-bolt", "count-bolt"),
        ("in/out\0", "in_out_"),
        ("b" * 96, "b" * 96),
        ("b" * 97, "b" * 83 + "-3de8fc0d20ec"),
        ("\u00e9" * 49, "\u00e9" * 41 + "-3a522b0c4b63"),
    ],
)
def test_a_name_in_a_file_name_has_no_slash_and_96_bytes_at_most(name: str, expected: str) -> None:
    found = multilang.name_in_file(name)
    assert (found, len(found.encode()) <= 96) == (expected, True)


def test_long_names_that_begin_alike_stay_apart() -> None:
    names = ["b" * 200 + end for end in ("1", "2", "/", "_")]
    assert len({multilang.name_in_file(name) for name in names}) == 4


def test_code_of_python_of_packages_and_of_this_project_is_not_the_users() -> None:
    files = (__file__, multilang.__file__, os.__file__, pytest.__file__, "<frozen os>")
    assert [multilang.is_users(file) for file in files] == [True, False, False, False, False]
