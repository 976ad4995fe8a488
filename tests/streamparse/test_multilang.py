"""Messages come out of a stream of bytes whole, however it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamparse.multilang import Reader

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
