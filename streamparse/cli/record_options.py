"""``--record`` and ``--redact`` of ``simulate``, ``run`` and ``submit``: which components are recorded, and how."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli.output import note
from streamparse.multilang import RECORD, RECORD_CLOCK, RECORD_COMPONENTS
from streamparse.project import (
    Project,
    UsageError,
    is_record_asked_for,
    record_problem,
    redact_problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.engine import RunOptions
    from simulator.model import Topology

__all__ = [
    "add_record_arguments",
    "check_record_setting",
    "check_records",
    "note_unrecorded",
    "record_conf",
    "recording_clock",
    "unrecorded",
]


def add_record_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of recordings."""
    add = parser.add_argument
    add(
        "--record", action="append", default=[], metavar="ID[:N]", dest="records",
        help="record what the component ID and Storm say to each other, until it has taken or emitted N tuples "
        "(default: 10000), into a file beside its log; can be repeated",
    )  # fmt: skip
    add(
        "--record-last", action="store_true",
        help="with --record: keep the last tuples, at least N, instead of the first N",
    )  # fmt: skip
    add(
        "--redact", action="extend", nargs="+", default=[], metavar="FIELD",
        help="with --record: take the values of these fields out before anything is written",
    )  # fmt: skip


def record_conf(args: argparse.Namespace, project: Project) -> dict[str, object]:
    """Return the settings that the flags make; nothing without them.

    Raises:
        UsageError: a number is none or too small, or a flag has no use without another.
    """
    if not args.records:
        for flag, given in (("--redact", args.redact), ("--record-last", args.record_last)):
            if given:
                raise UsageError(
                    f"{flag}: nothing is recorded; expected --record ID as well, such as --record count-bolt"
                )
        return {}
    code = _code_version(project.directory)
    found = {}
    for text in args.records:
        component, number = _split(text)
        found[component] = {
            **({} if number is None else {"tuples": number}),
            **({"keep": "last"} if args.record_last else {}),
            **({"redact": args.redact} if args.redact else {}),
            **({"code": code} if code else {}),
        }
    return {RECORD_COMPONENTS: found}


def _split(text: str) -> tuple[str, int | None]:
    """The id and the number of ``ID[:N]``."""
    from streamparse.recordings import SettingsError, split_record

    try:
        return split_record(text)
    except SettingsError as error:
        raise UsageError(f"--record {text}: {error}") from None


def check_record_setting(conf: Mapping[str, object]) -> None:
    """Refuse a setting ``streamparse.record`` that components cannot use.

    Raises:
        UsageError: it is one.
    """
    if RECORD in conf:
        from streamparse.recordings import SettingsError, record_settings

        try:
            record_settings({RECORD: conf[RECORD]}, "")
        except SettingsError as error:
            raise UsageError(str(error)) from None


def check_records(
    args: argparse.Namespace, topology: Topology, feeds: Collection[str] = ()
) -> None:
    """Refuse components that cannot be recorded, and fields that no stream of theirs has.

    Args:
        feeds: the spouts whose rows come from ``--stub`` or ``--workload``, once they are known.

    Raises:
        UsageError: there are such.
    """
    names = {text: _split(text)[0] for text in args.records}
    fields: dict[str, None] = {}
    for text, name in names.items():
        if problem := record_problem(topology, name, feeds):
            raise UsageError(f"--record {text}: {problem}")
        fields.update(dict.fromkeys(topology.fields_of(name)))
    for field in args.redact:
        if problem := redact_problem(field, names.values(), fields):
            raise UsageError(f"--redact {field}: {problem}")


def unrecorded(topology: Topology, options: RunOptions) -> RunOptions:
    """Return the options of runs of which there are many: nothing is recorded, whatever settings ask for."""
    if not is_record_asked_for(topology, options.conf):
        return options
    from streamparse.recordings import nothing_recorded

    return options.but(conf={**options.conf, **nothing_recorded(topology.components)})


def note_unrecorded(topology: Topology, conf: Mapping[str, object], command: str) -> None:
    """Say that a command records nothing, where settings ask for recordings."""
    if is_record_asked_for(topology, conf):
        note(f"{RECORD}: {command} runs the topology many times, and records nothing")


def _code_version(directory: Path) -> str:
    """Return what git describes the project's state as; "" where there is no git, or no repository."""
    argv = ["git", "-C", str(directory), "describe", "--always", "--dirty", "--tags"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


@contextlib.contextmanager
def recording_clock(
    topology: Topology, conf: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], Callable[[int], object] | None]]:
    """Give the settings with the clock of the recordings, and the function that sets it, to virtual milliseconds.

    Without a recording the settings are as they are, and the function is None.
    """
    if not is_record_asked_for(topology, conf):
        yield conf, None
        return
    from streamparse.virtual_time import SharedClock

    clock = SharedClock()
    try:
        yield {**conf, RECORD_CLOCK: clock.path}, clock.publish
    finally:
        clock.close()
