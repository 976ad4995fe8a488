"""``config.json``: reading it, and everything that is wrong with a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamparse.project.config_keys import (
    ANY_ENVIRONMENT,
    ENVIRONMENT,
    LATER,
    LOG,
    TOP,
    Kind,
    expected,
)
from streamparse.project.errors import ProjectError
from streamparse.project.files import CONFIG, absolute, read_text
from streamparse.project.words import as_json, did_you_mean

__all__ = ["Section", "find_problems", "find_warnings", "read_config"]


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
    here = absolute(directory)
    for parent in here.resolve().parents:
        if (parent / CONFIG).is_file():
            return f"no {CONFIG} in {here}; the project is {parent}: cd there first"
    below = sorted(path.parent.name for path in here.glob(f"*/{CONFIG}"))
    if below:
        return f"no {CONFIG} in {here}; there is a project below: cd {below[0]}"
    return f"no {CONFIG} in {here}, so it is no project; `sparse quickstart NAME` makes one"


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
            elif kind and value is not None and (finding := kind.finding(value)):
                yield f"{path}{key} {finding}; {expected(kind)}"


def find_warnings(config: object) -> Iterator[str]:
    """Yield a line for each key that is not known, with the nearest that is."""
    if not isinstance(config, Section):
        return
    for path, section, kinds in _sections(config):
        later = LATER["" if kinds is TOP else "env" if kinds is ENVIRONMENT else "log"]
        for key in (each for each in section if each not in kinds):
            if key in later:
                yield f"{path}{key} is a key of streamparse 3 or later and has no effect; {later[key]}"
                continue
            near = did_you_mean(key, kinds)
            # An environment may have keys of the user's own, for hooks: there only a likely typing mistake is named.
            if near or kinds is not ENVIRONMENT:
                yield f"{path}{key} is not a known key and has no effect; {near or 'leave it out'}"


def _sections(config: Section) -> Iterator[tuple[str, Section, Mapping[str, Kind]]]:
    """All the objects whose keys are known, each with its path."""
    yield "", config, TOP
    envs = config.get("envs")
    if not isinstance(envs, Section):
        return
    yield "envs.", envs, dict.fromkeys(envs, ANY_ENVIRONMENT)
    for name, env in envs.items():
        if isinstance(env, Section):
            yield f"envs.{name}.", env, ENVIRONMENT
            log = env.get("log")
            if isinstance(log, Section):
                yield f"envs.{name}.log.", log, LOG
