"""A project on disk: what its ``config.json``, ``project.clj`` and ``topologies/`` say.

Everything here reads and answers, or raises with all that is wrong at once; nothing is written, printed or run.
``config.json`` is looked for in one directory only, as streamparse 2.1.3 does, and a project without any environment
is a whole one: only commands that talk to a cluster need more, and ask for it with ``Environment.require``.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streamparse.config_keys import (
    ANY_ENVIRONMENT,
    ENVIRONMENT,
    LOG,
    NIMBUS_ADDRESS,
    NIMBUS_PORT,
    TOP,
    UI_PORT,
    Kind,
    is_boolean,
    is_object,
)

__all__ = [
    "Environment",
    "LogSettings",
    "OperationError",
    "Project",
    "ProjectError",
    "UsageError",
    "check_topology_name",
    "environment_from",
]

CONFIG = "config.json"
MOST_BYTES = 1_000_000  # of a file that people write by hand


class UsageError(Exception):
    """A mistake on the command line, in one line."""


class ProjectError(Exception):
    """A project that cannot be used: one line for each problem, with its place and its remedy."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)  # what pickle and copy rebuild it from

    def __str__(self) -> str:
        return "\n".join(self.problems)


class OperationError(Exception):
    """What was asked for did not work out there: one line with the cause and the remedy.

    Attributes:
        output: what the program or the machine that failed had to say; empty when the line says it all.
    """

    def __init__(self, line: str, output: str = "") -> None:
        super().__init__(line, output)
        self.line = line
        self.output = output

    def __str__(self) -> str:
        return self.line


@dataclass(frozen=True)
class LogSettings:
    """Where components log on the cluster; None leaves a setting to the component's own default."""

    path: str | None = None
    max_bytes: int | None = None
    backup_count: int | None = None
    level: str | None = None


@dataclass(frozen=True)
class Environment:
    """One of the clusters in ``config.json``; what is absent, null or empty there is None here.

    ``settings`` is its section as it stands in the file, own keys of the user included: what hooks are given.
    """

    name: str
    user: str | None = None
    nimbus: str | None = None
    workers: tuple[str, ...] = ()
    log: LogSettings = LogSettings()
    use_ssh_for_nimbus: bool = True
    use_virtualenv: bool = True
    virtualenv_root: str | None = None
    virtualenv_flags: str = ""
    ui_port: int = UI_PORT
    settings: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def nimbus_address(self) -> tuple[str, int] | None:
        """Host and port of Nimbus; a port that is not given is Storm's own, 6627."""
        found = NIMBUS_ADDRESS.fullmatch(self.nimbus or "")
        return (found[1].strip("[]"), int(found[2] or NIMBUS_PORT)) if found else None

    def require(self, *keys: str) -> None:
        """Refuse an environment without these keys, such as ``require("nimbus", "workers")``.

        Raises:
            ProjectError: with a line for each that is missing.
        """
        missing = [key for key in keys if not getattr(self, key)]
        if missing:
            raise ProjectError(
                f"{CONFIG}: envs.{self.name}.{key} is missing or empty; {ENVIRONMENT[key].example} would do"
                for key in missing
            )


class Project:
    """The project in a directory.

    Attributes:
        directory: as it was given; paths to files of the project start with it.
        warnings: one line for each key of ``config.json`` that is not known, with the nearest that is.
        environments: by name, in the order of the file.
    """

    def __init__(self, directory: str | Path = ".") -> None:
        """Read the ``config.json`` of this directory.

        Raises:
            ProjectError: there is none, or it is not what it should be.
        """
        self.directory = Path(directory)
        config = _read_config(self.directory)
        problems = [*_problems(config)]
        if problems:
            raise ProjectError(f"{self.directory / CONFIG}: {problem}" for problem in problems)
        self.warnings = tuple(f"{self.directory / CONFIG}: {each}" for each in _warnings(config))
        self.topology_specs = self.directory / (_string(config, "topology_specs") or "topologies/")
        self.virtualenv_specs = self.directory / (
            _string(config, "virtualenv_specs") or "virtualenvs/"
        )
        envs = config.get("envs")
        self.environments = {
            name: _environment(name, settings)
            for name, settings in (envs.items() if isinstance(envs, _Section) else ())
        }

    @classmethod
    def find(cls, directory: str | Path = ".") -> Project:
        """The project of a directory, by default the working directory.

        Raises:
            ProjectError: there is none, or its ``config.json`` is not what it should be.
        """
        return cls(directory)

    @property
    def source_dir(self) -> Path:
        """Where the Python components are: ``src/``. Absolute, since components run in other directories."""
        return Path.cwd() / self.directory / "src"

    @property
    def logs_dir(self) -> Path:
        """Where components that run here write their logs: ``logs/``. Absolute; it need not exist."""
        return Path.cwd() / self.directory / "logs"

    @property
    def topologies(self) -> tuple[str, ...]:
        """The names of the topologies, sorted.

        Raises:
            ProjectError: there is no directory of them.
        """
        return tuple(_topology_files(self.topology_specs))

    def topology_path(self, name: str | None = None) -> Path:
        """The file of a topology: the only one there is, or the one of this name (a path would do as well).

        Raises:
            ProjectError: there is none, or there are several and no name is given.
        """
        found = _topology_files(self.topology_specs)
        if name is not None:
            return self._named_topology(name, found)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise ProjectError(
                [f"{self.topology_specs}: there are {_listed(found)}; say which with -n NAME"]
            )
        raise ProjectError(
            [f"{self.topology_specs}: no topology here; a file NAME.clj in it would be one"]
        )

    def _named_topology(self, name: str, found: Mapping[str, Path]) -> Path:
        file_name = name if name.endswith(".clj") else f"{name}.clj"
        for path in (self.topology_specs / file_name, self.directory / file_name):
            if name and os.path.isfile(path):  # which a name of any length can be asked
                return path
        near = _nearest(Path(file_name).stem, found)
        there = f"there are {_listed(found)}" if found else "there is none at all"
        raise ProjectError([f"{self.topology_specs}: no topology {_shown(name)}; {near or there}"])

    def environment(self, name: str | None = None) -> Environment:
        """The environment of this name, or the only one there is.

        Raises:
            ProjectError: there is none, or there are several and no name is given.
        """
        config, there = self.directory / CONFIG, self.environments
        if not there:
            raise ProjectError(
                [f'{config}: no environment; "envs": {{"prod": {{...}}}} would be one']
            )
        if name is None and len(there) > 1:
            raise ProjectError(
                [f"{config}: there are the environments {_listed(there)}; say which with -e NAME"]
            )
        if name is not None and name not in there:
            near = _nearest(name, there) or f"there are {_listed(there)}"
            raise ProjectError([f"{config}: no environment {_shown(name)}; {near}"])
        return there[name] if name is not None else next(iter(there.values()))

    def storm_version(self) -> str | None:
        """The version of Storm that ``project.clj`` depends on; None when it does not say.

        Raises:
            ProjectError: it depends on several.
        """
        path = self.directory / "project.clj"
        if not path.is_file():
            return None
        versions: dict[str, str] = {}
        for line, artifact, version in _storm_dependencies(_text_of(path)):
            versions.setdefault(version, f"{artifact} {version} in line {line}")
        if len(versions) > 1:
            raise ProjectError(
                [
                    f"{path}: several versions of Storm ({', '.join(versions.values())}); one would do"
                ]
            )
        return next(iter(versions), None)

    @staticmethod
    def options(pairs: Sequence[str]) -> dict[str, object]:
        """What ``-o KEY=VALUE`` says, several times over; of the same key the last one holds.

        The key ends at the first ``=``. A value that is JSON is what it says: ``2``, ``true``, ``"2"``,
        ``["a", "b"]``. Anything else is a string as it stands, and so is a number with a letter in it: ``1e5``
        is rather the hash of a commit, as it is to 2.1.3.

        >>> Project.options(["topology.workers=2", "commit=8e10", "worker.childopts=-Xmx1g -XX:A=b"])
        {'topology.workers': 2, 'commit': '8e10', 'worker.childopts': '-Xmx1g -XX:A=b'}

        Raises:
            UsageError: one of them has no key, or no ``=``.
        """
        return dict(map(_option, pairs))


def environment_from(name: str, settings: Mapping[str, object]) -> Environment:
    """The environment that these settings make, such as a section of ``config.json`` that a hook has changed.

    Raises:
        ProjectError: with a line for each value that is not what its key takes.
    """
    config = _Section(envs=_Section({name: _sections_within(settings)}))
    problems = [*_problems(config)]
    if problems:
        raise ProjectError(f"as the hooks leave it, {problem}" for problem in problems)
    return _environment(name, settings)


def check_topology_name(name: str) -> str:
    """This name, which is safe in a path, in a shell and as Storm's name for a topology.

    Raises:
        UsageError: it is not.
    """
    if not _TOPOLOGY_NAME.fullmatch(name):
        finding = "letters, digits, . _ and - would do, a letter, a digit or _ in front"
        raise UsageError(f"{_shown(name)} is no name for a topology: {finding}")
    return name


# A file's stem, so at most what a file system takes.
_TOPOLOGY_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")


def _sections_within(settings: Mapping[str, object]) -> _Section:
    return _Section(
        (key, _sections_within(value) if isinstance(value, Mapping) else value)
        for key, value in settings.items()
    )


# -- options -----------------------------------------------------------------------------------------------------


def _option(pair: str) -> tuple[str, object]:
    key, equals, value = pair.partition("=")
    if not equals or not key.strip():
        finding = "no key in front of =" if equals else "no = in it"
        raise UsageError(
            f"-o {pair}: {finding}; KEY=VALUE would do, such as topology.message.timeout.secs=30"
        )
    return key.strip(), _option_value(value)


def _option_value(text: str) -> object:
    # A JSON number has a letter only where it has an exponent.
    if re.fullmatch(r"\s*-?\d[\d.]*[A-Za-z].*", text, re.DOTALL):
        return text
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return text


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity: Python's json takes them, JSON has no such words


# -- config.json -------------------------------------------------------------------------------------------------


class _Section(dict[str, object]):
    """An object of the file; JSON parsers forget a key that stands twice, so this remembers."""

    repeated: tuple[str, ...] = ()


def _section(pairs: list[tuple[str, object]]) -> _Section:
    section = _Section(pairs)
    counts = Counter(key for key, _ in pairs)
    section.repeated = tuple(key for key, count in counts.items() if count > 1)
    return section


def _read_config(directory: Path) -> Mapping[str, object]:
    path = directory / CONFIG
    if not path.is_file():
        raise ProjectError([_no_config(directory)])
    text = _text_of(path)
    try:
        return json.loads(text, object_pairs_hook=_section)  # type: ignore[no-any-return]  # checked next
    except json.JSONDecodeError as error:
        place, finding = _json_finding(text, error)
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        raise ProjectError([f"{path}:{line}:{column}: no JSON: {finding}"]) from None
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, or 1000 brackets
        raise ProjectError([f"{path}: cannot be read as JSON: {error}"]) from None


def _json_finding(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Where it stops being JSON, and why: a word on what people write most often."""
    # Python 3.13 and later point at a comma too many, those before at what follows it.
    comma = re.compile(r"\s*,\s*(?=[}\]])").match(text, len(text[: error.pos].rstrip(", \t\r\n")))
    place = comma.end() if comma else error.pos
    at = text[place : place + 1]
    if not text.strip():
        finding = 'nothing in it; {"envs": {}} is the least that would do'
    elif comma:
        finding = f"a comma before {at}; leave the comma out"
    elif at in ("/", "#"):
        finding = "a comment, which JSON does not have; leave it out"
    elif at == "'":
        finding = "a name or a string in single quotes; JSON has double ones"
    else:
        finding = error.msg[0].lower() + error.msg[1:]
    return place, finding


def _no_config(directory: Path) -> str:
    here = Path.cwd() / directory
    for parent in here.resolve().parents:
        if (parent / CONFIG).is_file():
            return f"no {CONFIG} in {here}; the project is {parent}: cd there first"
    below = sorted(path.parent.name for path in here.glob(f"*/{CONFIG}"))
    if below:
        return f"no {CONFIG} in {here}; there is a project below: cd {below[0]}"
    return f"no {CONFIG} in {here}, so it is no project; `sparse quickstart NAME` makes one"


def _problems(config: object) -> Iterator[str]:
    if not isinstance(config, _Section):
        yield f"{_shown(config)} is no object; {{...}} would do"
        return
    for path, section, kinds in _sections(config):
        for key in section.repeated:
            yield f"{path}{key} stands twice, and only the last would hold; leave one out"
        for key, value in section.items():
            kind = kinds.get(key)
            if kind and value is not None and not kind.accepts(value):
                remedy = f"{kind.words} would do"
                yield f"{path}{key} is {_shown(value)}; {remedy}{_such_as(kind)}"


def _such_as(kind: Kind) -> str:
    return "" if kind.accepts in (is_boolean, is_object) else f", such as {kind.example}"


def _sections(config: _Section) -> Iterator[tuple[str, _Section, Mapping[str, Kind]]]:
    """All the objects whose keys we know, each with its path."""
    yield "", config, TOP
    envs = config.get("envs")
    if not isinstance(envs, _Section):
        return
    yield "envs.", envs, dict.fromkeys(envs, ANY_ENVIRONMENT)
    for name, env in envs.items():
        if isinstance(env, _Section):
            yield f"envs.{name}.", env, ENVIRONMENT
            log = env.get("log")
            if isinstance(log, _Section):
                yield f"envs.{name}.log.", log, LOG


def _warnings(config: Mapping[str, object]) -> Iterator[str]:
    if not isinstance(config, _Section):
        return
    for path, section, kinds in _sections(config):
        for key in section:
            near = _nearest(key, kinds)
            # Hooks find keys of their own in an environment: there, only what looks mistyped is worth a word.
            if key not in kinds and (near or kinds is not ENVIRONMENT):
                yield f"{path}{key} is not a known key and has no effect; {near or 'leave it out'}"


def _environment(name: str, settings: object) -> Environment:
    given: dict[str, object] = dict(settings) if isinstance(settings, dict) else {}
    log = given.get("log")
    ui_port = given.get("ui.port")
    workers = given.get("workers")
    return Environment(
        name=name,
        user=_string(given, "user"),
        nimbus=_string(given, "nimbus"),
        workers=tuple(map(str, workers)) if isinstance(workers, list) else (),
        log=_log_settings(log if isinstance(log, dict) else {}, _string(given, "log_path")),
        use_ssh_for_nimbus=given.get("use_ssh_for_nimbus") is not False,
        use_virtualenv=given.get("use_virtualenv") is not False,
        virtualenv_root=_string(given, "virtualenv_root") or _string(given, "virtualenv_path"),
        virtualenv_flags=_string(given, "virtualenv_flags") or "",
        ui_port=ui_port if isinstance(ui_port, int) else UI_PORT,
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


# -- project.clj -------------------------------------------------------------------------------------------------

# Where Storm has been published: one jar up to 1.x, several from 2.0 on, and at Clojars before it was Apache's.
_STORM = re.compile(r"org\.apache\.storm/storm-(core|client|server|clojure)|storm/storm")

# Leiningen's files have #"regular expressions" and quotes that EDN does not; six kinds of token are all it takes.
_TOKEN = re.compile(
    r"""(?P<comment>;[^\n]*)|(?P<char>\\.)|"(?P<string>(?:\\.|[^"\\])*)"|(?P<discard>\#_)"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<symbol>[^\s,;"()\[\]{}\\]+)""",
    re.DOTALL,
)


def _storm_dependencies(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, artifact and version of each dependency on Storm."""
    tokens = [*_read_tokens(text)]
    for bracket, artifact, version in zip(tokens, tokens[1:], tokens[2:], strict=False):
        kinds = (bracket.lastgroup, artifact.lastgroup, version.lastgroup)
        if kinds == ("open", "symbol", "string") and _STORM.fullmatch(artifact[0]):
            line = text.count("\n", 0, artifact.start()) + 1
            yield line, artifact[0], version["string"]


def _read_tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of Clojure text, without comments and without the forms that ``#_`` takes out."""
    skipping = False  # a form is being taken out
    depth = 0  # of the brackets in it
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "discard":
            skipping = True
        elif skipping:
            depth += {"open": 1, "close": -1}.get(str(kind), 0)
            skipping = depth > 0
        else:
            yield token


# -- words -------------------------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            read = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ProjectError([f"{path}: cannot be read: {error.strerror}"]) from None
    if len(read) > MOST_BYTES:
        raise ProjectError([f"{path}: more than {MOST_BYTES} bytes; is it another file?"])
    try:
        return read.decode("utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        finding = f"not UTF-8: byte {read[error.start]:#04x} in line {line}"
        raise ProjectError([f"{path}: {finding}; save it as UTF-8"]) from None


def _topology_files(directory: Path) -> dict[str, Path]:
    try:
        paths = sorted(directory.iterdir())
    except NotADirectoryError:
        raise ProjectError([f"{directory}: not a directory; topology_specs names one"]) from None
    except OSError as error:
        raise ProjectError(
            [f"{directory}: cannot be read: {error.strerror}; topologies/ is the usual place"]
        ) from None
    # Editors leave .#wordcount.clj beside what they hold open.
    return {
        path.stem: path
        for path in paths
        if path.suffix == ".clj" and not path.name.startswith(".") and path.is_file()
    }


def _nearest(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name[:200], list(names)[:500], 1)
    return f"did you mean {_shown(near[0])}?" if near else ""


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - 8} more" if len(every) > 8 else ""
    return ", ".join(every[:8]) + more


def _shown(value: object) -> str:
    """A value as JSON, on one line and not too long."""
    text = json.dumps(value, ensure_ascii=not str(value).isprintable())
    return text if len(text) <= 60 else f"{text[:57]}..."
