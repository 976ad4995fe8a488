"""The logging of a component: records and prints go to a file or to Storm, never into the protocol."""

from __future__ import annotations

import io
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamparse.multilang import HOST, LOG_LEVELS, MESSAGE_END, SPEAKER, STDOUT_LOGGER
from streamparse.storm.codec import encode, text_stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamparse.storm.component import Component

LEVELS = {
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}
FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"
MAX_BYTES = 1_000_000
BACKUP_COUNT = 10

#: The component of this process, for records of threads; None where a process holds several or none.
_process_component: Component | None = None


class StormHandler(logging.Handler):
    """A logging handler that sends records to Storm's log.

    Args:
        stream: the stream to write the messages to. Default: the one that the running component writes to.
    """

    _names_logger = False  # put the name of its logger into a message: a simulator reads it, and Storm ignores it

    def __init__(self, stream: Any = None) -> None:
        super().__init__()
        self._sender = None if stream is None else _Sender(stream)

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record, formatted, at the Storm level that is nearest to its own."""
        sender: Any = self._sender or SPEAKER.get() or _process_component
        if sender is None:
            return  # no component runs here
        try:
            level = LOG_LEVELS.get(record.levelname.lower(), LOG_LEVELS["info"])
            message = {"command": "log", "msg": self.format(record), "level": level}
            if self._names_logger:
                message["logger"] = record.name
            sender.send_message(message)
        except Exception:  # the rule of logging: a record that cannot be sent harms nobody
            self.handleError(record)


class _Sender:
    """Sends messages to a stream, as ``Component.send_message`` does."""

    def __init__(self, stream: Any) -> None:
        self._stream = text_stream(stream)

    def send_message(self, message: Mapping[str, Any]) -> None:
        try:
            self._stream.write(encode(message) + MESSAGE_END)
            self._stream.flush()
        except BrokenPipeError:
            sys.exit(1)


class LogStream(io.TextIOBase):
    """A stream in place of ``sys.stdout``: each printed line that is not blank becomes a record at info level.

    Args:
        logger: the logger of the records.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self.logger = logger
        self._line = ""
        self._recording = threading.local()  # has `on` in a thread that is at a record

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has a plain attribute
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, message: str) -> int:
        if self._is_recording:
            return len(
                message
            )  # by a handler that prints records: here they would become records again
        *lines, self._line = (self._line + message).split("\n")
        for line in lines:
            self._record(line)
        return len(message)

    def flush(self) -> None:
        if self._is_recording:
            return
        line, self._line = self._line, ""
        self._record(line)

    @property
    def _is_recording(self) -> bool:
        return getattr(self._recording, "on", False)

    def _record(self, line: str) -> None:
        if not line.strip():
            return
        self._recording.on = True
        try:
            self.logger.info("%s", line)
        finally:
            self._recording.on = False


def set_up(component: Component) -> None:
    """Set up the logging of this process as the component's configuration asks, and turn prints into records.

    The settings (documents, "Logging"): ``streamparse.log.path`` (a directory), ``.max_bytes``, ``.backup_count``,
    ``.level``; ``topology.debug`` overrides the level.

    Args:
        component: the component of this process, after its handshake.

    Raises:
        OSError: the directory does not exist or cannot be written to.
    """
    global _process_component
    _process_component = component
    conf = component.storm_conf or {}
    root = logging.getLogger()
    level = logging.DEBUG if component.debug else _level(conf.get("streamparse.log.level"))
    if path := conf.get("streamparse.log.path"):
        root.addHandler(_file_handler(component, path))
        root.setLevel(level)
    elif not HOST.get().virtual_clock:
        component.log(
            'streamparse.log.path is not set (config.json, "log"): what this component prints is lost, and so is '
            "what it logs below warning",
            "warn",
        )
    if HOST.get().virtual_clock:
        # A simulation shows what a component logs, beside the file.
        handler = StormHandler()
        handler._names_logger = HOST.get().tells_more
        handler.addFilter(lambda record: not getattr(record, "reported", False))
        root.addHandler(handler)
        root.setLevel(level)
    sys.stdout = LogStream(logging.getLogger(STDOUT_LOGGER))


def _level(name: object) -> int:
    return LEVELS.get(str(name).lower(), logging.INFO)


def _file_handler(component: Component, path: str) -> logging.Handler:
    conf = component.storm_conf or {}
    name = (
        f"streamparse_{component.topology_name}_{component.component_name}"
        f"_{component.task_id}_{component.pid}.log"
    )
    handler = RotatingFileHandler(
        Path(path) / name.replace("/", "_"),  # Storm takes any id
        maxBytes=conf.get("streamparse.log.max_bytes", MAX_BYTES),
        backupCount=conf.get("streamparse.log.backup_count", BACKUP_COUNT),
        encoding="utf-8",
        errors="backslashreplace",  # a lone surrogate is no UTF-8
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    return handler
