"""The keys of ``config.json``: the values that each accepts, and what it means.

``config`` checks a file by these tables, and the reference in the documents is generated from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from streamparse.project.words import as_json

__all__ = [
    "ANY_ENVIRONMENT",
    "ENVIRONMENT",
    "LATER",
    "LOG",
    "TOP",
    "ConfigKey",
    "Kind",
    "config_keys",
    "expected",
    "invalid_in_host",
    "invalid_in_user",
    "log_setting_problems",
    "parse_nimbus",
]

NIMBUS_PORT: Final = 6627  # nimbus.thrift.port in Storm's defaults.yaml


class Kind(NamedTuple):
    """The values that a key accepts, and what the key is for.

    Attributes:
        accepts: returns whether a value, as JSON gives it, is one of them.
        words: the values in words, for messages and for the reference.
        example: one of them, as JSON text.
        meaning: what the key sets, in Markdown, for the reference.
        finding: returns what is wrong with a value that is accepted, such as ``is "-x": ...``; None when nothing is.
    """

    accepts: Callable[[object], bool]
    words: str
    example: str
    meaning: str
    finding: Callable[[object], str | None] = lambda value: None


def expected(kind: Kind) -> str:
    """Return the end of a message about a value: ``expected a string, such as "storm"``."""
    is_told = kind.accepts in (_is_boolean, _is_object) or kind.example in kind.words
    example = "" if is_told else f", such as {kind.example}"
    return f"expected {kind.words}{example}"


# host, host:port, [::1]:port
_NIMBUS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(\d{1,5}))?")


def parse_nimbus(text: str) -> tuple[str, int] | None:
    """Return host and port of ``host``, ``host:port`` or ``[::1]:port``; None for any other text."""
    found = _NIMBUS.fullmatch(text)
    if found is None or not _is_port(int(found[2] or NIMBUS_PORT)):
        return None
    return found[1].strip("[]"), int(found[2] or NIMBUS_PORT)


# A name reaches the commands of ssh's own configuration, such as ProxyCommand, as %h and %r.
_NOT_IN_HOST = re.compile(r"""^-|['`"$\\;&<>|(){}\s\x00-\x1f\x7f]""")
_NOT_IN_USER = re.compile(r"""^-|['`"$;&<>|(){}\x00-\x1f\x7f]|\s-|\\$""")


def invalid_in_host(name: str) -> str | None:
    """Return what is wrong with the name of a host, by the rule of OpenSSH's ``valid_hostname``; None if it is good."""
    return "hostname contains invalid characters" if _NOT_IN_HOST.search(name) else None


def invalid_in_user(name: str) -> str | None:
    """Return what is wrong with the name of a user, by the rule of OpenSSH's ``valid_ruser``; None if it is good."""
    return "remote username contains invalid characters" if _NOT_IN_USER.search(name) else None


def _finding_in_user(value: object) -> str | None:
    wrong = invalid_in_user(str(value))
    return None if wrong is None else f"is {as_json(value)}: {wrong}"


def _finding_in_nimbus(value: object) -> str | None:
    address = parse_nimbus(str(value))
    wrong = None if address is None else invalid_in_host(address[0])
    return None if wrong is None else f"is {as_json(value)}: {wrong}"


def _finding_in_workers(value: object) -> str | None:
    hosts = value if isinstance(value, list) else []
    for each in hosts:
        user, at, host = each.rpartition("@")
        wrong = (invalid_in_user(user) if at else None) or invalid_in_host(host)
        if wrong is not None:
            return f"has {as_json(each)}: {wrong}"
    twice = [each for each, number in Counter(map(str, hosts)).items() if number > 1]
    return f"has {as_json(twice[0])} twice, which is one worker; leave one out" if twice else None


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_absolute(value: object) -> bool:
    return isinstance(value, str) and (not value or value.startswith("/"))


def _is_path(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_flags(value: object) -> bool:
    return isinstance(value, str) and not any(
        word.startswith("~") for word in re.split(r"[\s=]", value)
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535


def _is_nimbus(value: object) -> bool:
    return isinstance(value, str) and (not value or parse_nimbus(value) is not None)


def _is_level(value: object) -> bool:
    from streamparse.storm import LEVELS  # logging is slow to load, and few need it

    return isinstance(value, str) and value.lower() in LEVELS


def _is_aliases(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(each, str) and re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", each)
        for pair in value.items()
        for each in pair
    )


def _is_way(value: object) -> bool:
    return value in ("lein", "thrift")


def _is_virtualenv(value: object) -> bool:
    return value in ("ssh", "blobstore")


def _is_platform(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"linux_[a-z]\w*", value) is not None


def _is_hosts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _text(example: str, meaning: str) -> Kind:
    return Kind(_is_text, "a string", example, meaning)


def _absolute(example: str, meaning: str) -> Kind:
    return Kind(_is_absolute, "an absolute path", example, meaning)


def _boolean(meaning: str) -> Kind:
    return Kind(_is_boolean, "true or false", "true", meaning)


def _count(meaning: str) -> Kind:
    return Kind(_is_count, "a whole number", "10", meaning)


def _serializer_finding(value: object) -> str | None:
    spoken = "components here speak JSON, as Storm's own serializer does"
    return None if value == "json" else f"is {as_json(value)}: {spoken}"


def _object(meaning: str) -> Kind:
    return Kind(_is_object, "an object", "{...}", meaning)


#: Of the project, or of one environment: projects of streamparse 3 to 5 have it.
_SERIALIZER = Kind(
    _is_text,
    'only "json"',
    '"json"',
    "The messages of components, as projects of streamparse 3 to 5 name it. Storm and components speak JSON here, "
    "so the key changes nothing.",
    _serializer_finding,
)


TOP: Mapping[str, Kind] = {
    "library": _text('""', "Accepted for projects of 2.1.3. It has no effect."),
    "topology_specs": Kind(
        _is_path,
        "a path",
        '"topologies/"',
        "The directory of the topology files. Default: `topologies/`.",
    ),
    "virtualenv_specs": Kind(
        _is_path,
        "a path",
        '"virtualenvs/"',
        "The directory of the requirements, a file `NAME.txt` for each topology. Default: `virtualenvs/`.",
    ),
    "envs": _object("The environments by name, one for each cluster."),
    "serializer": _SERIALIZER,
    "aliases": Kind(
        _is_aliases,
        "an object of names of packages",
        '{"pystorm": "streamparse"}',
        "Other names of packages: what sources and topologies import by the first name is the second package. "
        "Default: none.",
    ),
}
LOG: Mapping[str, Kind] = {
    "path": _absolute(
        '"/var/log/storm/streamparse"',
        "The directory of the components' log files: an absolute path that exists on every worker. Default: none; "
        "components log through Storm.",
    ),
    "max_bytes": _count("The size at which a log file is rotated. Default: 1000000."),
    "backup_count": _count("The number of rotated files that are kept. Default: 10."),
    "level": Kind(
        _is_level,
        "debug, info, warning, error or critical",
        '"info"',
        "The level of the log files. Default: `info`.",
    ),
}
#: The keys of an environment.
ENVIRONMENT: Mapping[str, Kind] = {
    "user": Kind(
        _is_text,
        "a string",
        '"storm"',
        "The user that logs in to the workers and to the machine of Nimbus. `user@` before a host wins over it. "
        "Default: the user of the ssh configuration.",
        _finding_in_user,
    ),
    "nimbus": Kind(
        _is_nimbus,
        "a host, or host:port",
        '"storm1.example.com"',
        "The machine of Nimbus and its thrift port. Required by every command that talks to the cluster. Default of "
        "the port: 6627.",
        _finding_in_nimbus,
    ),
    "workers": Kind(
        _is_hosts,
        "a list of hosts",
        '["storm1.example.com", "storm2.example.com"]',
        "The machines that run workers: `host`, `host:port` (the port of sshd) or `user@host`. Required for logs, and "
        "for virtualenvs over ssh unless the submit is by Thrift, which takes the supervisors that Nimbus knows.",
        _finding_in_workers,
    ),
    "log": _object("The settings of the components' log files."),
    "log_path": _absolute('"/var/log/storm/streamparse"', "The older name of `log.path`."),
    "use_ssh_for_nimbus": _boolean(
        "Whether Nimbus and Storm's UI are reached through ssh. Default: `true`."
    ),
    "use_virtualenv": _boolean(
        "Whether every worker has a virtualenv of the topology, whose Python runs the components. Default: `true`.",
    ),
    "virtualenv": Kind(
        _is_virtualenv,
        '"ssh" or "blobstore"',
        '"blobstore"',
        "How the packages of the requirements get to the workers: a virtualenv that is built on each of them over ssh, "
        "or an archive that is built here and that Storm's blob store hands out, from Storm 1.0 on. Default: `ssh`.",
    ),
    "platform": Kind(
        _is_platform,
        "linux_ and a machine",
        '"linux_aarch64"',
        'The platform of the workers, for `"virtualenv": "blobstore"`: packages that are compiled for another are '
        "refused. Default: `linux_x86_64`.",
    ),
    "virtualenv_root": _absolute(
        '"/data/virtualenvs"',
        "The directory of the virtualenvs: an absolute path on the workers that `user` may write to. Required for "
        "virtualenvs over ssh.",
    ),
    "virtualenv_path": _absolute('"/data/virtualenvs"', "The older name of `virtualenv_root`."),
    "virtualenv_flags": Kind(
        _is_flags,
        "a string without ~, which no shell expands",
        '"-p /usr/bin/python3"',
        'Options of `virtualenv` when it creates one; with `"virtualenv": "blobstore"` only `-p`, a Python of this '
        "machine. Default: none.",
    ),
    "options": _object(
        "Settings of the topologies that are submitted to this environment. `-o`, `-w` and `-a` win over them. "
        "Default: none.",
    ),
    "serializer": _SERIALIZER,
    "submit": Kind(
        _is_way,
        '"lein" or "thrift"',
        '"thrift"',
        "The way in which topology files are submitted: with Leiningen, or by Thrift, without a JVM. `--lein` and "
        "`--thrift` win over it. Default: `lein`.",
    ),
    "ui.port": Kind(
        _is_port,
        "a whole number from 1 to 65535",
        "8080",
        "The port of Storm's UI on the machine of Nimbus. Default: 8080.",
    ),
}
#: The keys of later versions of streamparse that have no meaning here, by section, with what to use instead.
LATER: Mapping[str, Mapping[str, str]] = {
    "": {},
    "env": {
        "ssh_password": "log in with a key, or let ssh's configuration say how",
        "ssh_port": "write host:port in workers, and Port for the machine of nimbus in ssh's configuration",
        "ssh_tunnel": "use_ssh_for_nimbus decides it",
        "sudo_user": "user is who logs in",
        "install_virtualenv": "use_virtualenv decides it",
        "overwrite_virtualenv": "remove the virtualenv on the workers to have it built anew",
        "virtualenv_name": "a virtualenv has the name of its topology",
        "worker_count": 'write "options": {"topology.workers": N}, or submit with -w N',
        "acker_count": 'write "options": {"topology.acker.executors": N}, or submit with -a N',
        "remote_jar_path": "every submit builds and uploads its jar",
        "local_jar_path": "every submit builds and uploads its jar",
    },
    "log": {"file": "a log file is named after its topology, component and task"},
}
ANY_ENVIRONMENT = _object("The environment of this name.")


def log_setting_problems(conf: Mapping[str, object]) -> Iterator[str]:
    """Yield a line for each setting ``streamparse.log.*`` of a topology that components cannot use."""
    for key, kind in LOG.items():
        value = conf.get(f"streamparse.log.{key}")
        if value is not None and not kind.accepts(value):
            yield f"streamparse.log.{key} is {as_json(value)}; {expected(kind)}"


class ConfigKey(NamedTuple):
    """A key of ``config.json``: its path, the values it takes, an example in JSON, and its meaning in Markdown."""

    path: str
    values: str
    example: str
    meaning: str


def config_keys() -> list[ConfigKey]:
    """Return every known key of ``config.json``; NAME stands for the name of an environment."""
    sections = (("", TOP), ("envs.NAME.", ENVIRONMENT), ("envs.NAME.log.", LOG))
    return [
        ConfigKey(f"{section}{key}", kind.words, kind.example, kind.meaning)
        for section, kinds in sections
        for key, kind in kinds.items()
    ]
