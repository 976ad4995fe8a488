"""The logging of a component: records and prints go to a file or to Storm, never into the protocol."""

from __future__ import annotations

import io
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamparse.multilang import (
    CLASS_TOPOLOGY,
    HOST,
    LOG_LEVELS,
    MESSAGE_END,
    SPEAKER,
    STDOUT_LOGGER,
    name_in_file,
)
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

    _is_beside = False  # what a simulation shows, and a Storm would not get: no recording has it
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
            sender.send_message(Beside(message) if self._is_beside else message)
        except Exception:  # the rule of logging: a record that cannot be sent harms nobody
            self.handleError(record)


class Beside(dict[str, object]):
    """A message that only a simulator gets."""


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
    ``.level``, ``.levels``: see ``level_of``. Those of streamparse 3 to 5, ``pystorm.log.path`` and so on, are taken
    where these are not set.

    Args:
        component: the component of this process, after its handshake.

    Raises:
        OSError: the directory does not exist or cannot be written to.
    """
    global _process_component
    _process_component = component
    conf = component.storm_conf or {}
    root = logging.getLogger()
    level = level_of(component.component_name, conf, is_debug=bool(component.debug))
    if path := _setting(conf, "path"):
        root.addHandler(_file_handler(component, path))
        root.setLevel(level)
    elif conf.get(CLASS_TOPOLOGY) is True and not HOST.get().virtual_clock:
        root.addHandler(StormHandler())  # as in streamparse 3 to 5
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
        handler._is_beside = True
        handler._names_logger = HOST.get().tells_more
        handler.addFilter(lambda record: not getattr(record, "reported", False))
        root.addHandler(handler)
        root.setLevel(level)
    sys.stdout = LogStream(logging.getLogger(STDOUT_LOGGER))


def _setting(conf: Mapping[str, Any], name: str, default: Any = None) -> Any:
    """Return a setting of the logs: ``streamparse.log.NAME``, or ``pystorm.log.NAME`` as in streamparse 3 to 5."""
    return conf.get(f"streamparse.log.{name}", conf.get(f"pystorm.log.{name}", default))


class _LogFile(RotatingFileHandler):
    """The log file of a component; when it cannot be written, Storm's log says so once.

    Args:
        component: whose file it is.
        path, settings: as of ``RotatingFileHandler``.
    """

    def __init__(self, component: Component, path: Path, **settings: Any) -> None:
        super().__init__(path, **settings)
        self._component = component
        self._has_warned = False

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._has_warned:
            self._has_warned = True
            self._component.log(f"{self.baseFilename}: cannot be written: {error.strerror}", "warn")


def level_of(component: str | None, conf: Mapping[str, Any], *, is_debug: bool) -> int:
    """Return the least level that a component logs, as a number of ``logging``.

    Its own in ``streamparse.log.levels``, a map of component ids to levels; else debug, if the topology is debugged;
    else that of all, ``streamparse.log.level``; else info.
    """
    own = conf.get("streamparse.log.levels")
    name = own.get(component) if isinstance(own, dict) else None
    if name is None and is_debug:
        return logging.DEBUG
    name = _setting(conf, "level") if name is None else name
    return LEVELS.get(str(name).lower(), logging.INFO)


def is_logged(record: logging.LogRecord) -> bool:
    """Return whether the component that runs in this process now logs a record: a filter where there are several."""
    component: Any = SPEAKER.get() or _process_component
    if component is None:
        return True
    conf = component.storm_conf or {}
    return record.levelno >= level_of(
        component.component_name, conf, is_debug=bool(component.debug)
    )


def _file_handler(component: Component, path: str) -> logging.Handler:
    conf = component.storm_conf or {}
    name = (
        f"streamparse_{name_in_file(str(component.topology_name))}"
        f"_{name_in_file(str(component.component_name))}_{component.task_id}_{component.pid}.log"
    )
    handler = _LogFile(
        component,
        Path(path) / name,
        maxBytes=_setting(conf, "max_bytes", MAX_BYTES),
        backupCount=_setting(conf, "backup_count", BACKUP_COUNT),
        encoding="utf-8",
        errors="backslashreplace",  # a lone surrogate is no UTF-8
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    return handler
