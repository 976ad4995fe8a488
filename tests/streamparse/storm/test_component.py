"""What every component reads and sends, message by message, on two buffers in memory."""

from __future__ import annotations

import io
import json
import queue
import threading
from typing import Any

import pytest

from streamparse import Bolt, Component, Tuple
from streamparse.testing import Storm
from tests.support.messages import CONF, CONTEXT, Message, said, tup, written


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
    with pytest.raises(
        TypeError, match=r"not as generator$"
    ):  # an address would differ in each run
        component.emit(word for word in ["dog"])  # type: ignore[arg-type]  # as a user may
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


class Answers(io.StringIO):
    """Storm's side of many emits: their task ids, in the order in which they were written, and tuples between them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: queue.Queue[str] = queue.Queue()
        self.count = 0

    def write(self, text: str) -> int:
        value = json.loads(text.removesuffix("\nend\n"))["tuple"][0]
        self.count += 1
        for message in ({"id": str(self.count), "tuple": []}, [value]):
            for line in (json.dumps(message) + "\n", "end\n"):
                self.lines.put(line)
        return len(text)


class Reads:
    def __init__(self, lines: queue.Queue[str]) -> None:
        self.readline = lines.get


def test_threads_that_emit_get_their_own_task_ids_while_the_main_thread_waits_for_tuples() -> None:
    answers = Answers()
    component = Component(Reads(answers.lines), answers)
    wrong: list[object] = []

    def emit(thread: int) -> None:
        for n in range(50):
            value = thread * 1000 + n
            if (got := component.emit([value])) != [value]:
                wrong.append((value, got))

    threads = [threading.Thread(target=emit, args=(each,), daemon=True) for each in range(4)]
    for each in threads:
        each.start()
    read = [component.read_command()["id"] for _ in range(200)]
    for each in threads:
        each.join()
    assert (wrong, read) == ([], [str(n + 1) for n in range(200)])


# -- in a topology that is a Python class


class Named(Bolt):
    """Logs the values of its tuples as it sees them."""

    def process(self, tup: Tuple) -> None:
        shown = [repr(tup.values), getattr(tup.values, "word", None)]
        self.emit([*shown, self.emit(["x"], stream="other")])


@pytest.mark.parametrize(
    ("conf", "emitted"),
    [
        ({"streamparse.topology.class": True}, ["Values(word='dog', _1=3)", "dog", None]),
        ({}, ["['dog', 3]", None, []]),
    ],
)
def test_values_have_names_and_no_emit_waits_in_a_topology_in_python(
    conf: dict[str, object], emitted: list[object]
) -> None:
    with Storm() as storm:
        bolt = storm.bolt(
            Named,
            inputs=["word", "class"],
            outputs={"default": list("abc"), "other": ["x"]},
            conf=conf,
        )
        found = [row for row in bolt.process(["dog", 3]).emitted if len(row) == 3]
        assert found == [emitted]
