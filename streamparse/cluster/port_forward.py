"""A port of this machine that leads, through an ssh connection, to a port of another machine."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from streamparse.project import OperationError, wait_secs

if TYPE_CHECKING:
    import paramiko

__all__ = ["CONNECT_SECS", "Tunnel", "Unanswered"]

CONNECT_SECS = 10  # a machine of one's own cluster answers in one
FORBIDDEN = 1  # SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1)


class Unanswered(Exception):
    """No server answers at a port; ``str`` is the reason, in few words."""


class Tunnel:
    """A port on the loopback interface of this machine that leads to a port of another machine.

    Every user of this machine can connect to it while it is open: a JVM can be given no other address than a port.

    Args:
        host: the other machine, for messages.
        transport: the ssh connection to it.
        port: on that machine.

    Attributes:
        address: host and port here.

    Raises:
        OperationError: the machine does not forward ports.
        Unanswered: nothing answers at the port.
    """

    def __init__(self, host: str, transport: paramiko.Transport, port: int) -> None:
        self._host = host
        self._transport = transport
        self._there = ("localhost", port)
        self._try()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close the port here; connections that are open go on."""
        with contextlib.suppress(OSError):  # this wakes accept on Linux; elsewhere close does
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _try(self) -> None:
        """Find out whether anything answers."""
        from paramiko import ChannelException

        try:
            self._channel(("127.0.0.1", 0)).close()
        except ChannelException as error:
            if error.code == FORBIDDEN:
                finding = f"{self._host}: sshd forwards no ports"
                remedy = "expected AllowTcpForwarding yes in its configuration"
                raise OperationError(f"{finding}; {remedy}") from None
            raise Unanswered(error.text[0].lower() + error.text[1:]) from None

    def _channel(self, caller: tuple[str, int]) -> paramiko.Channel:
        return self._transport.open_channel(
            "direct-tcpip", self._there, caller, timeout=wait_secs(CONNECT_SECS)
        )

    def _accept(self) -> None:
        while True:
            try:
                caller, address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(caller, address), daemon=True).start()

    def _join(self, caller: socket.socket, address: tuple[str, int]) -> None:
        # The caller sees the same of a server that has gone. To close a channel may fail as well, when ssh has gone.
        with _gone(), caller, self._channel(address) as channel:
            back = threading.Thread(
                target=_pump,
                args=(channel.recv, caller.sendall, lambda: caller.shutdown(socket.SHUT_WR)),
                daemon=True,
            )
            back.start()
            _pump(caller.recv, channel.sendall, channel.shutdown_write)
            back.join()


def _pump(
    read: Callable[[int], bytes], write: Callable[[bytes], object], end: Callable[[], object]
) -> None:
    with _gone():
        while data := read(65536):
            write(data)
    with _gone():
        end()


def _gone() -> contextlib.suppress:
    """One side has gone, or ssh itself; the other side finds out."""
    from paramiko import SSHException

    return contextlib.suppress(SSHException, EOFError, OSError)
