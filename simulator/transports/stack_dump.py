"""The stacks of a Python component that hangs, as it prints them itself."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time

from simulator.transports.accounting import LOOKS, Stopwatch
from simulator.transports.channel import Channel

SILENT_SECONDS = 0.2  # after which a dump is complete: it is written in one go
MOST_BYTES = 1 << 16  # a component that writes all the time never falls silent


def dump_stack(channel: Channel) -> str:
    """The stacks of all threads: ``streamparse.run`` dumps them on SIGUSR2. The listener of stderr does not see them.

    Returns:
        The dump, with what the component has written on stderr meanwhile; empty for a component that is not Python.
    """
    if channel.start.component.python_class is None:
        return ""
    channel.stderr.drain()
    with contextlib.suppress(ProcessLookupError):
        os.kill(channel.pid, signal.SIGUSR2)
    dump = b""
    silence = Stopwatch(channel.pid, time.monotonic())
    while len(dump) < MOST_BYTES and silence.counted_seconds < SILENT_SECONDS:
        if not select.select([channel.stderr.fd], [], [], SILENT_SECONDS / LOOKS)[0]:
            silence.look(time.monotonic(), SILENT_SECONDS / LOOKS)
            continue
        data = os.read(channel.stderr.fd, 1 << 16)
        if not data:
            break
        dump += data
        silence = Stopwatch(channel.pid, time.monotonic())
    return dump.decode("utf-8", "replace")
