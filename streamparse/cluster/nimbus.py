"""What we ask Nimbus: which topologies there are, and to stop one.

There are two ways to ask, and one answer. With thriftpy2 installed Nimbus is asked directly, which takes some
milliseconds. Without it our Clojure asks, in the JVM that Leiningen would start, which takes some seconds. How to get
to the address, through a tunnel perhaps, is left to the caller.
"""

from __future__ import annotations

import difflib
import importlib.util
import io
import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from streamparse.project import OperationError, Project

__all__ = [
    "LeinNimbus",
    "Nimbus",
    "ThriftNimbus",
    "TopologySummary",
    "connect",
    "kill",
    "nearest",
    "not_running",
    "status",
]

Say = Callable[[str], None]

CONNECT_SECS = 5.0
ANSWER_SECS = 20.0  # getClusterInfo of a large cluster takes a few seconds
SHOWN = 8  # names in a message


@dataclass(frozen=True)
class TopologySummary:
    """A topology that Nimbus knows; ``status`` is ACTIVE, INACTIVE, KILLED or REBALANCING."""

    id: str
    name: str
    status: str
    workers: int
    executors: int
    tasks: int
    uptime_secs: int


class Nimbus(Protocol):
    """A way to ask. All that goes wrong is an OperationError."""

    def topologies(self) -> list[TopologySummary]:
        """All that there are, also those that are being killed, by name."""

    def kill(self, name: str, wait_secs: int) -> bool:
        """Stop a topology: its spouts now, its workers in so many seconds. False when no such one runs."""


def connect(address: tuple[str, int], project: Project, say: Say = lambda line: None) -> Nimbus:
    """The quickest way there is to ask the Nimbus at this address."""
    if importlib.util.find_spec("thriftpy2") is not None:
        return ThriftNimbus(address)
    return LeinNimbus(address, project, say)


# -- what is asked -----------------------------------------------------------------------------------------------


def kill(nimbus: Nimbus, name: str, wait_secs: int) -> None:
    """Stop the topology of this name.

    Raises:
        OperationError: there is none, with the nearest that there is.
    """
    if not nimbus.kill(name, wait_secs):
        raise OperationError(not_running(name, [each.name for each in nimbus.topologies()]))


def status(nimbus: Nimbus, name: str) -> str | None:
    """ACTIVE, INACTIVE, KILLED or REBALANCING; None when there is no topology of this name."""
    return next((each.status for each in nimbus.topologies() if each.name == name), None)


def not_running(name: str, running: Sequence[str]) -> str:
    """That there is no such topology, and which there are."""
    return (
        f"topology {json.dumps(name, ensure_ascii=False)} is not running; {nearest(name, running)}"
    )


def nearest(name: str, there: Sequence[str]) -> str:
    """What would do instead of a name that is not among these."""
    near = difflib.get_close_matches(name, there, 1)
    if near:
        return f"did you mean {json.dumps(near[0], ensure_ascii=False)}?"
    more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
    return f"there are {', '.join(there[:SHOWN])}{more}" if there else "there is none"


# -- directly ----------------------------------------------------------------------------------------------------

# The part of Storm's interface that we use. Numbers and types are those of 0.9.4, 0.10.2, 1.2.4 and 2.8.3, which agree
# here; a Nimbus sends more than this, and Thrift skips what has no number here. AuthorizationException came with 0.10.
_INTERFACE = """
struct TopologySummary {
  1: required string id,
  2: required string name,
  3: required i32 num_tasks,
  4: required i32 num_executors,
  5: required i32 num_workers,
  6: required i32 uptime_secs,
  7: required string status
}
struct ClusterSummary { 3: required list<TopologySummary> topologies }
struct KillOptions { 1: optional i32 wait_secs }
exception NotAliveException { 1: required string msg }
exception AuthorizationException { 1: required string msg }
service Nimbus {
  ClusterSummary getClusterInfo() throws (1: AuthorizationException aze),
  void killTopologyWithOpts(1: string name, 2: KillOptions options)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
}
"""


@cache
def _interface() -> ModuleType:
    """The part of Storm's Thrift interface that we use, as thriftpy2 has it."""
    import thriftpy2

    return thriftpy2.load_fp(io.StringIO(_INTERFACE), "streamparse_nimbus_thrift")


class ThriftNimbus:
    """Nimbus, asked over its Thrift API: framed transport, binary protocol, a connection for each question."""

    def __init__(self, address: tuple[str, int], *, answer_secs: float = ANSWER_SECS) -> None:
        self.address = address
        self._answer_secs = answer_secs

    def topologies(self) -> list[TopologySummary]:
        with self._client("list topologies") as client:
            found = client.getClusterInfo().topologies
        return _by_name(
            TopologySummary(
                each.id,
                each.name,
                each.status,
                each.num_workers,
                each.num_executors,
                each.num_tasks,
                each.uptime_secs,
            )
            for each in found
        )

    def kill(self, name: str, wait_secs: int) -> bool:
        with self._client(f"kill {name}") as client:
            try:
                client.killTopologyWithOpts(name, _interface().KillOptions(wait_secs=wait_secs))
            except _interface().NotAliveException:
                return False
        return True

    @contextmanager
    def _client(self, errand: str) -> Iterator[Any]:
        """A client while it is used, for one question."""
        from thriftpy2.protocol.binary import TBinaryProtocolFactory
        from thriftpy2.thrift import TApplicationException, TClient, TException
        from thriftpy2.transport.framed import TFramedTransportFactory
        from thriftpy2.transport.socket import TSocket

        where = f"nimbus {_shown(self.address)}"
        with self._connection(where) as connection:
            plain = TSocket(sock=connection)  # type: ignore[no-untyped-call]  # here and below: thriftpy2 0.7
            framed = TFramedTransportFactory().get_transport(plain)  # type: ignore[no-untyped-call]
            protocol = TBinaryProtocolFactory().get_protocol(framed)  # type: ignore[no-untyped-call]
            try:
                yield TClient(_interface().Nimbus, protocol)
            except _interface().AuthorizationException as error:
                raise OperationError(f"{where} does not let you {errand}: {error.msg}") from None
            except TApplicationException as error:
                # What Nimbus throws and its interface does not name: that it is not the leader, among others.
                raise OperationError(
                    f"{where} could not {errand}: {_line(error)}; its log tells why (where there are several, "
                    "`nimbus` should name the leader)"
                ) from None
            except TimeoutError:
                raise OperationError(
                    f"{where} takes connections but gave no answer in {self._answer_secs:g} s; is that its thrift port?"
                ) from None
            # What other protocols' bytes are to Thrift's reader
            except (TException, OSError, EOFError, ValueError, struct.error, MemoryError) as error:
                raise OperationError(
                    f"{where} does not answer as Storm does ({_line(error)}); is that its thrift port?"
                ) from None

    def _connection(self, where: str) -> socket.socket:
        try:
            connection = socket.create_connection(self.address, CONNECT_SECS)
        except OSError as error:
            raise OperationError(
                f"{where} does not answer: {error.strerror or error}; is it running there, and is that its thrift port?"
            ) from None
        connection.settimeout(self._answer_secs)
        return connection


# -- through the JVM ---------------------------------------------------------------------------------------------


class LeinNimbus:
    """Nimbus, asked by our Clojure with Storm's own client."""

    def __init__(
        self, address: tuple[str, int], project: Project, say: Say = lambda line: None
    ) -> None:
        self.address = address
        self._project = project
        self._say = say

    def topologies(self) -> list[TopologySummary]:
        out = self._run("list", ["--json"])
        try:
            found = json.loads(out)
        except ValueError:
            raise OperationError(
                "what Storm's client printed is no list of topologies", out
            ) from None
        return _by_name(map(_summary, found))

    def kill(self, name: str, wait_secs: int) -> bool:
        try:
            self._run("kill_topology", [name, "--wait", str(wait_secs)])
        except OperationError as error:
            if error.line == f"topology {name} is not running":  # kill_topology.clj
                return False
            raise
        return True

    def _run(self, command: str, arguments: Sequence[str]) -> str:
        """What a command of ours printed."""
        from streamparse.jvm import lein

        host, port = self.address
        return lein.clojure(
            self._project,
            f"streamparse.commands.{command}",
            [*arguments, "--host", host, "--port", str(port)],
            say=self._say,
        )


def _summary(found: Mapping[str, Any]) -> TopologySummary:
    return TopologySummary(
        found["id"],
        found["name"],
        found["status"],
        found["num-workers"],
        found["num-executors"],
        found["num-tasks"],
        found["uptime-secs"],
    )


# -- words -------------------------------------------------------------------------------------------------------


def _by_name(found: Iterator[TopologySummary]) -> list[TopologySummary]:
    return sorted(found, key=lambda each: (each.name, each.id))


def _shown(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _line(error: BaseException) -> str:
    """The first line of what it says, or its kind when it says nothing."""
    text = str(getattr(error, "message", "") or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
