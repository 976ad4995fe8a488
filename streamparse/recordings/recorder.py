"""The recorder of a component: it notes the messages that are taken and sent, and writes them to a file, compressed.

It is loaded where a recording is asked for, and nowhere else; a component that is not recorded has no call for it. To
note a message is to append its text to a list, and a time to another. The texts of a second, or of ``BLOCK_CHARS``, are
joined and compressed at once, and written as one block. In a simulation each message is written at once.

What it cannot do (a full disk, a directory that is not there) ends the recording with one line in Storm's log, and
nothing else. What it has written can be read however the process ends.
"""

from __future__ import annotations

import json
import os
import sys
import time
from _thread import allocate_lock
from functools import partial
from time import monotonic_ns

from streamparse.multilang import CRASH_AT, HOST, RECORD_CLOCK, RECORD_INTO, Outbox, name_in_file
from streamparse.process import Output
from streamparse.recordings.files import CompressedFile
from streamparse.recordings.format import (
    FROM_STORM,
    IDLE,
    TIME,
    TO_STORM,
    BlockLines,
    Head,
    block_text,
    end_line,
    head_line,
    said_line,
)
from streamparse.recordings.noting import (
    SYNC,
    Inbox,
    NotingOutbox,
    Pipe,
    PlainOutbox,
    hook_queues,
    release_queues,
)
from streamparse.recordings.redaction import Redaction, RedactionError, without_secrets
from streamparse.recordings.settings import SettingsError, record_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from streamparse.recordings.settings import RecordSettings
    from streamparse.storm.component import Component

__all__ = ["Recorder", "begin_recording"]

#: How many characters of messages are written at once, and after how long less of them.
BLOCK_CHARS = 1 << 17
BLOCK_NS = 1_000_000_000
#: A time that has passed on every clock.
ALWAYS_NS = -1

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

    Attributes:
        now_ns: reads the clock, in nanoseconds.
        lines: the lines of the next block: see ``streamparse.recordings.format``.
        times: those that are marked in the lines, each noted before its line.
        room: for how many characters there is room in the block.
        due_ns: from when on it is to be written.
        tuples: how many a bolt was given or a spout has emitted, in this part.
        most: until the limit; 0 once the file is long enough.
        has_beat: there was a heartbeat that has not been answered.
        has_ended: nothing is recorded any more.
    """

    # Python reads these sooner than the attributes of a dict with so many.
    __slots__ = (
        "_component",
        "_directory",
        "_file",
        "_first_lines",
        "_head",
        "_idle_ns",
        "_idle_turns",
        "_input",
        "_is_spout",
        "_is_virtual",
        "_lock",
        "_number",
        "_old",
        "_outbox",
        "_output_stream",
        "_part",
        "_redaction",
        "_settings",
        "_text_of",
        "_turn",
        "_zero_ns",
        "due_ns",
        "has_beat",
        "has_ended",
        "lines",
        "most",
        "now_ns",
        "room",
        "times",
        "tuples",
    )

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
        self._lock = allocate_lock()  # of the file
        self._file: CompressedFile | None = None
        self._first_lines = ""  # of each part
        self._head: Head | None = None
        self._part = 0
        self._redaction: Redaction | None = None
        self._outbox = component._outbox
        self._output_stream = component._output_stream
        self._number = ""  # in the names of files
        self._old: str | None = None  # the path of the part before this one
        self._turn: tuple[str, int] | None = None  # a spout's `next` to which nothing was said yet
        self._idle_turns = 0  # of a spout, that are not noted yet
        self._idle_ns = 0
        self._input: Pipe | Inbox | None = None
        self.now_ns = _virtual_clock(clock) if self._is_virtual else monotonic_ns
        self._zero_ns = self.now_ns()
        zero_ns = self._zero_ns
        self._text_of: Callable[[list[str], list[int]], str] = (
            BlockLines(zero_ns).text if self._is_virtual else partial(block_text, zero_ns)
        )
        self.due_ns = ALWAYS_NS if self._is_virtual else self._zero_ns + BLOCK_NS
        self.lines: list[str] = []
        self.times: list[int] = []
        self.room = BLOCK_CHARS
        self.tuples = 0
        self.most = settings.tuples
        self.has_beat = False
        self.has_ended = False

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
        self._hook()

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
            f"streamparse_{name_in_file(str(component.topology_name))}"
            f"_{name_in_file(str(component.component_name))}_{component.task_id}"
        )
        self._file = self._new_file(f"{self._directory}/{base}")
        try:
            self._file.write(head_line(self._head._replace(part=self._part)) + self._first_lines)
        except BaseException:
            self._file.close()
            raise

    def _new_file(self, base: str) -> CompressedFile:
        """Return the file of this part; in a simulation the first has a number that no other run has taken."""
        is_free = self._is_virtual and not self._number
        while True:
            if is_free:
                self._number = _free_number(base)
            elif not self._number:
                self._number = str(self._component.pid)
            try:
                path = f"{base}_{self._number}.{self._part}.jsonl"
                return CompressedFile(path, has_small_pieces=self._is_virtual)
            except FileExistsError:
                if not is_free:
                    raise

    def _next_part(self) -> None:
        """Go on in a new file; the one before the last is removed."""
        before, self._part = self._file, self._part + 1
        assert before is not None
        self.tuples, self.most = 0, self._settings.tuples
        self._open()
        before.close()
        if self._old is not None:
            os.unlink(self._old)
        self._old = before.path

    # -- messages

    def _hook(self) -> None:
        component = self._component
        text_of = None
        if self._is_virtual:
            text_of = self._shown_in_simulation
        elif self._redaction is not None:
            text_of = self._heard
        self._input = hook_queues(component, self, text_of)
        is_plain = text_of is None and not self._is_spout and isinstance(self._outbox, Output)
        if is_plain and isinstance(self._input, Pipe):
            self._input.begin_batches(component._pending_commands)
        make = PlainOutbox if is_plain else NotingOutbox
        component._outbox = component._output_stream = make(self._outbox, self)
        if self._is_virtual:
            component._is_recorded = True  # which only a simulator asks

    def _shown_in_simulation(self, text: str) -> str:
        """Return what is noted of a message from a simulator; "" for what no Storm says."""
        if f'"{CRASH_AT}"' in text and json.loads(text).get("command") == CRASH_AT:
            return ""
        return text if self._redaction is None else self._heard(text)

    def _heard(self, text: str) -> str:
        """Return a message from Storm without what is to be taken out; "" where the user's function has raised."""
        assert self._redaction is not None
        try:
            return self._redaction.heard(text)
        except Exception as error:
            self._give_up(error)
            return ""

    def note(self, line: str) -> None:
        """Note a line of a block, with the time."""
        self._note_at(self.now_ns(), line)
        self.room -= len(line)

    def _note_at(self, ns: int, line: str) -> None:
        self.times.append(ns)
        self.lines += [TIME, line]

    def note_time(self) -> None:
        """Note that the messages of a turn have been sent, before the component waits for the next."""
        self.times.append(self.now_ns())
        self.lines.append(TIME)

    def begin_turn(self, text: str, now_ns: int, *, is_next: bool) -> None:
        """Note what a spout has taken; a ``next`` waits for what the spout says to it."""
        self._note_silent_turn()
        if is_next:
            self._turn = (text, now_ns)
            return
        self._note_idle()
        self._note_at(now_ns, FROM_STORM + text)

    def _note_silent_turn(self) -> None:
        """Note a ``next`` to which not even a sync was said, if there is one."""
        if self._turn is not None:
            (text, ns), self._turn = self._turn, None
            self._note_idle()
            self._note_at(ns, FROM_STORM + text)

    def _note_idle(self) -> None:
        if self._idle_turns:
            self._note_at(self._idle_ns, f"{IDLE}{self._idle_turns}")
            self._idle_turns = 0

    def say(self, text: str) -> None:
        """Note a message that the component sends."""
        if self._is_virtual and (text := _for_storm(text)) == "":
            return
        if text == SYNC and self._has_said_nothing():
            return
        self._note_silent_turn()
        if self._is_spout and '"emit"' in text and _command(text) == "emit":
            self.tuples += 1
        try:
            kept = text if self._redaction is None else self._redaction.said(text)
        except Exception as error:  # of the user's function
            self._give_up(error)
            return
        self.note(kept)
        if self._is_virtual or self.room < 0:
            self.write_due(self.now_ns())

    def _has_said_nothing(self) -> bool:
        """Return whether a sync ends a turn in which nothing was said, or answers a heartbeat."""
        if self.has_beat:
            self.has_beat = False
            return True
        if self._turn is None:
            return False
        self._turn = None
        self._idle_turns += 1
        self._idle_ns = self.now_ns()
        return True

    def say_text(self, text: str) -> None:
        """Note a message that user code has written to the stream itself."""
        try:
            is_message = isinstance(json.loads(text), dict)
        except ValueError:
            is_message = False
        if is_message:
            self.say(text.strip().replace("\n", " "))
            return
        self._note_silent_turn()
        self.note(json.dumps("" if self._redaction is not None else text))

    def passes_limit(self) -> bool:
        """Go on in the next part of a ring; else end the recording, and return False."""
        if self._settings.keep == "first":
            self.end("limit")
            return False
        try:
            with self._lock:
                self._write_rest("part")
                self._next_part()
        except OSError as error:
            self._give_up(error)
        return not self.has_ended

    def write_due(self, now_ns: int) -> bool:
        """Write what was noted; return whether the recording goes on."""
        if self.has_ended:
            return False
        self.due_ns = ALWAYS_NS if self._is_virtual else now_ns + BLOCK_NS
        try:
            with self._lock:
                self._write_notes()
        except OSError as error:
            self._give_up(error)
        else:
            if self._file is not None and self._file.size >= self._settings.bytes:
                self.most = 0
        return not self.has_ended

    def _write_notes(self) -> None:
        """Write what was noted; the lock is held."""
        self.room = BLOCK_CHARS
        lines = self.lines[:]
        times = self.times[:]  # each is noted before its line
        del self.lines[: len(lines)], self.times[: len(times)]
        if lines and self._file is not None:
            self._file.write(self._text_of(lines, times))

    def _write_rest(self, why: str) -> None:
        """Write what was noted, and an end; the lock is held."""
        self._note_silent_turn()
        self._note_idle()
        self._write_notes()
        if self._file is not None:
            us = (self.now_ns() - self._zero_ns) // 1000
            self._file.write(end_line(us, why, self.tuples))

    # -- the end

    def end(self, why: str) -> None:
        """Write the end, and leave the component's streams as they were. A second call does nothing."""
        if self.has_ended:
            return
        self._leave()
        try:
            with self._lock:
                self._write_rest(why)
        except OSError as error:
            self._tell(error)
        finally:
            self._close()

    def _give_up(self, error: Exception) -> None:
        if self.has_ended:
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
        if self._input is not None:
            self._input.end_batches()
        self.has_ended = True
        self.due_ns = ALWAYS_NS
        release_queues(component)
        outbox = component._outbox
        if isinstance(outbox, NotingOutbox):
            component._outbox = self._outbox
            component._output_stream = self._output_stream
        elif isinstance(outbox, Outbox):
            outbox.outbox = self._outbox  # type: ignore[attr-defined]  # of a crash that is ordered
        if self._is_virtual:
            component._is_recorded = False

    def _tell(self, error: Exception) -> None:
        self._component.log(f"the recording has ended: {_words(error)}", "warn")


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
    if text == SYNC:
        return text
    message = json.loads(text)
    if message.get("command") in _FOR_A_SIMULATOR:
        return ""
    if any(key in message for key in _KEYS_FOR_A_SIMULATOR):
        kept = {key: each for key, each in message.items() if key not in _KEYS_FOR_A_SIMULATOR}
        return json.dumps(kept)
    return text


def _words(error: Exception) -> str:
    """Return an error in one line."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    says_all = isinstance(error, (SettingsError, RedactionError))
    words = f"{error}" if says_all else f"{type(error).__name__}: {error}"
    return " ".join(words.split())
