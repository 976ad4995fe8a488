"""The lines of a recording: what a component and Storm said to each other, a message a line.

A recording is lines of JSON, in a file that is compressed or plain. The first line is its head, an object with
``recording``, the version of the format. Every other line is a list: a mark, a time and a value::

    {"recording": 1, "topology": "wordcount", "component": "count", "task": 4, ...}
    ["<",0,{"conf": {...}, "pidDir": "", "context": {...}}]
    [">",103,{"pid": 0}]
    ["<",5230,{"id":"-3","comp":"words","stream":"default","task":5,"tuple":["dog"]}]
    [">",5391,{"command": "ack", "id": "-3"}]
    ["=",9000000,{"why": "closed", "tuples": 1}]

=====  =========================================================================================================
mark   the value
=====  =========================================================================================================
``<``  a message from Storm, the text of it as it came
``>``  a message of the component, the text of it as it was written
``<!`` a message from Storm that is no JSON: its text, as a JSON string
``>!`` a message of the component that is no JSON: its text, as a JSON string
``~``  a number of a spout's turns with nothing to say: a ``next`` that was answered by ``sync`` alone
``=``  the end: ``why``, one of ``ENDS``, and the number of ``tuples``; a recording without it was cut off
``#``  the head of a block
=====  =========================================================================================================

On a real Storm the messages are in blocks, which are written with less work. The head of a block has the time of the
head of the recording, in nanoseconds of the clock of the block, and the times of the block, on the same clock, as
little-endian integers of 8 bytes in base64. The lines of a block are::

    ["#",9000417000,"EnrAGAIAAAA..."]
    -
    <{"id":"-3","comp":"words","stream":"default","task":5,"tuple":["dog"]}
    -
    {"command": "ack", "id": "-3"}
    @2
    {"id":"-4","comp":"words","stream":"default","task":5,"tuple":["cat"]}
    {"id":"-5","comp":"words","stream":"default","task":5,"tuple":["dog"]}

    {"command": "ack", "id": "-4"}

    {"command": "ack", "id": "-5"}
    -
    ]

================  ==============================================================================================
begins with       the line
================  ==============================================================================================
``<``             a message from Storm, the text of it as it came, behind the mark
``{``             a message of the component, the text of it as it was written
``"``             any other text that the component has written, as a JSON string
``~``             a number of a spout's turns with nothing to say, behind the mark
``@``             a batch: the number of the messages from Storm that follow, none of which is taken yet
(an empty line)   the next message of the batch is taken; the next time of the block is that of this
``-``             the next time of the block is that of the line behind this, if it is a message
``]``             the end of the block
================  ==============================================================================================

A message of the component that has no time of its own has that of the next line with one.

The order is that in which the component takes and writes messages: a tuple that it has read ahead, while it waited for
task ids, stands where its turn begins. A time is in microseconds since the head, of a clock that only goes forward;
null where nobody has taken it. Heartbeats and their answers are left out. ``pidDir`` is empty and the component's pid
is 0: they mean nothing elsewhere.

A value that was taken out is ``REDACTED``. In a recording with redactions, a spout's message ids are numbered, and a
log's or an error's text is taken out, too: see ``streamparse.recordings.redaction``.

A file may hold several conversations; each begins with a head. Component processes that record import this module,
so it stays light.
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from binascii import a2b_base64, b2a_base64
from collections import deque, namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

__all__ = [
    "BATCH",
    "BLOCK",
    "END",
    "ENDS",
    "FROM_STORM",
    "IDLE",
    "RECORDING_VERSION",
    "REDACTED",
    "TAKEN",
    "TIME",
    "TO_STORM",
    "Block",
    "BlockLines",
    "BlockReader",
    "End",
    "Head",
    "Idle",
    "RecordingError",
    "Said",
    "block_text",
    "end_line",
    "head_line",
    "idle_line",
    "parse_line",
    "said_line",
]

#: The version of the format, in each head. A reader refuses a later one.
RECORDING_VERSION: Final = 1

#: Marks of lines; ``NO_JSON`` behind the first two.
FROM_STORM: Final = "<"
TO_STORM: Final = ">"
IDLE: Final = "~"
END: Final = "="
BLOCK: Final = "#"

#: Lines and marks in a block.
TAKEN: Final = ""
TIME: Final = "-"
BATCH: Final = "@"
BLOCK_END: Final = "]"
NO_JSON: Final = "!"

#: Why a recording ended: Storm closed the pipe, the component ended itself, an exception ended it, the limit was
#: reached, or the next part of a ring began. One that was killed, or could not be written any more, has no end.
ENDS: Final = ("closed", "exit", "exception", "limit", "part")

#: What stands for a value that was taken out.
REDACTED: Final[Mapping[str, str]] = {"streamparse": "redacted"}


class RecordingError(ValueError):
    """A line that is none of a recording: one line of text that says what was found and what was expected."""


class Head(
    namedtuple(
        "Head",
        (
            "topology",
            "component",
            "task",
            "pid",
            "name",
            "kind",
            "code",
            "streamparse",
            "python",
            "clock",
            "began",
            "seed",
            "keep",
            "tuples",
            "bytes",
            "part",
            "redacted",
            "function",
            "notes",
        ),
        defaults=(0, "", "", {}, "", "", "real", None, None, "first", None, None, 0, (), None, {}),
    )
):
    """The head of a recording.

    Attributes:
        topology, component, task: whose conversation it is.
        pid: of the process; 0 in a simulation.
        name: the dotted name of the class, ``bolts.count.Count``; "" where nobody has told it.
        kind: "spout" or "bolt"; "" where nobody has told it.
        code: the version of the user's code: "git" (git describe) and "wheel" (its name and version), as far as known.
        streamparse, python: versions.
        clock: "real" or "virtual".
        began: seconds since 1970 at the time 0 of the lines; None in a simulation, and where nobody has taken it.
        seed: of the ``random`` module of the component; None on a real Storm, where it has none.
        keep: "first" or "last": which messages are kept at the limit.
        tuples, bytes: the limits, the second of the compressed file; None for none.
        part: 0, or in a ring the number of the part; parts before the last two are gone.
        redacted: the names of fields whose values were taken out, sorted.
        function: the dotted name of the user's function that has changed values; None for none.
        notes: what else its writer knows, by a name; the recorder of components knows nothing else.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        topology: str
        component: str
        task: int
        pid: int
        name: str
        kind: str
        code: Mapping[str, str]
        streamparse: str
        python: str
        clock: str
        began: float | None
        seed: str | None
        keep: str
        tuples: int | None
        bytes: int | None
        part: int
        redacted: Sequence[str]
        function: str | None
        notes: Mapping[str, Any]


class Said(namedtuple("Said", ("mark", "us", "text", "is_json"), defaults=(True,))):
    """A message.

    Attributes:
        mark: ``FROM_STORM`` or ``TO_STORM``.
        us: the microseconds since the head; None where nobody has taken them.
        text: of the message, as it was written.
        is_json: whether the text is JSON.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        mark: str
        us: int | None
        text: str
        is_json: bool

    @property
    def message(self) -> Any:
        """The value of the text: a dict, or a list of task ids; None where the text is no JSON."""
        return json.loads(self.text) if self.is_json else None


class Idle(namedtuple("Idle", ("us", "turns"))):
    """Turns of a spout in which nothing was said.

    Attributes:
        us: of the last of them, in microseconds since the head; None where nobody has taken them.
        turns: how many, one after the other.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        us: int | None
        turns: int


class End(namedtuple("End", ("us", "why", "tuples"))):
    """The end of a recording, or of a part of one.

    Attributes:
        us: microseconds since the head; None where nobody has taken them.
        why: one of ``ENDS``.
        tuples: how many tuples a bolt was given, or a spout has emitted.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        us: int | None
        why: str
        tuples: int


class Block(namedtuple("Block", ("zero", "times"))):
    """The head of a block.

    Attributes:
        zero: the time of the head of the recording, in nanoseconds of the clock of the block.
        times: those that are marked in its lines, in nanoseconds of the same clock.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        zero: int
        times: Sequence[int]


# -- writing -----------------------------------------------------------------------------------------------------


def head_line(head: Head) -> str:
    """Return the line of a head, with its line break."""
    return json.dumps({"recording": RECORDING_VERSION, **head._asdict()}) + "\n"


def said_line(mark: str, us: int | None, text: str, *, is_json: bool = True) -> str:
    """Return the line of a message, with its line break.

    Args:
        text: one line, if it is JSON.
    """
    time = "null" if us is None else us
    if is_json:
        return f'["{mark}",{time},{text}]\n'
    return f'["{mark}{NO_JSON}",{time},{json.dumps(text)}]\n'


def idle_line(us: int | None, turns: int) -> str:
    """Return the line of turns in which nothing was said, with its line break."""
    return f'["{IDLE}",{"null" if us is None else us},{turns}]\n'


def block_text(zero: int, lines: list[str], times: Sequence[int]) -> str:
    """Return a block.

    Args:
        zero: the time of the head of the recording, on the clock of the times.
        lines: of the block; they are changed.
        times: those that are marked in the lines, in nanoseconds.
    """
    packed = array("q", times)
    if sys.byteorder == "big":
        packed.byteswap()
    base64 = b2a_base64(packed, newline=False).decode()
    lines.insert(0, f'["{BLOCK}",{zero},"{base64}"]')
    lines += [BLOCK_END, ""]
    return "\n".join(lines)


def end_line(us: int | None, why: str, tuples: int) -> str:
    """Return the line of the end, with its line break."""
    return said_line(END, us, json.dumps({"why": why, "tuples": tuples}))


# -- reading -----------------------------------------------------------------------------------------------------


def parse_line(line: str) -> Head | Said | Idle | End | Block:
    """Return what a line says that is in no block.

    Args:
        line: with its line break or without.

    Raises:
        RecordingError: it is no line of a recording of this version.
    """
    line = line.rstrip("\r\n")
    if line.startswith("{"):
        return _head(line)
    try:
        mark, us, value = json.loads(line)
    except (ValueError, TypeError):
        raise _unknown(line) from None
    if not (us is None or type(us) is int):
        raise _unknown(line)
    if mark in (FROM_STORM, TO_STORM):
        return Said(mark, us, line.split(",", 2)[2][:-1])
    if mark in (FROM_STORM + NO_JSON, TO_STORM + NO_JSON) and isinstance(value, str):
        return Said(mark[0], us, value, False)
    if mark == IDLE and type(value) is int:
        return Idle(us, value)
    if mark == BLOCK and type(us) is int and isinstance(value, str):
        return Block(us, _unpacked(line, value))
    if mark == END and isinstance(value, dict) and {"why", "tuples"} <= value.keys():
        return End(us, value["why"], value["tuples"])
    raise _unknown(line)


class BlockReader:
    """Reads the lines of the blocks of one recording.

    Attributes:
        entries: what the lines say, in order.
        is_within: whether a block has begun and not ended.
    """

    def __init__(self) -> None:
        self.entries: list[Said | Idle] = []
        self.is_within = False
        self._times: deque[int] = deque()
        self._zero = 0
        self._own_us: int | None = None  # of the next line
        self._us = 0
        self._batch: deque[str] = deque()
        self._to_come = 0  # lines of a batch
        self._untimed: list[int] = []  # entries whose time follows

    def begin(self, block: Block) -> None:
        """Read a block from now on."""
        self.is_within = True
        self._zero = block.zero
        self._times += block.times

    def add(self, line: str) -> None:
        """Take a line of a block.

        Raises:
            RecordingError: it is none.
        """
        if self._to_come:
            self._to_come -= 1
            self._batch.append(line)
        elif line.startswith(("{", '"')):
            self._add_said(line)
        elif line.startswith(FROM_STORM):
            self._add(Said(FROM_STORM, self._time(), _checked(line[1:])))
        elif line.startswith(IDLE):
            self._add(Idle(self._time(), _number(line, line[1:])))
        elif line.startswith(BATCH):
            self._batch.clear()
            self._to_come = _number(line, line[1:])
        elif line == BLOCK_END:
            self.is_within = False
        elif line in (TAKEN, TIME) and self._times:
            self._add_time(line)
        else:
            raise _unknown(line)

    def end(self) -> None:
        """Give the last known time to what has none."""
        for at in self._untimed:
            self.entries[at] = self.entries[at]._replace(us=self._us)
        self._untimed.clear()

    def _add(self, entry: Said | Idle) -> None:
        self.entries.append(entry)

    def _time(self) -> int:
        us, self._own_us = self._own_us, None
        return self._us if us is None else us

    def _add_time(self, mark: str) -> None:
        self._us = (self._times.popleft() - self._zero) // 1000
        self.end()
        self._own_us = self._us if mark == TIME else None
        if mark == TAKEN and self._batch:
            text = self._batch.popleft()
            if _is_message(text):  # else the component has read it, and not taken it
                self._add(Said(FROM_STORM, self._us, text))

    def _add_said(self, line: str) -> None:
        text = _checked(line)
        is_json = True
        if line.startswith('"'):
            text = json.loads(line)
            is_json = _is_json(text)
        if self._own_us is None:
            self._untimed.append(len(self.entries))
        self._add(Said(TO_STORM, self._time(), text, is_json))


class BlockLines:
    """Makes lines of their own of the lines of blocks, which have no batches.

    Args:
        zero: as ``block_text`` takes it.
    """

    def __init__(self, zero: int) -> None:
        self._reader = BlockReader()
        self._zero = zero

    def text(self, lines: Sequence[str], times: Sequence[int]) -> str:
        """Return the lines; one whose time has come without it follows with the next."""
        reader = self._reader
        reader.begin(Block(self._zero, times))
        for line in lines:
            reader.add(line)
        entries, reader.entries = reader.entries, []
        return "".join(
            idle_line(*each)
            if isinstance(each, Idle)
            else said_line(each.mark, each.us, each.text, is_json=each.is_json)
            for each in entries
        )


def _checked(text: str) -> str:
    if not _is_json(text):
        raise _unknown(text)
    return text


def _number(line: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _unknown(line) from None


def _is_message(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _unpacked(line: str, text: str) -> Sequence[int]:
    try:
        packed = a2b_base64(text)
        return struct.unpack(f"<{len(packed) // 8}q", packed)
    except (ValueError, struct.error):
        raise _unknown(line) from None


def _head(line: str) -> Head:
    try:
        value = json.loads(line)
    except ValueError:
        raise _unknown(line) from None
    version = value.pop("recording", None)
    if type(version) is not int:
        raise _unknown(line)
    if version > RECORDING_VERSION:
        raise RecordingError(
            f"a recording of version {version}; expected at most {RECORDING_VERSION}: "
            "read it with the streamparse that wrote it, or a later one"
        )
    known = {key: value[key] for key in Head._fields if key in value}
    try:
        return Head(**known)
    except TypeError:
        raise _unknown(line) from None


def _unknown(line: str) -> RecordingError:
    from streamparse.multilang import excerpt

    return RecordingError(f"{excerpt(line)} is no line of a recording")
