"""Whether the server at an address is a Nimbus that is secured in a way that thriftpy2 does not speak.

Such a server closes the connection, or answers in a frame of its own, when it is asked as a plain Nimbus is. Then it is
asked once more in each of these ways, with a greeting that changes nothing.
"""

from __future__ import annotations

import socket
import ssl
import struct

__all__ = ["security_of"]

#: The START message of TSaslTransport: its status, and the length and the name of a mechanism that nobody has.
_SASL_START = b"\x01\x00\x00\x00\x04NONE"
_SASL_STATUSES = range(2, 6)  # OK, BAD, ERROR, COMPLETE
_SASL_MOST_BYTES = 1 << 20  # of its answer, a sentence


def security_of(address: tuple[str, int], secs: float) -> str | None:
    """Return ``SASL (Kerberos or digest)`` or ``TLS``, if the server speaks it; else None.

    Args:
        address: host and port.
        secs: how long each answer may take.
    """
    if _speaks_sasl(address, secs):
        return "SASL (Kerberos or digest)"
    if _speaks_tls(address, secs):
        return "TLS"
    return None


def _speaks_sasl(address: tuple[str, int], secs: float) -> bool:
    try:
        with (
            socket.create_connection(address, secs) as connection,
            connection.makefile("rb") as answers,
        ):
            connection.sendall(_SASL_START)
            status, length = struct.unpack(">BI", answers.read(5))
    except (OSError, struct.error):  # it has gone, or has said less
        return False
    return status in _SASL_STATUSES and length < _SASL_MOST_BYTES


def _speaks_tls(address: tuple[str, int], secs: float) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # nothing is sent to it
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(address, secs) as connection,
            context.wrap_socket(connection),
        ):
            return True
    except ssl.SSLError as error:
        return "ALERT" in str(error.reason)  # it speaks it, and does not like our greeting
    except OSError:
        return False
