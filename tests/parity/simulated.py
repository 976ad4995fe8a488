"""The simulator's side of a scenario: the same files, written down by the same notes."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from simulator.clj.file import read_topology
from simulator.engine import Failure, Simulation, Start, Task, Transport
from simulator.model.placement import assign_workers, executors
from simulator.model.problems import TopologyError
from simulator.model.topology import Topology
from simulator.transports import InProcess, Processes
from streamparse.multilang import Reader
from tests.parity.conversations import Run, Talk, read_notes
from tests.parity.recorder import SYNC, Frames, Notes
from tests.parity.scenarios import PROJECT, Scenario
from tests.support.paths import ROOT

SOURCES = PROJECT / "src"


class InTurn:
    """Notes of a task that may be handed several commands in one write: each stands where Storm would say it, which is
    when the one before is synced."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._outstanding = 0
        self._waiting: deque[bytes] = deque()

    def handed(self, data: bytes) -> None:
        """This is written to it to begin with."""
        for frame in Frames().feed(data):
            if self._outstanding:
                self._waiting.append(frame)
            else:
                self._heard(frame)

    def answered(self, data: bytes) -> None:
        """This is written to it now, whatever it is at."""
        for frame in Frames().feed(data):
            self._heard(frame)

    def said(self, frame: bytes) -> None:
        self._notes.said(frame)
        if frame.replace(b" ", b"") == SYNC and self._outstanding:
            self._outstanding -= 1
            if self._waiting and not self._outstanding:
                self._heard(self._waiting.popleft())

    def _heard(self, frame: bytes) -> None:
        self._outstanding += frame.startswith(b'{"id":')
        self._notes.heard(frame)


class Noted:
    """A transport whose conversations are written down."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.now_ms: Callable[[], int] = lambda: 0
        self._notes: dict[int, InTurn] = {}
        self._files: list[tuple[int, io.BytesIO]] = []  # each life has one

    @property
    def pid_dir(self) -> str:
        return self._inner.pid_dir

    def start(self, starts: Sequence[Start]) -> None:
        for start in starts:
            self._notes[start.task] = InTurn(Notes(self._open, self.now_ms))
        self._inner.start(starts)

    def run(
        self,
        tasks: Sequence[Task],
        on_done: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        for task in tasks:
            self._listen(task)
        self._inner.run(tasks, on_done, meanwhile)

    def _listen(self, task: Task) -> None:
        notes = self._notes[task.id]
        receive = type(task).receive

        def noted(frame: bytes) -> bytes:
            notes.said(b" ".join(frame.splitlines()))
            reply = receive(task, frame)
            notes.answered(reply)
            return reply

        def not_before_json(message: Mapping[str, object]) -> None:
            return None

        def one_by_one(block: bytes) -> tuple[bytes, Sequence[bytes]]:
            return b"", Reader().feed(block)

        notes.handed(task.whole_opening())
        task.receive_all = one_by_one  # type: ignore[method-assign]
        # In place of the method, for this one task: what it is told passes here whichever way it comes.
        task.receive = noted  # type: ignore[method-assign]
        task.receive_unprinted = not_before_json  # type: ignore[method-assign]

    def listen(self, tasks: Sequence[Task], seconds: float) -> float:
        return self._inner.listen(tasks, seconds)

    def stack(self, task: int) -> str:
        return self._inner.stack(task)

    def kill(self, tasks: Sequence[int]) -> None:
        self._inner.kill(tasks)

    def close(self) -> None:
        self._inner.close()

    def _open(self, topology: str, task: int) -> BinaryIO:
        file = io.BytesIO()
        self._files.append((task, file))
        return file

    def talks(self, worker_of: Mapping[int, int]) -> list[Talk]:
        """The conversations by task and life; ``worker_of`` tells which worker a task is in."""
        found: list[Talk] = []
        for task, file in sorted(self._files, key=itemgetter(0)):
            life = found[-1].life + 1 if found and found[-1].task == task else 1
            notes = read_notes(file.getvalue().decode())
            found.append(replace(notes, life=life, worker=f"{worker_of[task]}, life {life}"))
        return found


class Logged:
    """Hears what components log."""

    LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def log(self, component: str, task: int, level: int, message: str) -> None:
        self.lines.append((self.LEVELS[level], component, message))

    def progress(self, now_ms: int) -> None:
        return None


def simulate(
    scenario: Scenario,
    storm: str,
    *,
    python: str | None = None,
    listens: bool = True,
    read: Callable[[Mapping[str, object]], Topology] | None = None,
) -> Run:
    """Run it in a simulation of that Storm; with a ``python`` all components are processes that it runs.

    Whoever does not listen has no conversations, and components in this process need not print what they say. ``read``
    returns the topology for a configuration, where it is not that of the scenario's file.
    """
    conf = {**scenario.whole_conf(), "topology.python.path": python or sys.executable}
    with tempfile.TemporaryDirectory(prefix="parity-") as once:
        conf = {**conf, "parity.once": once}
        return _simulate(scenario, storm, conf, python, listens=listens, read=read)


def _simulate(
    scenario: Scenario,
    storm: str,
    conf: Mapping[str, object],
    python: str | None,
    *,
    listens: bool,
    read: Callable[[Mapping[str, object]], Topology] | None,
) -> Run:
    try:
        if read is None:
            topology = read_topology(scenario.path, conf, storm_version=storm)
        else:
            topology = read(conf)
    except TopologyError as error:
        return Run(end=f"refused: {error.problems[0].finding}")
    topology = replace(topology, name=scenario.name)
    log = Logged()
    with ExitStack() as stack:
        stack.enter_context(importable())
        inner = _transport(stack, with_processes=scenario.processes or python is not None)
        transport = Noted(inner)
        simulation = Simulation(
            topology,
            transport=transport if listens else inner,
            conf=conf,
            storm=storm,
            strict=scenario.strict,
            on_crash="restart" if scenario.restarts else "stop",
            listener=log,
            turns=1,
        )
        transport.now_ms = lambda: simulation.now_ms
        if simulation.open():
            simulation.run(round(scenario.seconds * 1000), stop_when_idle=not scenario.ticks)
            for what, ms in scenario.acts:
                simulation.operations.activate() if what == "activate" else simulation.operations.deactivate()
                simulation.run(simulation.now_ms + ms, stop_when_idle=False)
            simulation.settle()
        end = f"died: {_words(simulation.failures[0])}" if simulation.is_final else "over"
        dealt = executors(topology, simulation.wiring.task_ids)
        talks = transport.talks(assign_workers(dealt, conf))
        return Run(talks, end, log.lines, simulation.trace.sha256)


def _words(failure: Failure) -> str:
    """Storm's words for a death, as the failure quotes them."""
    return failure.storm.removeprefix("the worker dies: ") or failure.finding


def _transport(stack: ExitStack, *, with_processes: bool) -> Transport:
    if not with_processes:
        return InProcess(cwd=str(SOURCES))
    python = Path(sys.executable)  # for commands that say just "python"
    env = {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    return stack.enter_context(Processes(cwd=str(SOURCES), env=env, hang_seconds=10))


@contextmanager
def importable() -> Iterator[None]:
    """The project's sources on the path, where InProcess looks for classes."""
    sys.path.insert(0, str(SOURCES))
    try:
        yield
    finally:
        sys.path.remove(str(SOURCES))
