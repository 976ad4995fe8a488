"""A Nimbus that is a Thrift server of our own.

Its interface is Storm 2.8.3's, with much that we do not ask for; its numbers are from the classes in Storm's jar.
"""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import thriftpy2
from thriftpy2.protocol.binary import TBinaryProtocolFactory
from thriftpy2.thrift import TProcessor
from thriftpy2.transport import TTransportException
from thriftpy2.transport.framed import TFramedTransportFactory
from thriftpy2.transport.socket import TSocket

STORM = thriftpy2.load_fp(
    io.StringIO("""
struct SupervisorSummary {
  1: required string host, 2: required i32 uptime_secs, 3: required i32 num_workers,
  4: required i32 num_used_workers, 5: required string supervisor_id, 6: optional string version,
  7: optional map<string, double> total_resources
}
struct TopologySummary {
  1: required string id, 2: required string name, 3: required i32 num_tasks, 4: required i32 num_executors,
  5: required i32 num_workers, 6: required i32 uptime_secs, 7: required string status, 8: optional string storm_version,
  9: optional string topology_version, 513: optional string sched_status, 514: optional string owner,
  515: optional i32 replication_count, 521: optional double requested_memonheap,
  527: optional map<string, double> requested_generic_resources
}
struct NimbusSummary {
  1: required string host, 2: required i32 port, 3: required i32 uptime_secs, 4: required bool isLeader,
  5: required string version
}
struct ClusterSummary {
  1: required list<SupervisorSummary> supervisors, 2: optional i32 nimbus_uptime_secs,
  3: required list<TopologySummary> topologies, 4: required list<NimbusSummary> nimbuses
}
struct KillOptions { 1: optional i32 wait_secs }
exception NotAliveException { 1: required string msg }
exception AuthorizationException { 1: required string msg }
service Nimbus {
  ClusterSummary getClusterInfo() throws (1: AuthorizationException aze),
  void killTopologyWithOpts(1: string name, 2: KillOptions options)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
}
service Other { void ping() }
"""),
    "storm_2_8_3_thrift",
)


class NimbusServer:
    """What a Nimbus does, without a cluster behind it.

    Attributes:
        killed: name and waiting time of each topology that was killed.
    """

    def __init__(self, *names: str, refuses: bool = False) -> None:
        self.names = [*names]
        self.killed: list[tuple[str, int]] = []
        self._refuses = refuses

    def getClusterInfo(self) -> Any:
        self._authorize()
        return STORM.ClusterSummary(
            supervisors=[STORM.SupervisorSummary("w1", 9, 4, 1, "s-1", "2.8.3", {"cpu": 400.0})],
            topologies=[self._summary(number, name) for number, name in enumerate(self.names, 1)],
            nimbuses=[STORM.NimbusSummary("n1", 6627, 9, True, "2.8.3")],
        )

    def killTopologyWithOpts(self, name: str, options: Any) -> None:
        self._authorize()
        if name not in self.names:
            raise STORM.NotAliveException(f"{name} is not alive")
        self.killed.append((name, options.wait_secs))

    def _authorize(self) -> None:
        if self._refuses:
            raise STORM.AuthorizationException("getClusterInfo is not authorized")

    def _summary(self, number: int, name: str) -> Any:
        return STORM.TopologySummary(
            id=f"{name}-{number}-1700000000",
            name=name,
            num_tasks=number + 5,
            num_executors=number + 4,
            num_workers=number,
            uptime_secs=number * 3700,
            status="KILLED" if name in dict(self.killed) else "ACTIVE",
            storm_version="2.8.3",
            owner="storm",
            replication_count=1,
            requested_memonheap=128.0,
            requested_generic_resources={"gpu": 0.0},
        )


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port at which each connection is given to ``answer``, one after the other."""

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:  # it is over
                return
            with connection:
                answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def serving(handler: object, service: Any = STORM.Nimbus) -> Any:
    processor = TProcessor(service, handler)

    def answer(connection: socket.socket) -> None:
        plain = TSocket(sock=connection)  # type: ignore[no-untyped-call]  # here and below: thriftpy2 0.7
        framed = TFramedTransportFactory().get_transport(plain)  # type: ignore[no-untyped-call]
        protocol = TBinaryProtocolFactory().get_protocol(framed)  # type: ignore[no-untyped-call]
        try:
            while True:
                processor.process(protocol, protocol)
        except TTransportException:  # the client is gone
            pass

    return listening(answer)
