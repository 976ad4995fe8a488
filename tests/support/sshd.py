"""Machines on loopback that ssh can reach: real sshd's, each with a user, a port and a host key of its own.

As root each machine has a user made for it, and its own ``data`` directory under the path that all of them share, so
that two machines can build the same virtualenv as two machines would; the first one's is what this machine sees. Any
other user gets one machine: itself. A home directory with keys and a configuration for ssh is made too; who has it as
``HOME`` reaches the machines by name. Nothing of it is left.

    python -m tests.support.sshd                    # says how to connect, and goes on until Ctrl-C
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import fcntl
import functools
import getpass
import itertools
import json
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.support.lifetime import END_WITH_STARTER
from tests.support.paths import ROOT
from tests.support.ports import claimed_port
from tests.support.waiting import HANG_SECS, until

REPOSITORY = ROOT

# Debian's place for the server, where the PATH of most users does not lead.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"

_SSHD_CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {directory}/host_key
AuthorizedKeysFile {directory}/authorized_keys
AllowUsers {user}
PidFile none
# The directories above ours belong to whoever runs the tests.
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
AllowTcpForwarding {forwarding}
Subsystem sftp internal-sftp
LogLevel VERBOSE
MaxSessions 50
SetEnv PATH={path}
"""

_SSH_CONFIG = """
Host {name}
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {home}/.ssh/id_ed25519
    IdentitiesOnly yes
    UserKnownHostsFile {home}/.ssh/known_hosts
    StrictHostKeyChecking yes
"""


@dataclass
class Host:
    """A machine: ``ssh NAME`` reaches it, while its server runs."""

    name: str
    user: str
    port: int
    directory: Path
    data: Path  # where its ``data`` really is, seen from here
    _server: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def known(self) -> str:
        """Its line for known_hosts."""
        return f"[127.0.0.1]:{self.port} {(self.directory / 'host_key.pub').read_text()}"

    def start(self) -> None:
        """Have it listen, and return when it does."""
        argv = [_tool("sshd"), "-D", "-e", "-f", str(self.directory / "sshd_config")]
        self._server = subprocess.Popen(
            ["sh", "-c", (self.directory / "start").read_text(), "sh", *argv],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        words = self._server.stderr
        assert words is not None
        said = ""
        for line in words:
            said += line
            if "Server listening" in line:
                # What it says later is for nobody, but it must not wait for a reader.
                threading.Thread(target=_read_to_end, args=(words,), daemon=True).start()
                return
        raise AssertionError(f"sshd of {self.name} did not start:\n{said}")

    def stop(self) -> None:
        """End the server and all its sessions, as when the machine goes down."""
        if self._server is None:
            return
        for pid in _session(self._server.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait()
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server = None
        _end_processes_of(self.user)

    def wait_until_idle(self) -> None:
        """Wait until nothing that was started there runs: it may end a little later than who has started it."""
        until(self.processes, lambda found: not found)

    def processes(self) -> list[str]:
        """The command lines of what runs there for the user, but for ssh's own."""
        found = [" ".join(argv) for _, argv in _processes_of(self.user)]
        # What has ended and is not waited for has no command line.
        return sorted(line for line in found if line and not line.startswith("sshd: "))


def _read_to_end(stream: IO[str]) -> None:
    with stream:
        stream.read()


@dataclass
class Hosts:
    """The machines, and what reaches them.

    Attributes:
        home: the ``HOME`` of whoever is to reach them.
        data: the directory that each of them has for itself, under one name.
    """

    home: Path
    data: Path
    by_name: Mapping[str, Host]

    @property
    def env(self) -> dict[str, str]:
        """The environment of a process that is to reach them."""
        return {"HOME": str(self.home)}

    @property
    def known_hosts(self) -> Path:
        return self.home / ".ssh" / "known_hosts"

    def __getitem__(self, name: str) -> Host:
        return self.by_name[name]

    def environment_config(self) -> dict[str, object]:
        """What an environment of ``config.json`` says of them; where Nimbus is has to be added."""
        return {
            "workers": [*self.by_name],
            "use_ssh_for_nimbus": True,
            "virtualenv_root": str(self.data / "virtualenvs"),
            "log": {"path": str(self.data / "logs")},
        }


@contextmanager
def hosts(
    *names: str,
    small: Mapping[str, str] | None = None,
    path: str = "/usr/local/bin:/usr/bin:/bin",
    forwarding: bool = True,
) -> Iterator[Hosts]:
    """Machines of these names, by default ``worker1`` and ``worker2``.

    Args:
        small: machines whose ``data`` has no more room than this: ``{"worker2": "4m"}``; root only, and not the first.
        path: the ``PATH`` there.
        forwarding: whether they let tunnels through.
    """
    names = names or ("worker1", "worker2")
    _need("sshd", "ssh-keygen")
    if os.geteuid() != 0:
        names = names[:1]
    with contextlib.ExitStack() as stack:
        base = Path(tempfile.mkdtemp(prefix="streamparse-ssh-"))
        stack.callback(shutil.rmtree, base, ignore_errors=True)
        base.chmod(0o755)
        home = base / "client"
        (home / ".ssh").mkdir(parents=True, mode=0o700)
        _make_key(home / ".ssh" / "id_ed25519")
        first = base / "data"
        made = [
            stack.enter_context(_host(name, base, first, (small or {}).get(name), path, forwarding))
            for name in names
        ]
        (home / ".ssh" / "known_hosts").write_text("".join(host.known for host in made))
        (home / ".ssh" / "config").write_text(
            "".join(
                _SSH_CONFIG.format(name=host.name, port=host.port, user=host.user, home=home)
                for host in made
            )
        )
        yield Hosts(home, made[0].data, {host.name: host for host in made})


@contextmanager
def _host(
    name: str, base: Path, first: Path, small: str | None, path: str, forwarding: bool
) -> Iterator[Host]:
    directory = base / name
    data = directory / "data" if first.exists() else first
    for each in (directory, data / "virtualenvs", data / "logs"):
        each.mkdir(parents=True)
    with _user(directory) as user, claimed_port() as port:
        home = Path(pwd.getpwnam(user).pw_dir)
        if os.geteuid() == 0:
            _write_pip_conf(home / ".config" / "pip" / "pip.conf")
            subprocess.run(["chown", "-R", user, home, data], check=True)
        _make_key(directory / "host_key")
        shutil.copy(base / "client" / ".ssh" / "id_ed25519.pub", directory / "authorized_keys")
        host = Host(name, user, port, directory, data)
        (directory / "sshd_config").write_text(
            _SSHD_CONFIG.format(
                port=host.port,
                directory=directory,
                user=user,
                path=path,
                forwarding="yes" if forwarding else "no",
            )
        )
        (directory / "start").write_text(
            END_WITH_STARTER + _start_script(host, first, small), encoding="utf-8"
        )
        try:
            host.start()
            yield host
        finally:
            host.stop()


def _start_script(host: Host, first: Path, small: str | None) -> str:
    """What starts the server; ``$@`` is its command line."""
    if host.data == first:
        return 'exec "$@"'
    # Its own data, where everybody else sees the first one's.
    here = shlex.quote(str(first))
    if small is None:
        mount = f"mount --bind {shlex.quote(str(host.data))} {here}"
    else:
        mount = f"mount -t tmpfs -o size={shlex.quote(small)} none {here}"
        mount += f" && mkdir {here}/virtualenvs {here}/logs && chown -R {host.user} {here}"
    script = shlex.quote(f'{mount} && exec "$@"')
    return f'exec unshare --mount sh -c {script} sh "$@"'


_numbers = itertools.count(1)  # no two users of this process have one name


_USERS = f"streamparse-{os.getpid()}-"


def is_made_here(user: str) -> bool:
    """Whether this process has made this user, or is it."""
    return user.startswith(_USERS) if os.geteuid() == 0 else user == getpass.getuser()


@contextmanager
def _user(directory: Path) -> Iterator[str]:
    if os.geteuid() != 0:
        yield getpass.getuser()
        return
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd's own service makes it at boot
    users = {each.pw_name for each in pwd.getpwall()}  # a run that was killed has left its own
    user = next(name for n in _numbers if (name := f"{_USERS}{n}") not in users)
    # With * instead of a password it can log in by key alone; without one, sshd takes it for locked.
    home = ["--create-home", "--home-dir", str(directory / "home"), "--skel", "/var/empty/none"]
    with _users_locked():
        argv = ["useradd", *home, "--shell", "/bin/sh", "--password", "*", user]
        subprocess.run(argv, check=True)
    try:
        yield user
    finally:
        _end_processes_of(user)
        with _users_locked():
            subprocess.run(["userdel", user], check=True, capture_output=True)


@contextmanager
def _users_locked() -> Iterator[None]:
    """Alone among all test runs on this machine: useradd gives up where another holds the files for long."""
    with Path(tempfile.gettempdir(), "streamparse-tests-users.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# -- pip there ---------------------------------------------------------------------------------------------------


@functools.cache
def wheels() -> Path:
    """A directory with a wheel of this checkout, made once in this process and gone when it ends."""
    here = Path(tempfile.mkdtemp(prefix="streamparse-wheels-"))
    atexit.register(shutil.rmtree, here)
    here.chmod(0o755)
    source = here / "source"
    ignored = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "tests", "__pycache__")
    shutil.copytree(REPOSITORY, source, ignore=ignored, symlinks=True)
    argv = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(here)]
    subprocess.run([*argv, str(source)], check=True)
    shutil.rmtree(source)
    return here


def _write_pip_conf(path: Path) -> None:
    """The pip there finds its packages where the one here does, and this checkout's wheel."""
    argv = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'\"").replace("\\n", "\n    ")
    settings["timeout"] = f"{HANG_SECS:.0f}"  # an index of a test may be slow to answer, on purpose
    settings["find-links"] = f"{settings.get('find-links', '')}\n    {wheels()}".strip()
    path.parent.mkdir(parents=True)
    path.touch(mode=0o600)
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    path.write_text("[global]\n" + "".join(lines), encoding="utf-8")


# -- the machine -------------------------------------------------------------------------------------------------


def _need(*tools: str) -> None:
    import pytest

    missing = [tool for tool in tools if shutil.which(tool, path=_PATH) is None]
    if missing:
        reason = f"{', '.join(missing)} not on this machine; Debian has it in openssh-server"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; CI covers these tests and does not leave them out")
        pytest.skip(reason)


def _tool(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    assert found is not None, name
    return found  # sshd wants to be started by its whole path


def _make_key(path: Path) -> None:
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(argv, check=True)


def _session(leader: int) -> list[int]:
    """The processes of a session, and of those that sshd began for each login."""
    parents = {int(pid): int(fields[1]) for pid, fields in _stat()}
    found = [leader]
    for pid in found:  # which grows
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _stat() -> Iterator[tuple[str, list[str]]]:
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                yield directory.name, (directory / "stat").read_text().rpartition(")")[2].split()


def _processes_of(user: str) -> list[tuple[int, list[str]]]:
    uid = pwd.getpwnam(user).pw_uid
    found = []
    for pid, _ in _stat():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            directory = Path("/proc", pid)
            if directory.stat().st_uid == uid:
                argv = (directory / "cmdline").read_text().rstrip("\0").split("\0")
                found.append((int(pid), argv))
    return found


def _end_processes_of(user: str) -> None:
    if os.geteuid() != 0:
        return  # they are this user's own, and most are not ours

    def left() -> list[tuple[int, list[str]]]:
        found = _processes_of(user)
        for pid, _ in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    # Until they are waited for, userdel finds them. One may have begun another in the meantime.
    until(left, lambda found: not found)


def main() -> None:
    argparse.ArgumentParser(prog="python -m tests.support.sshd", description=__doc__).parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # whoever started this may have it ignore them
        signal.signal(number, signal.default_int_handler)
    with hosts() as there:
        print(f"export HOME={there.home}   # then, from another shell")
        for name in there.by_name:
            print(f"ssh -F {there.home}/.ssh/config {name}")
        print(json.dumps({"envs": {"here": there.environment_config()}}, indent=4))
        print("Ctrl-C ends it", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
