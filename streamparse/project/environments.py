"""The clusters of a project: the environments of ``config.json``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from streamparse.project.config import Section, find_problems
from streamparse.project.config_keys import ENVIRONMENT, expected, parse_nimbus
from streamparse.project.errors import ProjectError
from streamparse.project.files import CONFIG
from streamparse.project.waiting import wait_secs
from streamparse.project.words import as_json

__all__ = ["Environment", "LogSettings", "environment_from", "made_environment", "with_variables"]

#: The variable that names another Nimbus than ``config.json``.
NIMBUS_VARIABLE: Final = "STREAMPARSE_NIMBUS"
UI_PORT: Final = 8080  # ui.port in Storm's defaults.yaml
PLATFORM: Final = "linux_x86_64"


@dataclass(frozen=True)
class LogSettings:
    """The logging of components on a cluster; None leaves a setting to the component's own default.

    Attributes:
        path: the directory of the log files on the workers.
        max_bytes: the size at which a log file is rotated.
        backup_count: how many rotated files are kept.
        level: the least level that is logged, in lower case.
    """

    path: str | None = None
    max_bytes: int | None = None
    backup_count: int | None = None
    level: str | None = None


@dataclass(frozen=True)
class Environment:
    """One of the clusters in ``config.json``; what is absent, null or empty there is None here.

    Attributes:
        name: its key in ``envs``.
        user: who logs in over ssh; None leaves it to ssh's configuration.
        nimbus: ``host`` or ``host:port``.
        workers: the hosts of the workers, as ssh knows them.
        log: the logging of components.
        use_ssh_for_nimbus: reach Nimbus and the UI through ssh.
        use_virtualenv: the workers are given the packages of the requirements.
        virtualenv: the way in which they are, ``ssh`` or ``blobstore``.
        platform: of the workers, such as ``linux_x86_64``.
        virtualenv_root: the directory of the virtualenvs on the workers.
        virtualenv_flags: options of ``virtualenv``, as in a shell.
        ui_port: the port of Storm's UI, on the machine of Nimbus.
        submit: how topology files are submitted, ``lein`` or ``thrift``.
        settings: its section of the file as it stands, with the user's own keys; hooks get it.
    """

    name: str
    user: str | None = None
    nimbus: str | None = None
    workers: tuple[str, ...] = ()
    log: LogSettings = LogSettings()
    use_ssh_for_nimbus: bool = True
    use_virtualenv: bool = True
    virtualenv: str = "ssh"
    platform: str = PLATFORM
    virtualenv_root: str | None = None
    virtualenv_flags: str = ""
    ui_port: int = UI_PORT
    submit: str = "lein"
    options: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_virtualenvs(self) -> bool:
        """Whether every worker has a virtualenv of a topology, built over ssh."""
        return self.use_virtualenv and self.virtualenv == "ssh"

    @property
    def has_blobs(self) -> bool:
        """Whether workers fetch the packages of a topology from Storm's blob store."""
        return self.use_virtualenv and self.virtualenv == "blobstore"

    @property
    def nimbus_address(self) -> tuple[str, int] | None:
        """Host and port of Nimbus; a port that is not given is Storm's own, 6627."""
        return parse_nimbus(self.nimbus or "")

    def require(self, *keys: str) -> None:
        """Refuse an environment without these keys, such as ``require("nimbus", "workers")``.

        Raises:
            ProjectError: with a line for each key that is missing.
        """
        missing = [key for key in keys if not getattr(self, key)]
        if missing:
            raise ProjectError(
                f"{CONFIG}: envs.{self.name}.{key} is missing or empty; {expected(ENVIRONMENT[key])}"
                for key in missing
            )


def environment_from(name: str, settings: Mapping[str, object]) -> Environment:
    """Return the environment of these settings, such as a section of ``config.json`` that a hook has changed.

    Raises:
        ProjectError: with a line for each value that its key does not accept.
    """
    problems = [*find_problems(Section(envs=Section({name: _sections_within(settings)})))]
    if problems:
        raise ProjectError(f"as the hooks leave it, {problem}" for problem in problems)
    return made_environment(name, settings)


def with_variables(environment: Environment) -> Environment:
    """Return an environment with what variables of this process set: ``STREAMPARSE_NIMBUS``, as in streamparse 3 to 5.

    Raises:
        ProjectError: the variable has no address of a Nimbus, or ``STREAMPARSE_WAIT_FACTOR`` no number.
    """
    wait_secs(1)
    nimbus = os.environ.get(NIMBUS_VARIABLE)
    if not nimbus:
        return environment
    kind = ENVIRONMENT["nimbus"]
    if not kind.accepts(nimbus) or kind.finding(nimbus):
        raise ProjectError([f"{NIMBUS_VARIABLE} is {as_json(nimbus)}; {expected(kind)}"])
    settings = {**environment.settings, "nimbus": nimbus}
    return replace(environment, nimbus=nimbus, settings=settings)


def _sections_within(settings: Mapping[str, object]) -> Section:
    return Section(
        (key, _sections_within(value) if isinstance(value, Mapping) else value)
        for key, value in settings.items()
    )


def made_environment(name: str, settings: object) -> Environment:
    """Return the environment of settings that have been checked."""
    given: dict[str, object] = dict(settings) if isinstance(settings, dict) else {}
    log = given.get("log")
    ui_port = given.get("ui.port")
    workers, options = given.get("workers"), given.get("options")
    return Environment(
        name=name,
        user=_string(given, "user"),
        nimbus=_string(given, "nimbus"),
        workers=tuple(map(str, workers)) if isinstance(workers, list) else (),
        log=_log_settings(log if isinstance(log, dict) else {}, _string(given, "log_path")),
        use_ssh_for_nimbus=given.get("use_ssh_for_nimbus") is not False,
        use_virtualenv=given.get("use_virtualenv") is not False,
        virtualenv=_string(given, "virtualenv") or "ssh",
        platform=_string(given, "platform") or PLATFORM,
        virtualenv_root=_string(given, "virtualenv_root") or _string(given, "virtualenv_path"),
        virtualenv_flags=_string(given, "virtualenv_flags") or "",
        options=options if isinstance(options, dict) else {},
        ui_port=ui_port if isinstance(ui_port, int) else UI_PORT,
        submit=_string(given, "submit") or "lein",
        settings=given,
    )


def _log_settings(given: Mapping[str, object], log_path: str | None) -> LogSettings:
    max_bytes, backup_count = given.get("max_bytes"), given.get("backup_count")
    level = _string(given, "level")
    return LogSettings(
        path=_string(given, "path") or log_path,
        max_bytes=max_bytes if isinstance(max_bytes, int) else None,
        backup_count=backup_count if isinstance(backup_count, int) else None,
        level=None if level is None else level.lower(),
    )


def _string(section: Mapping[str, object], key: str) -> str | None:
    value = section.get(key)
    return value if isinstance(value, str) and value else None
