"""The part of Storm's Thrift interface that we use, as a module of thriftpy2.

One text serves all release lines: of what it has, no number and no type has changed from 0.9.4 to the sources of 3.0,
and fields that a line does not have are optional. A Nimbus sends more than this, and Thrift skips the fields that have
no number here. AuthorizationException came with 0.10, blobs with 1.0.

Source: ``storm.thrift`` of 0.9.4, 0.10.2, 1.0.0, 1.2.4, 2.8.3 and 2.8.8.
"""

from __future__ import annotations

import importlib.util
import io
from functools import cache
from types import ModuleType
from typing import Any

from streamparse.project import UsageError

__all__ = ["encoded", "has_thriftpy2", "interface", "require_thriftpy2"]

_INTERFACE = """
union JavaObjectArg {
  1: i32 int_arg, 2: i64 long_arg, 3: string string_arg, 4: bool bool_arg, 5: binary binary_arg, 6: double double_arg
}
struct JavaObject { 1: required string full_class_name, 2: required list<JavaObjectArg> args_list }
struct NullStruct {}
struct GlobalStreamId { 1: required string componentId, 2: required string streamId }
union Grouping {
  1: list<string> fields,
  2: NullStruct shuffle,
  3: NullStruct all,
  4: NullStruct none,
  5: NullStruct direct,
  6: JavaObject custom_object,
  7: binary custom_serialized,
  8: NullStruct local_or_shuffle
}
struct StreamInfo { 1: required list<string> output_fields, 2: required bool direct }
struct ShellComponent { 1: string execution_command, 2: string script }
union ComponentObject { 1: binary serialized_java, 2: ShellComponent shell, 3: JavaObject java_object }
struct ComponentCommon {
  1: required map<GlobalStreamId, Grouping> inputs,
  2: required map<string, StreamInfo> streams,
  3: optional i32 parallelism_hint,
  4: optional string json_conf
}
struct SpoutSpec { 1: required ComponentObject spout_object, 2: required ComponentCommon common }
struct Bolt { 1: required ComponentObject bolt_object, 2: required ComponentCommon common }
struct StateSpoutSpec { 1: required ComponentObject state_spout_object, 2: required ComponentCommon common }
struct StormTopology {
  1: required map<string, SpoutSpec> spouts,
  2: required map<string, Bolt> bolts,
  3: required map<string, StateSpoutSpec> state_spouts,
  4: optional list<binary> worker_hooks,
  7: optional string storm_version,
  8: optional string jdk_version
}

struct TopologySummary {
  1: required string id,
  2: required string name,
  3: required i32 num_tasks,
  4: required i32 num_executors,
  5: required i32 num_workers,
  6: required i32 uptime_secs,
  7: required string status
}
struct SupervisorSummary { 1: required string host, 6: optional string version }
struct NimbusSummary { 5: optional string version }
struct ClusterSummary {
  1: required list<SupervisorSummary> supervisors,
  3: required list<TopologySummary> topologies,
  4: optional list<NimbusSummary> nimbuses
}
struct KillOptions { 1: optional i32 wait_secs }
enum TopologyInitialStatus { ACTIVE = 1, INACTIVE = 2 }
struct SubmitOptions { 1: required TopologyInitialStatus initial_status }

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
  void submitTopologyWithOpts(
    1: string name, 2: string uploadedJarLocation, 3: string jsonConf, 4: StormTopology topology,
    5: SubmitOptions options
  ) throws (1: AlreadyAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze),
  StormTopology getUserTopology(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze),
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
"""


def has_thriftpy2() -> bool:
    """Return whether thriftpy2 is installed, which is an extra."""
    return importlib.util.find_spec("thriftpy2") is not None


def require_thriftpy2(what: str = "--thrift") -> None:
    """Refuse to go on without thriftpy2.

    Args:
        what: needs it.

    Raises:
        UsageError: it is not installed.
    """
    if not has_thriftpy2():
        raise UsageError(f"{what} needs thriftpy2, which is not installed: pip install thriftpy2")


@cache
def interface() -> ModuleType:
    """Return the interface; thriftpy2 is loaded with it."""
    import thriftpy2

    made: ModuleType = thriftpy2.load_fp(io.StringIO(_INTERFACE), "streamparse_storm_thrift")
    # A key of a map, and the structs of thriftpy2 have no hash.
    made.GlobalStreamId.__hash__ = lambda self: hash((self.componentId, self.streamId))
    return made


def encoded(struct: Any) -> bytes:
    """Return a struct of the interface in Thrift's binary protocol."""
    from thriftpy2.protocol.binary import TBinaryProtocolFactory
    from thriftpy2.utils import serialize

    binary = TBinaryProtocolFactory()  # type: ignore[no-untyped-call]  # thriftpy2 0.7
    made: bytes = serialize(struct, binary)
    return made
