"""Ports that lead through ssh."""

from __future__ import annotations

import pytest

from streamparse.cluster.tunnels import nimbus_tunnel
from tests.support import sshd
from tests.support.ssh_project import (
    environment,
    failure,
    reach,
)

pytestmark = pytest.mark.real_ssh


def test_a_server_that_lets_nobody_through_is_told_as_such(
    echo_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sshd.hosts("worker1", forwarding=False) as hosts:
        reach(hosts, monkeypatch)
        there = environment(hosts, nimbus=f"worker1:{echo_port}")
        assert str(failure(lambda: nimbus_tunnel(there).__enter__())) == (
            "worker1: sshd forwards no ports; expected AllowTcpForwarding yes in its configuration"
        )
