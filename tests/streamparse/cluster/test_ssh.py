"""A machine over ssh, and what goes wrong on the way to it."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path

import pytest

from tests.support.ports import refusing_port
from tests.support.ssh_project import (
    known_hosts,
    say_hello,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_a_machine_that_cannot_be_reached_is_one_line_with_the_remedy(
    hosts: Hosts, tmp_path: Path
) -> None:
    key = hosts.home / ".ssh" / "secret"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", key], check=True)
    locked = (
        f"Host locked\n HostName 127.0.0.1\n Port {hosts['worker1'].port}\n IdentityFile {key}\n"
    )
    dumb = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        dumb.accept()[0].close()

    threading.Thread(target=hang_up, daemon=True).start()
    with (
        dumb,
        refusing_port() as closed,
        known_hosts(hosts, hosts.known_hosts.read_text(), config=locked),
    ):
        dumb_port = dumb.getsockname()[1]
        outcomes = [
            say_hello(f"127.0.0.1:{closed}"),
            say_hello("nobody@worker1"),
            say_hello("locked"),
            say_hello("no-such-host.invalid"),
            say_hello(f"127.0.0.1:{dumb_port}"),
        ]
    assert outcomes == [
        f"127.0.0.1:{closed}: connection refused (127.0.0.1 port {closed}); "
        "is sshd running there, and is this its port?",
        "nobody@worker1: user nobody is refused: none of the keys of ssh's agent and configuration is accepted; "
        "see that ssh nobody@worker1 works without a password",
        "locked: the ssh key has a passphrase, and ssh's agent has not got it; "
        "ssh-add it, and see that ssh locked works",
        "no-such-host.invalid: no such host is known; check its name, or give it a Host in ~/.ssh/config",
        f"127.0.0.1:{dumb_port}: what answers there is no ssh server; is this sshd's port?",
    ]
