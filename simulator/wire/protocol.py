"""Storm's half of the multilang protocol, without any I/O: the bytes that it writes, and how it reads a component's.

Bytes in, values out, and the reverse, so a table of (value, bytes) tests it whole. ``codec`` does the same faster for
the most frequent messages.

Source of the rules: ``JsonSerializer``, ``ShellProcess``, ``ShellBolt``, ``ShellSpout`` (Storm 0.9.3 to 2.8.3).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from simulator.wire import json_smart
from simulator.wire.depth import is_too_deep, too_deep
from streamparse.multilang import DEFAULT_STREAM, ProtocolError, cut, excerpt


class LongFloat(float):
    """A float whose token has more than 18 characters: Storm >= 2.6 keeps its literal as a BigDecimal."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> LongFloat:
        digits, _, exponent = literal.lower().partition("e")
        scale = len(digits.partition(".")[2]) - (int(exponent[:20]) if exponent else 0)
        if not -(2**31) < scale < 2**31:
            raise ValueError(
                f"java.lang.NumberFormatException: exponent of {literal[:40]} out of range"
            )
        self = super().__new__(cls, literal)
        self.literal = literal
        return self


# -- what Storm writes ------------------------------------------------------------------------------------------

# json-simple and json-smart escape these and write other non-ASCII characters as they are.
_ESCAPED = re.compile("[\x7f-\x9f\u2000-\u20ff]")
# Control characters are escaped with capital digits there; what follows an escaped backslash is none.
_CONTROL = re.compile(r"(\\\\)|\\u(00[01][0-9a-f])")


def _kept_encoder() -> Callable[[object], str]:
    """A C encoder that is made once; ``JSONEncoder.encode`` makes one at every call."""
    encoder: Any = json.encoder  # typeshed does not know its parts
    if encoder.c_make_encoder is None:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    quote = encoder.encode_basestring
    encode = encoder.c_make_encoder(None, None, quote, None, ":", ",", False, False, False)
    return lambda value: "".join(encode(value, 0))


_DUMP = _kept_encoder()
_PLACE = re.compile(rb', "at": ("(?:[^"\\]|\\.)+")\}\s*$')
_MOST_PLACE = 5000  # bytes; paths are shorter
#: The types of values that JSON brings back as they are, and that Storm prints as Python does.
PLAIN: Final = frozenset({str, int, bool, type(None)})


def storm_json(value: object) -> str:
    """Print a value as Storm does: no spaces, ``/`` as ``\\/``, Java's floats, one line."""
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is str or kind is bool or value is None or (kind is list and _is_plain(value)):
        text = _DUMP(value)
    else:
        text = _print(value)
    if "/" in text:
        text = text.replace("/", "\\/")
    if not text.isascii() or "\x7f" in text:
        text = _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04X}", text)
    if "\\u00" in text:
        text = _CONTROL.sub(lambda match: match[1] or f"\\u{match[2].upper()}", text)
    return text


class _Quoted(dict[str, str]):
    def __missing__(self, name: str) -> str:
        text = self[name] = storm_json(name)
        return text


#: Component and stream ids as JSON, by name; each is printed once, since a topology has only so many.
QUOTED: Final = _Quoted()


def _is_plain(values: object) -> bool:
    return PLAIN.issuperset(map(type, values))  # type: ignore[call-overload]  # a list


def _print(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(_printed_entries(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_print, value)) + "]"
    if isinstance(value, LongFloat):
        number = Decimal(value.literal)
        # BigDecimal.toString and Decimal's str are the same algorithm, but BigDecimal has no negative zero.
        return str(number or number.copy_abs())
    if isinstance(value, float):
        return java_double(value)
    return _DUMP(value)


def _printed_entries(value: dict[object, object]) -> Iterator[str]:
    plain: dict[str, object] = {}  # printed together: a configuration has a hundred of them
    for key, item in value.items():
        if type(item) in PLAIN and type(key) is str:
            plain[key] = item
            continue
        if plain:
            yield _DUMP(plain)[1:-1]
            plain = {}
        yield f"{_DUMP(str(key))}:{_print(item)}"
    if plain:
        yield _DUMP(plain)[1:-1]


def java_double(value: float) -> str:
    """Print a float as ``Double.toString`` does: 1.0, 1.0E10, 1.0E-7; an infinity as ``null``, as json-simple does."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "null"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(Decimal(repr(value)), "f")
        return plain if "." in plain else plain + ".0"
    shortest = repr(value)
    if shortest.lstrip("-")[1] == "e":  # of two digits, Java takes those that are nearest: 4.9E-324
        shortest = f"{value:.1e}"
    sign, digits, exponent = Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)  # finite
    text = "".join(map(str, digits)).rstrip("0") or "0"
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


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
    """Where a debugger waits for a client, as ``host:port``. Storm does not know it.

    Streamparse components send it only in a simulation.
    """

    address: str


class Unknown(NamedTuple):
    command: str


Message = Emit | Ack | Fail | Log | Error | Metrics | Sync | Timer | Debugger | Unknown
SYNC: Final = Sync()


class Dialect(NamedTuple):
    """The JSON that a Storm line reads (json-simple up to 2.5, json-smart from 2.6 on).

    Attributes:
        smart: whether it is json-smart.
        strict: whether to refuse what json-smart forgives.
    """

    smart: bool = True
    strict: bool = True


NEWEST: Final = Dialect()


def decode(text: bytes, dialect: Dialect = NEWEST) -> object:
    """Read one JSON text as Storm would, with the text of long floats kept.

    Raises:
        ProtocolError: it is no UTF-8, no JSON, nested too deeply, or (strictly) holds NaN or Infinity.
    """
    decoder: Any = _DECODERS[dialect]  # typeshed does not know scan_once
    storm = "the worker dies: unable to parse"
    try:
        decoded = text.decode("utf-8", "strict" if dialect.strict else "replace")
        if is_too_deep(decoded):
            finding, storm = too_deep(smart=dialect.smart)
            raise ProtocolError(finding, storm=storm, excerpt=excerpt(text))
        try:
            value, end = decoder.scan_once(decoded, 0)
        except StopIteration:
            end = -1
        # The scanner alone is three times as fast; only the decoder accepts white space around the text.
        if end == len(decoded):
            return value
        if dialect.smart:
            storm = _smart_end(decoded)
            if not dialect.strict:
                forgiven = json_smart.read(decoded, read_float)
                if isinstance(forgiven, (dict, list)):
                    return forgiven
        return decoder.decode(decoded)
    except UnicodeDecodeError as error:
        finding = f"bytes that are no UTF-8 (at byte {error.start})"
        storm = "Java reads a replacement character in place of each of them, and goes on"
    except RecursionError:
        finding = "JSON nested too deeply"
    except ValueError as error:
        if dialect.smart and not isinstance(error, _NotJSONError):
            storm = _forgiven(decoded) or storm
        finding = f"bytes on stdout that are no message ({error})"
    raise ProtocolError(finding, storm=storm, excerpt=_excerpt(text)) from None


def _forgiven(text: str) -> str:
    """The words for what Storm reads of a text that is no JSON; "" where it cannot read it either."""
    try:
        value = json_smart.read(text, read_float)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    try:
        json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        return (
            f"json-smart forgives this, and reads {cut(json.dumps(value, ensure_ascii=False), 200)}"
        )
    return "what stands behind the JSON is ignored"


def _smart_end(text: str) -> str:
    """The words for what Storm does with a text that is not just one JSON value, of which json-smart forgives much."""
    begun = text.lstrip()[:1]
    if begun == "{":
        try:
            json.JSONDecoder().raw_decode(text.lstrip())
        except ValueError:
            return "the worker dies: unable to parse"
        return "what stands behind the JSON is ignored"
    if begun == "[":
        return "the worker dies: unable to parse"
    return "the worker dies: ClassCastException"  # a bare word, which it reads as a text


def read_float(token: str) -> float:
    """Read a float as json-smart does: the text of a long one is kept."""
    return float(token) if len(token) <= 18 else LongFloat(token)


def _long(token: str) -> int:
    number = int(token)
    if not -(2**63) <= number < 2**63:
        raise _NotJSONError(f"NumberFormatException: {token[:40]} is no 64-bit integer")
    return number


def _refuse(token: str) -> object:
    raise _NotJSONError(f"{token} is not JSON")


class _NotJSONError(ValueError):
    """A number that Storm refuses, or that is refused strictly, in what is JSON otherwise."""


def _constant(token: str) -> object:
    return float("nan") if token == "NaN" else token  # json-smart reads Infinity as a bare word


def _decoder(dialect: Dialect) -> json.JSONDecoder:
    if not dialect.smart:
        return json.JSONDecoder(parse_int=_long, parse_constant=_refuse)
    constant = _refuse if dialect.strict else _constant
    return json.JSONDecoder(parse_float=read_float, parse_constant=constant)


_DECODERS = {
    dialect: _decoder(dialect)
    for dialect in (Dialect(smart, strict) for smart in (True, False) for strict in (True, False))
}


def parse_pid(text: bytes, dialect: Dialect = NEWEST) -> int | None:
    """Read the answer to the handshake, ``{"pid": n}``. An absent pid is accepted, as Storm does.

    Raises:
        ProtocolError: the first message is not an object, or its pid is no number.
    """
    message = decode(text, dialect)
    if not isinstance(message, dict):
        raise ProtocolError(
            f"answered the handshake with {_excerpt(text)} instead of its pid",
            storm="the worker dies: ClassCastException",
        )
    pid = message.get("pid")
    if pid is None or (isinstance(pid, int) and not isinstance(pid, bool)):
        return pid
    raise ProtocolError(
        f"its pid is {pid!r}, not a number", storm="the worker dies: ClassCastException"
    )


def _excerpt(text: bytes) -> str:
    """The begin of a message, without the line of user code in it."""
    return excerpt(_PLACE.sub(b"}", text) if len(text) < _MOST_PLACE else text)


def place_of(text: bytes) -> str:
    """The line of user code that a streamparse component has put at the end of a message, ``file:line``; else ""."""
    found = _PLACE.search(text[-_MOST_PLACE:])
    return str(json.loads(found[1])) if found else ""


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
            excerpt=_excerpt(text),
        )
    command = message.get("command")
    if command is None:
        raise ProtocolError(
            "a message without a command",
            storm="the worker dies: NullPointerException",
            excerpt=_excerpt(text),
        )
    if not isinstance(command, str):
        raise _cast("a message", "command", command, "a text")
    read = _READ.get(command)
    parsed = read(message) if read else Unknown(command)
    _check_casts(command, message)
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


def _check_casts(command: str, message: dict[str, object]) -> None:
    for key, kind, words in _CASTS:
        value = message.get(key)
        if value is None:
            continue
        fits = isinstance(value, kind) and (kind is not int or type(value) is int)
        if fits and kind is int:
            fits = -(2**63) <= value < 2**63  # type: ignore[operator]  # kind says so
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
        level if type(level) is int and 0 <= level <= 4 else 2,
        logger if isinstance(logger, str) else "",
    )


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
    "debugger": lambda message: Debugger(str(message.get("address", ""))),
}
