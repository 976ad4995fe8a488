"""What components say to Storm, message by message, on two buffers in memory."""

import io
import json
import logging
from typing import Any

import pytest

from streamparse import BatchingBolt, Bolt, Component, Spout, Tuple
from streamparse.component import LogStream, StormHandler

Message = Any  # JSON
CONF = {"topology.name": "wordcount", "my.key": [1, None]}
CONTEXT = {"taskid": 4, "task->component": {"4": "count-bolt"}}


def written(*messages: Message) -> str:
    return "".join(f"{json.dumps(message)}\nend\n" for message in messages)


def said(component: Component) -> list[Message]:
    text = component.output_stream.getvalue()  # type: ignore[attr-defined]  # a StringIO of ours
    return [json.loads(part) for part in text.split("\nend\n") if part]


def tup(tuple_id: str, *values: object, comp: str = "words", stream: str = "default") -> Message:
    return {"id": tuple_id, "comp": comp, "stream": stream, "task": 5, "tuple": list(values)}


def tick(tuple_id: str = "t") -> Message:
    return tup(tuple_id, 1, comp="__system", stream="__tick")


HEARTBEAT: Message = {"id": "h", "comp": None, "stream": "__heartbeat", "task": -1, "tuple": []}
EMITTED = {"command": "emit", "anchors": ["1"]}


@pytest.fixture
def pid_dir(tmp_path: Any) -> str:
    return str(tmp_path)


@pytest.fixture
def talk(pid_dir: str) -> Any:
    """Run a component over these messages; what it said after its pid, and its exit status."""

    def conversation(cls: type[Component], *messages: Message) -> tuple[list[Message], object]:
        text = written({"pidDir": pid_dir, "conf": CONF, "context": CONTEXT}, *messages)
        component = cls(io.StringIO(text), io.StringIO())
        with pytest.raises(SystemExit) as ended:
            component.run()
        pid, *rest = said(component)
        assert pid == {"pid": component.pid}
        return rest, ended.value.code

    return conversation


# -- handshake


@pytest.mark.parametrize(
    "context", [CONTEXT, {"taskid": 4, "componentid": "count-bolt", "task->component": {}}]
)
def test_the_handshake_tells_a_component_who_it_is(tmp_path: Any, context: Message) -> None:
    text = written({"pidDir": str(tmp_path), "conf": CONF, "context": context})
    component = Component(io.StringIO(text), io.StringIO())
    component._setup_component(*component.read_handshake())
    assert {
        "topology_name": component.topology_name,
        "task_id": component.task_id,
        "component_name": component.component_name,
        "debug": component.debug,
        "storm_conf": component.storm_conf,
        "context": component.context,
        "logger": component.logger and component.logger.name,
        "pid files": [path.name for path in tmp_path.iterdir()],
        "said": said(component),
    } == {
        "topology_name": "wordcount",
        "task_id": 4,
        "component_name": "count-bolt",
        "debug": False,
        "storm_conf": CONF,
        "context": context,
        "logger": "streamparse.storm.component.count-bolt",
        "pid files": [str(component.pid)],
        "said": [{"pid": component.pid}],
    }


def test_initialize_is_given_conf_and_context(talk: Any) -> None:
    class Curious(Bolt):
        def initialize(self, storm_conf: Any, context: Any) -> None:
            self.log((storm_conf["my.key"], context["taskid"]))

    assert talk(Curious) == ([{"command": "log", "msg": "([1, None], 4)", "level": 2}], 0)


# -- reading


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a":\n1}\nend\n', {"a": 1}),
        ("\n\n[1,\n2]\nend\n", [1, 2]),
        ('{"é": "\\u00e9\u2028"}\nend\n', {"é": "é\u2028"}),
        ('["x"]\r\nend\r\n', ["x"]),
    ],
)
def test_a_message_is_every_line_before_end(text: str, message: Message) -> None:
    component = Component(io.BytesIO(text.encode()), io.BytesIO())
    assert component.read_message() == message


@pytest.mark.parametrize(("text", "status"), [("", 0), ('{"a"', 1), ('{"a": 1}\n', 1)])
def test_the_end_of_the_stream_ends_a_component(text: str, status: int) -> None:
    with pytest.raises(SystemExit) as ended:
        Component(io.StringIO(text), io.StringIO()).read_message()
    assert ended.value.code == status


def test_what_is_not_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        Component(io.StringIO("nonsense\nend\n"), io.StringIO()).read_message()


def test_tuples_and_task_ids_may_come_in_any_order() -> None:
    text = written(tup("1", "a"), [7], [8, 9], tup("2", "b"), [3])
    component = Component(io.StringIO(text), io.StringIO())
    assert [
        component.read_task_ids(),  # keeps tuple 1
        component.read_tuple(),
        component.read_tuple(),  # keeps [8, 9]
        component.read_task_ids(),
        component.read_task_ids(),
    ] == [
        [7],
        Tuple("1", "words", "default", 5, ["a"]),
        Tuple("2", "words", "default", 5, ["b"]),
        [8, 9],
        [3],
    ]


# -- speaking


def test_a_message_is_written_as_simplejson_writes_it() -> None:
    component = Component(io.StringIO(), io.BytesIO())
    component.send_message({"command": "emit", "tuple": ["é/", 1.0, None], "anchors": []})
    assert component.output_stream.buffer.getvalue() == (  # type: ignore[attr-defined]
        b'{"command": "emit", "tuple": ["\\u00e9/", 1.0, null], "anchors": []}\nend\n'
    )


def test_what_is_no_dict_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    component = Component(io.StringIO(), io.StringIO())
    component.send_message(["no"])  # type: ignore[arg-type]
    assert (said(component), "must be a dict" in caplog.text) == ([], True)


EMITS: list[tuple[dict[str, Any], Message, Any]] = [  # (arguments, message, returned)
    ({}, {}, [7, 8]),
    ({"tup_id": 0}, {"id": 0}, [7, 8]),
    ({"stream": "s", "anchors": ["1"]}, {"anchors": ["1"], "stream": "s"}, [7, 8]),
    ({"direct_task": 3}, {"task": 3}, [3]),
    ({"need_task_ids": False}, {"need_task_ids": False}, None),
    ({"direct_task": 3, "need_task_ids": False}, {"task": 3, "need_task_ids": False}, None),
]


@pytest.mark.parametrize(("arguments", "message", "returned"), EMITS)
def test_emit_says_what_it_was_told_and_returns_task_ids(
    arguments: dict[str, Any], message: Message, returned: Any
) -> None:
    component = Component(io.StringIO(written([7, 8])), io.StringIO())
    assert component.emit(["a"], **arguments) == returned
    assert said(component) == [{"command": "emit", "tuple": ["a"], **message}]


def test_a_namedtuple_is_emitted_as_its_values() -> None:
    component = Component(io.StringIO(), io.StringIO())
    component.emit(Tuple("1", "c", "s", 2, []), need_task_ids=False)
    assert said(component)[0]["tuple"] == ["1", "c", "s", 2, []]


def test_only_lists_and_tuples_can_be_emitted() -> None:
    component = Component(io.StringIO(), io.StringIO())
    with pytest.raises(TypeError, match="not as str: 'dog'"):
        component.emit("dog")
    assert said(component) == []


@pytest.mark.parametrize(
    ("level", "number"),
    [(None, 2), ("trace", 0), ("debug", 1), ("info", 2), ("warn", 3), ("error", 4), ("?", 2)],
)
def test_log_levels_are_storms(level: str | None, number: int) -> None:
    component = Component(io.StringIO(), io.StringIO())
    component.log(ValueError("x"), level)
    assert said(component) == [{"command": "log", "msg": "x", "level": number}]


def test_an_exception_is_reported_with_its_tuple_and_traceback_then_sync() -> None:
    component = Component(io.StringIO(), io.StringIO())
    try:
        raise KeyError("dog")
    except KeyError as error:
        component.raise_exception(error, Tuple("1", "c", "s", 2, ["x"]))
    report, sync = said(component)
    assert report["msg"].startswith("Python KeyError raised while processing Tuple Tuple(id='1'")
    assert report["msg"].endswith("KeyError: 'dog'\n")
    assert "test_component.py" in report["msg"]
    assert sync == {"command": "sync"}


# -- bolts


def test_a_bolt_anchors_acks_and_answers_heartbeats(talk: Any) -> None:
    class Echo(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit(tup.values, need_task_ids=False)

    assert talk(Echo, tup("1", "a"), HEARTBEAT, tick()) == (
        [
            {"command": "emit", "tuple": ["a"], "anchors": ["1"], "need_task_ids": False},
            {"command": "ack", "id": "1"},
            {"command": "sync"},
            {"command": "ack", "id": "t"},
        ],
        0,
    )


def test_a_bolt_does_nothing_by_itself_when_told_so(talk: Any) -> None:
    class Quiet(Bolt):
        auto_anchor = auto_ack = auto_fail = False

        def process(self, tup: Tuple) -> None:
            self.emit(tup.values, need_task_ids=False)
            if tup.values == ["b"]:
                raise ValueError

    messages, status = talk(Quiet, tup("1", "a"), tick(), tup("2", "b"))
    assert [message["command"] for message in messages] == ["emit", "emit", "error", "sync"]
    assert [message["anchors"] for message in messages[:2]] == [[], []]
    assert status == 1


@pytest.mark.parametrize("verb", ["ack", "fail"])
def test_a_tuple_that_process_settled_is_not_acked_again(talk: Any, verb: str) -> None:
    class Settles(Bolt):
        def process(self, tup: Tuple) -> None:
            getattr(self, verb)(tup)

        process_tick = process

    assert talk(Settles, tup("1"), tick("2"), tup("1")) == (
        [{"command": verb, "id": "1"}, {"command": verb, "id": "2"}, {"command": verb, "id": "1"}],
        0,
    )


def test_anchors_may_be_tuples_or_ids_and_explicit_ones_win(talk: Any) -> None:
    class Joins(Bolt):
        def process(self, tup: Tuple) -> None:
            self.emit([], anchors=[tup, "9"], need_task_ids=False)
            self.emit([], anchors=[], need_task_ids=False)
            with pytest.deprecated_call():
                self.emit_many([[1], [2]], anchors=iter(["8"]), need_task_ids=False)

    messages, _ = talk(Joins, tup("1"))
    assert [message["anchors"] for message in messages[:4]] == [["1", "9"], [], ["8"], ["8"]]


def test_an_exception_is_reported_once_and_fails_the_tuple_then_ends_the_bolt(talk: Any) -> None:
    class Breaks(Bolt):
        def process(self, tup: Tuple) -> None:
            raise ValueError(tup.values[0])

    messages, status = talk(Breaks, tup("1", "dog"), tup("2", "cat"))
    assert [message["command"] for message in messages] == ["error", "sync", "fail"]
    assert "ValueError: dog" in messages[0]["msg"]
    assert "Tuple(id='1'" in messages[0]["msg"]
    assert messages[2] == {"command": "fail", "id": "1"}
    assert status == 1


def test_an_acked_tuple_is_not_failed_by_what_comes_after(talk: Any) -> None:
    class AcksEarly(Bolt):
        def process(self, tup: Tuple) -> None:
            self.ack(tup)
            raise ValueError

    messages, _ = talk(AcksEarly, tup("1"))
    assert [message["command"] for message in messages] == ["ack", "error", "sync"]


def test_an_exception_in_initialize_reaches_storm(talk: Any) -> None:
    class Unlucky(Bolt):
        def initialize(self, storm_conf: Any, context: Any) -> None:
            raise OSError("no database")

    messages, status = talk(Unlucky, tup("1"))
    assert [message["command"] for message in messages] == ["error", "sync"]
    assert "OSError: no database" in messages[0]["msg"]
    assert status == 1


def test_task_ids_may_come_after_tuples_that_were_already_in_the_pipe(talk: Any) -> None:
    class Tells(Bolt):
        def process(self, tup: Tuple) -> None:
            self.log(self.emit(tup.values))

    messages, _ = talk(Tells, tup("1", "a"), tup("2", "b"), [7], HEARTBEAT, [8])
    told = [m.get("msg") or m.get("id") or m.get("anchors") or m["command"] for m in messages]
    assert told == [["1"], "[7]", "1", ["2"], "[8]", "2", "sync"]


def test_a_bolt_that_forgot_process_says_so(talk: Any) -> None:
    class Forgets(Bolt):
        pass

    messages, _ = talk(Forgets, tup("1"))
    assert "NotImplementedError: Forgets does not say how" in messages[0]["msg"]


# -- batching bolts


class Counts(BatchingBolt):
    def group_key(self, tup: Tuple) -> str:
        word: str = tup.values[0]
        return word

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        if key == "bad":
            raise ValueError("bad batch")
        self.emit([key, len(tups)])


def test_a_batch_is_processed_at_the_second_tick_and_anchored_to_all_its_tuples(talk: Any) -> None:
    words = [tup("1", "dog"), tup("2", "cat"), tup("3", "dog")]
    assert talk(Counts, *words, tick("4"), tick("5"), tick("6")) == (
        [
            {"command": "ack", "id": "4"},
            {"command": "ack", "id": "5"},
            {
                "command": "emit",
                "tuple": ["dog", 2],
                "anchors": ["1", "3"],
                "need_task_ids": False,
            },
            {"command": "ack", "id": "1"},
            {"command": "ack", "id": "3"},
            {"command": "emit", "tuple": ["cat", 1], "anchors": ["2"], "need_task_ids": False},
            {"command": "ack", "id": "2"},
            {"command": "ack", "id": "6"},
        ],
        0,
    )


def test_ticks_count_on_while_there_is_nothing_to_process(talk: Any) -> None:
    messages, _ = talk(Counts, tick("1"), tick("2"), tick("3"), tup("4", "dog"), tick("5"))
    assert [message["command"] for message in messages] == ["ack"] * 4 + ["emit", "ack"]


def test_ticks_are_acked_even_without_auto_ack_and_tuples_are_not(talk: Any) -> None:
    class Keeps(Counts):
        auto_ack = False

    messages, _ = talk(Keeps, tup("1", "dog"), tick("2"), tick("3"))
    assert [message.get("id", "emit") for message in messages] == ["2", "3", "emit"]


def test_all_gathered_tuples_fail_when_a_batch_raises_but_those_already_acked(talk: Any) -> None:
    words = [tup("1", "dog"), tup("2", "bad"), tup("3", "cat"), tup("4", "bad")]
    messages, status = talk(Counts, *words, tick("5"), tick("6"))
    assert [(m["command"], m.get("id")) for m in messages] == [
        ("ack", "5"),
        ("ack", "6"),
        ("emit", None),
        ("ack", "1"),
        ("error", None),
        ("sync", None),
        ("fail", "2"),
        ("fail", "4"),
        ("fail", "3"),
    ]
    assert "Tuples Tuple(id='2'" in messages[4]["msg"]
    assert status == 1


def test_a_tuple_that_process_batch_settled_is_not_acked_again(talk: Any) -> None:
    class FailsOne(BatchingBolt):
        def process_batch(self, key: Any, tups: list[Tuple]) -> None:
            self.fail(tups[0])

    messages, _ = talk(FailsOne, tup("1"), tup("2"), tick("3"), tick("4"))
    assert [(message["command"], message["id"]) for message in messages] == [
        ("ack", "3"),
        ("ack", "4"),
        ("fail", "1"),
        ("ack", "2"),
    ]


def test_a_tuple_whose_key_cannot_be_told_is_failed_with_the_gathered_ones(talk: Any) -> None:
    class Keyless(Counts):
        def group_key(self, tup: Tuple) -> Any:
            return tup.values[0]

    messages, _ = talk(Keyless, tup("1", "dog"), tup("2"))
    assert [(message["command"], message.get("id")) for message in messages] == [
        ("error", None),
        ("sync", None),
        ("fail", "1"),
        ("fail", "2"),
    ]


# -- spouts


def test_a_spout_syncs_after_every_command(talk: Any) -> None:
    class Source(Spout):
        def next_tuple(self) -> None:
            self.emit(["a"], tup_id=1)

        def ack(self, tup_id: Any) -> None:
            self.log(f"acked {tup_id!r}")

        def fail(self, tup_id: Any) -> None:
            self.log(f"failed {tup_id!r}")

        def activate(self) -> None:
            self.log("on")

        def deactivate(self) -> None:
            self.log("off")

    commands: list[Message] = [
        {"command": "activate", "id": ""},
        {"command": "next", "id": ""},
        [4],
        {"command": "ack", "id": 1},
        {"command": "fail", "id": {"n": 1}},
        {"command": "deactivate", "id": ""},
        {"command": "bogus", "id": ""},
    ]
    messages, status = talk(Source, *commands)
    assert [m.get("msg") or m.get("tuple") or m["command"] for m in messages] == [
        "on", "sync", ["a"], "sync", "acked 1", "sync", "failed {'n': 1}", "sync", "off", "sync", "sync",
    ]  # fmt: skip
    assert status == 0


def test_emit_many_gives_each_tuple_its_id_and_refuses_a_missing_one() -> None:
    spout = Spout(io.StringIO(written([4], [5])), io.StringIO())
    with pytest.deprecated_call():
        assert spout.emit_many([["a"], ["b"]], tup_ids=[1, 2]) == [[4], [5]]
    assert [message["id"] for message in said(spout)] == [1, 2]
    with pytest.raises(ValueError, match="1 ids for 2 tuples"), pytest.deprecated_call():
        spout.emit_many([["a"], ["b"]], tup_ids=[1])
    with pytest.raises(TypeError, match="not as str"), pytest.deprecated_call():
        spout.emit_many("ab")


# -- logging


def test_a_storm_handler_sends_records_as_log_messages() -> None:
    out = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(StormHandler(out))
    logger.debug("a %s", "b")
    logger.critical("c")
    assert [json.loads(part) for part in out.getvalue().split("\nend\n") if part] == [
        {"command": "log", "msg": "a b", "level": 1},
        {"command": "log", "msg": "c", "level": 4},
    ]


def test_printed_lines_become_records_and_blank_ones_do_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    stream = LogStream(logging.getLogger("streamparse.stdout"))
    print("count", 3, "%s", file=stream)
    print("  ", file=stream)
    print("half", end="", file=stream)
    stream.flush()
    assert caplog.messages == ["count 3 %s", "half"]
    assert (stream.isatty(), stream.writable(), stream.encoding) == (False, True, "utf-8")
