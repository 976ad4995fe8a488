"""Nesting is counted as json-smart counts it."""

import pytest

from simulator.wire import codec, protocol
from simulator.wire.depth import MOST_NESTED, is_too_deep
from streamparse.multilang import ProtocolError

SIMPLE = protocol.Dialect(smart=False)


def nested(levels: int) -> str:
    """An emit in which so many lists and maps are open at once."""
    inner = levels - 2
    return '{"command":"emit","tuple":[' + "[" * inner + "]" * inner + "]}"


def test_the_limit_is_that_of_json_smart_and_brackets_in_strings_do_not_count() -> None:
    texts = [nested(MOST_NESTED), nested(MOST_NESTED + 1), '["' + "[" * 900 + '"]', "[]," * 900]
    assert [is_too_deep(text) for text in texts] == [False, True, False, False]


@pytest.mark.parametrize("levels", [405, 602, 992, 100_000])
@pytest.mark.parametrize("parse", [codec.parse, protocol.parse])
def test_a_message_that_is_too_deep_is_refused_in_one_line(parse: object, levels: int) -> None:
    said = []
    for dialect in (protocol.NEWEST, SIMPLE):
        with pytest.raises(ProtocolError) as refused:
            parse(nested(levels).encode(), dialect)  # type: ignore[operator]
        said.append((refused.value.finding, refused.value.storm))
    assert said == [
        (
            "JSON nested more than 400 deep",
            "the worker dies: Malicious payload, having non natural depths",
        ),
        (
            "JSON nested more than 400 deep, which a simulation does not read",
            "reads it; from 2.6 on the worker dies",
        ),
    ]
    assert codec.parse_all(f"{nested(levels)}\nend\n".encode()) is None


def test_a_message_at_the_limit_is_read() -> None:
    assert codec.parse(nested(400).encode()) == codec.parse(nested(400).encode(), SIMPLE)


def test_many_flat_messages_are_not_deep() -> None:
    block = b'{"command":"sync"}\nend\n' * 1000
    assert len(codec.parse_all(block) or ()) == 1000


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("-0.00000000000000000000", "[0E-20]"),
        ("1e2147483640000000000", None),
        ("1e-1000000000000000000000", None),
    ],
)
def test_a_long_float_is_printed_or_refused_as_a_big_decimal_is(
    token: str, text: str | None
) -> None:
    message = f'{{"command":"emit","tuple":[{token}]}}'.encode()
    if text is None:
        with pytest.raises(ProtocolError, match="NumberFormatException"):
            codec.parse(message)
    else:
        emit = codec.parse(message)
        assert isinstance(emit, codec.Emit)
        assert protocol.storm_json(emit.values) == text
