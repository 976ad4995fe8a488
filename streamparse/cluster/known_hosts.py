"""Host key checking, by the rules of ssh_config(5) and sshd(8).

A host whose key is unknown, changed or revoked is refused, since a command cannot ask, unless
``StrictHostKeyChecking`` is ``no`` or ``accept-new``. Fabric itself accepts any key.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from streamparse.project import home_directory

if TYPE_CHECKING:
    import paramiko

__all__ = ["WrongKey", "hops", "open_connection"]


class WrongKey(Exception):
    """A host has another key than ``known_hosts`` has for it.

    Attributes:
        finding: the host and its key.
        remedy: what to do; ``LOGIN`` in it stands for a login with ssh.
    """

    def __init__(self, finding: str, remedy: str) -> None:
        super().__init__(finding, remedy)
        self.finding = finding
        self.remedy = remedy


class _Keys(NamedTuple):
    """The keys of one host in the files of known hosts."""

    trusted: list[paramiko.PKey]
    revoked: list[paramiko.PKey]


class _MissingKeyPolicy:
    """paramiko's policy object for a host without a known key.

    Args:
        name: of the host in the files of known hosts.
        strict: the value of ``StrictHostKeyChecking``.
        revoked: the host's revoked keys.
        file: the file that ``accept-new`` adds keys to.
    """

    def __init__(
        self, name: str, strict: str, revoked: list[paramiko.PKey], file: Path | None
    ) -> None:
        self._name = name
        self._strict = strict
        self._revoked = revoked
        self._file = file

    def missing_host_key(self, _: object, __: str, key: paramiko.PKey) -> None:
        shown = f"the host key of {self._name}, {_fingerprint(key)}"
        if key in self._revoked:
            raise WrongKey(f"{shown}, is revoked in known_hosts", "ask who runs the host")
        if self._strict not in ("no", "off", "accept-new"):
            raise WrongKey(
                f"{shown}, is not in known_hosts", "LOGIN once to look at it and accept it"
            )
        if self._strict == "accept-new" and self._file is not None:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{self._name} {key.get_name()} {key.get_base64()}\n")


def open_connection(connection: Any) -> None:
    """Open a connection of fabric's, and those of its jump hosts, to hosts with known keys.

    Args:
        connection: a ``fabric.Connection``.

    Raises:
        WrongKey: one of the hosts has another key.
    """
    from paramiko import BadHostKeyException

    way = [*hops(connection)]
    for hop in way:
        _check_keys_of(hop)
    tried: list[paramiko.PKey] = []
    while True:
        try:
            connection.open()
            return
        except BadHostKeyException as error:
            hop = next(each for each in way if each.host == error.hostname)
            # ssh accepts any of the keys of a host; paramiko looks at one of each kind.
            if error.key in tried or error.key not in _known_keys(hop).trusted:
                raise _changed(hop, error) from error
            tried.append(error.key)
            _expect(hop, error.key)


def hops(connection: Any) -> Iterator[Any]:
    """Yield the connection, and those that it is made through; a ProxyCommand is not a connection."""
    hop = connection
    while hop and not isinstance(hop, str):
        yield hop
        hop = hop.gateway


def _changed(connection: Any, error: paramiko.BadHostKeyException) -> WrongKey:
    name = _name(connection)
    return WrongKey(
        f"the host key of {name} is {_fingerprint(error.key)}, but known_hosts has "
        f"{_fingerprint(error.expected_key)}: somebody may be listening in",
        f"if the host was set up anew, {shlex.join(['ssh-keygen', '-R', name])}, then LOGIN once",
    )


def _check_keys_of(connection: Any) -> None:
    """Make the connection refuse the keys that ssh refuses."""
    strict = connection.ssh_config.get("stricthostkeychecking", "ask").lower()
    keys = _known_keys(connection)
    if strict not in ("no", "off"):
        for key in reversed(keys.trusted):  # so that the first of a kind is the one that stays
            _expect(connection, key)
    files = _files(connection, "userknownhostsfile")
    connection.client.set_missing_host_key_policy(
        _MissingKeyPolicy(_name(connection), strict, keys.revoked, files[0] if files else None)
    )


def _expect(connection: Any, key: paramiko.PKey) -> None:
    connection.client.get_host_keys().add(_with_port(connection), key.get_name(), key)


def _name(connection: Any) -> str:
    """The name of the host in files of known hosts."""
    return str(connection.ssh_config.get("hostkeyalias") or _with_port(connection))


def _with_port(connection: Any) -> str:
    """The name of the host, with its port unless that is 22."""
    host, port = connection.host.lower(), connection.port
    return f"[{host}]:{port}" if port != 22 else str(host)


def _known_keys(connection: Any) -> _Keys:
    lines = [
        line
        for kind in ("userknownhostsfile", "globalknownhostsfile")
        for path in _files(connection, kind)
        for line in _known_lines(path)
    ]
    # A key without a port is valid for every port of the host, where none is known for this one.
    for name in (_name(connection), connection.host):
        marked = [(mark, key) for mark, names, key in lines if _is_named(name.lower(), names)]
        revoked = [key for mark, key in marked if mark == "@revoked"]
        trusted = [key for mark, key in marked if not mark and key not in revoked]
        if marked or "hostkeyalias" in connection.ssh_config:
            return _Keys(trusted, revoked)
    return _Keys([], [])


_KNOWN_HOSTS = {  # ssh_config(5)
    "userknownhostsfile": "~/.ssh/known_hosts ~/.ssh/known_hosts2",
    "globalknownhostsfile": "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
}


def _files(connection: Any, kind: str) -> list[Path]:
    words = shlex.split(connection.ssh_config.get(kind, _KNOWN_HOSTS[kind]))
    home = str(home_directory())
    return [Path(word.replace("%d", home)).expanduser() for word in words if word.lower() != "none"]


def _known_lines(path: Path) -> Iterator[tuple[str, list[str], paramiko.PKey]]:
    """Yield mark, patterns of names, and key of each line that can be read; ssh ignores the others, too."""
    from paramiko import SSHException
    from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = line.split()
        mark = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#"):
            continue
        try:
            entry = HostKeyEntry.from_line(" ".join(words[:3]))
        except (InvalidHostKey, SSHException, ValueError):
            continue
        if entry is not None and entry.key is not None:
            yield mark, words[0].split(","), entry.key


def _is_named(name: str, patterns: list[str]) -> bool:
    if any(each[0] == "!" and _is_like(name, each[1:]) for each in patterns if each):
        return False
    return any(_is_like(name, each) for each in patterns)


def _is_like(name: str, pattern: str) -> bool:
    if pattern.startswith("|1|"):  # hashed, so that the file reveals no names
        from paramiko import HostKeys

        return HostKeys.hash_host(name, pattern) == pattern
    wild = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wild, name) is not None


def _fingerprint(key: paramiko.PKey) -> str:
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"
