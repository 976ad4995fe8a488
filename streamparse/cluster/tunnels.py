"""The way to Nimbus and to Storm's UI: directly, or through ssh."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from streamparse.cluster.port_forward import CONNECT_SECS, Unanswered
from streamparse.cluster.ssh import Machine, reason
from streamparse.project import Environment, OperationError, wait_secs

__all__ = ["nimbus_name", "nimbus_route", "nimbus_tunnel", "tunnel", "ui_name", "ui_tunnel"]


@contextmanager
def nimbus_tunnel(environment: Environment) -> Iterator[tuple[str, int]]:
    """Give the host and port at which Nimbus answers from here, through ssh if the environment asks for it.

    Raises:
        ProjectError: the environment has no Nimbus.
        OperationError: the machine or its Nimbus does not answer; or the connection was lost in the meantime.
    """
    _, port = _nimbus(environment)
    remedy = f"is nimbus running there, and is the port envs.{environment.name}.nimbus names its thrift port?"
    with tunnel(environment, port, what="nimbus", remedy=remedy) as address:
        yield address


@contextmanager
def ui_tunnel(environment: Environment) -> Iterator[tuple[str, int]]:
    """Give the host and port of Storm's UI, on the machine of Nimbus; see ``nimbus_tunnel``."""
    remedy = f'is the UI running there, and is envs.{environment.name}["ui.port"] its port?'
    with tunnel(environment, environment.ui_port, what="Storm's UI", remedy=remedy) as address:
        yield address


@contextmanager
def tunnel(
    environment: Environment,
    port: int,
    *,
    what: str = "the port",
    remedy: str = "is its server running?",
) -> Iterator[tuple[str, int]]:
    """Give the host and port of any server on the machine of Nimbus; see ``nimbus_tunnel``.

    Args:
        port: on that machine.
        what: the server, for an error.
        remedy: what to look at when it does not answer.
    """
    host, _ = _nimbus(environment)
    if not environment.use_ssh_for_nimbus:
        _try(host, port, what, remedy)
        yield host, port
        return
    with Machine(_bracketed(host), environment.user) as machine:
        try:
            way = machine.tunnel(port)
        except Unanswered as error:
            there = f"{what} {host}:{port} does not answer, asked over ssh"
            raise OperationError(f"{there}: {error}; {remedy}") from None
        try:
            yield way.address
        except Exception as error:
            if not machine.is_lost():
                raise
            line = (
                f"the ssh connection to {host} was lost while {what} was being used; run it again"
            )
            raise OperationError(line, getattr(error, "output", "") or str(error)) from error
        finally:
            way.close()


def nimbus_route(environment: Environment) -> str:
    """Return the way to Nimbus in words: ``storm1:6627, through ssh as storm``."""
    host, port = _nimbus(environment)
    user = f" as {environment.user}" if environment.user else ""
    return f"{host}:{port}, " + (
        f"through ssh{user}" if environment.use_ssh_for_nimbus else "directly"
    )


def nimbus_name(environment: Environment) -> str:
    """Return the address of Nimbus as messages show it, whatever leads to it: ``storm1:6627``."""
    host, port = _nimbus(environment)
    return f"{_bracketed(host)}:{port}"


def ui_name(environment: Environment) -> str:
    """Return the address of Storm's UI as messages show it; see ``nimbus_name``."""
    host, _ = _nimbus(environment)
    return f"{_bracketed(host)}:{environment.ui_port}"


def _nimbus(environment: Environment) -> tuple[str, int]:
    environment.require("nimbus")
    address = environment.nimbus_address
    assert address is not None, environment.nimbus  # the project refuses any other text
    return address


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _try(host: str, port: int, what: str, remedy: str) -> None:
    try:
        socket.create_connection((host, port), wait_secs(CONNECT_SECS)).close()
    except OSError as error:
        words = {
            socket.gaierror: "no such host is known",
            TimeoutError: f"no answer within {wait_secs(CONNECT_SECS):g} s",
        }.get(type(error), reason(error))
        line = f"{what} {_bracketed(host)}:{port} does not answer: {words}; {remedy}"
        raise OperationError(line) from None
