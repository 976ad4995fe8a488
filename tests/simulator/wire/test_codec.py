"""The fast codec and the protocol's own give the same result for every message."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire import codec, protocol
from simulator.wire.protocol import Dialect
from streamparse.multilang import ProtocolError
from streamparse.storm.codec import encode

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["", "default", "7", "emit", "ack", 2**63, -(2**63) - 1, 2**64, "a/b", "\x7f"]
    )
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
KEYS = (
    "tuple",
    "id",
    "anchors",
    "stream",
    "task",
    "need_task_ids",
    "msg",
    "level",
    "name",
    "after_ms",
)
MESSAGES = st.builds(
    lambda command, rest: {"command": command, **rest},
    st.sampled_from(["emit", "ack", "fail", "sync", "log", "error", "metrics", "timer", "bogus", 7, None]),
    st.dictionaries(st.sampled_from(KEYS), VALUES | st.lists(SCALARS)),
)  # fmt: skip
PIECES = [
    b"", b"'", b'"', b",", b"]", b"}", b"null", b"true", b"-1", b"1e999", b"9223372036854775808", b"\\ud800", b"\xff",
]  # fmt: skip
DIALECTS = [Dialect(smart, strict) for smart in (True, False) for strict in (True, False)]


class Word(str):
    __slots__ = ()


WORDS = ["", "dog", "7", 'a "quoted" word', "two\nlines", "back\\slash"]


def outcome(parse: object, text: bytes, dialect: Dialect) -> object:
    try:
        # repr tells 1 from 1.0 and True, and NaN is equal to itself.
        message = parse(text, dialect)  # type: ignore[operator]
        return repr(message), [getattr(v, "literal", None) for v in getattr(message, "values", ())]
    except ProtocolError as error:
        return error.finding, error.storm, error.excerpt


@given(MESSAGES, st.sampled_from(DIALECTS), st.booleans())
def test_every_message_means_the_same(
    message: dict[str, object], dialect: Dialect, ascii_only: bool
) -> None:
    text = json.dumps(message, ensure_ascii=ascii_only).encode("utf-8", "replace")
    assert outcome(codec.parse, text, dialect) == outcome(protocol.parse, text, dialect)


@given(st.binary(), st.sampled_from(DIALECTS))
def test_rubbish_means_the_same(text: bytes, dialect: Dialect) -> None:
    assert outcome(codec.parse, text, dialect) == outcome(protocol.parse, text, dialect)


CORPUS = [
    b'{"command":"emit","tuple":[0.30000000000000004,0.1,1E5]}',
    b'{"command":"emit","tuple":[]}',
    b'{"command":"emit"}',
    b'{"command":"emit","tuple":null}',
    b'{"command":"emit","tuple":[1],"task":true}',
    b'{"command":"emit","tuple":[1],"task":-1}',
    b'{"command":"emit","tuple":[1],"stream":null,"anchors":null,"need_task_ids":null}',
    b'{"command":"emit","tuple":[1],"anchors":"7"}',
    b'{"command":"ack","id":"1","id":"2"}',
    b' {"command":"sync"}\n',
    b'{"command":"sync"} x',
    b'{"command":"ack","id":"\\ud800"}',
    b'{"command":"ack","id":"1","strange":"\xff"}',
    b'{"command":"ack","id":"1","strange":' + b"1" * 5000 + b"}",
    b'{"command":"ack","id":"1","msg":5}',
    b'{"command":"ack","id":"1","at":"a.py:3"}',
    b'{"command":"ack","id":"1","at":3}',
    b'{"command":"sync","task":"x"}',
    b'{"command":"emit","tuple":[1],"need_task_ids":0}',
    b'{"command":"emit","tuple":[1],"task":9223372036854775807}',
    b'{"command":"emit","tuple":[1],"task":9223372036854775808}',
    b'{"command":"emit","tuple":[1],"anchors":false}',
    b'{"command":"emit","tuple":[1],"anchors":[null]}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("text", CORPUS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_odd_messages_mean_the_same(text: bytes, dialect: Dialect) -> None:
    assert outcome(codec.parse, text, dialect) == outcome(protocol.parse, text, dialect)


@given(st.data(), st.sampled_from(DIALECTS))
def test_damaged_messages_mean_the_same(data: st.DataObject, dialect: Dialect) -> None:
    text = data.draw(st.sampled_from([each for each in CORPUS if len(each) < 1000]))
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(begin + 8, len(text))))
        text = (
            text[:begin] + data.draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + text[end:]
        )
    assert outcome(codec.parse, text, dialect) == outcome(protocol.parse, text, dialect)


@pytest.mark.slow
@given(st.lists(VALUES))
def test_values_are_printed_the_same(values: list[object]) -> None:
    assert codec.plain_json(values) in (protocol.storm_json(values), None)


@given(
    st.lists(st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.sampled_from(WORDS))
)
def test_plain_values_are_printed_here(values: list[object]) -> None:
    assert codec.plain_json(values) == protocol.storm_json(values)


@pytest.mark.slow
@given(st.lists(MESSAGES.map(lambda message: json.dumps(message).encode()), min_size=1))
def test_many_messages_at_once_mean_the_same_as_one_by_one(texts: list[bytes]) -> None:
    together = codec.parse_all(b"".join(text + b"\nend\n" for text in texts))
    assert together is None or repr(together) == repr([codec.parse(text) for text in texts])


IDS = st.text("0123456789-", max_size=20)
SAID = st.fixed_dictionaries(
    {"command": st.just("emit"), "tuple": st.lists(SCALARS) | st.tuples(SCALARS)},
    optional={
        "id": SCALARS,
        "anchors": st.lists(IDS),
        "stream": st.text(),
        "need_task_ids": st.booleans(),
    },
) | st.fixed_dictionaries({"command": st.sampled_from(["ack", "fail"]), "id": IDS | SCALARS})


@given(MESSAGES | SAID)
def test_a_message_that_is_not_printed_means_the_same(message: dict[str, object]) -> None:
    unprinted = codec.unprinted(message)
    if unprinted is not None:
        assert repr(unprinted) == repr(codec.parse(encode(message).encode()))


PLAIN = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.sampled_from(WORDS)


@given(st.lists(PLAIN) | st.tuples(PLAIN), st.lists(IDS), PLAIN, st.booleans())
def test_what_components_say_all_the_time_is_not_printed(
    values: object, anchors: list[str], message_id: object, need_task_ids: bool
) -> None:
    emit = {"command": "emit", "tuple": values, "need_task_ids": need_task_ids}
    assert codec.unprinted({**emit, "anchors": anchors, "stream": "words"})
    assert codec.unprinted({**emit, "id": message_id})
    for each in anchors:
        assert codec.unprinted({"command": "ack", "id": each})
        assert codec.unprinted({"command": "fail", "id": each})
    assert codec.unprinted({"command": "sync"})


@pytest.mark.parametrize("value", ["x" * 2000, "caf\xe9", "\ud800", 2**63, 0.1, [1], Word("dog")])
def test_a_value_that_json_may_change_is_printed(value: object) -> None:
    assert codec.unprinted({"command": "emit", "tuple": [value]}) is None
    assert codec.unprinted({"command": "emit", "tuple": [], "id": value}) is None
    assert codec.unprinted({"command": "ack", "id": value}) is None


@pytest.mark.parametrize(
    "block",
    [
        b'{"command":"sync"},{"command":"sync"}\nend\n',
        b'{"command":"sync"} {"command":"sync"}\nend\n',
        b'{"command":"sync"}\nend\n\nend\n',
        b'{"command":"emit","tuple":[1]\nend\n{"command":"sync"}\nend\n',
        b'{"command":"sync"}\nend\nend\n',
        b'{"command":"log","msg":"not that frequent"}\nend\n',
    ],
)
def test_of_many_messages_one_that_does_not_fit_wants_a_closer_look(block: bytes) -> None:
    assert codec.parse_all(b'{"command":"sync"}\nend\n') == [codec.Sync()]
    assert codec.parse_all(block) is None
