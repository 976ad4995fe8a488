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
    from streamparse.cluster.requirements import check_requirements
    from streamparse.cluster.storm_ui import StormUi
    from streamparse.cluster.submission import Submission, cluster_settings
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
    "StormUi",
    "Submission",
    "ThriftNimbus",
    "TopologySummary",
    "check_cluster",
    "check_index",
    "check_requirements",
    "check_virtualenvs",
    "cluster_settings",
    "connect_nimbus",
    "find_logs",
    "kill_topology",
    "nimbus_name",
    "nimbus_tunnel",
    "remove_logs",
    "run_hooks",
    "tail",
    "topology_status",
    "ui_name",
    "ui_records",
    "ui_tunnel",
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
        "requirements": ("check_requirements",),
        "storm_ui": ("StormUi",),
        "submission": ("Submission", "cluster_settings"),
        "tunnels": ("nimbus_name", "nimbus_tunnel", "ui_name", "ui_tunnel"),
        "ui_records": (),
        "virtualenvs": (
            "check_virtualenvs",
            "update_virtualenvs",
            "virtualenv_steps",
        ),
    },
)
