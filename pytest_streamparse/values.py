"""The values of options and markers, checked. An error is one line: where it is, what was found, what was expected."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

MOST_SECONDS = 1_000_000  # that a component may be silent; simulator.transports has the same limit
RECORDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst")  # the ends of their names
ALLOWED = ("order", "tasks", "logs")  # to differ from a recording
MODES = ("inprocess", "process", "both")


def check_mode(where: str, value: object) -> str | None:
    """Return a mode of components, or None for None.

    Raises:
        UsageError: there is no such mode; ``where`` names the option.
    """
    if value is None or value in MODES:
        return value
    raise pytest.UsageError(f"{where}={value}: expected inprocess, process or both")


def check_seed(where: str, value: object) -> int:
    """Return a seed.

    Raises:
        UsageError: it is no integer.
    """
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise pytest.UsageError(f"{where}={value}: expected an integer")


def check_version(where: str, value: object) -> str | None:
    """Return a Storm version as Storm writes it, or None for None.

    Raises:
        UsageError: it cannot be simulated.
    """
    if value is None:
        return None
    from simulator.model import profile

    try:
        return profile(str(value)).version
    except ValueError as error:
        raise pytest.UsageError(f"{where}: {error}") from None


def check_truth(where: str, value: object) -> bool:
    """Return True or False.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(value, bool):
        return value
    raise pytest.UsageError(f"{where}={value}: expected True or False")


def check_ini_truth(where: str, value: str) -> bool:
    """Return a truth value of an ini file.

    Raises:
        UsageError: it is none.
    """
    words = {
        "true": True,
        "1": True,
        "yes": True,
        "on": True,
        "false": False,
        "0": False,
        "no": False,
        "off": False,
    }
    if value.strip().lower() in words:
        return words[value.strip().lower()]
    raise pytest.UsageError(f"{where}={value}: expected true or false")


def check_directory(where: str, value: object) -> str:
    """Return the path of a directory.

    Raises:
        UsageError: it is no path.
    """
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    raise pytest.UsageError(f"{where}={value}: expected the path of a directory")


def check_seconds(where: str, value: str) -> float:
    """Return a number of seconds.

    Raises:
        UsageError: it is no number, negative or more than ``MOST_SECONDS``.
    """
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds <= MOST_SECONDS:
        return seconds
    raise pytest.UsageError(
        f"{where}={value}: expected a number of seconds, at most {MOST_SECONDS}, 0 for no limit"
    )


def check_mutations(where: str, value: str | None, config: pytest.Config) -> tuple[str, ...] | None:
    """Return kinds of mutations, or None for None.

    Raises:
        UsageError: there is no such kind, or the tests do not run in this process.
    """
    if value is None:
        return None
    from streamparse.testing import HarnessError, check_mutation_kinds

    if config.getoption("numprocesses", None):
        raise pytest.UsageError(f"{where} runs tests again in this process; expected no -n")
    try:
        return check_mutation_kinds(value)
    except HarnessError as error:
        raise pytest.UsageError(f"{where}={value}: {error}") from None


def check_records(
    values: Sequence[str], needless: Mapping[str, bool], config: pytest.Config
) -> dict[str, int | None] | None:
    """Return the components to record, and of how many tuples each; None for none.

    Args:
        values: of --storm-record.
        needless: options that have no use without it, and whether they are given.

    Raises:
        UsageError: a value is none, or an option has no use.
    """
    if not values:
        for name, is_given in needless.items():
            if is_given:
                raise pytest.UsageError(
                    f"{name}: nothing is recorded; expected --storm-record ID as well, such as "
                    "--storm-record count-bolt"
                )
        return None
    if config.getoption("--storm-mutate") is not None:
        raise pytest.UsageError("--storm-record and --storm-mutate: expected one of them")
    from streamparse.recordings import SettingsError, split_record

    found: dict[str, int | None] = {}
    for value in values:
        try:
            component, tuples = split_record(value)
        except SettingsError as error:
            raise pytest.UsageError(f"--storm-record {value}: {error}") from None
        found[component] = tuples
    return found


def check_redact(where: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return names of fields.

    Raises:
        UsageError: one is empty.
    """
    if not all(values):
        raise pytest.UsageError(f"{where}: expected the name of a field")
    return tuple(values)


def recordings_in(directory: Path) -> list[Path]:
    """Return the files in a directory and below it that have the name of a recording, in their order."""
    return sorted(
        path
        for path in directory.rglob("streamparse_*")
        if path.name.endswith(RECORDINGS) and path.is_file()
    )


def check_recordings(where: str, value: str | None, config: pytest.Config) -> str | None:
    """Return the path of a directory with recordings, or None for None.

    Raises:
        UsageError: there is no such directory, or no recording in it.
    """
    if value is None:
        return None
    path = config.invocation_params.dir / value
    if not path.is_dir():
        raise pytest.UsageError(f"{where}={value}: no directory; expected one with recordings")
    if not recordings_in(path):
        raise pytest.UsageError(
            f"{where}={value}: no recording in it; expected files such as "
            "streamparse_TOPOLOGY_COMPONENT_TASK_PID.0.jsonl.gz"
        )
    return str(path)


def check_allowed(where: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return what may differ from a recording.

    Raises:
        UsageError: one of them is none.
    """
    for value in values:
        if value not in ALLOWED:
            raise pytest.UsageError(f"{where}={value}: expected order, tasks or logs")
    return tuple(values)
