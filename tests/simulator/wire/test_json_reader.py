"""JSON as each line of Storm reads it. What a whole message becomes is in ``test_protocol.py``."""

from __future__ import annotations

import pytest

from simulator.wire.json_printer import LongFloat
from simulator.wire.json_reader import Dialect, decode, message_excerpt, place_of
from streamparse.multilang import ProtocolError

SIMPLE = Dialect(smart=False)


def test_long_floats_keep_their_literal_from_json_smart_on() -> None:
    text = b"[0.30000000000000004,0.5]"
    kinds = [[type(each) for each in decode(text, dialect)] for dialect in (Dialect(), SIMPLE)]  # type: ignore[attr-defined]
    assert kinds == [[LongFloat, float], [float, float]]


@pytest.mark.parametrize(
    ("text", "smart", "storm"),
    [
        (b"[1,]", True, "the worker dies: unable to parse"),
        (b'{"a":1,}', True, 'json-smart forgives this, and reads {"a": 1}'),
        (b'{"a" 1}', False, 'json-simple forgives this, and reads {"a": 1}'),
        (b'{"a":1} x', True, "what stands behind the JSON is ignored"),
        (b'{"a":1} x', False, "the worker dies: unable to parse"),
        (b"{a:1}", False, "the worker dies: unable to parse"),
        (b"\xff", True, "Java reads a replacement character in place of each of them, and goes on"),
    ],
)
def test_what_is_no_json_is_refused_with_what_storm_makes_of_it(
    text: bytes, smart: bool, storm: str
) -> None:
    with pytest.raises(ProtocolError) as refused:
        decode(text, Dialect(smart=smart))
    assert refused.value.storm == storm


def test_the_line_of_user_code_is_read_and_never_shown() -> None:
    text = b'{"command": "ack", "id": "7", "at": "a \\"b\\".py:3"}'
    assert (place_of(text), place_of(b"{}")) == ('a "b".py:3', "")
    assert message_excerpt(text) == repr(b'{"command": "ack", "id": "7"}')
