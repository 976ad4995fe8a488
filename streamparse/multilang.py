"""Storm's multilang protocol as both sides see it: its names, its framing, and the limit of a message.

A message is one JSON text followed by a line that is exactly ``end``. Every component process imports this module, so
it stays light (``typing``, which takes half as long to load as Python to start, is for type checkers only). The
content of messages is in ``simulator.wire.protocol`` for Storm, and in ``storm.component`` for components.

Source of the rules: ``JsonSerializer``, ``ShellProcess``, ``ShellBolt`` (Storm 0.9.3 to 2.8.3).
"""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

DEFAULT_STREAM: Final = "default"
#: The name of the threads of our own in a component process.
OWN_THREAD: Final = "streamparse"
SYSTEM_COMPONENT: Final = "__system"
SYSTEM_TASK: Final = -1
TICK_STREAM: Final = "__tick"
HEARTBEAT_STREAM: Final = "__heartbeat"
#: The setting of a topology that is a Python class, by which components behave as those of streamparse 3 to 5 do.
CLASS_TOPOLOGY: Final = "streamparse.topology.class"
#: The settings that have components recorded: of one component or all, and by component id. See ``recordings``.
RECORD: Final = "streamparse.record"
RECORD_COMPONENTS: Final = "streamparse.record.components"
#: The file with the virtual milliseconds of a simulation that is recorded.
RECORD_CLOCK: Final = "streamparse.record.clock"
#: The directory of recordings that a test makes; else they are beside the component's log.
RECORD_INTO: Final = "streamparse.record.into"
CRASH_AT: Final = "crash_at"  # not Storm's: a command of a simulator to end at a message to come
TIMER_STREAM: Final = "__timer"  # not Storm's: a timer on the virtual clock has run out

# ShellBolt/ShellSpout.handleLog: 0 TRACE to 4 ERROR, anything else is INFO (since 0.9.3).
LOG_LEVELS: Final = {
    "trace": 0,
    "debug": 1,
    "info": 2,
    "warn": 3,
    "warning": 3,
    "error": 4,
    "critical": 4,
}

STDOUT_LOGGER: Final = "streamparse.stdout"  # of what a component prints

LOG_NAMES: Final = ("trace", "debug", "info", "warn", "error")  # by number

#: What follows the JSON text of a message.
MESSAGE_END: Final = "\nend\n"

# Storm itself has no limit and would fill the worker's heap; no real tuple comes near this.
MAX_MESSAGE_BYTES: Final = 32 * 1024 * 1024
TOO_LONG: Final = "too long"  # the kind of the error of a message beyond it
#: Two such names, and what else a log or a recording is called by, are a name of at most 255 bytes.
MOST_BYTES_IN_FILE_NAME: Final = 96
_QUICK_BYTES: Final = 1 << 20  # what is cut in one piece; longer messages come in many


class ProtocolError(Exception):
    """A message that the other side cannot accept.

    Attributes:
        finding: the mistake.
        storm: the reaction of a real Storm.
        excerpt: the offending bytes, cut.
        kind: which mistake it is, where a caller has a remedy for it; else "".
        place: the file and the line of user code that sent it; "" where that is not known.
    """

    def __init__(self, finding: str, *, storm: str = "", excerpt: str = "", kind: str = "") -> None:
        super().__init__(finding)
        self.finding = finding
        self.storm = storm
        self.excerpt = excerpt
        self.kind = kind
        self.place = ""


class Host:
    """The surroundings of a component: real Storm (the defaults), or the simulator.

    Attributes:
        virtual_clock: timers are requested with ``timer`` messages instead of run by threads.
        seed: seeds the ``random`` module of a component process of its own.
        module_seed: seeds it while the component's module is imported.
        streams: what a component that is made without streams reads and writes, where the process is not its own;
            None: stdin and stdout.
        tells_more: messages have what a simulator shows and Storm ignores: lines of user code, names of loggers.
    """

    def __init__(
        self,
        *,
        virtual_clock: bool = False,
        seed: str | None = None,
        module_seed: str | None = None,
        streams: tuple[Inbox, Outbox] | None = None,
        tells_more: bool = False,
    ) -> None:
        self.virtual_clock = virtual_clock
        self.seed = seed
        self.module_seed = module_seed
        self.streams = streams
        self.tells_more = tells_more


_STORM = Host()
HOST: ContextVar[Host] = ContextVar("HOST", default=_STORM)

#: The component whose turn it is, where one process holds several.
SPEAKER: ContextVar[object] = ContextVar("SPEAKER", default=None)


# -- the user's line -------------------------------------------------------------------------------------------

_OUR_DIRECTORY: Final = __file__.rpartition("/")[0] + "/"
_NOT_USERS: Final[set[str]] = (
    set()
)  # the beginnings of files that are not the user's, once somebody has asked


def is_users(file: str) -> bool:
    """Return whether code of this file is the user's: none of Python's, of installed packages, or of this project."""
    if not _NOT_USERS:
        import sysconfig

        root = _OUR_DIRECTORY.removesuffix("streamparse/")
        ours = ("simulator", "streamparse", "pytest_streamparse")
        installed = map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib"))
        _NOT_USERS.update(["<", *(f"{root}{name}/" for name in ours)])
        _NOT_USERS.update(f"{directory}/" for directory in installed)
    return not file.startswith(tuple(_NOT_USERS))


def users_place(frame: Any) -> str:
    """Return the file and the line of the innermost frame of user code, as ``file:line``; "" when there is none.

    Args:
        frame: where to begin; its callers follow.
    """
    while frame is not None:
        file: str = frame.f_code.co_filename
        if file.startswith("<frozen"):
            return ""  # runpy: the frames below are those that have started us
        if not file.startswith(_OUR_DIRECTORY):
            return f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def ignored_breakpoint(place: str) -> str:
    """Return the words about a ``breakpoint()`` that a component process passes over."""
    return (
        f"{place}: breakpoint() is passed over; in a component process it needs remote_pdb: pip install remote-pdb, "
        "or run components in process (sparse simulate --in-process, pytest --storm-mode=inprocess)"
    )


# -- framing ----------------------------------------------------------------------------------------------------


class Reader:
    """Cuts a stream of bytes into messages; feed it pieces of any size.

    Lines may end in LF, CRLF or CR (Java's BufferedReader); a message is every line before a line ``end``.

    Args:
        limit: of a message, in bytes.

    Attributes:
        overflow: the error, once a message has grown beyond the limit; it comes after the messages returned before.
    """

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self._limit = limit
        self._buffer = bytearray(b"\n")  # always starts with the line break before the next message
        self._searched = 0
        self._after_cr = False
        self.overflow: ProtocolError | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that ``data`` completes; after a message beyond the limit there are no more."""
        if self.overflow is not None:
            return []
        if self._after_cr or b"\r" in data:
            data = self._only_line_feeds(data)
        buffer = self._buffer
        buffer += data
        frames: list[bytes] = []
        start = 0
        found = buffer.find(b"\nend\n", self._searched)
        while found >= 0:
            if found - start > self._limit:
                break
            frames.append(bytes(buffer[start + 1 : found]))
            start = found + 4  # the line break behind `end` is the one before the next message
            found = buffer.find(b"\nend\n", start)
        del buffer[:start]
        self._searched = max(0, len(buffer) - 4)
        if len(buffer) > self._limit:
            self._refuse_the_rest()
        return frames

    def whole(self, data: bytes) -> bytes | None:
        """Return the bytes of the messages that ``data`` completes, as they came; None when ``feed`` is needed."""
        buffer = self._buffer
        if self._after_cr or len(buffer) + len(data) > _QUICK_BYTES or b"\r" in data:
            return None
        if len(buffer) > 1:
            data = bytes(buffer[1:]) + data
        end = data.rfind(b"\nend\n") + 5
        if end < 5:
            return None
        self._buffer = bytearray(b"\n" + data[end:])
        self._searched = max(0, len(self._buffer) - 4)
        return data[:end] if end < len(data) else data

    def _refuse_the_rest(self) -> None:
        self.overflow = ProtocolError(
            f"a message of more than {self._limit} bytes, the limit of a simulation",
            storm="reads it as long as it fits into the worker's memory, which worker.childopts sets, and from 1.0 on "
            "topology.worker.max.heap.size.mb",
            excerpt=excerpt(bytes(self._buffer[1:200])),
            kind=TOO_LONG,
        )
        self._buffer = bytearray(b"\n")

    @property
    def rest(self) -> bytes:
        """The bytes of a message that has begun and not ended."""
        return bytes(self._buffer[1:])

    def _only_line_feeds(self, data: bytes) -> bytes:
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if data:
            self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


# -- the two ends of a component --------------------------------------------------------------------------------


class Inbox:
    """A component's input that hands over whole messages. From any other stream a component reads lines."""

    def receive(self) -> str | dict[str, object] | None:
        """The next message: its JSON text, or the message itself; None at the end of the input."""
        raise NotImplementedError


class Outbox:
    """A component's output that takes whole messages."""

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        """Take one message; ``encode`` returns its JSON text, where that is needed."""
        raise NotImplementedError

    def write_out(self) -> None:
        """Write what is still gathered: the process may end now."""


class TextOutbox(Outbox):
    """An outbox that writes each message to a text stream at once.

    Args:
        stream: has ``write`` and ``flush``.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        self._stream.write(encode(message) + MESSAGE_END)
        self._stream.flush()


def cut(text: str, length: int = 1000) -> str:
    """Return a text that may be of any length, for an error message.

    Args:
        length: how many characters are shown.
    """
    return text if len(text) <= length else f"{text[:length]}... ({len(text)} characters)"


def name_in_file(name: str) -> str:
    """Return the name of a topology or a component as names of files have it.

    Storm takes any id. A file system takes no slash, and 255 bytes: of a long name a digest stands for the rest.
    """
    plain = name.replace("/", "_").replace("\0", "_")
    data = plain.encode("utf-8", "replace")
    if len(data) <= MOST_BYTES_IN_FILE_NAME:
        return plain
    from hashlib import sha256

    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    begin = data[: MOST_BYTES_IN_FILE_NAME - len(digest) - 1].decode("utf-8", "ignore")
    return f"{begin}-{digest}"


def excerpt(data: bytes | str, length: int = 80) -> str:
    """Return a short printable form of bytes that were not understood.

    Args:
        length: how many bytes or characters are shown.
    """
    shown = repr(data[:length])
    return shown if len(data) <= length else f"{shown}... ({len(data)} in all)"
