"""The recorder of a component: it stands where messages are cut, and writes them to a file, compressed.

It is loaded where a recording is asked for, and nowhere else. What it cannot do (a full disk, a directory that is not
there) ends the recording with one line in Storm's log, and nothing else. What it has written can be read however the
process ends: the compressor is flushed with every piece that is written, once a second, or when enough has come. In a
simulation that is with every message.
"""

from __future__ import annotations

import json
import os
import sys
import time
from _thread import allocate_lock
from time import monotonic_ns

from streamparse.multilang import (
    CRASH_AT,
    HEARTBEAT_STREAM,
    HOST,
    MESSAGE_END,
    RECORD_CLOCK,
    RECORD_INTO,
    Outbox,
    Reader,
)
from streamparse.recordings.format import (
    FROM_STORM,
    IDLE,
    TO_STORM,
    Head,
    end_line,
    head_line,
    said_line,
)
from streamparse.recordings.redaction import Redaction, RedactionError, without_secrets
from streamparse.recordings.settings import SettingsError, record_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping
    from typing import Any

    from streamparse.recordings.settings import RecordSettings
    from streamparse.storm.component import Component

__all__ = ["Recorder", "begin_recording"]

_NEXT = ('{"id":"","command":"next"}', '{"command":"next","id":""}')
_SYNC = '{"command": "sync"}'
_PIECE_ENTRIES = 3 * 400  # what is written at once: about 64 KB
_PIECE_NS = 1_000_000_000
_NO_LIMIT = 1 << 62

#: What a component tells a simulator, and no Storm.
_FOR_A_SIMULATOR = frozenset({"clock", "debugger", "steps", "threads"})
_KEYS_FOR_A_SIMULATOR = ("sync_follows", "held")
_OF_A_SIMULATOR = ("crash", "step")  # in a handshake

#: Settings that say how to record, which are no part of what is recorded.
_OWN_SETTINGS = "streamparse.record"


def begin_recording(component: Component, conf: Mapping[str, Any], context: Any) -> Recorder | None:
    """Record a component from its handshake on, if its configuration asks for that; return the recorder.

    A recording that cannot begin is told in Storm's log, in one line.
    """
    name = component.component_name or ""
    try:
        settings = record_settings(conf, name)
        if settings is None:
            return None
        log_path = conf.get("streamparse.log.path", conf.get("pystorm.log.path"))
        directory = conf.get(RECORD_INTO, log_path)
        if not directory:
            raise SettingsError(
                "streamparse.log.path is not set; expected the directory of the recording"
            )
        recorder = Recorder(component, settings, str(directory), conf.get(RECORD_CLOCK))
        recorder.begin(conf, context)
    except Exception as error:  # a recording never fails the component, whatever it meets
        component.log(f"nothing is recorded: {_words(error)}", "warn")
        return None
    return recorder


class Recorder:
    """Records one component.

    Args:
        component: has had its handshake.
        settings: what is kept.
        directory: of the files.
        clock: in a simulation, the file with its virtual milliseconds; None: there is none.
    """

    def __init__(
        self,
        component: Component,
        settings: RecordSettings,
        directory: str,
        clock: str | None = None,
    ) -> None:
        self._component = component
        self._settings = settings
        self._directory = directory
        self._is_virtual = HOST.get().virtual_clock
        self._is_spout = component._kind == "spout"
        self._now_ns = _virtual_clock(clock) if self._is_virtual else monotonic_ns
        self._zero_ns = self._now_ns()
        self._due_ns = self._zero_ns + _PIECE_NS
        self._entries: list[Any] = []  # mark, microseconds and text, three for each message
        self._lock = allocate_lock()  # of the file
        self._file: _File | None = None
        self._first_lines = ""  # of each part
        self._head: Head | None = None
        self._part = 0
        self._tuples = 0
        self._most = settings.tuples  # until the limit; 0 once the file is long enough
        self._has_beat = False  # a heartbeat that has not been answered
        self._texts: dict[
            int, str
        ] = {}  # of messages that were read and not taken, by the ids of these
        self._redaction: Redaction | None = None
        self._outbox = component._outbox
        self._output_stream = component._output_stream
        self._number = ""  # in the names of files
        self._old: str | None = None  # the path of the part before this one

    def begin(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        """Open the file, write the handshake, and stand between the component and its streams from now on.

        Raises:
            Exception: it cannot.
        """
        settings, component = self._settings, self._component
        function = None if settings.function is None else _function(settings.function)
        if settings.redact or function is not None:
            self._redaction = Redaction(
                settings.redact,
                function,
                component=component.component_name or "",
                is_spout=self._is_spout,
                context=context,
            )
        self._head = self._make_head()
        kept = {key: each for key, each in conf.items() if not key.startswith(_OWN_SETTINGS)}
        handshake = {
            "conf": without_secrets(kept, settings.redact),
            "pidDir": "",
            "context": context,
        }
        self._first_lines = said_line(FROM_STORM, 0, json.dumps(handshake)) + said_line(
            TO_STORM, 0, '{"pid": 0}'
        )
        self._open()
        self._hook_read()
        component._outbox = _RecordedOutbox(self._outbox, self._hook_send(), self._said_as_text)
        component._output_stream = component._outbox
        component._is_recorded = True

    def _make_head(self) -> Head:
        component, settings = self._component, self._settings
        cls = type(component)
        from streamparse import __version__

        code = {"git": settings.code} if settings.code else {}
        if wheel := _wheel(cls.__module__):
            code["wheel"] = wheel
        return Head(
            topology=component.topology_name,
            component=component.component_name,
            task=component.task_id,
            pid=0 if self._is_virtual else component.pid,
            name=f"{cls.__module__}.{cls.__qualname__}",
            kind=component._kind or "",
            code=code,
            streamparse=__version__,
            python=".".join(map(str, sys.version_info[:3])),
            clock="virtual" if self._is_virtual else "real",
            began=None if self._is_virtual else time.time(),
            seed=HOST.get().seed,
            keep=settings.keep,
            tuples=settings.tuples,
            bytes=settings.bytes,
            redacted=sorted(settings.redact),
            function=settings.function,
        )

    # -- files

    def _open(self) -> None:
        assert self._head is not None
        component = self._component
        base = (
            f"streamparse_{component.topology_name}_{component.component_name}_{component.task_id}"
        ).replace("/", "_")
        self._file = self._new_file(f"{self._directory}/{base}")
        try:
            self._file.write(head_line(self._head._replace(part=self._part)) + self._first_lines)
        except BaseException:
            self._file.close()
            raise

    def _new_file(self, base: str) -> _File:
        """Return the file of this part; in a simulation the first has a number that no other run has taken."""
        is_free = self._is_virtual and not self._number
        while True:
            if is_free:
                self._number = _free_number(base)
            elif not self._number:
                self._number = str(self._component.pid)
            try:
                return _File(f"{base}_{self._number}.{self._part}.jsonl")
            except FileExistsError:
                if not is_free:
                    raise

    def _next_part(self) -> None:
        """Go on in a new file; the one before the last is removed."""
        before, self._part = self._file, self._part + 1
        assert before is not None
        self._tuples, self._most = 0, self._settings.tuples
        self._open()
        before.close()
        if self._old is not None:
            os.unlink(self._old)
        self._old = before.path

    # -- messages

    def _hook_read(self) -> None:
        """Keep the text of each message that is read, and note it when the component takes the message.

        What is read ahead, while task ids are awaited, is noted in its turn.
        """
        component, texts = self._component, self._texts
        receive, next_of = component._receive, component._next_of
        now_ns, zero_ns = self._now_ns, self._zero_ns
        entries, extend = self._entries, self._entries.extend
        redaction, is_bolt = self._redaction, not self._is_spout

        def read_message() -> Any:
            with component._reader_lock:
                text = receive()
            if type(text) is not str:
                return component._at_end() if text is None else text
            message = component._decoded(text)
            texts[id(message)] = text if "\n" not in text else text.replace("\n", " ")
            return message

        def next_and_note(queue: deque[Any]) -> Any:
            if self._is_virtual:
                self._write_piece()
            message = next_of(queue)
            text = texts.pop(id(message), None)
            if self._file is None or text is None:
                return message
            now = now_ns()
            if type(message) is dict:
                if message.get("command") == CRASH_AT:
                    return message
                if message.get("stream") == HEARTBEAT_STREAM and message.get("task") == -1:
                    self._has_beat = True
                    if now > self._due_ns:
                        self._write_due(now)
                    return message
                if self._tuples >= self._most and not self._passes_limit():
                    return message
                if is_bolt:
                    self._tuples += 1
            try:
                kept = text if redaction is None else redaction.heard(text)
            except Exception as error:  # of the user's function
                self._give_up(error)
                return message
            extend((FROM_STORM, (now - zero_ns) // 1000, kept))
            if now > self._due_ns or len(entries) >= _PIECE_ENTRIES:
                self._write_due(now)
            return message

        # mypy: methods of this one component
        component.read_message = read_message  # type: ignore[method-assign]
        component._next_of = next_and_note  # type: ignore[method-assign]

    def _write_due(self, now_ns: int) -> None:
        self._due_ns = now_ns + _PIECE_NS
        self._write_piece()

    def _hook_send(self) -> Callable[[str], None]:
        """Return the function that notes the text of a message that is sent."""
        now_ns, zero_ns = self._now_ns, self._zero_ns
        extend = self._entries.extend
        redaction, is_virtual, is_spout = self._redaction, self._is_virtual, self._is_spout

        def note(text: str) -> None:
            if is_virtual and (text := _for_storm(text)) == "":
                return
            if is_spout:
                if '"emit"' in text and _command(text) == "emit":
                    self._tuples += 1
            elif text == _SYNC and self._has_beat:
                self._has_beat = False
                return
            try:
                kept = text if redaction is None else redaction.said(text)
            except Exception as error:
                self._give_up(error)
                return
            extend((TO_STORM, (now_ns() - zero_ns) // 1000, kept))
            if is_virtual:
                self._write_piece()

        return note

    def _said_as_text(self, text: str, note: Callable[[str], None]) -> None:
        """Note a message that user code has written to the stream itself."""
        try:
            json.loads(text)
        except ValueError:
            shown = "" if self._redaction is not None else text
            us = (self._now_ns() - self._zero_ns) // 1000
            self._entries.extend((TO_STORM + "!", us, json.dumps(shown)))
        else:
            note(text.replace("\n", " "))

    def _passes_limit(self) -> bool:
        """Go on in the next part of a ring; else end the recording, and return False."""
        if self._settings.keep == "first":
            self.end("limit")
            return False
        try:
            with self._lock:
                self._write_entries(end=("part", self._tuples))
                self._next_part()
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _write_piece(self) -> None:
        try:
            with self._lock:
                self._write_entries()
        except OSError as error:
            self._give_up(error)
            return
        file = self._file
        if file is not None and file.size >= self._settings.bytes:
            self._most = 0

    def _write_entries(self, end: tuple[str, int] | None = None) -> None:
        """Write what was noted; the lock is held."""
        entries, file = self._entries, self._file
        if file is None:
            return
        taken = entries[:]
        del entries[: len(taken)]
        if self._is_spout:
            taken, held = self._tidied(taken, is_last=end is not None)
            entries[:0] = held
        text = '["%s",%d,%s]\n' * (len(taken) // 3) % tuple(taken)
        if end is not None:
            why, tuples = end
            text += end_line((self._now_ns() - self._zero_ns) // 1000, why, tuples)
        if text:
            file.write(text)

    def _tidied(self, entries: list[Any], *, is_last: bool) -> tuple[list[Any], list[Any]]:
        """Return a spout's entries without turns with nothing to say, and those that must wait for their answer."""
        kept: list[Any] = []
        for at in range(0, len(entries), 3):
            mark, us, text = entries[at : at + 3]
            if (
                mark == TO_STORM
                and text == _SYNC
                and kept[-3:-2] == [FROM_STORM]
                and _is_next(kept[-1])
            ):
                del kept[-3:]
                if kept[-3:-2] == [IDLE]:
                    kept[-2:] = [us, kept[-1] + 1]
                else:
                    kept += [IDLE, us, 1]
            else:
                kept += [mark, us, text]
        # Turns with nothing to say are counted on, and a turn waits for what it says.
        waits = 0
        if not is_last and kept:
            if kept[-3] == FROM_STORM and _is_next(kept[-1]):
                waits = 3
            if kept[len(kept) - waits - 3 :][:1] == [IDLE]:
                waits += 3
        cut = len(kept) - waits
        return kept[:cut], kept[cut:]

    # -- the end

    def end(self, why: str) -> None:
        """Write the end, and leave the component's streams as they were. A second call does nothing."""
        if self._file is None:
            return
        self._leave()
        try:
            with self._lock:
                self._write_entries(end=(why, self._tuples))
        except OSError as error:
            self._tell(error)
        finally:
            self._close()

    def _give_up(self, error: Exception) -> None:
        if self._file is None:
            return
        self._leave()
        self._close()
        self._tell(error)

    def _close(self) -> None:
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                file.close()

    def _leave(self) -> None:
        component = self._component
        del component.read_message, component._next_of  # the class's are there again
        self._texts.clear()
        outbox = component._outbox
        if isinstance(outbox, _RecordedOutbox):
            component._outbox = self._outbox
            component._output_stream = self._output_stream
        elif isinstance(outbox, Outbox):
            outbox.outbox = self._outbox  # type: ignore[attr-defined]  # of a crash that is ordered
        component._is_recorded = False

    def _tell(self, error: Exception) -> None:
        self._component.log(f"the recording has ended: {_words(error)}", "warn")


class _RecordedOutbox(Outbox):
    """An outbox that notes what passes.

    Args:
        outbox: takes the messages.
        note: called with the text of each message that is sent.
        note_text: called with the text of each message that user code writes itself, and with ``note``.
    """

    def __init__(
        self,
        outbox: Outbox,
        note: Callable[[str], None],
        note_text: Callable[[str, Callable[[str], None]], None],
    ) -> None:
        self._outbox = outbox
        self._note = note
        self._note_text = note_text
        self._reader = Reader(limit=_NO_LIMIT)
        # A simulator's outbox adds to messages, or takes them without their JSON.
        self._is_plain = not HOST.get().virtual_clock and hasattr(outbox, "write")
        self._write: Callable[[str], object] = getattr(outbox, "write", lambda text: None)
        self._flush: Callable[[], object] = getattr(outbox, "flush", lambda: None)

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        if type(message) is not dict:  # what a simulator shows beside
            self._outbox.send(message, encode)
            return
        text = encode(message)
        self._note(text)
        if self._is_plain:
            self._write(text + MESSAGE_END)
            self._flush()
        else:
            self._outbox.send(message, encode)

    def write(self, text: str) -> int:
        """Take text from user code, as the stream does."""
        for frame in self._reader.feed(text.encode("utf-8", "surrogateescape")):
            self._note_text(frame.decode("utf-8", "replace"), self._note)
        self._write(text)
        return len(text)

    def flush(self) -> None:
        self._flush()

    def fileno(self) -> int:
        fd: int = self._outbox.fileno()  # type: ignore[attr-defined]  # of a stream of the process
        return fd

    def write_out(self) -> None:
        self._outbox.write_out()


class _File:
    """A compressed file, every piece of which can be read once it is written.

    Args:
        path: without the ending of the compression. There must be no such file.

    Attributes:
        path: with it.
        size: in bytes.
    """

    def __init__(self, path: str) -> None:
        self.size = 0
        ending, self._compress, self._flush, self._finish = _compression()
        self.path = path + ending
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)

    def write(self, text: str) -> None:
        self._put(self._compress(text.encode("utf-8", "surrogatepass")) + self._flush())

    def close(self) -> None:
        try:
            self._put(self._finish())
        except OSError:
            pass  # what it has is enough to read it
        finally:
            os.close(self._fd)

    def _put(self, data: bytes) -> None:
        self.size += len(data)
        left = memoryview(data)
        while left:
            left = left[os.write(self._fd, left) :]


def _compression() -> tuple[
    str, Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]
]:
    """Return the ending of files, and the functions that compress, flush and finish: zstd, or gzip without it."""
    try:
        import zstandard
    except ImportError:
        import zlib

        gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
        return ".gz", gzip.compress, lambda: gzip.flush(zlib.Z_SYNC_FLUSH), gzip.flush
    zstd = zstandard.ZstdCompressor(level=1).compressobj()
    block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return ".zst", zstd.compress, lambda: zstd.flush(block), zstd.flush


# -- small things ------------------------------------------------------------------------------------------------


def _virtual_clock(path: str | None) -> Callable[[], int]:
    """Return a function that reads a simulator's clock, in nanoseconds; without one it is always 0."""
    if not path:
        return lambda: 0
    import mmap

    fd = os.open(path, os.O_RDONLY)
    try:
        memory = mmap.mmap(fd, 8, access=mmap.ACCESS_READ)
    finally:
        os.close(fd)
    return lambda: int.from_bytes(memory[:], "little") * 1_000_000


def _free_number(base: str) -> str:
    """Return the first number from 1 that no recording of this task has in its name.

    Args:
        base: the path of its recordings, up to the number.
    """
    directory, base = os.path.split(base)
    names = os.listdir(directory)
    number = 1
    while any(name.startswith(f"{base}_{number}.") for name in names):
        number += 1
    return str(number)


def _function(name: str) -> Any:
    """Return the user's function of this dotted name.

    Raises:
        SettingsError: there is none.
    """
    from importlib import import_module

    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute, None) if module else None
    if not callable(found):
        raise SettingsError(
            f"{name} is no function; expected package.module.function(component, stream, values)"
        )
    return found


def _wheel(module: str) -> str:
    """Return the name and the version of the installed package that a module is of; "" where it is none."""
    path = getattr(sys.modules.get(module), "__file__", None) or ""
    if "site-packages" not in path:
        return ""
    from importlib import metadata

    package = module.partition(".")[0]
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return ""


def _command(text: str) -> object:
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message.get("command") if isinstance(message, dict) else None


def _for_storm(text: str) -> str:
    """Return a message without what a simulator is told alone; "" where nothing is left."""
    if text == _SYNC:
        return text
    message = json.loads(text)
    if message.get("command") in _FOR_A_SIMULATOR:
        return ""
    if any(key in message for key in _KEYS_FOR_A_SIMULATOR):
        kept = {key: each for key, each in message.items() if key not in _KEYS_FOR_A_SIMULATOR}
        return json.dumps(kept)
    return text


def _is_next(text: object) -> bool:
    return text in _NEXT or text == '{"command": "next", "id": ""}'


def _words(error: Exception) -> str:
    """Return an error in one line."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    says_all = isinstance(error, (SettingsError, RedactionError))
    words = f"{error}" if says_all else f"{type(error).__name__}: {error}"
    return " ".join(words.split())
