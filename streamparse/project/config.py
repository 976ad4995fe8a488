"""``config.json``: the keys that are known, and everything that is wrong with a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from streamparse.project.errors import ProjectError
from streamparse.project.files import CONFIG, read_text
from streamparse.project.words import as_json, did_you_mean

__all__ = [
    "ENVIRONMENT",
    "Section",
    "expected",
    "find_problems",
    "find_warnings",
    "parse_nimbus",
    "read_config",
]

NIMBUS_PORT: Final = 6627  # nimbus.thrift.port in Storm's defaults.yaml


class Section(dict[str, object]):
    """An object of the file.

    Attributes:
        repeated: the keys that stand twice, which JSON parsers forget.
    """

    repeated: tuple[str, ...] = ()


def read_config(directory: Path) -> object:
    """Return the content of the ``config.json`` of a directory; its objects are sections.

    Raises:
        ProjectError: there is none, or it is no JSON.
    """
    path = directory / CONFIG
    if not path.is_file():
        raise ProjectError([_no_config(directory)])
    text = read_text(path)
    try:
        return json.loads(text, object_pairs_hook=_section)
    except json.JSONDecodeError as error:
        place, finding = _json_finding(text, error)
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        raise ProjectError([f"{path}:{line}:{column}: no JSON: {finding}"]) from None
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, or 1000 brackets
        raise ProjectError([f"{path}: cannot be read as JSON: {error}"]) from None


def _section(pairs: list[tuple[str, object]]) -> Section:
    section = Section(pairs)
    counts = Counter(key for key, _ in pairs)
    section.repeated = tuple(key for key, count in counts.items() if count > 1)
    return section


def _json_finding(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """The place where it stops being JSON, and the mistake, among those that people make most often."""
    # Python 3.13 and later point at a comma too many, those before at what follows it.
    comma = re.compile(r"\s*,\s*(?=[}\]])").match(text, len(text[: error.pos].rstrip(", \t\r\n")))
    place = comma.end() if comma else error.pos
    at = text[place : place + 1]
    if not text.strip():
        finding = 'the file is empty; expected at least {"envs": {}}'
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


# -- the keys ----------------------------------------------------------------------------------------------------


class Kind(NamedTuple):
    """The values that a key accepts: a test, words for a message, and an example as JSON."""

    accepts: Callable[[object], bool]
    words: str
    example: str


def expected(kind: Kind) -> str:
    """Return the end of a message about a value: ``expected a string, such as "storm"``."""
    example = "" if kind in (_BOOLEAN, _OBJECT) else f", such as {kind.example}"
    return f"expected {kind.words}{example}"


# host, host:port, [::1]:port
_NIMBUS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(\d{1,5}))?")


def parse_nimbus(text: str) -> tuple[str, int] | None:
    """Return host and port of ``host``, ``host:port`` or ``[::1]:port``; None for any other text."""
    found = _NIMBUS.fullmatch(text)
    if found is None or not _is_port(int(found[2] or NIMBUS_PORT)):
        return None
    return found[1].strip("[]"), int(found[2] or NIMBUS_PORT)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535


def _is_nimbus(value: object) -> bool:
    return isinstance(value, str) and (not value or parse_nimbus(value) is not None)


def _is_level(value: object) -> bool:
    from streamparse.storm import LEVELS  # logging is slow to load, and few need it

    return isinstance(value, str) and value.lower() in LEVELS


def _is_hosts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _text(example: str) -> Kind:
    return Kind(_is_text, "a string", example)


_BOOLEAN = Kind(lambda value: isinstance(value, bool), "true or false", "true")
_OBJECT = Kind(lambda value: isinstance(value, dict), "an object", "{...}")
_COUNT = Kind(_is_count, "a whole number", "10")
_PORT = Kind(_is_port, "a whole number from 1 to 65535", "8080")

_TOP: Mapping[str, Kind] = {
    "library": _text('""'),
    "topology_specs": _text('"topologies/"'),
    "virtualenv_specs": _text('"virtualenvs/"'),
    "envs": _OBJECT,
}
_LOG: Mapping[str, Kind] = {
    "path": _text('"/var/log/storm/streamparse"'),
    "max_bytes": _COUNT,
    "backup_count": _COUNT,
    "level": Kind(_is_level, "debug, info, warning, error or critical", '"info"'),
}
#: The keys of an environment.
ENVIRONMENT: Mapping[str, Kind] = {
    "user": _text('"storm"'),
    "nimbus": Kind(_is_nimbus, "a host, or host:port", '"storm1.example.com"'),
    "workers": Kind(_is_hosts, "a list of hosts", '["storm1.example.com", "storm2.example.com"]'),
    "log": _OBJECT,
    "log_path": _LOG["path"],  # the older spelling of log.path
    "use_ssh_for_nimbus": _BOOLEAN,
    "use_virtualenv": _BOOLEAN,
    "virtualenv_root": _text('"/data/virtualenvs"'),
    "virtualenv_path": _text('"/data/virtualenvs"'),  # the older name of virtualenv_root
    "virtualenv_flags": _text('"-p /usr/bin/python3"'),
    "ui.port": _PORT,
}


# -- the mistakes ------------------------------------------------------------------------------------------------


def find_problems(config: object) -> Iterator[str]:
    """Yield a line for each value that its key does not accept, and for each key that stands twice."""
    if not isinstance(config, Section):
        yield f"{as_json(config)} is no object; expected {{...}}"
        return
    for path, section, kinds in _sections(config):
        for key in section.repeated:
            yield f"{path}{key} stands twice, and only the last has an effect; leave one out"
        for key, value in section.items():
            kind = kinds.get(key)
            if kind and value is not None and not kind.accepts(value):
                yield f"{path}{key} is {as_json(value)}; {expected(kind)}"


def find_warnings(config: object) -> Iterator[str]:
    """Yield a line for each key that is not known, with the nearest that is."""
    if not isinstance(config, Section):
        return
    for path, section, kinds in _sections(config):
        for key in (each for each in section if each not in kinds):
            near = did_you_mean(key, kinds)
            # An environment may have keys of the user's own, for hooks: there only a likely typing mistake is named.
            if near or kinds is not ENVIRONMENT:
                yield f"{path}{key} is not a known key and has no effect; {near or 'leave it out'}"


def _sections(config: Section) -> Iterator[tuple[str, Section, Mapping[str, Kind]]]:
    """All the objects whose keys are known, each with its path."""
    yield "", config, _TOP
    envs = config.get("envs")
    if not isinstance(envs, Section):
        return
    yield "envs.", envs, dict.fromkeys(envs, _OBJECT)
    for name, env in envs.items():
        if isinstance(env, Section):
            yield f"envs.{name}.", env, ENVIRONMENT
            log = env.get("log")
            if isinstance(log, Section):
                yield f"envs.{name}.log.", log, _LOG
