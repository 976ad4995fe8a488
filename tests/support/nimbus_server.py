"""A Nimbus that is a Thrift server of our own.

Its interface is Storm 2.8.3's, with much that we do not ask for; its numbers are from the classes in Storm's jar.
"""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import thriftpy2
from thriftpy2.protocol.binary import TBinaryProtocolFactory
from thriftpy2.thrift import TProcessor
from thriftpy2.transport import TTransportException
from thriftpy2.transport.framed import TFramedTransportFactory
from thriftpy2.transport.socket import TSocket

MOST_BYTES = 1 << 20  # of a frame: nimbus.thrift.max_buffer_size; a longer one ends the connection

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
struct NullStruct {}
union Grouping { 1: list<string> fields, 2: NullStruct shuffle }
struct GlobalStreamId { 1: required string componentId, 2: required string streamId }
struct StreamInfo { 1: required list<string> output_fields, 2: required bool direct }
struct ShellComponent { 1: string execution_command, 2: string script }
union ComponentObject { 1: binary serialized_java, 2: ShellComponent shell }
struct ComponentCommon {
  1: required map<GlobalStreamId, Grouping> inputs, 2: required map<string, StreamInfo> streams,
  3: optional i32 parallelism_hint, 4: optional string json_conf
}
struct SpoutSpec { 1: required ComponentObject spout_object, 2: required ComponentCommon common }
struct Bolt { 1: required ComponentObject bolt_object, 2: required ComponentCommon common }
struct StateSpoutSpec { 1: required ComponentObject state_spout_object, 2: required ComponentCommon common }
struct StormTopology {
  1: required map<string, SpoutSpec> spouts, 2: required map<string, Bolt> bolts,
  3: required map<string, StateSpoutSpec> state_spouts, 4: optional list<binary> worker_hooks,
  5: optional list<string> dependency_jars, 6: optional list<string> dependency_artifacts,
  7: optional string storm_version, 8: optional string jdk_version
}
enum TopologyInitialStatus { ACTIVE = 1, INACTIVE = 2 }
struct Credentials { 1: required map<string, string> creds, 2: optional string topoOwner }
struct SubmitOptions { 1: required TopologyInitialStatus initial_status, 2: optional Credentials creds }
enum AccessControlType { OTHER = 1, USER = 2 }
struct AccessControl { 1: required AccessControlType type, 2: optional string name, 3: required i32 access }
struct SettableBlobMeta { 1: required list<AccessControl> acl, 2: optional i32 replication_factor }
struct ReadableBlobMeta { 1: required SettableBlobMeta settable, 2: required i64 version }
struct ListBlobsResult { 1: required list<string> keys, 2: required string session }
exception AlreadyAliveException { 1: required string msg }
exception NotAliveException { 1: required string msg }
exception AuthorizationException { 1: required string msg }
exception InvalidTopologyException { 1: required string msg }
exception KeyNotFoundException { 1: required string msg }
exception KeyAlreadyExistsException { 1: required string msg }
service Nimbus {
  ClusterSummary getClusterInfo() throws (1: AuthorizationException aze),
  void killTopologyWithOpts(1: string name, 2: KillOptions options)
    throws (1: NotAliveException e, 2: AuthorizationException aze),
  string beginFileUpload() throws (1: AuthorizationException aze),
  void uploadChunk(1: string location, 2: binary chunk) throws (1: AuthorizationException aze),
  void finishFileUpload(1: string location) throws (1: AuthorizationException aze),
  void submitTopology(1: string name, 2: string uploadedJarLocation, 3: string jsonConf, 4: StormTopology topology)
    throws (1: AlreadyAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze),
  void submitTopologyWithOpts(1: string name, 2: string uploadedJarLocation, 3: string jsonConf,
    4: StormTopology topology, 5: SubmitOptions options)
    throws (1: AlreadyAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze),
  string getTopologyConf(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze),
  string beginCreateBlob(1: string key, 2: SettableBlobMeta meta)
    throws (1: AuthorizationException aze, 2: KeyAlreadyExistsException kae),
  string beginUpdateBlob(1: string key) throws (1: AuthorizationException aze, 2: KeyNotFoundException knf),
  void uploadBlobChunk(1: string session, 2: binary chunk) throws (1: AuthorizationException aze),
  void finishBlobUpload(1: string session) throws (1: AuthorizationException aze),
  void cancelBlobUpload(1: string session) throws (1: AuthorizationException aze),
  ReadableBlobMeta getBlobMeta(1: string key) throws (1: AuthorizationException aze, 2: KeyNotFoundException knf),
  void deleteBlob(1: string key) throws (1: AuthorizationException aze, 2: KeyNotFoundException knf),
  ListBlobsResult listBlobs(1: string session)
}
service Other { void ping() }
"""),
    "storm_2_8_3_thrift",
)


STORM.GlobalStreamId.__hash__ = lambda self: hash((self.componentId, self.streamId))


class HangUp(Exception):
    """The server closes the connection instead of an answer."""


class Submitted(NamedTuple):
    """What came with a submit: the jar's bytes, the configuration, and the topology as a struct of ``STORM``."""

    name: str
    jar: bytes
    conf: Mapping[str, object]
    topology: Any
    inactive: bool = False


class NimbusServer:
    """What a Nimbus does, without a cluster behind it.

    Args:
        names: of the topologies that run.
        refuses: nobody may ask anything.
        quits: a topology that is killed is seen as KILLED once, and then it is gone.
        version: of Storm, as Nimbus tells it.
        supervisors: the hosts of the supervisors that run.
        before, after: called with the name of a request before it is done, or before it is answered; it may raise.

    Attributes:
        killed: name and waiting time of each topology that was killed.
        submitted: what was submitted.
        uploads: the jars by their places.
        blobs: the content of each blob by its key; None for one whose upload was broken off.
        confs: the configurations of topologies that run, by name.
    """

    def __init__(
        self,
        *names: str,
        refuses: bool = False,
        quits: bool = False,
        version: str = "2.8.3",
        supervisors: Sequence[str] = ("w1",),
        before: Callable[[str], None] = lambda request: None,
        after: Callable[[str], None] = lambda request: None,
    ) -> None:
        self.names = [*names]
        self.killed: list[tuple[str, int]] = []
        self.submitted: list[Submitted] = []
        self.uploads: dict[str, list[bytes]] = {}
        self.blobs: dict[str, bytes | None] = {}
        self.confs: dict[str, Mapping[str, object]] = {}
        self._sessions: dict[str, tuple[str, list[bytes]]] = {}
        self._supervisors = supervisors
        self._refuses = refuses
        self._quits = quits
        self._version = version
        self._before = before
        self._after = after

    def getClusterInfo(self) -> Any:
        self._authorize()
        topologies = [self._summary(number, name) for number, name in enumerate(self.names, 1)]
        if self._quits:
            self.names = [name for name in self.names if name not in dict(self.killed)]
        return STORM.ClusterSummary(
            supervisors=[
                STORM.SupervisorSummary(host, 9, 4, 1, f"s-{number}", self._version, {"cpu": 400.0})
                for number, host in enumerate(self._supervisors, 1)
            ],
            topologies=topologies,
            nimbuses=[STORM.NimbusSummary("n1", 6627, 9, True, self._version)],
        )

    def beginFileUpload(self) -> str:
        self._before("upload")
        place = f"/nimbus/inbox/stormjar-{len(self.uploads)}.jar"
        self.uploads[place] = []
        return place

    def uploadChunk(self, location: str, chunk: bytes) -> None:
        self.uploads[location].append(chunk)

    def finishFileUpload(self, location: str) -> None:
        self.uploads[location].append(b"")

    def submitTopology(self, name: str, place: str, conf: str, topology: Any) -> None:
        self._submit(name, place, json.loads(conf), topology)

    def submitTopologyWithOpts(
        self, name: str, place: str, conf: str, topology: Any, options: Any
    ) -> None:
        inactive = options.initial_status == STORM.TopologyInitialStatus.INACTIVE
        self._submit(name, place, json.loads(conf), topology, inactive=inactive)

    def _submit(
        self,
        name: str,
        place: str,
        conf: Mapping[str, Any],
        topology: Any,
        *,
        inactive: bool = False,
    ) -> None:
        self._before("submit")
        jar = self.uploads[place]
        assert jar.pop() == b"", "the upload is finished"
        if name in self.names:
            raise STORM.AlreadyAliveException(f"{name} already exists on cluster")
        if lacking := {*conf.get("topology.blobstore.map", {})} - {*self.blobs}:
            raise STORM.InvalidTopologyException(f"The topology blob store map has {lacking}")
        self.submitted.append(Submitted(name, b"".join(jar), conf, topology, inactive))
        self.names.append(name)
        self.confs[name] = conf
        self.killed = [each for each in self.killed if each[0] != name]
        self._after("submit")

    def getTopologyConf(self, topology_id: str) -> str:
        name = topology_id.rsplit("-", 2)[0]
        if name not in self.names:
            raise STORM.NotAliveException(f"{topology_id} is not alive")
        return json.dumps(self.confs.get(name, {}))

    # As LocalFsBlobStore has it: a key is there from the begin of an upload on, its data from the end on.

    def beginCreateBlob(self, key: str, meta: Any) -> str:
        self._before("create blob")
        (control,) = meta.acl
        assert (control.type, control.access) == (STORM.AccessControlType.OTHER, 7)
        if key in self.blobs:
            raise STORM.KeyAlreadyExistsException(key)
        self.blobs[key] = None
        return self._begin_blob(key)

    def beginUpdateBlob(self, key: str) -> str:
        if key not in self.blobs:
            raise STORM.KeyNotFoundException(key)
        return self._begin_blob(key)

    def _begin_blob(self, key: str) -> str:
        session = f"session-{len(self._sessions)}"
        self._sessions[session] = (key, [])
        return session

    def uploadBlobChunk(self, session: str, chunk: bytes) -> None:
        self._before("blob chunk")
        self._sessions[session][1].append(chunk)

    def finishBlobUpload(self, session: str) -> None:
        key, chunks = self._sessions[session]
        self.blobs[key] = b"".join(chunks)

    def cancelBlobUpload(self, session: str) -> None:
        self._sessions[session][1].clear()

    def getBlobMeta(self, key: str) -> Any:
        if key not in self.blobs:
            raise STORM.KeyNotFoundException(key)
        version = 0 if self.blobs[key] is None else 1700000000000
        return STORM.ReadableBlobMeta(STORM.SettableBlobMeta([]), version)

    def deleteBlob(self, key: str) -> None:
        if key not in self.blobs:
            raise STORM.KeyNotFoundException(key)
        del self.blobs[key]

    def listBlobs(self, session: str) -> Any:
        """Two keys at a time, and none at the end."""
        first = int(session or 0)
        return STORM.ListBlobsResult([*self.blobs][first : first + 2], str(first + 2))

    def killTopologyWithOpts(self, name: str, options: Any) -> None:
        self._authorize()
        self._before("kill")
        if name not in self.names:
            raise STORM.NotAliveException(f"{name} is not alive")
        self.killed.append((name, options.wait_secs))
        self._after("kill")

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


def _frame_bytes(connection: socket.socket) -> int:
    """How long the next frame is; it stays unread, and none is 0 bytes long."""
    return int.from_bytes(connection.recv(4, socket.MSG_PEEK | socket.MSG_WAITALL), "big")


def serving(handler: object, service: Any = STORM.Nimbus) -> Any:
    processor = TProcessor(service, handler)

    def answer(connection: socket.socket) -> None:
        plain = TSocket(sock=connection)  # type: ignore[no-untyped-call]  # here and below: thriftpy2 0.7
        framed = TFramedTransportFactory().get_transport(plain)  # type: ignore[no-untyped-call]
        protocol = TBinaryProtocolFactory().get_protocol(framed)  # type: ignore[no-untyped-call]
        try:
            while _frame_bytes(connection) <= MOST_BYTES:
                processor.process(protocol, protocol)
        except (TTransportException, HangUp):  # the client is gone, or is to think so of us
            pass

    return listening(answer)
