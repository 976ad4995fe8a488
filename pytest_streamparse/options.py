"""Options of the command line and of ini files, and the header line that shows them."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

import pytest

from pytest_streamparse.markers import DESCRIPTION
from pytest_streamparse.values import (
    check_allowed,
    check_ini_truth,
    check_mode,
    check_mutations,
    check_recordings,
    check_records,
    check_redact,
    check_seconds,
    check_seed,
    check_version,
)

HANG_SECONDS = "10"


class Settings(NamedTuple):
    """The options of the command line and the ini file; None where neither gives one."""

    mode: str | None
    seed: int | None
    storm_version: str | None
    strict: bool
    hang_seconds: float
    replay: str | None
    update_golden: bool
    record: dict[str, int | None] | None
    record_into: str
    redact: tuple[str, ...]
    usual_redact: tuple[str, ...]
    recordings: str | None
    update_recordings: bool
    replay_ignore: tuple[str, ...]
    replay_allow: tuple[str, ...]
    html: str | None
    mutate: tuple[str, ...] | None
    are_given: bool  # anything at all


SETTINGS = pytest.StashKey[Settings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("storm", "Storm components and topologies (streamparse)")
    group.addoption(
        "--storm-mode",
        metavar="MODE",
        help="how components run: inprocess, process, or both: every test of the storm fixture twice",
    )
    group.addoption(
        "--storm-seed",
        metavar="N",
        help="decides every free choice; by default each test has a seed of its own, made of its name",
    )
    group.addoption(
        "--storm-version",
        metavar="VERSION",
        help="the Storm version to behave like, such as 2.8.3; by default that of project.clj",
    )
    group.addoption(
        "--storm-replay",
        metavar="FILE",
        help="run a case that storm.explore has written, and nothing else of it",
    )
    group.addoption(
        "--storm-update-golden",
        action="store_true",
        default=False,
        help="write the files of storm.golden anew instead of comparing with them",
    )
    group.addoption(
        "--storm-record",
        action="append",
        default=[],
        metavar="ID[:N]",
        help="record the component ID in every topology of a test, until it has taken or emitted N tuples (default: "
        "10000); can be repeated",
    )
    group.addoption(
        "--storm-redact",
        action="append",
        default=[],
        metavar="FIELD",
        help="with --storm-record: take the values of this field out before anything is written; can be repeated",
    )
    group.addoption(
        "--storm-record-into",
        metavar="DIR",
        help="with --storm-record: the directory for the recordings, a directory of each test (default: recordings)",
    )
    group.addoption(
        "--storm-recordings",
        metavar="DIR",
        help="replay each recording in this directory against the class of today, a test each",
    )
    group.addoption(
        "--storm-update-recordings",
        action="store_true",
        default=False,
        help="write down what differs from recordings as accepted, beside them, instead of failing",
    )
    group.addoption(
        "--storm-html",
        metavar="DIR",
        help="write a page of each failing test into this directory: its run, or an explored failure beside the "
        "fault-free run",
    )
    group.addoption(
        "--storm-mutate",
        metavar="KIND,...",
        nargs="?",
        const="all",
        help="make mistakes in the topologies under test, one by one, and list those that no test notices",
    )
    parser.addini("storm_mode", "how components run: inprocess, process or both", default="")
    parser.addini("storm_version", "the Storm version to behave like, such as 2.8.3", default="")
    parser.addini(
        "storm_strict",
        "whether to refuse the mistakes that some Storm lets pass; false gives the leniency of storm_version",
        default="true",
    )
    parser.addini(
        "storm_hang_seconds",
        "seconds without a sign of life after which a component counts as hung, without those in which it waits for "
        "a processor; 0: never",
        default=HANG_SECONDS,
    )
    parser.addini(
        "storm_redact",
        "fields whose values --storm-record takes out, beside those of --storm-redact",
        type="args",
        default=[],
    )
    parser.addini(
        "storm_replay_ignore",
        "fields of what components emit whose values do not count when a recording is replayed",
        type="args",
        default=[],
    )
    parser.addini(
        "storm_replay_allow",
        "what else may differ from a recording: order (of the emits of one input), tasks (of direct emits), logs",
        type="args",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", DESCRIPTION)
    config.stash[SETTINGS] = _settings(config)


def _settings(config: pytest.Config) -> Settings:
    mode, seed = config.getoption("--storm-mode"), config.getoption("--storm-seed")
    version = config.getoption("--storm-version")
    ini_mode, ini_version = config.getini("storm_mode"), config.getini("storm_version")
    hang_seconds = config.getini("storm_hang_seconds")
    strict = check_ini_truth("ini storm_strict", config.getini("storm_strict"))
    replay, update = config.getoption("--storm-replay"), config.getoption("--storm-update-golden")
    record = check_records(
        config.getoption("--storm-record"),
        {name: bool(config.getoption(name)) for name in ("--storm-redact", "--storm-record-into")},
        config,
    )
    record_into = config.getoption("--storm-record-into")
    recordings = check_recordings(
        "--storm-recordings", config.getoption("--storm-recordings"), config
    )
    update_recordings = config.getoption("--storm-update-recordings")
    seconds = check_seconds("ini storm_hang_seconds", hang_seconds)
    return Settings(
        mode=check_mode("--storm-mode", mode) or check_mode("ini storm_mode", ini_mode or None),
        seed=None if seed is None else check_seed("--storm-seed", seed),
        storm_version=check_version("--storm-version", version)
        or check_version("ini storm_version", ini_version or None),
        strict=strict,
        hang_seconds=0.0 if seconds and _debugger_is_on(config) else seconds,
        replay=None if replay is None else _file("--storm-replay", replay, config),
        update_golden=update,
        record=record,
        record_into=_directory("--storm-record-into", record_into or "recordings", config) or "",
        redact=check_redact("--storm-redact", config.getoption("--storm-redact")),
        usual_redact=check_redact("ini storm_redact", config.getini("storm_redact")),
        recordings=recordings,
        update_recordings=update_recordings,
        replay_ignore=tuple(config.getini("storm_replay_ignore")),
        replay_allow=check_allowed("ini storm_replay_allow", config.getini("storm_replay_allow")),
        html=_directory("--storm-html", config.getoption("--storm-html"), config),
        mutate=check_mutations("--storm-mutate", config.getoption("--storm-mutate"), config),
        are_given=any(
            (
                mode,
                seed,
                version,
                ini_mode,
                ini_version,
                replay,
                update,
                record,
                recordings,
                update_recordings,
                config.getoption("--storm-html"),
                config.getoption("--storm-mutate"),
            )
        )
        or not strict
        or hang_seconds != HANG_SECONDS,
    )


def _file(where: str, value: str, config: pytest.Config) -> str:
    path = config.invocation_params.dir / value
    if path.is_file():
        return str(path)
    raise pytest.UsageError(f"{where}={value}: no such file; expected a case file of storm.explore")


def _directory(where: str, value: str | None, config: pytest.Config) -> str | None:
    """The path of a directory that exists or can be made; it is made when something is written there."""
    if value is None:
        return None
    path = config.invocation_params.dir / value
    if not value or (path.exists() and not path.is_dir()):
        raise pytest.UsageError(f"{where}={value}: no directory; expected one, or a new name")
    return str(path)


def _debugger_is_on(config: pytest.Config) -> bool:
    """True when somebody may be stepping through a component, so that its silence means nothing."""
    if config.getoption("usepdb", False) or config.getoption("trace", False):
        return True
    if os.environ.get("PYTHONBREAKPOINT", "0") not in ("", "0"):
        return True
    monitoring = getattr(sys, "monitoring", None)  # since 3.12
    if monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID):
        return True
    # Coverage traces too, and nobody steps through that.
    tracer = sys.gettrace()
    where = f"{getattr(tracer, '__module__', '')} {type(tracer).__module__}"
    return tracer is not None and "coverage" not in where


def pytest_report_header(config: pytest.Config) -> str | None:
    settings = config.stash[SETTINGS]
    if not settings.are_given:
        return None
    parts = [
        f"mode {settings.mode}" if settings.mode else "",
        f"seed {settings.seed}" if settings.seed is not None else "",
        f"version {settings.storm_version}" if settings.storm_version else "",
        "" if settings.strict else "not strict",
        f"hung after {settings.hang_seconds:g} s" if settings.hang_seconds else "never hung",
        f"replaying {settings.replay}" if settings.replay else "",
        f"pages in {settings.html}" if settings.html else "",
        "updating golden files" if settings.update_golden else "",
        f"recording {', '.join(settings.record)} into {settings.record_into}"
        if settings.record
        else "",
        f"recordings in {settings.recordings}" if settings.recordings else "",
        "updating recordings" if settings.update_recordings else "",
        "mutating" if settings.mutate else "",
    ]
    return "storm: " + ", ".join(filter(None, parts))
