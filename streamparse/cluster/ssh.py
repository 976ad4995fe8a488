"""One machine over ssh: a connection that trusts the hosts that ssh trusts, and commands run there.

Fabric makes the connection, with the settings of ``~/.ssh/config``. Host keys are checked in ``known_hosts``, because
fabric accepts any key of any host. Commands are bound to their session: they end when its standard input does, with
everything that they have started, whether the session is closed, the network fails or this process dies.
"""

from __future__ import annotations

import contextlib
import logging
import re
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from streamparse.cluster.known_hosts import WrongKey, hops, open_connection
from streamparse.cluster.port_forward import CONNECT_SECS, Tunnel, Unanswered
from streamparse.cluster.ssh_config import read_ssh_config
from streamparse.project import OperationError, invalid_in_host, invalid_in_user, wait_secs

if TYPE_CHECKING:
    import paramiko

__all__ = ["Address", "Finished", "Machine", "Stopped", "reason"]

_log = logging.getLogger(__name__)

BANNER_SECS = 15  # for sshd's first line
LOGIN_SECS = 30
KEEPALIVE_SECS = 30  # firewalls forget a silent connection after minutes
MOST_OUTPUT = 200_000  # bytes of a command's output that are kept, the last ones

# user@host:port, where an address of IPv6 has brackets if a port follows.
_ADDRESS = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^@\s:\[\]/-][^@\s:\[\]/]*))"
    r"(?::(?P<port>\d{1,5}))?"
)


class Address(NamedTuple):
    """The address of a machine, as people write it: ``host``, ``host:port``, ``user@host``."""

    user: str | None
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Address | None:
        """Return the address in a text; None when it is no address."""
        found = _ADDRESS.fullmatch(text)
        if found is None or not 0 < int(found["port"] or 22) < 65536:
            return None
        if invalid_in_user(found["user"] or "") or invalid_in_host(found["host"] or ""):
            return None
        port = int(found["port"]) if found["port"] else None
        return cls(found["user"], found["host"] or found["six"], port)


class Stopped(Exception):
    """The command was ended because we were asked to stop."""


class Finished(NamedTuple):
    """A command that has ended: its exit status, and its output, stdout and stderr together.

    Bytes of the output that are no UTF-8 are surrogates in ``raw``, as in a path of Python's, and marked in ``output``.
    """

    status: int
    raw: str

    @property
    def output(self) -> str:
        return self.raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Machine:
    """A machine on which commands are run; the first one makes the connection.

    ``stop`` may be called from another thread.

    Args:
        name: its address, as in ``config.json``.
        user: who logs in, unless the address names somebody; None leaves it to ssh's configuration.

    Attributes:
        name: the same, for messages.
    """

    def __init__(self, name: str, user: str | None) -> None:
        address = Address.parse(name)
        assert address is not None, name  # worker_names refuses any other text
        self.name = name
        self._address = address._replace(user=address.user or user)
        self._connection: Any = None  # fabric has no types
        self._running: list[paramiko.Channel] = []
        self._stopping = False
        self._lock = threading.Lock()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        command: str,
        *,
        on_line: Callable[[str], None] | None = None,
        always: bool = False,
        most_output: int | None = MOST_OUTPUT,
    ) -> Finished:
        """Run a command of sh, without any input.

        Args:
            on_line: called with each line of its output as it comes; then the lines are not kept.
            always: run it also after ``stop``, for cleaning up.
            most_output: how many bytes of its output are kept, the last ones; None for all.

        Raises:
            OperationError: the machine cannot be reached, or was lost.
            Stopped: ``stop`` was called.
        """
        _log.info("%s: %s", self.name, command)
        output = _Output(on_line, most_output)
        with self._started(_bound_to_session(command), always=always) as channel:
            while chunk := channel.recv(65536):
                output.add(chunk)
            return Finished(self._status(channel, command), output.end())

    @contextmanager
    def beside(self, command: str, *, on_line: Callable[[str], bool]) -> Iterator[None]:
        """Run a command beside others while this context lasts, and end it afterwards.

        Args:
            on_line: called with each line of its output, until it returns True: then the context is entered.

        Raises:
            OperationError: the machine cannot be reached, or the command ended before.
            Stopped: ``stop`` was called.
        """
        lines: list[str] = []
        is_ready = False

        def read(line: str) -> None:
            nonlocal is_ready
            lines.append(line)
            is_ready = on_line(line) or is_ready

        output = _Output(read, None)
        with self._started(_bound_to_session(command), always=False) as channel:
            while not is_ready and (chunk := channel.recv(65536)):
                output.add(chunk)
            if not is_ready:
                output.end()
                status = self._status(channel, command)
                cause = (lines or [f"exit status {status}"])[-1]
                raise OperationError(f"{self.name}: {cause}", "\n".join(lines))
            try:
                yield
            finally:
                _end_input(channel)
                channel.recv_exit_status()  # what it held is free now

    def write(self, path: str, content: bytes) -> Finished:
        """Write a file there; the status is not 0 if it could not be written."""
        _log.info("%s: writing %s", self.name, path)
        with self._started(_in_sh(f"cat > {shlex.quote(path)}"), always=False) as channel:
            channel.sendall(content)
            channel.shutdown_write()
            output = channel.recv(65536)
            return Finished(self._status(channel, f"cat > {path}"), _text(output))

    def tunnel(self, port: int) -> Tunnel:
        """Return a port of this machine that leads to this port there.

        Raises:
            OperationError: the machine cannot be reached, or does not forward ports.
            Unanswered: nothing answers at the port.
        """
        _log.info("%s: a way to its port %s", self.name, port)
        with _explained(self.name, self._address):
            return Tunnel(self.name, self._connected(), port)

    def is_lost(self) -> bool:
        """Return True if the connection has been lost since it was made."""
        from paramiko import SSHException

        try:
            self._connected().open_session(timeout=wait_secs(CONNECT_SECS)).close()
        except (SSHException, EOFError, OSError):
            return True
        return False

    @property
    def has_begun(self) -> bool:
        """True once it has been connected to, so that there may be something to clean up."""
        return self._connection is not None

    def stop(self) -> None:
        """End the command that is running, and start no others than those that clean up."""
        with self._lock:
            self._stopping = True
            running = [*self._running]
        for channel in running:
            _end_input(channel)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.client.close()  # also after half a connection, which fabric leaves open
            self._connection.close()

    def _connected(self) -> paramiko.Transport:
        if self._connection is None:
            self._connection = _connect(self._address)
        transport: paramiko.Transport = self._connection.transport
        return transport

    @contextmanager
    def _started(self, command: str, *, always: bool) -> Iterator[paramiko.Channel]:
        with _explained(self.name, self._address):
            self._connected()
            channel: paramiko.Channel = self._connection.create_session()
            with channel:
                channel.set_combine_stderr(True)
                with self._lock:
                    if self._stopping and not always:
                        raise Stopped
                    if not always:
                        self._running.append(channel)
                try:
                    channel.exec_command(command)
                    yield channel
                finally:
                    with self._lock:
                        self._running = [each for each in self._running if each is not channel]

    def _status(self, channel: paramiko.Channel, command: str) -> int:
        status = channel.recv_exit_status()
        if self._stopping and channel in self._running:
            raise Stopped
        if status < 0:
            raise OperationError(
                f"{self.name}: the ssh connection was lost while this ran: {command}; run it again"
            )
        return status


class _Output:
    """The output of a command, which comes in pieces of any size."""

    def __init__(self, on_line: Callable[[str], None] | None, most_bytes: int | None) -> None:
        self._on_line = on_line
        self._most_bytes = most_bytes
        self._bytes = b""

    def add(self, chunk: bytes) -> None:
        self._bytes += chunk
        if self._on_line is None:
            if self._most_bytes is not None:
                self._bytes = self._bytes[-self._most_bytes :]
            return
        *lines, self._bytes = self._bytes.split(b"\n")
        for line in lines:
            self._on_line(line.decode(errors="replace"))

    def end(self) -> str:
        if self._on_line is None:
            return _text(self._bytes)
        if self._bytes:
            self._on_line(self._bytes.decode(errors="replace"))
        return ""


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


# -- commands ----------------------------------------------------------------------------------------------------

# The command is the leader of a process group, so that its children end with it. Descriptor 3 is the session's
# standard input, which sh does not give to commands in the background; it ends when the session does.
_BOUND_TO_SESSION = """exec 3<&0
leader=; command -v setsid >/dev/null && leader=setsid
$leader sh -c {command} </dev/null 3<&- & task=$!
(cat <&3; kill -s TERM -- -$task || kill -s TERM $task) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait $task; status=$?
kill $watch 2>/dev/null
exit $status"""


def _bound_to_session(command: str) -> str:
    return _in_sh(_BOUND_TO_SESSION.format(command=shlex.quote(command)))


def _in_sh(script: str) -> str:
    return f"exec sh -c {shlex.quote(script)}"  # whatever the user's own shell is


def _end_input(channel: paramiko.Channel) -> None:
    with contextlib.suppress(OSError):  # it has ended just now
        channel.shutdown_write()


# -- connections -------------------------------------------------------------------------------------------------


def _connect(address: Address) -> Any:
    from paramiko.ssh_exception import ConfigParseError

    _silence_paramiko()
    try:
        connection = _configured(address)
    except (OSError, ValueError, KeyError, ConfigParseError) as error:
        raise OperationError(f"ssh's configuration cannot be read: {error}") from error
    for hop in hops(connection):
        hop.connect_kwargs.setdefault("banner_timeout", wait_secs(BANNER_SECS))
        hop.connect_kwargs.setdefault("auth_timeout", wait_secs(LOGIN_SECS))
        if "identityfile" in hop.ssh_config:  # used instead of ssh's usual keys
            hop.connect_kwargs["look_for_keys"] = False
    open_connection(connection)
    connection.transport.set_keepalive(KEEPALIVE_SECS)
    return connection


def _configured(address: Address) -> Any:
    from fabric import Config, Connection  # type: ignore[import-untyped]
    from paramiko import SSHConfig

    ssh_config = SSHConfig.from_text(read_ssh_config())
    config = Config(
        ssh_config=ssh_config, overrides={"timeouts": {"connect": wait_secs(CONNECT_SECS)}}
    )
    jump = ssh_config.lookup(address.host).get("proxyjump", "")
    return Connection(
        address.host,
        user=address.user,
        port=address.port,
        gateway=False if jump.lower() == "none" else None,
        config=config,
    )


def _silence_paramiko() -> None:
    # paramiko logs what it also raises, and logging prints records without a handler.
    logger = logging.getLogger("paramiko")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


# -- what went wrong ---------------------------------------------------------------------------------------------


@contextmanager
def _explained(name: str, address: Address) -> Iterator[None]:
    """Turn an error on the way to a machine into one line with the remedy."""
    try:
        yield
    except (OperationError, Stopped, Unanswered):
        raise
    except Exception as error:
        words = _words(error, address)
        if words is None:
            raise
        raise OperationError(f"{name}: {words}") from error


def _words(error: Exception, address: Address) -> str | None:
    import paramiko
    from paramiko.ssh_exception import NoValidConnectionsError

    works = f"see that {_login(address)} works"
    match error:
        case WrongKey():
            return f"{error.finding}; {error.remedy.replace('LOGIN', _login(address))}"
        case paramiko.PasswordRequiredException():
            return f"the ssh key has a passphrase, and ssh's agent has not got it; ssh-add it, and {works}"
        case paramiko.AuthenticationException():
            return _refused(address)
        case NoValidConnectionsError():
            places = ", ".join(f"{host} port {port}" for host, port, *_ in error.errors)
            reasons = ", ".join(sorted({reason(each) for each in error.errors.values()}))
            return f"{reasons} ({places}); is sshd running there, and is this its port?"
        case paramiko.SSHException() if "uthentication methods" in str(error):  # no key at all
            return _refused(address)
        case paramiko.SSHException() if "protocol banner" in str(error):
            return "what answers there is no ssh server; is this sshd's port?"
        case paramiko.SSHException():
            return f"ssh failed: {error}; {works}"
        case socket.gaierror():
            return "no such host is known; check its name, or give it a Host in ~/.ssh/config"
        case TimeoutError():
            return f"no answer within {wait_secs(CONNECT_SECS):g} s; is it up, and can it be reached from here?"
        case EOFError() | OSError():
            return f"{reason(error)}; {works}"
    return None


def _refused(address: Address) -> str:
    user = f"user {address.user}" if address.user else "the user"
    return (
        f"{user} is refused: none of the keys of ssh's agent and configuration is accepted; "
        f"see that {_login(address)} works without a password"
    )


def _login(address: Address) -> str:
    """The command that logs in to the machine."""
    port = ["-p", str(address.port)] if address.port else []
    target = f"{address.user}@{address.host}" if address.user else address.host
    return shlex.join(["ssh", *port, target])


def reason(error: BaseException) -> str:
    """Return an error of the network in few words: ``connection refused``."""
    words = getattr(error, "strerror", None) or str(error) or "the connection was closed"
    return words[0].lower() + words[1:]
