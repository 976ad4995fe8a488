"""The way to Nimbus, through ssh or directly."""

from __future__ import annotations

import contextlib
import socket

import pytest

from streamparse.cluster.tunnels import nimbus_tunnel
from streamparse.project import OperationError
from tests.support.ports import refusing_port
from tests.support.ssh_project import (
    ask,
    environment,
    failure,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


@pytest.mark.parametrize("use_ssh", [True, False])
def test_nimbus_answers_through_a_tunnel_or_directly_and_the_tunnel_is_closed(
    hosts: Hosts, echo_port: int, use_ssh: bool
) -> None:
    host = "worker1" if use_ssh else "127.0.0.1"
    there = environment(hosts, nimbus=f"{host}:{echo_port}", use_ssh_for_nimbus=use_ssh)
    words = bytes(range(256)) * 4096  # a mebibyte, as a jar is longer than any buffer
    with nimbus_tunnel(there) as address:
        assert (ask(address, words), ask(address, b"again")) == (words, b"again")
    assert (address == ("127.0.0.1", echo_port)) is not use_ssh
    if use_ssh:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


@pytest.mark.parametrize(
    ("use_ssh", "way"),
    [(True, ", asked over ssh: connect failed"), (False, ": connection refused")],
)
def test_a_nimbus_that_does_not_answer_is_one_line_with_the_remedy(
    hosts: Hosts, use_ssh: bool, way: str
) -> None:
    host = "worker1" if use_ssh else "127.0.0.1"
    with refusing_port() as port:
        there = environment(hosts, nimbus=f"{host}:{port}", use_ssh_for_nimbus=use_ssh)
        told = str(failure(lambda: nimbus_tunnel(there).__enter__()))
    assert told == (
        f"nimbus {host}:{port} does not answer{way}; is nimbus running there, "
        "and is the port envs.here.nimbus names its thrift port?"
    )


def test_a_tunnel_that_is_lost_in_the_middle_is_told_as_such(hosts: Hosts, echo_port: int) -> None:
    there = environment(hosts, nimbus=f"worker2:{echo_port}")

    def work() -> None:
        with nimbus_tunnel(there) as address:
            assert ask(address, b"before") == b"before"
            hosts["worker2"].stop()
            with contextlib.suppress(ConnectionResetError):
                assert ask(address, b"after") == b""
            raise OperationError("nimbus closed the connection", "its words")

    try:
        error = failure(work)
    finally:
        hosts["worker2"].start()
    assert (str(error), error.output) == (
        "the ssh connection to worker2 was lost while nimbus was being used; run it again",
        "its words",
    )
