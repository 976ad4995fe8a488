"""The base of spouts and bolts: one conversation with Storm over a pair of streams.

A component reads messages, sends messages, and keeps what it reads out of turn: task ids may arrive while a tuple
is awaited, and tuples while task ids are. It works on any two streams, so a test can hand it two buffers. What is
process-wide (signals, stdout, the pipes) belongs to ``streamparse.process``; ``run()`` has it take the process over.

Source: streamparse 2.1.3's API documents; Storm's multilang protocol (``ShellBolt``, ``ShellSpout``, 0.9.3 to 2.8.3).
"""

from __future__ import annotations

import os
import sys
from _thread import LockType, RLock, allocate_lock
from collections import deque, namedtuple

from streamparse.multilang import (
    CLASS_TOPOLOGY,
    CRASH_AT,
    DEFAULT_STREAM,
    HEARTBEAT_STREAM,
    HOST,
    LOG_LEVELS,
    RECORD,
    RECORD_COMPONENTS,
    SYSTEM_TASK,
    Inbox,
    Outbox,
    TextOutbox,
    cut,
)
from streamparse.process import RDB_SIGNAL, look_at, remote_pdb_handler, take_over
from streamparse.starting import Runnable, StartError, check_kind, error_text, wrong_kind
from streamparse.storm.codec import decode, encode, plain_text, text_stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn, Protocol

    from streamparse.recordings import Recorder
    from streamparse.storm.logs import LogStream, StormHandler

__all__ = ["Component", "LogStream", "StormHandler", "Tuple", "remote_pdb_handler"]

if TYPE_CHECKING:
    # A JSON object from Storm: its values are whatever the user configured.
    Conf = Mapping[str, Any]

    class Readable(Protocol):
        """A component's input: text lines, ``""`` at the end."""

        def readline(self) -> str: ...

    class Writable(Protocol):
        """A component's output."""

        def write(self, text: str, /) -> object: ...
        def flush(self) -> object: ...


class Tuple(namedtuple("Tuple", ("id", "component", "stream", "task", "values"))):
    """Storm's unit of data, as a bolt receives it.

    Attributes:
        id: Storm's id for this copy, a decimal number as text; acks, fails and anchors name it.
        component: the id of the component that emitted it.
        stream: the stream it was emitted on.
        task: the task that emitted it; -1 for the system's own.
        values: the payload, one JSON value per declared field: a list, or in a topology that is a Python class a named
            tuple of the fields.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        component: str
        stream: str
        task: int
        values: Any


def __getattr__(name: str) -> object:
    # The logging package costs a component's start several milliseconds: it is loaded when it is needed.
    if name in ("LogStream", "StormHandler"):
        from streamparse.storm import logs

        return getattr(logs, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Component(Runnable):
    """The base of spouts and bolts.

    Args:
        input_stream: the stream of Storm's messages: text lines, or bytes that are UTF-8. Default: stdin.
        output_stream: the stream for messages to Storm. Default: stdout.
        rdb_signal: the signal that opens a debugger while ``run()`` is on; None for none.
        serializer: of the messages: "json", the only one there is.

    Attributes:
        topology_name, task_id, component_name, debug, storm_conf, context: from Storm's handshake; None before it.
            ``debug`` is the setting ``topology.debug``.
        pid: the id of this process.
        logger: a logger named after the component; None before the handshake.
    """

    def __init__(
        self,
        input_stream: Any = None,
        output_stream: Any = None,
        rdb_signal: int | None = RDB_SIGNAL,
        serializer: str = "json",
    ) -> None:
        if serializer != "json":
            raise ValueError(
                f"serializer={serializer!r}: expected 'json', which every Storm speaks"
            )
        # Any: files, sockets' makefile(), BytesIO and whatever else has readline or write.
        # 2.1.3 had the standard streams as defaults, and so have constructors that hand them on.
        has_own_input = not (input_stream is None or input_stream is sys.stdin)
        has_own_output = not (output_stream is None or output_stream is sys.stdout)
        stdin, stdout = HOST.get().streams or (sys.stdin, sys.stdout)
        self._uses_stdio = not (has_own_input or has_own_output or HOST.get().streams)
        self.input_stream = text_stream(input_stream if has_own_input else stdin)
        self.output_stream = text_stream(output_stream if has_own_output else stdout)
        self.rdb_signal = rdb_signal
        self.topology_name: str | None = None
        self.task_id: int | None = None
        self.component_name: str | None = None
        self.debug: bool | None = None
        self.storm_conf: Conf | None = None
        self.context: Conf | None = None
        self.pid = os.getpid()
        self.logger: logging.Logger | None = None
        # Read while task ids were awaited, and task ids read while something else was.
        self._pending_commands: deque[Any] = deque()
        self._pending_task_ids: deque[list[int]] = deque()
        self._told_changes: set[object] = set()
        self._emits_that_wait: deque[deque[Any]] = (
            deque()
        )  # the emits that wait for task ids, oldest first
        self._has_reader = False  # one thread reads, for all that wait
        self._sleeping_threads: list[LockType] = []  # of threads that wait for the one that reads
        self._queues_lock = allocate_lock()  # of the five above
        self._reader_lock = RLock()
        self._writer_lock = RLock()
        self._crashes_at_start = False  # behind initialize, by order of a simulator
        self._is_of_class = False  # of a topology that is a Python class
        self._values_types: dict[
            tuple[str, str], Any
        ] = {}  # by source and stream, for such a topology
        self._recorder: Recorder | None = None
        self._crash_step: int | None = None  # of initialize, where a simulator asks for its steps
        self._is_made = True

    @property
    def input_stream(self) -> Readable:
        """The stream of Storm's messages; may be set."""
        return self._input_stream

    @input_stream.setter
    def input_stream(self, stream: Readable) -> None:
        self._input_stream = stream
        self._receive = stream.receive if isinstance(stream, Inbox) else self._receive_lines

    @property
    def output_stream(self) -> Writable:
        """The stream of messages to Storm; may be set."""
        return self._output_stream

    @output_stream.setter
    def output_stream(self, stream: Writable) -> None:
        self._output_stream = stream
        self._outbox: Outbox = stream if isinstance(stream, Outbox) else TextOutbox(stream)

    def _arm(self, message: Mapping[str, Any]) -> None:
        """Do what a simulator orders: end this process at a message that is to come."""
        from streamparse.storm import crashing

        self._outbox = crashing.armed(self._outbox, message["left"], message["uncounted"])

    @staticmethod
    def is_heartbeat(tup: Tuple) -> bool:
        """Return True for a heartbeat of Storm's, which asks for a sign of life and nothing else."""
        return tup.task == SYSTEM_TASK and tup.stream == HEARTBEAT_STREAM

    # -- reading

    def read_message(self) -> Any:
        """Read one message: everything before a line ``end``, as JSON.

        Returns:
            A dict (a command or a tuple) or a list (task ids).

        Raises:
            SystemExit: the stream has ended: with status 0 between messages, the normal end of a component, with
                status 1 in the middle of one.
            ValueError: the message is not JSON.
        """
        with self._reader_lock:
            text = self._receive()
        if type(text) is not str:
            return self._at_end() if text is None else text
        try:
            return decode(text)
        except ValueError:
            self._log().error("Storm sent what is not JSON: %r", text)
            raise

    def _at_end(self) -> NoReturn:
        self._end_recording("closed")
        self._log().info("Storm has closed the pipe; ending")
        sys.exit(0)

    def _receive_lines(self) -> str | None:
        """Return the text of the next message from a stream of lines; None at the end of the stream."""
        lines: list[str] = []
        blank_lines = 0
        readline = self.input_stream.readline
        while (line := readline()) not in ("end\n", "end\r\n"):
            if not line:
                self._check_rest("".join(lines))
                return None
            if line == "\n":
                blank_lines += 1
                if blank_lines % 1000 == 0:
                    self._log().warning("%d blank lines where a message should be", blank_lines)
                continue
            lines.append(line)
        return "".join(lines).strip()

    def _check_rest(self, rest: str) -> None:
        if rest:
            self._log().error("Storm's pipe broke in the middle of a message: %r", rest)
            sys.exit(1)

    def read_task_ids(self) -> list[int]:
        """Return the task ids of the oldest emit that still waits for them; other messages are kept for later."""
        task_ids: list[int] = self._next_of(self._pending_task_ids)
        return task_ids

    def read_command(self) -> dict[str, Any]:
        """Return the next command or tuple message; task ids that arrive first are kept for later."""
        command: dict[str, Any] = self._next_of(self._pending_commands)
        return command

    def _next_of(self, queue: deque[Any]) -> Any:
        """Return the next entry of a queue; until it has one, read messages, or sleep while another thread does.

        Each message goes to the queue of whoever waits for it, in the order in which they were read. So a thread
        that waits for a tuple hinders no thread that waits for task ids.
        """
        while True:
            sleeper = None
            with self._queues_lock:
                if queue:
                    return queue.popleft()
                if self._has_reader:
                    sleeper = allocate_lock()
                    sleeper.acquire()
                    self._sleeping_threads.append(sleeper)
                self._has_reader = True
            if sleeper is None:
                self._read_one()
            else:
                sleeper.acquire()  # until a message has been read

    def _read_one(self) -> None:
        message = None
        try:
            message = self.read_message()
        finally:
            with self._queues_lock:
                self._has_reader = False
                if isinstance(message, list):
                    waits = (
                        self._emits_that_wait.popleft()
                        if self._emits_that_wait
                        else self._pending_task_ids
                    )
                    waits.append(message)
                elif message is not None:
                    self._pending_commands.append(message)
                sleepers, self._sleeping_threads = self._sleeping_threads, []
            for sleeper in sleepers:
                sleeper.release()

    def read_tuple(self) -> Tuple:
        """Return the next tuple."""
        message = self.read_command()
        try:
            values = message["tuple"]
            if self._is_of_class:
                values = self._named(message["comp"], message["stream"], values)
            return Tuple(message["id"], message["comp"], message["stream"], message["task"], values)
        except KeyError:
            if message.get("command") == CRASH_AT:
                self._arm(message)
                return self.read_tuple()
            if "command" in message:  # from a Storm whose handshake does not tell (before 0.10)
                raise wrong_kind(self, "spout") from None
            raise

    def _named(self, source: str, stream: str, values: list[Any]) -> tuple[Any, ...]:
        """Return values by the names of their fields; a plain tuple where these are not known (Storm before 0.10)."""
        known = self._values_types.get((source, stream))
        if known is None:
            streams = (self.context or {}).get("source->stream->fields", {}).get(source, {})
            fields = streams.get(stream)
            # The fields are known when Storm runs, and not before.
            known = tuple if fields is None else namedtuple("Values", fields, rename=True)._make  # type: ignore[attr-defined]
            self._values_types[source, stream] = known
        try:
            named: tuple[Any, ...] = known(values)
        except (
            TypeError
        ):  # not as many values as fields, which only the system's own streams can have
            named = tuple(values)
        return named

    def read_handshake(self) -> tuple[Conf, Conf]:
        """Read Storm's first message, leave a file named by our pid in its ``pidDir``, and answer with the pid.

        Returns:
            The component's configuration and its context.
        """
        message = self.read_message()
        # The supervisor of a real cluster kills the processes that are named in this directory.
        path = f"{message['pidDir']}/{self.pid}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666))
        self.send_message({"pid": self.pid})
        if "crash" in message:
            from streamparse.storm import crashing

            self._crash_step = message.get("step")
            self._crashes_at_start = self._crash_step is None
            if message["crash"] == "before" and self._crashes_at_start:
                crashing.end_process()
        return message["conf"], message["context"]

    # -- sending

    def send_message(self, message: Mapping[str, Any]) -> None:
        """Send one message to Storm.

        Raises:
            TypeError, ValueError: the message holds what JSON cannot.
            SystemExit: Storm has closed the pipe.
        """
        if not isinstance(message, dict):
            self._log().error("a message to Storm must be a dict, not %r", message)
            return
        try:
            with self._writer_lock:
                self._outbox.send(message, self._encode)
        except BrokenPipeError:
            sys.exit(1)

    def _encode(self, message: Mapping[str, Any]) -> str:
        """Return the JSON text of a message; say which value JSON cannot hold, and which ones it changes."""
        plain = plain_text(message)
        if plain is not None:
            return plain
        from streamparse.storm import values

        stream = message.get("stream", DEFAULT_STREAM)
        fields = ((self.context or {}).get("stream->outputfields") or {}).get(stream, ())
        try:
            text = encode(message)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise TypeError(values.unfit(message, fields, error)) from None
        for key, words in values.changed(message, fields):
            if key not in self._told_changes:
                self._told_changes.add(key)
                self._log().warning("%s", words)
        return text

    def emit(
        self,
        tup: Sequence[Any],
        tup_id: object = None,
        stream: str | None = None,
        anchors: Sequence[str] | None = None,
        direct_task: int | None = None,
        need_task_ids: bool | None = None,
    ) -> list[int] | None:
        """Emit a tuple.

        Args:
            tup: the values, one per declared field; anything that JSON can hold.
            tup_id: a spout's message id, any JSON value; without one Storm does not track the tuple.
            stream: the stream; None is ``"default"``.
            anchors: ids of the tuples this one came from (bolts).
            direct_task: the one task to send it to, on a stream that is listened to ``:direct``.
            need_task_ids: whether to wait for the ids of the tasks that get it; by default in a topology that is a
                Clojure file, and not in one that is a Python class.

        Returns:
            The task ids (``[direct_task]`` for a direct emit), or None with ``need_task_ids=False``.

        Raises:
            TypeError: ``tup`` is no list or tuple.
        """
        if not isinstance(tup, (list, tuple)):
            shown = cut(repr(tup))
            shown = "" if " at 0x" in shown else f": {shown}"  # an address: every run has another
            raise TypeError(
                f"a tuple is emitted as a list or tuple of values, not as {type(tup).__name__}{shown}"
            )
        # simplejson prints a namedtuple as an object, which Storm refuses.
        message: dict[str, Any] = {
            "command": "emit",
            "tuple": tup if type(tup) in (list, tuple) else list(tup),
        }
        if anchors is not None:
            message["anchors"] = anchors
        if tup_id is not None:
            message["id"] = tup_id
        if stream is not None:
            message["stream"] = stream
        if direct_task is not None:
            message["task"] = direct_task
        if need_task_ids is None:
            need_task_ids = not self._is_of_class
        if not need_task_ids:
            message["need_task_ids"] = False
            self.send_message(message)
            return None
        if direct_task is not None:
            self.send_message(message)
            return [direct_task]
        return self._emit_and_wait(message)

    def _emit_and_wait(self, message: Mapping[str, Any]) -> list[int]:
        """Send an emit, and return its task ids. Storm answers emits in the order in which they were written."""
        if self._pending_task_ids:
            self.send_message(message)
            return self.read_task_ids()
        mine: deque[list[int]] = deque()
        with self._writer_lock:
            self._emits_that_wait.append(mine)
            try:
                self.send_message(message)
            except BaseException:
                self._emits_that_wait.remove(mine)
                raise
        task_ids: list[int] = self._next_of(mine)
        return task_ids

    def log(self, message: object, level: str | None = None) -> None:
        """Send a message to Storm's log, whatever the configured level is.

        Args:
            message: what to log; sent as ``str(message)``.
            level: trace, debug, info, warn or error; None and any other are info.

        ``self.logger`` filters by level before anything is sent, and is the better choice for most messages.
        """
        number = LOG_LEVELS.get(level or "info", LOG_LEVELS["info"])
        self.send_message({"command": "log", "msg": str(message), "level": number})

    def report_metric(self, name: str, value: object) -> None:
        """Send a value to a metric that the worker has registered under this name; Storm refuses any other name.

        Args:
            name: of the metric.
            value: its parameter, any JSON value.
        """
        self.send_message({"command": "metrics", "name": name, "params": value})

    @classmethod
    def spec(cls, *args: Any, **kwargs: Any) -> Any:
        """Refuse: only spouts and bolts have a spec.

        Raises:
            TypeError: always.
        """
        raise TypeError(
            f"{cls.__name__} has no spec; expected a class that derives from Bolt or Spout"
        )

    def raise_exception(
        self, exception: BaseException, tup: Tuple | Sequence[Tuple] | None = None
    ) -> None:
        """Report an exception to Storm, which shows it in its UI and goes on.

        Args:
            exception: the exception, with its traceback.
            tup: the tuple or tuples that were being processed.
        """
        about = f" while processing {_shown(tup)}" if tup else ""
        message: dict[str, Any] = {"command": "error", "msg": error_text(exception, about)}
        if HOST.get().virtual_clock:  # the simulator is told more than Storm
            message["sync_follows"] = True
            message["held"] = [each.id for each in _listed(tup)]
        self.send_message(message)
        self.send_message({"command": "sync"})  # Storm waits for this component no longer

    # -- life

    def run(self) -> None:
        """Run until Storm closes the pipe. Do not override this.

        An exception that reaches it is reported to Storm, and ends the process.

        Raises:
            SystemExit: with status 0 when Storm has closed the pipe, with 1 after an exception.
        """
        if self._uses_stdio:
            self._take_process()
        try:
            self._start()
            while True:
                self._take_one_turn()
        except Exception as error:  # whatever the user's code raises
            if self._uses_stdio:
                look_at(error)
            self._handle_run_exception(error)
            self._end_recording("exception")
            sys.exit(1)
        finally:
            self._end_recording("exit")
            self._write_out()

    def _end_recording(self, why: str) -> None:
        """Write the end of the recording, where there is one that has not ended.

        Args:
            why: one of ``streamparse.recordings.ENDS``.
        """
        if self._recorder is not None:
            self._recorder.end(why)

    def _take_process(self) -> None:
        """Take this process over; its pipes are read by messages, not by lines."""
        self.input_stream, self.output_stream = take_over(self.rdb_signal)

    def _write_out(self) -> None:
        """Write what is still gathered, before this process ends."""
        self._outbox.write_out()

    def initialize(self, storm_conf: Conf, context: Conf) -> None:
        """Called once, after the handshake and before anything else. The place for connections and state.

        Args:
            storm_conf: the component's configuration.
            context: its place in the topology: ``taskid``, ``task->component`` and, from Storm 0.10 on, streams,
                fields and groupings.
        """

    def _start(self) -> None:
        """Complete the handshake, set up, initialize."""
        storm_conf, context = self.read_handshake()
        check_kind(self, context)
        self._setup_component(storm_conf, context)
        if self._crash_step is None:
            self.initialize(storm_conf, context)
        else:
            self._initialize_in_steps(storm_conf, context, self._crash_step)
        if self._crashes_at_start:
            self.send_message({"command": "sync"})
            from streamparse.storm import crashing

            crashing.end_process()

    def _initialize_in_steps(self, storm_conf: Conf, context: Conf, crash_step: int) -> None:
        """Initialize by order of a simulator, which asks for the steps of it, or for a crash before one."""
        from streamparse.storm import crashing

        steps = crashing.Steps(self, crash_step)
        steps.run(lambda: self.initialize(storm_conf, context))

    def _run(self) -> None:
        """Take one turn of the loop."""
        raise NotImplementedError

    def _setup_component(self, storm_conf: Conf, context: Conf) -> None:
        """Store what the handshake brought, and set up logging."""
        import logging

        self.topology_name = storm_conf.get("topology.name", "")
        self.task_id = context.get("taskid")
        name = context.get("componentid")
        if name is None:  # Storm before 0.10
            name = context.get("task->component", {}).get(str(self.task_id), "")
        self.component_name = name
        self.debug = storm_conf.get("topology.debug", False)
        self.storm_conf = storm_conf
        self.context = context
        self._is_of_class = storm_conf.get(CLASS_TOPOLOGY) is True
        self.logger = logging.getLogger(f"{__name__}.{name}")
        if self._uses_stdio:  # else this process is not the component's own
            from streamparse.storm import logs

            logs.set_up(self)
        if RECORD in storm_conf or RECORD_COMPONENTS in storm_conf:
            from streamparse.recordings import begin_recording

            self._recorder = begin_recording(self, storm_conf, context)

    def _handle_run_exception(self, exc: Exception) -> None:
        """Report to Storm an exception that is about to end this component."""
        self._log_exception()
        self.raise_exception(exc)

    def _log_exception(self) -> None:
        if not self._uses_stdio:
            return  # the caller of run() has the exception itself
        # `reported`: the `error` message that follows carries the same traceback.
        error = sys.exc_info()[1]
        if isinstance(error, StartError):  # which frames say nothing of
            self._log().error("%s", error, extra={"reported": True})
            return
        self._log().error(
            "Exception in %s.run()", type(self).__name__, exc_info=True, extra={"reported": True}
        )

    @staticmethod
    def _log() -> logging.Logger:
        import logging

        return logging.getLogger(__name__)


def deprecated_emit_many() -> None:
    """Warn the caller of ``emit_many``, which calls this."""
    import warnings

    warnings.warn("emit_many is deprecated: call emit for each tuple", DeprecationWarning, 3)


def _listed(tup: Tuple | Sequence[Tuple] | None) -> list[Tuple]:
    return [tup] if isinstance(tup, Tuple) else list(tup or ())


def _shown(tup: Tuple | Sequence[Tuple]) -> str:
    """Return the tuples as they stand in an error message, at a length that a UI can show."""
    if isinstance(tup, Tuple):
        return f"Tuple {cut(repr(tup))}"
    tuples = _listed(tup)
    more = f" and {len(tuples) - 3} more" if len(tuples) > 3 else ""
    return "Tuples " + ", ".join(cut(repr(each)) for each in tuples[:3]) + more
