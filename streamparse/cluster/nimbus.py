"""Requests to Nimbus: list the topologies, and stop one.

There are two ways with the same result. With thriftpy2 installed Nimbus is asked directly, which takes milliseconds.
Without it our Clojure asks, in the JVM that Leiningen starts, which takes seconds. The caller provides the address,
which may be the end of a tunnel.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from streamparse.cluster.secured import security_of
from streamparse.cluster.storm_thrift import has_thriftpy2, interface
from streamparse.jvm import clojure
from streamparse.project import OperationError, Project, as_json, instead_of, wait_secs

__all__ = [
    "LeinNimbus",
    "Nimbus",
    "ThriftNimbus",
    "TopologySummary",
    "connect_nimbus",
    "kill_topology",
    "not_running",
    "topology_status",
]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

CONNECT_SECS = 5.0
ANSWER_SECS = 20.0  # getClusterInfo of a large cluster takes a few seconds
CHUNK_BYTES = 512 * 1024  # nimbus.thrift.max_buffer_size is 1 MiB


@dataclass(frozen=True)
class TopologySummary:
    """A topology that Nimbus knows.

    Attributes:
        id: Storm's, the name with a number and a time behind it.
        status: ACTIVE, INACTIVE, KILLED or REBALANCING.
        workers, executors, tasks: how many of each.
        uptime_secs: since it was submitted.
    """

    id: str
    name: str
    status: str
    workers: int
    executors: int
    tasks: int
    uptime_secs: int


class NoAnswer(OperationError):
    """Nimbus was asked and does not say that it has done it or not: it may be done."""


class Nimbus(Protocol):
    """A client of Nimbus. Every failure is an OperationError."""

    def topologies(self) -> list[TopologySummary]:
        """Return all topologies, also those that are being killed, by name."""

    def kill(self, name: str, wait_secs: int) -> bool:
        """Stop a topology: its spouts now, its workers in so many seconds.

        Returns:
            False when no topology of this name runs.
        """


def connect_nimbus(
    address: tuple[str, int],
    project: Project,
    report: Report = lambda line: None,
    *,
    name: str | None = None,
) -> Nimbus:
    """Return the quickest client there is for the Nimbus at this address.

    Args:
        address: host and port.
        project: it provides the JVM, if one is needed.
        report: called with one line of progress at a time.
        name: its address in messages, if a tunnel leads to it.
    """
    if has_thriftpy2():
        return ThriftNimbus(address, name=name)
    return LeinNimbus(address, project, report, name=name)


# -- requests ----------------------------------------------------------------------------------------------------


def kill_topology(nimbus: Nimbus, name: str, wait_secs: int) -> None:
    """Stop the topology of this name: its spouts now, its workers in so many seconds.

    Raises:
        OperationError: there is none, with the nearest that there is; or Nimbus did not do it, or may have done it.
    """
    try:
        was_running = nimbus.kill(name, wait_secs)
    except NoAnswer as error:
        _find_out(nimbus, name, error)
        return
    if not was_running:
        raise not_running(name, [each.name for each in nimbus.topologies()])


def _find_out(nimbus: Nimbus, name: str, error: NoAnswer) -> None:
    """Return if a kill without an answer was done."""
    try:
        status = topology_status(nimbus, name)
    except OperationError:
        finding = f"{name} may or may not have been killed; `sparse list` shows it if it was not"
        raise OperationError(f"{error}; {finding}") from None
    if status not in (None, "KILLED"):
        raise OperationError(f"{error}; {name} was not killed, and is {status}") from None


def topology_status(nimbus: Nimbus, name: str) -> str | None:
    """Return ACTIVE, INACTIVE, KILLED or REBALANCING; None when there is no topology of this name."""
    return next((each.status for each in nimbus.topologies() if each.name == name), None)


def not_running(name: str, running: Sequence[str]) -> OperationError:
    """Return the error for a topology that is not among those that run."""
    remedy = instead_of(name, running)
    return OperationError(f"topology {as_json(name)} is not running; {remedy}")


# -- directly ----------------------------------------------------------------------------------------------------


class ThriftNimbus:
    """A client over Nimbus's Thrift API: framed transport, binary protocol, a connection for each request.

    Args:
        address: host and port.
        answer_secs: how long an answer may take; None: ``ANSWER_SECS``.
        name: its address in messages, if a tunnel leads to it.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        answer_secs: float | None = None,
        name: str | None = None,
    ) -> None:
        self.address = address
        self._name = name
        self._answer_secs = wait_secs(ANSWER_SECS) if answer_secs is None else answer_secs

    def topologies(self) -> list[TopologySummary]:
        with self.client("list topologies") as client:
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

    def version(self) -> str | None:
        """Return the Storm version of the cluster; None where nobody tells it (before 0.10)."""
        with self.client("tell its version") as client:
            found = client.getClusterInfo()
        daemons = [*(found.nimbuses or ()), *found.supervisors]
        return next((each.version for each in daemons if each.version), None)

    def supervisors(self) -> list[str]:
        """Return the hosts of the supervisors, each once, sorted."""
        with self.client("list its supervisors") as client:
            return sorted({each.host for each in client.getClusterInfo().supervisors})

    def kill(self, name: str, wait_secs: int) -> bool:
        with self.client(f"kill {name}") as client:
            try:
                client.killTopologyWithOpts(name, interface().KillOptions(wait_secs=wait_secs))
            except interface().NotAliveException:
                return False
        return True

    def upload(self, jar: BinaryIO, on_bytes: Callable[[int], None] = lambda sent: None) -> str:
        """Upload a jar and return its place on Nimbus' machine.

        Args:
            jar: the file, from where it is read now.
            on_bytes: called with the number of bytes that have been sent, after each chunk.
        """
        sent = 0
        with self.client("take the jar", later=True) as client:
            place: str = client.beginFileUpload()
            while chunk := jar.read(CHUNK_BYTES):
                client.uploadChunk(place, chunk)
                sent += len(chunk)
                on_bytes(sent)
            client.finishFileUpload(place)
        return place

    def submit(
        self,
        name: str,
        place: str,
        conf: Mapping[str, object],
        topology: object,
        *,
        inactive: bool = False,
    ) -> None:
        """Submit a topology.

        Args:
            name: of the topology.
            place: of its jar, as ``upload`` returns it.
            conf: its configuration.
            topology: its StormTopology, a struct of ``storm_thrift``.
            inactive: its spouts are not called before it is activated.
        """
        storm = interface()
        given = (name, place, json.dumps(dict(conf)), topology)
        with self.client(f"submit {name}", later=True) as client:
            try:
                if inactive:
                    status = storm.TopologyInitialStatus.INACTIVE
                    client.submitTopologyWithOpts(*given, storm.SubmitOptions(status))
                else:
                    client.submitTopology(*given)
            except (storm.InvalidTopologyException, storm.AlreadyAliveException) as error:
                raise OperationError(
                    f"nimbus {self._shown} refuses {name}: {_line_of(error.msg)}"
                ) from None

    @contextmanager
    def client(self, errand: str, *, later: bool = False) -> Iterator[Any]:
        """Give a Thrift client for one request, or a few that belong together.

        Args:
            errand: what Nimbus is to do, for errors.
            later: it has answered another request before, so that it is a Nimbus, and one that answers us.
        """
        from thriftpy2.protocol.binary import TBinaryProtocolFactory
        from thriftpy2.thrift import TApplicationException, TClient, TException
        from thriftpy2.transport.framed import TFramedTransportFactory
        from thriftpy2.transport.socket import TSocket

        where = f"nimbus {self._shown}"
        with self._connection(where) as connection:
            plain = TSocket(sock=_Framed(connection))  # type: ignore[no-untyped-call]  # here and below: thriftpy2 0.7
            framed = TFramedTransportFactory().get_transport(plain)  # type: ignore[no-untyped-call]
            protocol = TBinaryProtocolFactory().get_protocol(framed)  # type: ignore[no-untyped-call]
            try:
                yield TClient(interface().Nimbus, protocol)
            except interface().AuthorizationException as error:
                raise OperationError(f"{where} does not let you {errand}: {error.msg}") from None
            except TApplicationException as error:
                # An error that the interface does not name, such as that this Nimbus is not the leader.
                raise NoAnswer(
                    f"{where} could not {errand}: {_line(error)}; its log tells why (where there are several, "
                    "`nimbus` should name the leader)"
                ) from None
            except TimeoutError:
                raise NoAnswer(
                    f"{where} takes connections but gave no answer in {self._answer_secs:g} s; is that its thrift port?"
                ) from None
            # The bytes of another protocol end in one of these.
            except (TException, OSError, EOFError, ValueError, struct.error, MemoryError) as error:
                if later:
                    raise NoAnswer(
                        f"{where} gave no answer when asked to {errand} ({_line(error)}); its log tells why"
                    ) from None
                if secured := security_of(self.address, self._answer_secs / 4):
                    raise OperationError(
                        f"{where} speaks {secured}, which thriftpy2 does not; Storm's own client does, in the JVM that "
                        "Leiningen starts"
                    ) from None
                raise NoAnswer(
                    f"{where} does not answer as Storm does ({_line(error)}); is that its thrift port?"
                ) from None

    @property
    def _shown(self) -> str:
        return self._name or _host_port(self.address)

    def _connection(self, where: str) -> socket.socket:
        try:
            connection = socket.create_connection(self.address, wait_secs(CONNECT_SECS))
        except OSError as error:
            raise OperationError(
                f"{where} does not answer: {error.strerror or error}; is it running there, and is that its thrift port?"
            ) from None
        connection.settimeout(self._answer_secs)
        return connection


class _Framed:
    """A socket that refuses an answer at once whose first frame is longer than any of a Nimbus.

    The text of another protocol is one, and thriftpy2 would wait for its end.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_first = True

    def recv(self, size: int) -> bytes:
        data = self._connection.recv(size)
        if self._is_first and data and data[0] >= _MOST_FIRST_BYTE:
            raise ValueError("no frame of Thrift's")
        self._is_first = False
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


_MOST_FIRST_BYTE = 3  # of a frame's length: 48 MiB


# -- through the JVM ---------------------------------------------------------------------------------------------


class LeinNimbus:
    """A client in a JVM: our Clojure, with Storm's own client.

    Args:
        address: host and port.
        project: it provides the JVM.
        report: called with one line of progress at a time.
        name: its address in messages, if a tunnel leads to it.
    """

    def __init__(
        self,
        address: tuple[str, int],
        project: Project,
        report: Report = lambda line: None,
        *,
        name: str | None = None,
    ) -> None:
        self.address = address
        self._name = name
        self._project = project
        self._report = report

    def topologies(self) -> list[TopologySummary]:
        found = self._run("list", ["--json"])
        return _by_name(map(_summary, found))

    def kill(self, name: str, wait_secs: int) -> bool:
        answer = self._run("kill_topology", [name, "--wait", str(wait_secs)])
        was_killed: bool = answer["killed"]
        return was_killed

    def _run(self, command: str, arguments: Sequence[str]) -> Any:
        """Run one of our commands and return the JSON that it prints."""
        host, port = self.address
        named = [] if self._name is None else ["--nimbus", self._name]
        out = clojure(
            self._project,
            f"streamparse.commands.{command}",
            [*arguments, "--host", host, "--port", str(port), *named],
            report=self._report,
        )
        try:
            return json.loads(out)
        except ValueError:
            raise OperationError(
                f"the output of Storm's client ({command}) is no JSON", out
            ) from None


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


def _host_port(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _line(error: BaseException) -> str:
    """The first line of an error's message, or its class when it has none."""
    return _line_of(getattr(error, "message", "") or error) or type(error).__name__


def _line_of(message: object) -> str:
    return (str(message).strip().splitlines() or [""])[0]
