"""The tables of the reference, made from the code that owns each fact.

A page holds its own prose, and a place for each table between two comments: ``<!-- generated: NAME -->`` and
``<!-- generated ends -->``.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin

import msgspec

from docs import pictures
from simulator import NEWEST, RUN_CONF
from simulator.engine import Head, HeadComponent, HeadInput, events
from simulator.laws import LAWS
from simulator.model import SETTING_EFFECTS, handshake, profile
from streamparse.cli.sparse import COMMANDS, EXIT_STATUSES, Command
from streamparse.project import config_keys
from streamparse.testing import MUTATION_KINDS

PAGES: Final = Path(__file__).parent
_PLACE = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- generated ends -->)", re.DOTALL)


def write() -> list[Path]:
    """Write every table into its page; return the pages that have changed."""
    changed = []
    for path in sorted(PAGES.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        if (filled := fill(page)) != page:
            path.write_text(filled, encoding="utf-8")
            changed.append(path)
    return changed


def fill(page: str) -> str:
    """Return the page with its tables as the code has them now."""
    return _PLACE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# -- commands ----------------------------------------------------------------------------------------------------


def commands() -> str:
    """Return a section for each command of ``sparse``: its arguments and options, as argparse has them."""
    return "\n".join(map(_command, COMMANDS))


def _command(command: Command) -> str:
    parser = argparse.ArgumentParser(prog=f"sparse {command.name}", add_help=False)
    import_module(command.module).add_arguments(parser)
    actions = [each for each in parser._actions if each.help != argparse.SUPPRESS]
    words = [f"sparse {command.name}"]
    words += ["[options]"] if any(each.option_strings for each in actions) else []
    words += [
        str(each.metavar) if each.required else f"[{each.metavar}]"
        for each in actions
        if not each.option_strings
    ]
    head = f"## `{words[0]}`\n\n{_sentence(command.help)}\n\n`{' '.join(words)}`\n"
    return f"{head}\n{_table(('argument', 'meaning'), map(_argument, actions))}"


def _argument(action: argparse.Action) -> tuple[str, str]:
    value = action.metavar or (
        "" if action.choices is None else "{" + ",".join(action.choices) + "}"
    )
    names = [f"`{name}`" for name in action.option_strings[:-1]]
    names.append(f"`{' '.join([*action.option_strings[-1:], str(value)]).strip()}`")
    return ", ".join(names), _sentence((action.help or "") % vars(action))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def exit_statuses() -> str:
    """Return the exit statuses of ``sparse``."""
    rows = ((f"{status}", meaning) for status, meaning in EXIT_STATUSES.items())
    return _table(("status", "meaning"), rows)


# -- configuration -----------------------------------------------------------------------------------------------


def config() -> str:
    """Return the keys of ``config.json``."""
    rows = ((f"`{key.path}`", key.values, f"`{key.example}`", key.meaning) for key in config_keys())
    return _table(("key", "value", "example", "meaning"), rows)


def settings() -> str:
    """Return the settings of Storm that a simulation reads."""
    storm = handshake.default_conf(profile(NEWEST))
    head = (
        "setting",
        "Storm's default",
        "`sparse`'s default",
        "in `:conf` of a component",
        "effect in a simulation",
    )
    rows = (
        (
            f"`{key}`",
            _default(storm, key),
            _default(RUN_CONF, key),
            "yes" if key in handshake.OWN_KEYS or key == "topology.tasks" else "no",
            effect,
        )
        for key, effect in SETTING_EFFECTS.items()
    )
    return _table(head, rows)


def _default(conf: Mapping[str, object], key: str) -> str:
    return f"`{json.dumps(conf[key])}`" if key in conf else ""


# -- trace events ------------------------------------------------------------------------------------------------


def trace_events() -> str:
    """Return the events of a trace, and below them the keys of each."""
    rows = ((f"`{name}`", _about(event)) for name, event in events.EVENTS.items())
    keys = (row for name, event in events.EVENTS.items() for row in _event_keys(name, event))
    return f"{_table(('event', 'meaning'), rows)}\n{_table(('event', 'key', 'value', 'meaning'), keys)}"


def trace_head() -> str:
    """Return the keys of a trace file's head, and below them those of its components."""
    return "\n".join(
        _table(("key", "value", "meaning"), _struct_keys(each))
        for each in (Head, HeadComponent, HeadInput)
    )


def _struct_keys(owner: type[msgspec.Struct]) -> Iterator[tuple[str, str, str]]:
    meanings = _attributes(owner)
    for each in msgspec.structs.fields(owner):
        yield f"`{each.encode_name}`", _value(each.type), _sentence(meanings[each.name])


def _about(event: type) -> str:
    return str(inspect.getdoc(event)).partition("\n\n")[0].replace("``", "`")


def _event_keys(name: str, event: type[msgspec.Struct]) -> Iterator[tuple[str, str, str, str]]:
    shared = {each.name for each in msgspec.structs.fields(events.Event)}
    meanings = _attributes(event)
    for each in msgspec.structs.fields(event):
        if each.name not in shared:
            value = "JSON" if each.name.endswith("_json") else _value(each.type)
            yield f"`{name}`", f"`{each.encode_name}`", value, _sentence(meanings[each.name])


def _attributes(owner: type) -> dict[str, str]:
    """Return the meaning of each attribute, from the docstring's section."""
    section = str(inspect.getdoc(owner)).partition("Attributes:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^(\w+): (.*(?:\n +.*)*)", textwrap.dedent(section), re.MULTILINE)
    return dict(found)


_WORDS = {str: "string", int: "integer", bool: "true or false", type(None): "absent"}


def _value(kind: Any) -> str:
    """Return a type in words. Any: it is what an annotation says."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return ", ".join(f"`{json.dumps(each)}`" for each in parts)
    if origin is tuple:
        return (
            f"list of {_value(parts[0])}"
            if parts[1:] == (...,)
            else f"[{', '.join(map(_value, parts))}]"
        )
    if origin is dict:
        return f"object of {_value(parts[1])}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return "object"
    if origin is Union or parts:
        return " or ".join(map(_value, parts))
    return _WORDS[kind]


# -- packages ----------------------------------------------------------------------------------------------------


def packages() -> str:
    """Return every package with what it is for and what it imports."""
    rows = (
        (
            f"`{each.name}`",
            each.purpose,
            ", ".join(f"`{name}`" for name in each.imports) or "nothing of ours",
        )
        for each in pictures.packages()
    )
    return _table(("package", "what it is for", "imports"), rows)


# -- laws and mutations ------------------------------------------------------------------------------------------


def laws() -> str:
    """Return the laws that ``storm.check`` judges by."""
    rows = (
        (f"`{law.name}`", law.title, "yes" if law.is_default else "no", law.sentence)
        for law in LAWS.values()
    )
    return _table(("name", "in the report", "usual", "what it says"), rows)


def mutations() -> str:
    """Return the kinds of mutations of ``pytest --storm-mutate``."""
    rows = ((f"`{kind}`", _sentence(meaning)) for kind, meaning in MUTATION_KINDS.items())
    return _table(("kind", "what it does"), rows)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands,
    "config": config,
    "exit-statuses": exit_statuses,
    "laws": laws,
    "mutations": mutations,
    "packages": packages,
    "settings": settings,
    "trace-events": trace_events,
    "trace-head": trace_head,
}
