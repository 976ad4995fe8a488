"""A Storm cluster: its machines over ssh, virtualenvs and logs on its workers, Nimbus, the UI, and a submission."""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.cluster import ui_records
    from streamparse.cluster.checkup import check_cluster, check_index
    from streamparse.cluster.hooks import run_hooks
    from streamparse.cluster.logs import LogLine, LogSelection, find_logs, remove_logs, tail
    from streamparse.cluster.nimbus import (
        Nimbus,
        ThriftNimbus,
        TopologySummary,
        connect_nimbus,
        kill_topology,
        topology_status,
    )
    from streamparse.cluster.packages import merged_steps, packages_of, update_packages
    from streamparse.cluster.recordings import RecordingFile, fetch_recordings, find_recordings
    from streamparse.cluster.requirements import check_requirements, unnamed_packages
    from streamparse.cluster.storm_thrift import encoded, has_thriftpy2, require_thriftpy2
    from streamparse.cluster.storm_topology import (
        check_submit,
        find_submit_problems,
        to_storm_topology,
    )
    from streamparse.cluster.storm_ui import StormUi
    from streamparse.cluster.submission import Submission, cluster_settings
    from streamparse.cluster.submit_request import SubmitRequest
    from streamparse.cluster.thrift_submitter import TopologyReader
    from streamparse.cluster.tunnels import nimbus_name, nimbus_tunnel, ui_name, ui_tunnel
    from streamparse.cluster.virtualenvs import (
        check_virtualenvs,
        update_virtualenvs,
        virtualenv_steps,
    )

__all__ = [
    "LogLine",
    "LogSelection",
    "Nimbus",
    "RecordingFile",
    "StormUi",
    "Submission",
    "SubmitRequest",
    "ThriftNimbus",
    "TopologyReader",
    "TopologySummary",
    "check_cluster",
    "check_index",
    "check_requirements",
    "check_submit",
    "check_virtualenvs",
    "cluster_settings",
    "connect_nimbus",
    "encoded",
    "fetch_recordings",
    "find_logs",
    "find_recordings",
    "find_submit_problems",
    "has_thriftpy2",
    "kill_topology",
    "merged_steps",
    "nimbus_name",
    "nimbus_tunnel",
    "packages_of",
    "remove_logs",
    "require_thriftpy2",
    "run_hooks",
    "tail",
    "to_storm_topology",
    "topology_status",
    "ui_name",
    "ui_records",
    "ui_tunnel",
    "unnamed_packages",
    "update_packages",
    "update_virtualenvs",
    "virtualenv_steps",
]

__getattr__ = lazy_getattr(
    __name__,
    {
        "checkup": ("check_cluster", "check_index"),
        "hooks": ("run_hooks",),
        "logs": ("LogLine", "LogSelection", "find_logs", "remove_logs", "tail"),
        "nimbus": (
            "Nimbus",
            "ThriftNimbus",
            "TopologySummary",
            "connect_nimbus",
            "kill_topology",
            "topology_status",
        ),
        "packages": ("merged_steps", "packages_of", "update_packages"),
        "recordings": ("RecordingFile", "fetch_recordings", "find_recordings"),
        "requirements": ("check_requirements", "unnamed_packages"),
        "storm_thrift": ("encoded", "has_thriftpy2", "require_thriftpy2"),
        "storm_topology": ("check_submit", "find_submit_problems", "to_storm_topology"),
        "storm_ui": ("StormUi",),
        "submission": ("Submission", "cluster_settings"),
        "submit_request": ("SubmitRequest",),
        "thrift_submitter": ("TopologyReader",),
        "tunnels": ("nimbus_name", "nimbus_tunnel", "ui_name", "ui_tunnel"),
        "ui_records": (),
        "virtualenvs": (
            "check_virtualenvs",
            "update_virtualenvs",
            "virtualenv_steps",
        ),
    },
)
