"""Random messages of components through each line's own ``readShellMsg``, and through ours: accepted, refused, fields.

What Storm does later with a message that it has read (an emit without a tuple is a NullPointerException in
``ShellBolt``) is refused by ours at once; ``_refused_later`` has these cases.
"""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.effects import order_as_java
from simulator.model.profiles import Profile, profile
from simulator.wire import codec, protocol
from simulator.wire.protocol import Dialect, storm_json
from streamparse.jvm import SOURCES, log_options
from streamparse.multilang import ProtocolError
from tests.parity.test_values import known_text, random_text, random_value
from tests.support import storm_lines
from tests.support.paths import TESTS

HOW_MANY = 6000

pytestmark = pytest.mark.real_storm


def test_random_messages_are_read_as_storm_reads_them(version: str, tmp_path: Path) -> None:
    messages = [*random_messages(random.Random(f"messages {version}"))]
    storm = answers(version, messages, tmp_path)
    differ = []
    for message, read in zip(messages, storm, strict=True):
        theirs = {"error": "refused"} if _refused_later(read) else read
        ours = answer(message, profile(version), theirs)
        strictly = strict_answer(message, profile(version), ours)
        if ours != theirs or strictly not in (ours, None):
            differ.append((message, theirs, ours, strictly))
    assert differ == []
    accepted = sum("error" not in each for each in storm)
    assert HOW_MANY * 0.3 < accepted < HOW_MANY * 0.9


@pytest.fixture(params=list(storm_lines.LINES))
def version(request: pytest.FixtureRequest) -> str:
    storm_lines.require("lein", "java")
    return str(request.param)


def answers(version: str, messages: list[bytes], tmp_path: Path) -> list[dict[str, Any]]:
    """What the line's classes read; see messages.clj."""
    asked, answered = tmp_path / "messages", tmp_path / "answers"
    asked.write_bytes(b"".join(base64.b64encode(message) + b"\n" for message in messages))
    path = [TESTS, SOURCES, *storm_lines.class_path(version)]
    options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *log_options()]
    command = ["clojure.main", "-m", "parity.messages", str(asked), str(answered)]
    class_path = os.pathsep.join(map(str, path))
    subprocess.run(["java", *options, "-cp", class_path, *command], check=True, cwd=tmp_path)
    lines = answered.read_text(encoding="utf-8").split("\n")[:-1]
    return [known(json.loads(line)) for line in lines]


def known(found: dict[str, Any]) -> dict[str, Any]:
    """Without the exception that refused a message, and without what depends on the JDK."""
    if "error" in found:
        return {"error": "refused"}
    return {**found, **_known_texts(found)}


def _known_texts(found: dict[str, Any]) -> dict[str, str]:
    keys = [key for key in ("id", "params", "tuple") if found.get(key) is not None]
    return {key: known_text(found[key]) for key in keys}


def _refused_later(theirs: dict[str, Any]) -> bool:
    """True when Storm reads the message and dies of it in ``ShellBolt`` or ``ShellSpout``."""
    if "error" in theirs:
        return False
    command = theirs["command"]
    is_negative = command == "emit" and int(theirs["task"]) < 0
    has_no_tuple = command == "emit" and theirs["tuple"] is None
    has_null_anchor = command == "emit" and None in theirs["anchors"]
    has_no_text = command == "log" and theirs["msg"] is None
    return is_negative or has_no_tuple or has_null_anchor or has_no_text


def answer(message: bytes, storm: Profile, theirs: dict[str, Any]) -> dict[str, Any]:
    """The same of ours; fields that no command of ours reads are those of Storm."""
    dialect = Dialect(smart=storm.json == "smart", strict=False)
    try:
        read = codec.parse(message, dialect)
    except ProtocolError:
        return {"error": "refused"}
    if _is_direct(read) and storm.json == "smart":
        return {"error": "refused"}  # by the engine: see Subscribers
    if "error" in theirs:
        return {"read": read}
    fields = _FIELDS[type(read)](read)
    return {**theirs, **fields, **_known_texts(fields)}


def strict_answer(message: bytes, storm: Profile, ours: dict[str, Any]) -> dict[str, Any] | None:
    """The answer where mistakes that Storm forgives are refused; None where they are, and no death is claimed.

    A message with two mistakes is refused for that which Storm forgives.
    """
    dialect = Dialect(smart=storm.json == "smart", strict=True)
    try:
        read = codec.parse(message, dialect)
    except ProtocolError as error:
        is_fatal = error.storm.startswith("the worker dies")
        return {"says": error.storm} if is_fatal and "error" not in ours else None
    if _is_direct(read) and dialect.smart:
        return {"error": "refused"}
    return (
        {**ours, **_known_texts(_FIELDS[type(read)](read))}
        if "error" not in ours
        else {"read": read}
    )


def _is_direct(read: object) -> bool:
    return isinstance(read, codec.Emit) and read.task is not None and read.task < 1 << 31


def _text(values: list[object]) -> str:
    ordered = order_as_java(codec.Emit(values)).values
    text = f'{{"comp":"c","tuple":{storm_json(ordered)},"task":1,"stream":"s","id":"1"}}'
    return text.encode("utf-8", "replace").decode()  # as it is written


def _emit(read: codec.Emit) -> dict[str, Any]:
    return {
        "command": "emit",
        "id": _text([read.id]),
        "anchors": list(read.anchors),
        "stream": read.stream,
        "task": str(read.task or 0),
        "need_task_ids": read.need_task_ids,
        "tuple": _text(read.values),
    }


_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")

_FIELDS: dict[type, Callable[[Any], dict[str, Any]]] = {
    codec.Emit: _emit,
    codec.Ack: lambda read: {"command": "ack", "id": _text([read.id])},
    codec.Fail: lambda read: {"command": "fail", "id": _text([read.id])},
    codec.Sync: lambda read: {"command": "sync"},
    protocol.Log: lambda read: {
        "command": "log", "msg": read.message, "level": _LEVELS[read.level]
    },
    protocol.Error: lambda read: {"command": "error"},
    protocol.Metrics: lambda read: {"command": "metrics", "params": _text([read.params])},
    protocol.Unknown: lambda read: {"command": read.command},
}  # fmt: skip


# -- random messages, as bytes -------------------------------------------------------------------------------------

COMMANDS = (
    "emit",
    "emit",
    "emit",
    "ack",
    "fail",
    "sync",
    "log",
    "error",
    "metrics",
    "next",
    "Emit",
    "",
)
KEYS = (
    "id", "msg", "stream", "task", "need_task_ids", "tuple", "anchors", "name", "params", "level", "at", "comp",
)  # fmt: skip
FITTING: dict[str, tuple[str, ...]] = {
    "id": ('"7"', '"-1"', "7", "null"),
    "msg": ('"hi"', '""', "null"),
    "stream": ('"default"', '"s"', '""', "null"),
    "task": ("0", "3", "null", "9223372036854775807", "2147483648"),
    "need_task_ids": ("true", "false", "null"),
    "tuple": ('["a",1]', "[]", "null"),
    "anchors": ('"7"', '["7","8"]', "[]", "[null]", "null"),
    "name": ('"n"', "null"),
    "params": ("1", '{"a":1.5}', "null"),
    "level": ("0", "1", "2", "3", "4", "5", "-1", "null"),
    "at": ('"b.py:3"',),
    "comp": ('"c"',),
}


#: Bytes that are no UTF-8, and halves of characters. No U+007F: see test_values.py.
STRANGE = (
    b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80", b"\\ud83d", b"\\ude00\\ud83d",
)  # fmt: skip


def random_messages(rng: random.Random) -> Iterator[bytes]:
    for _ in range(HOW_MANY):
        text = random_object(rng) if rng.random() < 0.95 else random_value(rng, 2)
        if rng.random() < 0.15:
            text = broken(rng, text)
        data = text.encode()
        if rng.random() < 0.03:
            at = rng.randint(0, len(data))
            data = data[:at] + rng.choice(STRANGE) + data[at:]
        yield data


def random_object(rng: random.Random) -> str:
    keys = rng.sample(KEYS, rng.choice((0, 1, 1, 2, 3, 5)))
    if rng.random() < 0.05:
        keys.append(rng.choice(keys or KEYS))  # twice
    entries = [f'"{key}"{space(rng)}:{space(rng)}{random_field(rng, key)}' for key in keys]
    if rng.random() < 0.1:
        entries.append(f"{random_text(rng, 0)}:{random_value(rng, 2)}")
    for _ in range(rng.choice((0, *[1] * 30, 2))):
        name = json.dumps(rng.choice(COMMANDS)) if rng.random() < 0.95 else random_value(rng, 1)
        entries.insert(rng.randint(0, len(entries)), f'"command":{space(rng)}{name}')
    return f"{space(rng)}{{{space(rng)}{','.join(entries)}{space(rng)}}}{space(rng)}"


def random_field(rng: random.Random, key: str) -> str:
    return rng.choice(FITTING[key]) if rng.random() < 0.75 else random_value(rng, 3)


def space(rng: random.Random) -> str:
    return rng.choice(("", "", "", "", " ", "\t", "  "))


def broken(rng: random.Random, text: str) -> str:
    """The text with one mistake, of which json-smart forgives many."""
    at = rng.randint(0, len(text))
    piece = rng.choice(
        (
            ",",
            ",,",
            "'",
            '"',
            ":",
            "[",
            "]",
            "{",
            "}",
            "0",
            "-",
            ".",
            "e",
            "\\",
            "x",
            "/",
            "#",
            "\x01",
            "\\x41",
        )
    )
    how = rng.randrange(5)
    if how == 0:
        return text[:at] + piece + text[at:]
    if how == 1:
        return text[:at] + text[at + 1 :]
    if how == 2:
        return text.replace('"', "'")
    if how == 3:
        return text.replace('"', "", 2)
    return text + piece
