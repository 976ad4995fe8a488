"""Where a recorder notes messages: as a component takes them from its queues, and as it sends them.

A component has no call for a recorder. It has queues, an outbox and a reader of its own, and a recorder puts others in
their place. Once the recording has ended they are as they were. The methods here are called for every message of a
recorded component, so they do little, and call little.
"""

from __future__ import annotations

from collections import deque

from streamparse.multilang import (
    HEARTBEAT_STREAM,
    HOST,
    MESSAGE_END,
    SYSTEM_TASK,
    Outbox,
    Reader,
)
from streamparse.process import Input
from streamparse.recordings.format import BATCH, FROM_STORM, TAKEN, TIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Sized
    from typing import Any

    from streamparse.recordings.recorder import Recorder
    from streamparse.storm.component import Component

__all__ = [
    "SYNC",
    "Inbox",
    "NotingOutbox",
    "Pipe",
    "PlainOutbox",
    "hook_queues",
    "release_queues",
]

SYNC = '{"command": "sync"}'
#: How many messages a bolt must have read at once to have them noted as a batch.
BATCH_FRAMES = 8
#: How long it may take for one of them, and how many lines may be noted for it.
QUICK_NS = 5_000_000
FEW_LINES = 50
_HEARTBEAT = f'"{HEARTBEAT_STREAM}"'.encode()
_NO_LIMIT = 1 << 62


# -- taking --------------------------------------------------------------------------------------------------------


class _PlainQueue(deque):  # type: ignore[type-arg]  # of messages
    """A queue of which nothing is noted: within a batch, or once the recording has ended."""

    __slots__ = ()


def _noting(recorder: Recorder) -> Callable[[], object]:
    """Return a function that notes the time, and that a message of a batch is taken: C code alone, run step by step."""
    times = map(recorder.times.append, iter(recorder.now_ns, None))
    marks = map({None: TAKEN}.__getitem__, times)
    return map(recorder.lines.append, marks).__next__


class Pipe:
    """Stands for the reader of a component's pipe, and keeps the messages of the last read.

    Where a bolt has read several at once, and is quick, they are noted together, as a batch. Of each of them only the
    time is noted when it is read, by a function that is no Python. Otherwise each message is noted as it is taken.

    Attributes:
        frames: the messages of the last read.
        waiting: those of them that the component has not read, in the queue of its input.
        may_batch: whether it is a bolt of which nothing is taken out, and no emit has waited for task ids: while one
            does, tuples are read ahead.
    """

    def __init__(self, stream: Input, component: Component, recorder: Recorder) -> None:
        self.frames: Sequence[bytes | str] = list(stream._messages)
        self.waiting: Sized = stream._messages
        self.may_batch = False
        self._stream = stream
        self._reader = stream._reader
        self._component = component
        self._recorder = recorder
        self._began_ns = recorder.now_ns()  # the last read
        self._after_read = _noting(recorder)
        self._batch_outbox = _BatchOutbox(component._outbox, recorder)
        self._outbox: Outbox | None = None  # that is in the place of this one
        self._queue: deque[Any] = deque()
        self._class: type[deque[Any]] = deque
        stream._reader = self  # type: ignore[assignment]  # as far as an input asks

    def begin_batches(self, queue: deque[Any]) -> None:
        """Note messages in batches from now on, where that is possible.

        Args:
            queue: of the component's tuples, by which they are noted one by one.
        """
        self.may_batch = True
        self._queue = queue
        self._class = queue.__class__

    def feed(self, data: bytes) -> list[bytes]:
        frames = self._reader.feed(data)
        recorder = self._recorder
        now = recorder.now_ns()
        before, self.frames = len(self.frames), frames
        is_quick = now - self._began_ns < QUICK_NS * before
        says_little = len(recorder.lines) < FEW_LINES * before
        self._began_ns = now
        recorder.room -= 2 * len(data)  # for what is read, and about as much that is sent
        if now > recorder.due_ns or recorder.room < 0:
            recorder.write_due(now)
        if self.may_batch:
            text = self._batch_text(frames) if is_quick and says_little else ""
            self._switch(is_batch=text != "")
            if text:
                recorder.lines += [f"{BATCH}{len(frames)}", text]
                recorder.tuples += len(frames)
        return frames

    def _batch_text(self, frames: list[bytes]) -> str:
        """Return the lines of a batch; "" where these messages must be looked at one by one."""
        recorder = self._recorder
        if len(frames) < BATCH_FRAMES or recorder.tuples + len(frames) >= recorder.most:
            return ""
        joined = b"".join(frames)
        if b"\n" in joined or _HEARTBEAT in joined or self._queue:
            return ""
        try:
            return b"\n".join(frames).decode()
        except UnicodeDecodeError:
            return ""

    def _switch(self, *, is_batch: bool) -> None:
        if is_batch == (self._outbox is not None):
            return
        component, stream = self._component, self._stream
        if is_batch:
            self._outbox, component._outbox = component._outbox, self._batch_outbox
            self._queue.__class__ = _PlainQueue
            stream.after_read, stream.before_wait = self._after_read, self._recorder.note_time
        else:
            assert self._outbox is not None
            component._outbox, self._outbox = self._outbox, None
            self._queue.__class__ = self._class
            stream.after_read = stream.before_wait = None

    def end_batches(self) -> bool:
        """Note messages one by one from now on; return whether there was a batch."""
        was_batch = self._outbox is not None
        if was_batch:
            self._recorder.tuples -= len(self.waiting)
            self._recorder.lines.append(f"{BATCH}0")
            self._switch(is_batch=False)
        self.may_batch = False
        return was_batch

    @property
    def rest(self) -> bytes:
        return self._reader.rest

    def leave(self) -> None:
        self._stream._reader = self._reader


class Inbox:
    """Keeps the message that a component has read last, from whatever it reads."""

    waiting: Sized = ()

    def __init__(self, component: Component) -> None:
        self.frames: Sequence[bytes | str] = [""]
        self._component = component
        self._receive = component._receive
        component._receive = self._receive_and_keep

    def _receive_and_keep(self) -> Any:
        text = self._receive()
        self.frames = [text if type(text) is str else ""]
        return text

    def end_batches(self) -> bool:
        return False

    def leave(self) -> None:
        self._component._receive = self._receive


def hook_queues(
    component: Component, recorder: Recorder, text_of: Callable[[str], str] | None
) -> Pipe | Inbox:
    """Note each message as the component takes it: what is read ahead, while task ids are awaited, in its turn.

    Args:
        recorder: of the component.
        text_of: returns what is noted of a message, "" for nothing; None: the message as it came.

    Returns:
        What stands between the component and its input.
    """
    stream = component.input_stream
    is_pipe = type(stream) is Input and not HOST.get().virtual_clock
    last = Pipe(stream, component, recorder) if is_pipe else Inbox(component)  # type: ignore[arg-type]

    def shown(frame: bytes | str) -> str:
        text = frame if isinstance(frame, str) else frame.decode()
        if "\n" in text:  # between values
            text = text.replace("\n", " ")
        return text if text_of is None else text_of(text)

    make = _spout_queue if component._kind == "spout" else _bolt_queue
    component._pending_commands = make(component, recorder, last, shown)
    component._emits_that_wait, component._pending_task_ids = _id_queues(recorder, last, shown)
    return last


def _retire(queue: deque[Any], component: Component, last: Pipe | Inbox) -> None:
    """Give a component a plain queue: the one that it had has pairs of a message and its text.

    Its lock of queues is held.
    """
    messages = [each[0] if type(each) is tuple else each for each in queue]
    queue.clear()
    queue.extend(messages)
    queue.__class__ = _PlainQueue
    if not component._sleeping_threads:  # else one may wait for this queue
        component._pending_commands = deque(messages)
    last.leave()


def _bolt_queue(
    component: Component, recorder: Recorder, last: Pipe | Inbox, shown: Callable[[Any], str]
) -> deque[Any]:
    """Return a queue of tuples, each of which is noted when it is taken."""
    put, take = deque.append, deque.popleft
    waiting, now_ns = last.waiting, recorder.now_ns
    note, note_time = recorder.lines.append, recorder.times.append

    class Tuples(deque):  # type: ignore[type-arg]
        __slots__ = ()

        def append(self, message: Any) -> None:
            put(self, (message, last.frames[~len(waiting)]))

        def popleft(self) -> Any:
            entry = take(self)
            if type(entry) is not tuple:  # of a batch
                return entry
            message, frame = entry
            now = now_ns()
            if now > recorder.due_ns and not recorder.write_due(now):
                _retire(self, component, last)
                return message
            if type(message) is not dict:
                return message
            if message.get("stream") == HEARTBEAT_STREAM and message.get("task") == SYSTEM_TASK:
                recorder.has_beat = True
                return message
            text = shown(frame)
            if not text:
                return message
            if recorder.tuples >= recorder.most and not recorder.passes_limit():
                _retire(self, component, last)
                return message
            recorder.tuples += 1
            note_time(now)
            note(TIME)
            note(FROM_STORM + text)
            return message

    return Tuples()


def _spout_queue(
    component: Component, recorder: Recorder, last: Pipe | Inbox, shown: Callable[[Any], str]
) -> deque[Any]:
    """Return a queue of commands, each of which is noted when it is taken, or when its turn has something to say."""
    put, take = deque.append, deque.popleft
    waiting, now_ns = last.waiting, recorder.now_ns

    class Commands(deque):  # type: ignore[type-arg]
        __slots__ = ()

        def append(self, message: Any) -> None:
            put(self, (message, last.frames[~len(waiting)]))

        def popleft(self) -> Any:
            entry = take(self)
            if type(entry) is not tuple:  # of a batch
                return entry
            message, frame = entry
            now = now_ns()
            if now > recorder.due_ns and not recorder.write_due(now):
                _retire(self, component, last)
                return message
            text = shown(frame)
            if not text or type(message) is not dict:
                return message
            if recorder.tuples >= recorder.most and not recorder.passes_limit():
                _retire(self, component, last)
                return message
            recorder.begin_turn(text, now, is_next=message.get("command") == "next")
            return message

    return Commands()


def _id_queues(
    recorder: Recorder, last: Pipe | Inbox, shown: Callable[[Any], str]
) -> tuple[deque[Any], deque[Any]]:
    """Return the queues of emits that wait for task ids, and of task ids that nobody waits for."""

    def note() -> None:
        text = shown(last.frames[~len(last.waiting)])
        if text and not recorder.has_ended:
            recorder.note(FROM_STORM + text)

    class Emits(deque):  # type: ignore[type-arg]
        __slots__ = ()

        def append(self, waiting: Any) -> None:
            last.end_batches()
            super().append(waiting)

        def popleft(self) -> Any:
            note()
            return super().popleft()

    class TaskIds(deque):  # type: ignore[type-arg]
        __slots__ = ()

        def append(self, task_ids: Any) -> None:
            if last.end_batches():
                recorder.tuples -= 1  # these
            else:
                note()
            super().append(task_ids)

    return Emits(), TaskIds()


def release_queues(component: Component) -> None:
    """Make the queues of task ids plain ones; that of tuples or commands is made one when it is used next."""
    component._emits_that_wait.__class__ = _PlainQueue
    component._pending_task_ids.__class__ = _PlainQueue


# -- sending -------------------------------------------------------------------------------------------------------


class NotingOutbox(Outbox):
    """An outbox that notes what passes.

    Args:
        outbox: takes the messages.
        recorder: notes them.
    """

    def __init__(self, outbox: Outbox, recorder: Recorder) -> None:
        self._outbox = outbox
        self._recorder = recorder
        self._reader = Reader(limit=_NO_LIMIT)
        self._write: Callable[[str], object] = getattr(outbox, "write", lambda text: None)
        self._flush: Callable[[], object] = getattr(outbox, "flush", lambda: None)

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        if type(message) is dict:  # else what a simulator shows beside
            self._recorder.say(encode(message))
        self._outbox.send(message, encode)

    def write(self, text: str) -> int:
        """Take text from user code, as the stream does."""
        for frame in self._reader.feed(text.encode("utf-8", "surrogateescape")):
            self._recorder.say_text(frame.decode("utf-8", "replace"))
        self._write(text)
        return len(text)

    def flush(self) -> None:
        self._flush()

    def fileno(self) -> int:
        fd: int = self._outbox.fileno()  # type: ignore[attr-defined]  # of a stream of the process
        return fd

    def write_out(self) -> None:
        self._outbox.write_out()


class PlainOutbox(NotingOutbox):
    """An outbox of a bolt on a real Storm that notes messages as they are: nothing is taken out of them."""

    def __init__(self, outbox: Outbox, recorder: Recorder) -> None:
        super().__init__(outbox, recorder)
        self._now_ns = recorder.now_ns
        self._note, self._note_time = recorder.lines.append, recorder.times.append

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        text = encode(message)
        recorder = self._recorder
        if recorder.has_beat and text == SYNC:
            recorder.has_beat = False
        else:
            # Python calls what is in a local variable sooner.
            note, note_time, now_ns = self._note, self._note_time, self._now_ns
            note_time(now_ns())
            note(TIME)
            note(text)
            recorder.room -= len(text)
            if recorder.room < 0:
                recorder.write_due(now_ns())
        write, flush = self._write, self._flush
        write(text + MESSAGE_END)
        flush()


class _BatchOutbox(NotingOutbox):
    """An outbox of a bolt that takes the messages of a batch: the time is noted when it takes the next."""

    def __init__(self, outbox: Outbox, recorder: Recorder) -> None:
        super().__init__(outbox, recorder)
        self._note = recorder.lines.append

    def send(self, message: Mapping[str, Any], encode: Callable[[Mapping[str, Any]], str]) -> None:
        note, write, flush = self._note, self._write, self._flush
        text = encode(message)
        note(text)
        write(text + MESSAGE_END)
        flush()
