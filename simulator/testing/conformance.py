"""Probes whether a bolt keeps the protocol: a fixed list, each probe put to a fresh process of the bolt.

What a bolt does with its tuples is its own business: it may refuse one, if it says so with an ``error``. It may not
die without a message, fall silent, or say what Storm does not understand.

A busy machine is not held against a bolt: limits count the time for which it sleeps and the processor time that it
uses (``simulator.transports.accounting``).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simulator.testing.errors import ComponentError, HarnessError
from simulator.testing.harness import BoltHarness
from simulator.testing.records import Result
from simulator.transports import Ending, Observer, Processes, Stopwatch
from streamparse import multilang
from streamparse.multilang import Reader

# How long a bolt may outlive its input. Storm gives it no more: it kills the process when its worker ends.
END_ASLEEP_SECONDS = 1.0
END_BUSY_SECONDS = 5.0  # of processor time: it may have something to finish
# After which a bolt that outlives its input is not judged: it has waited for a processor, or nobody can tell.
END_WAITING_SECONDS = 60.0
END_UNMEASURED_SECONDS = 10.0
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


class NotJudgedWarning(UserWarning):
    """A probe of ``conformance()`` has neither found a rule broken nor kept."""


class Conversation:
    """An observer that keeps what one bolt has said, and counts the heartbeats that it was sent."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.heartbeats = 0
        self._reader = Reader()

    def written(self, task: int, data: bytes) -> None:
        self.heartbeats += data.count(HEARTBEAT)

    def read(self, task: int, data: bytes) -> None:
        self.messages += self._reader.feed(data)


class Subject(NamedTuple):
    """The bolt in a fresh process, a row that it may be given, where that comes from, and what the bolt says."""

    bolt: BoltHarness
    processes: Processes
    conversation: Conversation
    row: list[Any]
    component: str
    stream: str

    def process(self, value: object) -> Result:
        """Give it the row with this value first."""
        row = [value, *self.row[1:]]
        return self.bolt.process(row, component=self.component, stream=self.stream, check=False)

    def process_row(self) -> Result:
        """Give it the row."""
        return self.process(self.row[0])

    def end_input(self) -> Ending:
        """Close its stdin, and wait for its end; what it still says is in the conversation."""
        return self.processes.end_input(self.bolt.task, is_over)


def is_over(waited: Stopwatch) -> bool:
    """True when a bolt has been given enough time to end after its input."""
    if not waited.is_measured:
        return waited.real_seconds >= END_UNMEASURED_SECONDS
    return (
        waited.asleep_seconds >= END_ASLEEP_SECONDS
        or waited.busy_seconds >= END_BUSY_SECONDS
        or waited.real_seconds >= END_WAITING_SECONDS
    )


Findings = Iterator[str]
Probe = Callable[[Subject], Findings]


def violations(
    make: Callable[[Observer], tuple[BoltHarness, Processes]],
    sample: Sequence[Any],
    *,
    component: str,
    stream: str,
) -> list[str]:
    """Put every probe to a bolt.

    Args:
        make: starts the bolt anew, with this observer of its conversation.
        sample: a row that the bolt can use.
        component: where the row comes from.
        stream: of that component.

    Returns:
        A line for each rule that the bolt breaks: the probe, what was found, the rule.

    Raises:
        HarnessError: the sample is empty.
    """
    if not sample:
        raise HarnessError(
            "conformance() gives the bolt tuples, and its input has no fields: expected at least one"
        )
    found = []
    for name, (rule, probe) in PROBES.items():
        conversation = Conversation()
        bolt, processes = make(conversation)
        with bolt:
            subject = Subject(bolt, processes, conversation, list(sample), component, stream)
            found += [f"{name}: {finding}; {rule}" for finding in _findings(probe, subject)]
            processes.kill([bolt.task])  # all is known; else close would wait for it
        if name == "handshake" and found:
            break  # the other probes would find the same
    return list(dict.fromkeys(found))


def _findings(probe: Probe, subject: Subject) -> Findings:
    try:
        subject.bolt.open()
    except ComponentError as error:
        yield _in_a_line(error)
        return
    yield from probe(subject)


def _in_a_line(error: ComponentError) -> str:
    failure = error.failure
    return failure.finding + (f" (Storm: {failure.storm})" if failure.storm else "")


def _broken(result: Result) -> Findings:
    """The mistake that a tuple has led to, if it is one and no refusal."""
    failure = result.error and result.error.failure
    if failure and result.error and (failure.storm or not failure.error):
        yield _in_a_line(result.error)


# -- the probes -------------------------------------------------------------------------------------------------


def _handshake(subject: Subject) -> Findings:
    first = subject.conversation.messages[0]
    pid = json.loads(first).get("pid")
    if pid is None:
        yield f"it answered {multilang.excerpt(first)}, without a pid"
        return
    if not (Path(subject.processes.pid_dir) / str(pid)).is_file():
        yield f"it said pid {pid}, and left no file of that name in pidDir"


def _barrier(subject: Subject) -> Findings:
    for _ in range(3):
        result = subject.process_row()
        if result.error:
            yield from _broken(result)
            return
    subject.end_input()
    heartbeats = subject.conversation.heartbeats
    said = [json.loads(message).get("command") for message in subject.conversation.messages]
    # Our own libraries send a sync behind an error.
    if said.count("sync") > heartbeats + said.count("error"):
        yield f"{said.count('sync')} syncs for {heartbeats} heartbeats"


def _log_levels(subject: Subject) -> Findings:
    subject.process_row()
    for text in subject.conversation.messages[1:]:
        try:
            message = json.loads(text)
        except ValueError:
            continue  # other probes find it
        if not isinstance(message, dict) or message.get("command") != "log":
            continue
        level = message.get("level", 2)
        if type(level) is not int or level not in range(5):
            yield f"it logs with level {json.dumps(level)}"


def _one_row(value: object) -> Probe:
    def probe(subject: Subject) -> Findings:
        result = subject.process(value)
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
        result = subject.process(value)
        yield from (f"{finding}, given {json.dumps(value)}" for finding in _broken(result))
        if subject.bolt.simulation.is_final:
            return


def _end(subject: Subject) -> Findings:
    yield from judge_end(subject.end_input())


def judge_end(ending: Ending) -> Findings:
    """The finding about a bolt that outlives its input; a warning where the machine may be the reason."""
    waited = ending.waited
    if ending.status is not None:
        return
    if waited.is_measured and waited.asleep_seconds >= END_ASLEEP_SECONDS:
        yield f"it still runs {END_ASLEEP_SECONDS:g} s after its stdin was closed"
    elif waited.busy_seconds >= END_BUSY_SECONDS:
        yield f"it still runs after {END_BUSY_SECONDS:g} s of processor time since its stdin was closed"
    else:
        warnings.warn(
            f"conformance: end of input: not judged: the bolt still runs {waited.real_seconds:.0f} s after its stdin "
            f"was closed, and {_EXCUSES[waited.is_measured]}",
            NotJudgedWarning,
            stacklevel=2,
        )


_EXCUSES = {
    True: "has waited for a processor",
    False: "this system has no /proc, which would tell whether it has waited for a processor",
}

PROBES: Mapping[str, tuple[str, Probe]] = {
    "handshake": ("Storm ends a component by the file named after its pid", _handshake),
    "barrier": ("each heartbeat is answered by one sync, after all that came before it", _barrier),
    "log levels": ("0 to 4 are trace to error, and Storm takes any other for info", _log_levels),
    "large tuple": ("a tuple may be megabytes long", _one_row(LARGE)),
    "unicode": ("messages are UTF-8 in both directions", _one_row(TEXT)),
    "line ends": ("a message ends at a line that is `end`, not inside a value", _one_row(LINES)),
    "types": (
        "a value may be any JSON value; a bolt that cannot use one sends `error`",
        _every_type,
    ),
    "end of input": ("a component ends when its stdin does; else it outlives its topology", _end),
}
