"""The messages that Storm writes, byte for byte, and how it reads those of a component."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire import protocol
from simulator.wire.protocol import Dialect
from streamparse.multilang import ProtocolError, Reader


@given(st.binary())
def test_rubbish_is_a_protocol_error_or_a_message_never_a_crash(rubbish: bytes) -> None:
    for frame in Reader().feed(rubbish + b"\nend\n"):
        with suppress(ProtocolError):
            protocol.parse(frame)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_any_json_in_any_place_is_understood_or_refused(value: object) -> None:
    for key in ("tuple", "stream", "anchors", "task", "id", "need_task_ids", "msg", "level"):
        for command in ("emit", "ack", "fail", "log", "error", "metrics", "timer"):
            frame = json.dumps({"command": command, "tuple": [], "msg": "", key: value}).encode()
            with suppress(ProtocolError):
                protocol.parse(frame)


CHILD_SAYS = [
    ('{"command":"emit","tuple":["a"]}', protocol.Emit(["a"])),
    (
        '{"command":"emit","tuple":[1],"stream":"s","anchors":["7"],"need_task_ids":false}',
        protocol.Emit([1], "s", ("7",), need_task_ids=False),
    ),
    (
        '{"command":"emit","tuple":[],"anchors":"7","task":3}',
        protocol.Emit([], anchors=("7",), task=3),
    ),
    ('{"command":"emit","tuple":[],"id":{"n":1}}', protocol.Emit([], id={"n": 1})),
    ('{"command":"ack","id":"7"}', protocol.Ack("7")),
    ('{"command":"ack","id":7}', protocol.Ack(7)),
    ('{"command":"fail","id":"7"}', protocol.Fail("7")),
    ('{"command":"sync"}', protocol.SYNC),
    ('{"command":"log","msg":"hi","level":3}', protocol.Log("hi", 3)),
    ('{"command":"log","msg":"hi"}', protocol.Log("hi", 2)),
    ('{"command":"log","msg":"hi","level":9}', protocol.Log("hi", 2)),
    ('{"command":"error","msg":"boom"}', protocol.Error("boom")),
    ('{"command":"timer","after_ms":5}', protocol.Timer(5)),
    ('{"command":"threads"}', protocol.Threads()),
    ('{"command":"clock","ms":1500}', protocol.Clock(1500)),
    ('{"command":"clock","ms":"soon"}', protocol.Clock(0)),
    ('{"command":"clock"}', protocol.Clock(0)),
    ('{"command":"steps","places":["b.py:7"],"crashes":true}', protocol.Steps(("b.py:7",), True)),
    ('{"command":"steps"}', protocol.Steps(())),
    ('{"command":"frobnicate"}', protocol.Unknown("frobnicate")),
]


@pytest.mark.parametrize(("text", "message"), CHILD_SAYS)
def test_a_component_is_understood(text: str, message: object) -> None:
    assert protocol.parse(text.encode()) == message


REFUSED = [  # (bytes, part of the finding, what Storm does)
    (b"hello world", "no message", "ClassCastException"),  # json-smart reads a bare word as a text
    (b"", "no message", "ClassCastException"),
    (b"{not json", "no message", "unable to parse"),
    (b'{"command":"sync"} trailing', "no message", "what stands behind the JSON is ignored"),
    (b'{"command":"log","msg":5}', "no text: '5'", "ClassCastException"),
    (b'{"command":"error","msg":["a"]}', "no text", "ClassCastException"),
    (b"[1,2]", "no JSON object", "ClassCastException"),
    (b'{"msg":"x"}', "without a command", "NullPointerException"),
    (b'{"command":"emit"}', "no tuple", "NullPointerException"),
    (b'{"command":"emit","tuple":"a"}', "no list", "ClassCastException"),
    (b'{"command":"emit","tuple":[],"anchors":[7]}', "no tuple ids", "ClassCastException"),
    (b'{"command":"emit","tuple":[],"task":"x"}', "to task", "ClassCastException"),
    (b'{"command":"emit","tuple":[NaN]}', "NaN", "unable to parse"),
    (b'{"command":"\xff"}', "UTF-8", "a replacement character"),
    (b'{"command":7}', "\"command\": '7', where Storm expects a text", "ClassCastException"),
    (b'{"command":"emit","tuple":[1],"need_task_ids":0}', "true or false", "ClassCastException"),
    (b'{"command":"ack","id":"1","msg":5}', '"msg"', "ClassCastException"),
    (b'{"command":"sync","stream":[]}', '"stream"', "ClassCastException"),
    (b'{"command":"sync","anchors":0}', '"anchors"', "ClassCastException"),
    (b'{"command":"sync","tuple":{}}', '"tuple"', "ClassCastException"),
    (b'{"command":"sync","task":9223372036854775808}', "64 bits", "ClassCastException"),
    (b'{"command":"sync","task":1.0}', "64 bits", "ClassCastException"),
    (b'{"command":"sync","task":3}', "expects none", "ClassCastException"),
    (b"[" * 100_000, "400 deep", "non natural depths"),
]


@pytest.mark.parametrize(("data", "finding", "storm"), REFUSED)
def test_a_mistake_is_named_with_what_storm_makes_of_it(
    data: bytes, finding: str, storm: str
) -> None:
    with pytest.raises(ProtocolError) as refused:
        protocol.parse(data)
    assert finding in refused.value.finding
    assert storm in refused.value.storm


@pytest.mark.parametrize(
    ("data", "smart", "command"),
    [
        (b'{"command":"a",}', True, "a"),
        (b"{'command':'a'}", True, "a"),
        (b"{command: a b }", True, "a b"),
        (b'{"command":"a"} rest', True, "a"),
        (b'{"command":"a\tb\xff\xed\xa0\x80c"}', True, "a\tb\ufffd\ufffdc"),
        (b'{,"command" "a"}', False, "a"),
        (b'{"command"::"\\x","task":3}', False, "\\x"),
    ],
)
def test_a_lenient_dialect_reads_what_the_parser_of_its_storm_forgives(
    data: bytes, smart: bool, command: str
) -> None:
    assert protocol.parse(data, Dialect(smart, strict=False)) == protocol.Unknown(command)
    with pytest.raises(ProtocolError) as refused:
        protocol.parse(data, Dialect(smart, strict=True))
    assert not refused.value.storm.startswith("the worker dies")


def test_a_task_is_what_the_parser_makes_of_it() -> None:
    simple = Dialect(smart=False)
    emit = b'{"command":"emit","tuple":[],"task":%d}'
    assert [
        protocol.parse(emit % 0, simple),
        protocol.parse(emit % 3, simple),
        protocol.parse(emit % 0),  # which an engine refuses: no direct emit works there
        protocol.parse(b'{"command":"sync","task":3}', simple),
        protocol.parse(b'{"command":"sync","task":4294967296}'),
    ] == [
        protocol.Emit([]),
        protocol.Emit([], task=3),
        protocol.Emit([], task=0),
        protocol.SYNC,
        protocol.SYNC,
    ]


def test_a_log_level_is_the_last_32_bits_of_its_number() -> None:
    levels = [0, 4, 5, -1, 4294967297, 1.0, True, "1", None]
    read = [
        protocol.parse(json.dumps({"command": "log", "msg": "", "level": level}).encode())
        for level in levels
    ]
    assert read == [protocol.Log("", level) for level in (0, 4, 2, 2, 1, 2, 2, 2, 2)]


def test_json_simple_dies_of_integers_beyond_64_bits() -> None:
    frame = b'{"command":"emit","tuple":[9223372036854775808]}'
    assert protocol.parse(frame) == protocol.Emit([2**63])
    with pytest.raises(ProtocolError, match="64-bit"):
        protocol.parse(frame, Dialect(smart=False))


def test_json_smart_itself_takes_nan_and_reads_infinity_as_a_word() -> None:
    lenient = Dialect(strict=False)
    message = protocol.parse(b'{"command":"emit","tuple":[Infinity,NaN]}', lenient)
    assert isinstance(message, protocol.Emit)
    assert message.values[0] == "Infinity"
    assert protocol.storm_json(message.values) == '["Infinity",NaN]'


def test_json_smart_itself_ignores_what_stands_behind_the_json() -> None:
    frame = b' {"command":"sync"} trailing'
    assert protocol.parse(frame, Dialect(strict=False)) == protocol.SYNC
    with pytest.raises(ProtocolError, match="Extra data"):
        protocol.parse(frame, Dialect(smart=False, strict=False))


def test_a_message_of_storm_is_one_line_and_end() -> None:
    assert [
        protocol.NEXT,
        protocol.command("ack", {"a": "b/c"}),
        protocol.command("activate"),
        protocol.task_ids([4, 1]),
        protocol.heartbeat("-1"),
        protocol.handshakes(pid_dir="/tmp/p", conf={}, context={"componentid": "a", "taskid": 1})(
            2
        ),
    ] == [
        b'{"id":"","command":"next"}\nend\n',
        b'{"id":{"a":"b\\/c"},"command":"ack"}\nend\n',
        b'{"id":"","command":"activate"}\nend\n',
        b"[4,1]\nend\n",
        b'{"comp":null,"tuple":[],"task":-1,"stream":"__heartbeat","id":"-1"}\nend\n',
        b'{"pidDir":"\\/tmp\\/p","context":{"componentid":"a","taskid":2},"conf":{}}\nend\n',
    ]


def test_the_pid_may_be_absent_and_must_be_a_number() -> None:
    assert protocol.parse_pid(b'{"pid":7}') == 7
    assert protocol.parse_pid(b"{}") is None
    for wrong in (b'{"pid":"7"}', b"[7]"):
        with pytest.raises(ProtocolError, match="pid"):
            protocol.parse_pid(wrong)


def test_a_lone_surrogate_is_written_as_java_writes_it() -> None:
    assert protocol.frame("\ud800") == b"?\nend\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'{"command": "ack", "id": "1", "at": "/home/a b/x.py:3"}', "/home/a b/x.py:3"),
        (b'{"command": "ack", "id": "1", "at": "/caf\\u00e9.py:3"} ', "/caf\u00e9.py:3"),
        (b'{"command": "ack", "id": "1"}', ""),
        (b'{"at": "x"} or no JSON', ""),
    ],
)
def test_the_line_of_user_code_is_the_last_key_of_a_message(text: bytes, place: str) -> None:
    assert protocol.place_of(text) == place
