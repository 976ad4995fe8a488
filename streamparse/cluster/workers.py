"""The same work on all workers of a cluster at the same time.

All workers are waited for, whatever happens on one of them. An interrupt ends the commands that have been started
there, and jobs remove what they have half made.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from streamparse.cluster.causes import find_cause
from streamparse.cluster.ssh import Address, Finished, Machine
from streamparse.project import (
    CONFIG,
    Environment,
    OperationError,
    ProjectError,
    visible,
    wait_secs,
)

__all__ = [
    "Report",
    "absolute_path",
    "check_status",
    "failures",
    "on_all_workers",
    "raise_failures",
    "run_checked",
    "worker_names",
]

#: Called with one line of progress at a time, always on the thread that started the work.
Report = Callable[[str], None]
Progress = TypeVar("Progress")
Outcome = TypeVar("Outcome")

GRACE_SECS = 10  # for workers to remove what is half made, after Ctrl-C
SHOWN_LINES = 60  # of the output of a command that failed: the last ones, which have the cause


def on_all_workers(
    environment: Environment,
    job: Callable[[Machine, Callable[[Progress], None]], Outcome],
    report: Callable[[Progress], None],
) -> dict[str, Outcome | OperationError]:
    """Do a job on every worker of an environment, each in a thread of its own.

    Args:
        job: is given the machine, and a function to call with its progress.
        report: called with the progress of all, on this thread.

    Returns:
        The outcome of the job on each worker, or its error, in the order of ``config.json``.

    Raises:
        ProjectError: the environment has no workers, or one with an address that is none.
        KeyboardInterrupt: the commands on the workers have been ended.
    """
    return _Everywhere(environment, job).run(report)


class _Everywhere(Generic[Progress, Outcome]):
    """One job on every worker."""

    def __init__(
        self,
        environment: Environment,
        job: Callable[[Machine, Callable[[Progress], None]], Outcome],
    ) -> None:
        self._machines = [Machine(name, environment.user) for name in worker_names(environment)]
        self._job = job
        self._progress: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()  # None: one ended
        self._outcomes: dict[str, Outcome | BaseException] = {}

    def run(self, report: Callable[[Progress], None]) -> dict[str, Outcome | OperationError]:
        threads = [
            threading.Thread(target=self._work, args=(machine,), daemon=True)
            for machine in self._machines
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in threads:
                while (progress := self._progress.get()) is not None:
                    report(progress)
        except BaseException:  # Ctrl-C, or a reader of our output that has gone
            self._stop(threads)
            raise
        return {machine.name: self._outcome(machine.name) for machine in self._machines}

    def _stop(self, threads: list[threading.Thread]) -> None:
        for machine in self._machines:
            machine.stop()
        deadline = time.monotonic() + wait_secs(GRACE_SECS)
        for machine, thread in zip(self._machines, threads, strict=True):
            if machine.has_begun:
                thread.join(max(0, deadline - time.monotonic()))

    def _work(self, machine: Machine) -> None:
        try:
            with machine:
                self._outcomes[machine.name] = self._job(machine, self._progress.put)
        except BaseException as error:
            self._outcomes[machine.name] = error
        finally:
            self._progress.put(None)

    def _outcome(self, name: str) -> Outcome | OperationError:
        outcome = self._outcomes[name]
        if isinstance(outcome, BaseException) and not isinstance(outcome, OperationError):
            raise outcome
        return outcome


# -- the environment ---------------------------------------------------------------------------------------------


def worker_names(environment: Environment) -> list[str]:
    """Return the workers of an environment, each once.

    Raises:
        ProjectError: there is none, or one with an address that is none.
    """
    environment.require("workers")
    problems = [
        f"{CONFIG}: envs.{environment.name}.workers has {name!r}; "
        "expected host, host:port or user@host"
        for name in environment.workers
        if Address.parse(name) is None
    ]
    if problems:
        raise ProjectError(problems)
    return [*dict.fromkeys(environment.workers)]


def absolute_path(environment: Environment, key: str, path: str) -> str:
    """Return a directory on the workers, without slashes at its end.

    Args:
        key: of the environment, which has the path.

    Raises:
        ProjectError: the path is not absolute.
    """
    if not path.startswith("/"):
        finding = f"{CONFIG}: envs.{environment.name}.{key} is {path!r}"
        raise ProjectError([f"{finding}; expected an absolute path, the same on every worker"])
    return str(PurePosixPath(path))


# -- commands and their outcomes ---------------------------------------------------------------------------------


def run_checked(machine: Machine, step: str, command: str) -> str:
    """Run a command and return its output.

    Args:
        step: the name of the work, for the error.

    Raises:
        OperationError: it failed, with the line of its output that tells most.
    """
    ended = machine.run(command)
    check_status(machine, step, ended)
    return ended.output


def check_status(machine: Machine, step: str, ended: Finished) -> None:
    """Raise OperationError for a command that has ended with another status than 0; see ``run_checked``."""
    if ended.status != 0:
        lines = [visible(line) for line in ended.output.splitlines()]
        cause = find_cause("\n".join(lines), ended.status)
        shown = "\n".join(lines[-SHOWN_LINES:])
        raise OperationError(f"{machine.name}: {step}: {cause}", shown)


def failures(outcomes: Mapping[str, object]) -> dict[str, OperationError]:
    """Return the errors among the outcomes on several workers."""
    return {name: each for name, each in outcomes.items() if isinstance(each, OperationError)}


def raise_failures(outcomes: Mapping[str, object]) -> None:
    """Raise an OperationError with the lines of all failures and the output of the first, if there are any."""
    found = [*failures(outcomes).values()]
    if found:
        raise OperationError("; ".join(map(str, found)), found[0].output)
