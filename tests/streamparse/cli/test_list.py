"""``sparse list``: a row for each topology."""

from __future__ import annotations

import json

from tests.support.cluster_command import ClusterCommand
from tests.support.nimbus_server import NimbusServer, serving


def test_list_shows_a_row_for_each_topology(sparse_at_nimbus: ClusterCommand) -> None:
    with serving(NimbusServer("wordcount", "clicks")) as port:
        assert sparse_at_nimbus(port, "list") == (
            0,
            "name       status  workers  executors  tasks  uptime\n"
            "clicks     ACTIVE        2          6      7  2h 3m 20s\n"
            "wordcount  ACTIVE        1          5      6  1h 1m 40s\n",
            "",
        )


def test_list_as_json_is_an_array_of_what_is_known_of_each(
    sparse_at_nimbus: ClusterCommand,
) -> None:
    with serving(NimbusServer("wordcount")) as port:
        status, out, err = sparse_at_nimbus(port, "list", "--json")
    assert (status, json.loads(out), err) == (
        0,
        [
            {
                "id": "wordcount-1-1700000000",
                "name": "wordcount",
                "status": "ACTIVE",
                "workers": 1,
                "executors": 5,
                "tasks": 6,
                "uptime_secs": 3700,
            }
        ],
        "",
    )


def test_list_says_when_nothing_runs(sparse_at_nimbus: ClusterCommand) -> None:
    with serving(NimbusServer()) as port:
        assert sparse_at_nimbus(port, "list") == (0, "No topologies running.\n", "")
        assert sparse_at_nimbus(port, "list", "--json") == (0, "[]\n", "")
