"""Conformance of a bolt to the protocol: a fixed list of probes, each of a fresh process.

What a bolt does with its tuples is up to it: it may refuse one, if it sends an ``error``. It may not die without a
message, fall silent, or send what Storm does not understand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simulator.testing.errors import ComponentError, HarnessError
from simulator.testing.harness import BoltHarness
from simulator.testing.records import Result
from simulator.transports import Channel, Processes
from streamparse import multilang
from streamparse.multilang import Reader

END_SECONDS = 1.0  # Storm gives a component no more: it kills the process when its worker ends
HEARTBEAT = f'"{multilang.HEARTBEAT_STREAM}"'.encode()
LARGE = "x" * (1 << 20)
TEXT = 'na\u00efve \u65e5\u672c\u8a9e \U0001f418 \u2028 \x7f \\ " /'
GARBLED = ("\ufffd", "\u00ef".encode().decode("latin-1"))  # decoded wrongly, or not at all
LINES = 'one\nend\r\ntwo\r{"command":"sync"}\nend\n'
VALUES: Sequence[object] = (
    True,
    False,
    None,
    0,
    -1,
    1 << 40,
    0.5,
    1e300,
    "",
    [],
    {},
    [1, [2.5, None]],
    {"a": {"b": [True]}},
)


class Listening(Processes):
    """Processes of which every message is kept.

    Attributes:
        heard: the messages from components.
        heartbeats: how many were written to them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.heard: list[bytes] = []
        self.heartbeats = 0
        self._kept = 0  # of the frames that wait

    def _write(self, channel: Channel, data: bytes) -> None:
        self.heartbeats += data.count(HEARTBEAT)
        super()._write(channel, data)

    def _converse(
        self, channel: Channel, active: dict[Channel, None], block: bytes | None = None
    ) -> None:
        if block:
            self.heard += Reader().feed(block)
        self.heard += list(channel.frames)[self._kept :]
        super()._converse(channel, active, block)
        self._kept = len(channel.frames)

    def outlives_its_input(self, task: int) -> bool:
        """Close the stdin of a component, and return whether it still runs ``END_SECONDS`` later."""
        status, frames = self.finish(task, END_SECONDS)
        self.heard += frames
        return status is None


class Subject(NamedTuple):
    """A fresh process of the bolt under a probe.

    Attributes:
        bolt: its harness.
        transport: has all that it sends.
        row: a tuple that it can use.
        component, stream: where its tuples come from.
    """

    bolt: BoltHarness
    transport: Listening
    row: list[Any]
    component: str
    stream: str

    def given(self, value: object) -> Result:
        """Give it the row with this first value, and return what it did."""
        row = [value, *self.row[1:]]
        return self.bolt.process(row, component=self.component, stream=self.stream, check=False)

    def given_the_row(self) -> Result:
        """Give it the row, and return what it did."""
        return self.given(self.row[0])


Findings = Iterator[str]
Probe = Callable[[Subject], Findings]


def violations(
    make: Callable[[], tuple[BoltHarness, Listening]],
    sample: Sequence[Any],
    *,
    component: str,
    stream: str,
) -> list[str]:
    """Run every probe, and return a line for each rule that the bolt breaks.

    Args:
        make: returns a fresh process of the bolt in a harness, and its transport.
        sample: a tuple that it can use.
        component, stream: where its tuples come from.

    Raises:
        HarnessError: the sample is empty.
    """
    if not sample:
        raise HarnessError("conformance(): expected an input with at least one field")
    found = []
    for name, (rule, probe) in PROBES.items():
        bolt, transport = make()
        with bolt:
            subject = Subject(bolt, transport, list(sample), component, stream)
            found += [f"{name}: {finding}; {rule}" for finding in _run(probe, subject)]
            transport.kill([bolt.task])  # else closing would wait for it
        if name == "handshake" and found:
            break  # the others would find the same
    return list(dict.fromkeys(found))


def _run(probe: Probe, subject: Subject) -> Findings:
    try:
        subject.bolt.open()
    except ComponentError as error:
        yield _line(error)
        return
    yield from probe(subject)


def _line(error: ComponentError) -> str:
    failure = error.failure
    return failure.finding + (f" (Storm: {failure.storm})" if failure.storm else "")


def _broken(result: Result) -> Findings:
    """A death that is not a refusal of the tuple."""
    failure = result.error and result.error.failure
    if failure and result.error and (failure.storm or not failure.error):
        yield _line(result.error)


# -- the probes -------------------------------------------------------------------------------------------------


def _handshake(subject: Subject) -> Findings:
    answer = json.loads(subject.transport.heard[0])
    pid = answer.get("pid")
    if pid is None:
        yield f"it answered {multilang.excerpt(subject.transport.heard[0])}, without a pid"
        return
    if not (Path(subject.transport.pid_dir) / str(pid)).is_file():
        yield f"it sent pid {pid}, and left no file of that name in pidDir"


def _barrier(subject: Subject) -> Findings:
    for _ in range(3):
        result = subject.given_the_row()
        if result.error:
            yield from _broken(result)
            return
    subject.transport.outlives_its_input(subject.bolt.task)  # so that its last messages are there
    said = [json.loads(frame).get("command") for frame in subject.transport.heard]
    # streamparse itself sends a sync behind an error.
    asked = subject.transport.heartbeats + said.count("error")
    if said.count("sync") > asked:
        yield f"{said.count('sync')} syncs for {subject.transport.heartbeats} heartbeats"


def _log_levels(subject: Subject) -> Findings:
    subject.given_the_row()
    for frame in subject.transport.heard[1:]:
        try:
            message = json.loads(frame)
        except ValueError:
            continue  # other probes find it
        if not isinstance(message, dict) or message.get("command") != "log":
            continue
        level = message.get("level", 2)
        if type(level) is not int or level not in range(5):
            yield f"it logs with level {json.dumps(level)}"


def _one_row(value: object) -> Probe:
    def probe(subject: Subject) -> Findings:
        result = subject.given(value)
        yield from _broken(result)
        words = [
            word
            for record in result.emitted
            for said in record
            for word in str(said).split()
            if any(mark in word for mark in GARBLED)
        ]
        if words:
            yield f"it emitted {words[0]!r}, given {str(value).split()[0]!r}"

    return probe


def _every_type(subject: Subject) -> Findings:
    for value in VALUES:
        result = subject.given(value)
        yield from (f"{finding}, given {json.dumps(value)}" for finding in _broken(result))
        if subject.bolt.simulation.is_final:
            return


def _end(subject: Subject) -> Findings:
    if subject.transport.outlives_its_input(subject.bolt.task):
        yield f"it runs on {END_SECONDS:g} s after its stdin was closed"


PROBES: Mapping[str, tuple[str, Probe]] = {
    "handshake": ("Storm ends a component by the file named after its pid", _handshake),
    "barrier": ("every heartbeat is answered by one sync, behind what came before it", _barrier),
    "log levels": ("0 to 4 are trace to error, anything else is taken for info", _log_levels),
    "large tuple": ("a tuple may have megabytes", _one_row(LARGE)),
    "unicode": ("messages are UTF-8 in both directions", _one_row(TEXT)),
    "line ends": ("a message ends at a line that is `end`, not inside a value", _one_row(LINES)),
    "types": ("a value is any JSON value; a bolt that cannot use one sends `error`", _every_type),
    "end of input": ("a component ends when its stdin does, else it outlives its topology", _end),
}
