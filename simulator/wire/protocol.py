"""Storm's half of the multilang protocol, without any I/O: the bytes that it writes, and how it reads a component's.

Bytes in, values out, and the reverse, so a table of (value, bytes) tests it whole. ``codec`` does the same faster for
the most frequent messages.

Source of the rules: ``JsonSerializer``, ``ShellProcess``, ``ShellBolt``, ``ShellSpout`` (Storm 0.9.3 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from simulator.wire.json_printer import PLAIN, QUOTED, LongFloat, java_double, storm_json
from simulator.wire.json_reader import (
    NEWEST,
    Dialect,
    decode,
    message_excerpt,
    place_of,
    read_float,
)
from streamparse.multilang import DEFAULT_STREAM, ProtocolError, excerpt

__all__ = [
    "NEWEST", "NEXT", "PLAIN", "QUOTED", "SYNC", "Ack", "Debugger", "Dialect", "Emit", "Error", "Fail", "Log",
    "LongFloat", "Message", "Metrics", "Steps", "Sync", "Timer", "Unknown", "command", "crash_at", "decode", "frame",
    "handshakes", "heartbeat", "java_double", "parse", "parse_pid", "place_of", "read_float", "storm_json", "task_ids",
]  # fmt: skip


# -- what Storm writes ------------------------------------------------------------------------------------------


def frame(text: str) -> bytes:
    """Wrap one JSON text as a message. A lone surrogate becomes ``?``, as Java writes it."""
    return text.encode("utf-8", "replace") + b"\nend\n"


def handshakes(
    *, pid_dir: str, conf: object, context: Mapping[str, object]
) -> Callable[[int], bytes]:
    """A function that gives the handshake of each task of a component.

    All of it is the same but ``taskid``, the last key of the context.

    Args:
        pid_dir: the directory for files that are named by process ids.
        conf: the effective configuration of the component.
        context: the context of one of its tasks.
    """
    shared = {key: value for key, value in context.items() if key != "taskid"}
    begun = storm_json({"pidDir": pid_dir, "context": shared}).removesuffix("}}")
    rest = f'}},"conf":{storm_json(conf)}}}'
    return lambda task: frame(f'{begun},"taskid":{task}{rest}')


def heartbeat(tuple_id: str) -> bytes:
    """A heartbeat, which a bolt answers with ``sync``."""
    text = f'{{"comp":null,"tuple":[],"task":-1,"stream":"__heartbeat","id":"{tuple_id}"}}'
    return frame(text)


NEXT: Final = frame('{"id":"","command":"next"}')


def command(name: str, message_id: object = "") -> bytes:
    """A command for a spout: next, ack, fail, activate or deactivate."""
    return frame(f'{{"id":{storm_json(message_id)},"command":"{name}"}}')


def crash_at(left: Mapping[str, int], uncounted: Sequence[str]) -> bytes:
    """Not Storm's: a component of ours ends itself at so many more of these messages of its own.

    Args:
        left: how many, by command.
        uncounted: the ids of tuples whose acks and fails do not count.
    """
    order = {"command": "crash_at", "left": dict(left), "uncounted": list(uncounted)}
    return frame(storm_json(order))


def task_ids(tasks: Sequence[int]) -> bytes:
    """The answer to an emit: the tasks that get the tuple."""
    return frame("[" + ",".join(map(str, tasks)) + "]")


# -- what a component writes ------------------------------------------------------------------------------------


class Emit(NamedTuple):
    values: list[object]
    stream: str = DEFAULT_STREAM
    anchors: tuple[str, ...] = ()
    id: object = None
    task: int | None = None
    need_task_ids: bool = True
    at: str = ""  # the line of user code, which streamparse adds in a simulation


class Ack(NamedTuple):
    id: object  # as it was written: a string, or it is a mistake
    at: str = ""


class Fail(NamedTuple):
    id: object
    at: str = ""


class Log(NamedTuple):
    message: str
    level: int
    logger: str = ""  # its name, which streamparse adds in a simulation


class Error(NamedTuple):
    message: str
    sync_follows: bool = False  # streamparse says so in a simulation
    held: tuple[
        str, ...
    ] = ()  # the tuples that it was working on, as streamparse says in a simulation


class Metrics(NamedTuple):
    name: object
    params: object


class Sync(NamedTuple):
    pass


class Timer(NamedTuple):
    """A request to be woken with a ``__timer`` tuple after so many milliseconds. Storm does not know it.

    Streamparse components send it only where their clock is virtual.
    """

    after_ms: int


class Debugger(NamedTuple):
    """Where a debugger waits for a client: ``host:port``, or the path of a socket. Storm does not know it.

    Streamparse components send it only in a simulation. Without an address none waits, and ``ignored_at`` is the line
    of a ``breakpoint()`` that is passed over. It stops at a breakpoint, or behind an exception (``is_post_mortem``).
    """

    address: str
    ignored_at: str = ""
    is_post_mortem: bool = False


class Clock(NamedTuple):
    """The component has slept on a virtual clock, up to this millisecond. Storm does not know it.

    Streamparse components send it only where their time is virtual.
    """

    ms: int


class Threads(NamedTuple):
    """The component has other threads, which may speak outside its turns. Storm does not know it.

    Streamparse bolts send it only in a simulation.
    """


class Steps(NamedTuple):
    """The steps that ``initialize`` took, or up to that before which it ends itself. Storm does not know it.

    Streamparse components send it only where a simulator asks for it.
    """

    places: tuple[str, ...]  # the file and the line of each
    crashes: bool = False  # it ends itself before the last of them


class Unknown(NamedTuple):
    command: str


Message = (
    Emit
    | Ack
    | Fail
    | Log
    | Error
    | Metrics
    | Sync
    | Timer
    | Debugger
    | Threads
    | Clock
    | Steps
    | Unknown
)
SYNC: Final = Sync()
SYNC_TEXT: Final = b'{"command":"sync"}'


def parse_pid(text: bytes, dialect: Dialect = NEWEST) -> int | None:
    """Read the answer to the handshake, ``{"pid": n}``. An absent pid is accepted, as Storm does.

    Raises:
        ProtocolError: the first message is not an object, or its pid is no number.
    """
    message = decode(text, dialect)
    if not isinstance(message, dict):
        raise ProtocolError(
            f"answered the handshake with {message_excerpt(text)} instead of its pid",
            storm="the worker dies: ClassCastException",
        )
    pid = message.get("pid")
    if pid is None or (isinstance(pid, int) and not isinstance(pid, bool)):
        return pid
    raise ProtocolError(
        f"its pid is {pid!r}, not a number", storm="the worker dies: ClassCastException"
    )


def parse(text: bytes, dialect: Dialect = NEWEST) -> Message:
    """Read one message of a component.

    Raises:
        ProtocolError: Storm does not accept it; with what Storm does (ShellBolt, ShellSpout, JsonSerializer).
    """
    message = decode(text, dialect)
    if not isinstance(message, dict):
        raise ProtocolError(
            "a message that is no JSON object",
            storm="the worker dies: ClassCastException",
            excerpt=message_excerpt(text),
        )
    command = message.get("command")
    if command is None:
        raise ProtocolError(
            "a message without a command",
            storm="the worker dies: NullPointerException",
            excerpt=message_excerpt(text),
        )
    if not isinstance(command, str):
        raise _cast("a message", "command", command, "a text")
    read = _READ.get(command)
    parsed = read(message) if read else Unknown(command)
    _check_casts(command, message, dialect)
    if not dialect.smart and isinstance(parsed, Emit) and parsed.task == 0:
        return parsed._replace(task=None)  # for Storm 0 is no task
    return parsed


#: What ``readShellMsg`` casts in every message, whatever its command is: the key, the type, and its words.
_CASTS: Final = (
    ("msg", str, "a text"),
    ("stream", str, "a text"),
    ("task", int, "an integer of 64 bits"),
    ("need_task_ids", bool, "true or false"),
    ("tuple", list, "a list"),
    ("anchors", (str, list), "a tuple id or a list of them"),
)


_NO_TASK: Final = "none (it reads a short number as an Integer, and casts it to Long)"


def _check_casts(command: str, message: dict[str, object], dialect: Dialect) -> None:
    for key, kind, words in _CASTS:
        value = message.get(key)
        if value is None:
            continue
        fits = isinstance(value, kind) and (kind is not int or type(value) is int)
        if fits and kind is int:
            fits = -(2**63) <= value < 2**63  # type: ignore[operator]  # kind says so
            # json-smart reads a short one as an Integer. Of an emit the caller says so, who knows its stream.
            if dialect.smart and command != "emit" and -(2**31) <= value < 2**31:  # type: ignore[operator]
                raise _cast(f'a message "{command}"', key, value, _NO_TASK)
        if fits and key == "anchors" and isinstance(value, list):
            fits = all(anchor is None or isinstance(anchor, str) for anchor in value)
        if not fits:
            raise _cast(f'a message "{command}"', key, value, words)


def _cast(what: str, key: str, value: object, words: str) -> ProtocolError:
    return ProtocolError(
        f'{what} with "{key}": {excerpt(storm_json(value))}, where Storm expects {words}',
        storm="the worker dies: ClassCastException",
    )


def _at(message: dict[str, object]) -> str:
    at = message.get("at")
    return at if isinstance(at, str) else ""


def _emit(message: dict[str, object]) -> Emit:
    get = message.get
    values = get("tuple")
    if type(values) is not list:
        found = "no tuple" if values is None else f"a tuple that is no list: {excerpt(str(values))}"
        death = "NullPointerException" if values is None else "ClassCastException"
        raise ProtocolError(f"an emit with {found}", storm=f"the worker dies: {death}")
    task = get("task")
    if task is not None and (type(task) is not int or task < 0):
        raise ProtocolError(
            f"an emit to task {task!r}", storm="the worker dies: ClassCastException"
        )
    stream = get("stream")
    if stream is None:
        stream = DEFAULT_STREAM
    elif type(stream) is not str:
        raise ProtocolError(
            f"an emit on stream {stream!r}", storm="the worker dies: ClassCastException"
        )
    anchors, need_task_ids = _anchors(get("anchors")), get("need_task_ids") is not False
    return Emit(values, stream, anchors, get("id"), task, need_task_ids, _at(message))


def _anchors(anchors: object) -> tuple[str, ...]:
    if anchors is None:
        return ()
    if type(anchors) is str:
        return (anchors,)
    if type(anchors) is list and all(type(anchor) is str for anchor in anchors):
        return tuple(anchors)
    raise ProtocolError(
        f"anchors that are no tuple ids: {excerpt(str(anchors))}",
        storm="the worker dies: ClassCastException",
    )


def _log(message: dict[str, object]) -> Log:
    text = message.get("msg")
    if text is None:
        raise ProtocolError("a log without msg", storm="the worker dies: NullPointerException")
    level, logger = message.get("level"), message.get("logger")
    return Log(
        _text("a log message", text),
        _level(level),
        logger if isinstance(logger, str) else "",
    )


def _level(level: object) -> int:
    """The number of a log level: Storm takes the last 32 bits; what is none is INFO."""
    number = level % (1 << 32) if type(level) is int else 2
    return number if number <= 4 else 2


def _error(message: dict[str, object]) -> Error:
    text = message.get("msg")
    held = message.get("held")
    return Error(
        "null" if text is None else _text("an error message", text),
        message.get("sync_follows") is True,
        tuple(map(str, held)) if isinstance(held, list) else (),
    )


def _text(what: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise ProtocolError(
        f"{what} that is no text: {excerpt(storm_json(value))}",
        storm="the worker dies: ClassCastException",
    )


def _timer(message: dict[str, object]) -> Timer:
    after_ms = message.get("after_ms")
    if type(after_ms) is not int or after_ms < 0:
        raise ProtocolError(f"a timer after {after_ms!r} ms, which is no number of milliseconds")
    return Timer(after_ms)


_READ: Mapping[str, Callable[[dict[str, object]], Message]] = {
    "emit": _emit,
    "ack": lambda message: Ack(message.get("id"), _at(message)),
    "fail": lambda message: Fail(message.get("id"), _at(message)),
    "sync": lambda message: SYNC,
    "log": _log,
    "error": _error,
    "metrics": lambda message: Metrics(message.get("name"), message.get("params")),
    "timer": _timer,
    "threads": lambda message: Threads(),
    "steps": lambda message: Steps(
        tuple(map(str, places)) if isinstance(places := message.get("places"), list) else (),
        message.get("crashes") is True,
    ),
    "clock": lambda message: Clock(ms if type(ms := message.get("ms")) is int else 0),
    "debugger": lambda message: Debugger(
        str(message.get("address", "")),
        str(message.get("ignored_at", "")),
        message.get("post_mortem") is True,
    ),
}
