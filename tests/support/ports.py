"""Ports for servers that other programs start, which nobody else takes before they do.

A port that was free a moment ago may be an outgoing connection's by now, or that of another test. These are below those
that Linux gives to outgoing connections and to whoever asks for any port, and a claim keeps other tests away from them,
those of other test runs on this machine, too.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["BLOCK", "claim_ports", "claimed_port", "refusing_port"]

BLOCK = 20  # ports of a claim: the one that is held, and those that it is for
_RANGE = range(20000, 32000, BLOCK)


def claim_ports() -> tuple[socket.socket, list[int]]:
    """A claim, which holds until it is closed, and its ports, which are free now."""
    for first in _RANGE:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            claim = stack.enter_context(socket.create_server(("", first)))
            for port in range(first + 1, first + BLOCK):
                socket.create_server(("", port)).close()
            stack.pop_all()
            return claim, [*range(first + 1, first + BLOCK)]
    raise RuntimeError(f"no {BLOCK} ports in a row are free from {_RANGE.start} to {_RANGE.stop}")


@contextmanager
def claimed_port() -> Iterator[int]:
    """A port that is free, and nobody else's while this lasts."""
    claim, (port, *_) = claim_ports()
    with claim:
        yield port


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port at which nobody listens, and nobody else can while this lasts: connections to it are refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
