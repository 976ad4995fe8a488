"""Which security a server speaks. tests/real/test_secured.py asks real Nimbuses."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path

import pytest

from streamparse.cluster.secured import security_of
from tests.support.certificate import write_certificate
from tests.support.nimbus_server import NimbusServer, listening, serving
from tests.support.ports import refusing_port
from tests.support.waiting import HANG_SECS

SASL_START = b"\x01\x00\x00\x00\x04NONE"


def security(answers: dict[bytes, bytes]) -> str | None:
    """Of a server that answers so, by the first byte it gets; it closes on everything else."""

    def respond(connection: socket.socket) -> None:
        asked = connection.recv(1000)
        connection.sendall(answers.get(asked[:1], b""))

    with listening(respond) as port:
        return security_of(("127.0.0.1", port), HANG_SECS)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # What Storm 0.10.2 to 2.8.3 answer with DigestSaslTransportPlugin.
        ({b"\1": b"\3\0\0\0\x1fUnsupported mechanism type NONE"}, "SASL (Kerberos or digest)"),
        # What Storm 2.8.3 answers with TlsTransportPlugin to what is no TLS, and to a greeting that it does not take.
        (
            {b"\1": b"\x15\3\3\0\2\2\x0a", b"\x16": b"\x15\3\3\0\2\2\x28"},
            "TLS",
        ),
        ({}, None),
        ({b"\1": b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16": b"SSH-2.0-OpenSSH_9.2\r\n"}, None),
        ({b"\1": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, None),
        ({b"\1": b"\3\xff\xff\xff\xff"}, None),
    ],
)
def test_a_server_is_told_by_its_answers(answers: dict[bytes, bytes], expected: str | None) -> None:
    assert security(answers) == expected


def test_a_server_that_completes_a_handshake_speaks_tls(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_certificate(tmp_path))

    def respond(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # what is no TLS
            context.wrap_socket(connection, server_side=True).close()

    with listening(respond) as port:
        assert security_of(("127.0.0.1", port), HANG_SECS) == "TLS"


def test_a_plain_nimbus_and_nobody_speak_neither() -> None:
    with serving(NimbusServer()) as port:  # which waits for more
        assert security_of(("127.0.0.1", port), 0.05) is None
    with refusing_port() as port:
        assert security_of(("127.0.0.1", port), HANG_SECS) is None
