"""``sparse stats``: a cluster, a topology and its components, from recorded answers of real UIs."""

from __future__ import annotations

import json

import pytest

from tests.support.cluster_command import ClusterCommand
from tests.support.ui_server import IDLE, recorded


def test_stats_shows_the_cluster_its_supervisors_and_topologies(
    sparse_at_ui: ClusterCommand,
) -> None:
    assert sparse_at_ui(recorded("0.9.4"), "stats") == (
        0,
        """\
Cluster
Storm  nimbus uptime  supervisors  slots  slots used  slots free  executors  tasks
0.9.4  16s                      1      2           1           1          4      4

Supervisors
host       uptime  slots  slots used  id
127.0.0.1  16s         2           1  b008de8c-79fe-44e5-b349-3b953415170c

Topologies
name  status  uptime  workers  executors  tasks  id
pets  ACTIVE  8s            1          4      4  pets-1-1795545431
""",
        "",
    )


def test_stats_as_json_is_one_object_also_from_storm_1_where_a_leader_has_the_uptime(
    sparse_at_ui: ClusterCommand,
) -> None:
    status, out, err = sparse_at_ui(recorded("1.2.4"), "stats", "--json")
    assert (status, json.loads(out), err) == (
        0,
        {
            "cluster": {
                "storm_version": "1.2.4",
                "nimbus_uptime_secs": 32,
                "supervisors": 1,
                "slots_used": 1,
                "slots_free": 1,
                "slots_total": 2,
                "executors": 4,
                "tasks": 4,
            },
            "supervisors": [
                {
                    "id": "4d5ac1ec-3a34-4228-8a82-7105e1a1460d",
                    "host": "127.0.0.1",
                    "uptime_secs": 36,
                    "slots_used": 1,
                    "slots_total": 2,
                }
            ],
            "topologies": [
                {
                    "id": "pets-1-1795545467",
                    "name": "pets",
                    "status": "ACTIVE",
                    "uptime_secs": 14,
                    "workers": 1,
                    "executors": 4,
                    "tasks": 4,
                }
            ],
        },
        "",
    )


TOPOLOGY = """\
Topology
name  status  uptime  workers  executors  tasks  id
pets  ACTIVE  14s           1          4      4  pets-1-1795545467

Windows
time      emitted  transferred  acked  complete ms
last 10m        4            2      2       17.000
last 3h         4            2      2       17.000
last 1d         4            2      2       17.000
all             4            2      2       17.000

Spouts
id         executors  tasks  emitted  transferred  acked  failed  complete ms
pet-spout          1      1        2            2      2       0       17.000

Bolts
id        executors  tasks  emitted  transferred  executed  acked  failed  process ms  execute ms  capacity
dog-bolt          2      2        2            0         2      2       0      26.000       0.000     0.000

Last error of dog-bolt, 4s ago on 127.0.0.1:20009
    java.lang.Exception: Shell Process Exception: Python ValueError raised while processing Tuple \
Tuple(id='1367656415850503657', component='pet-spout', stream='default', task=4, values=['cat'])
    ValueErro
"""

SPOUT = """\
Spout pet-spout
executors  tasks
        1      1

Windows
time      emitted  transferred  acked  failed  complete ms
last 10m        2            2      2       0       17.000
last 3h         2            2      2       0       17.000
last 1d         2            2      2       0       17.000
all             2            2      2       0       17.000

Outputs
stream   emitted  transferred  acked  failed  complete ms
default        2            2      2       0       17.000

Executors
id     host        port  uptime  emitted  transferred  acked  failed  complete ms
[4-4]  127.0.0.1  20009  4s            2            2      2       0       17.000
"""

BOLT = """\
Bolt dog-bolt
executors  tasks
        2      2

Windows
time      emitted  transferred  executed  acked  failed  process ms  execute ms  capacity
last 10m        2            0         2      2       0      26.000       0.000     0.000
last 3h         2            0         2      2       0      26.000       0.000     0.000
last 1d         2            0         2      2       0      26.000       0.000     0.000
all             2            0         2      2       0      26.000       0.000     0.000

Inputs
component  stream   executed  acked  failed  process ms  execute ms
pet-spout  default         2      2       0      26.000       0.000

Outputs
stream   emitted  transferred
default        2            0

Executors
id     host        port  uptime  emitted  transferred  executed  acked  failed  process ms  execute ms  capacity
[2-2]  127.0.0.1  20009  4s            0            0         0      0       0       0.000       0.000     0.000
[3-3]  127.0.0.1  20009  4s            2            0         2      2       0      26.000       0.000     0.000

Error, 5s ago on 127.0.0.1:20009
    java.lang.Exception: Shell Process Exception: Python ValueError raised while processing Tuple \
Tuple(id='1367656415850503657', component='pet-spout', stream='default', task=4, values=['cat'])
    ValueError: no cats

        at org.apache.storm.task.ShellBolt.handleError(ShellBolt.java:227)
        at org.apache.storm.task.ShellBolt.access$1100(ShellBolt.java:72)
        at org.apache.storm.task.ShellBolt$BoltReaderRunnable.run(ShellBolt.java:348)
        at java.base/java.lang.Thread.run(Thread.java:840)
"""


def test_stats_of_a_topology_shows_its_windows_components_and_last_errors(
    sparse_at_ui: ClusterCommand,
) -> None:
    assert sparse_at_ui(recorded("1.2.4"), "stats", "-n", "pets") == (0, TOPOLOGY, "")


def test_stats_of_a_component_shows_that_one_of_the_projects_topology(
    sparse_at_ui: ClusterCommand,
) -> None:
    assert sparse_at_ui(recorded("1.2.4"), "stats", "-c", "dog-bolt") == (0, BOLT, "")


def test_stats_of_all_shows_the_topology_and_then_each_component(
    sparse_at_ui: ClusterCommand,
) -> None:
    assert sparse_at_ui(recorded("1.2.4"), "stats", "--all") == (
        0,
        f"{TOPOLOGY}\n\n{SPOUT}\n\n{BOLT}",
        "",
    )


@pytest.mark.parametrize("version", ["0.9.4", "1.2.4"])
def test_stats_as_json_has_the_same_parts_from_every_line(
    sparse_at_ui: ClusterCommand, version: str
) -> None:
    _, out, _ = sparse_at_ui(recorded(version), "stats", "--all", "--json")
    found = json.loads(out)
    seen = [
        (each["id"], each["type"], [window["secs"] for window in each["windows"]])
        for each in found["components"]
    ]
    windows = [600, 10800, 86400, None]
    assert seen == [("pet-spout", "spout", windows), ("dog-bolt", "bolt", windows)]
    bolt = found["components"][1]
    assert (bolt["executors"], bolt["tasks"], bolt["threads"][1]["stats"]) == (
        2,
        2,
        {
            "emitted": 2,
            "transferred": 0,
            "executed": 2,
            "acked": 2,
            "failed": 0,
            "complete_ms": None,
            "process_ms": {"0.9.4": 60.5, "1.2.4": 26.0}[version],
            "execute_ms": 0.0,
            "capacity": 0.0,
        },
    )


def test_a_cluster_on_which_nothing_runs_is_shown_with_what_it_says(
    sparse_at_ui: ClusterCommand,
) -> None:
    assert sparse_at_ui(IDLE, "stats") == (
        0,
        "Cluster\nStorm  supervisors\n2.8.3            0\n",
        "",
    )
    assert sparse_at_ui(IDLE, "worker_uptime") == (0, "No workers running.\n", "")
    assert sparse_at_ui(IDLE, "worker_uptime", "--json") == (0, "[]\n", "")


def test_what_others_wrote_gives_a_terminal_no_orders(sparse_at_ui: ClusterCommand) -> None:
    topologies = [{"id": "x-1", "name": "\x1b[31mx", "status": "ACTIVE"}]
    pages = {**IDLE, "topology/summary": (200, json.dumps({"topologies": topologies}).encode())}
    status, out, _ = sparse_at_ui(pages, "stats")
    assert (status, out.splitlines()[-1]) == (0, "\N{REPLACEMENT CHARACTER}[31mx  ACTIVE  x-1")


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (["-n", "pest"], 1, 'topology "pest" is not running; did you mean "pets"?'),
        (
            ["-c", "dogbolt"],
            1,
            'topology pets has no component "dogbolt"; did you mean "dog-bolt"?',
        ),
        (["-c", "x"], 1, 'topology pets has no component "x"; there are pet-spout, dog-bolt'),
        (["-c", "x", "--all"], 2, "-c x and --all: one component, or all of them"),
        (["-e", "prd"], 2, 'config.json: no environment "prd"; did you mean "prod"?'),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_nearest(
    sparse_at_ui: ClusterCommand, words: list[str], status: int, error: str
) -> None:
    assert sparse_at_ui(recorded("1.2.4"), "stats", *words) == (status, "", f"error: {error}\n")


def test_a_component_whose_id_the_ui_does_not_take_is_one_line(
    sparse_at_ui: ClusterCommand,
) -> None:
    pages = {
        page: (status, body.replace(b'"dog-bolt"', b'"dogs/bolt"'))
        for page, (status, body) in recorded("1.2.4").items()
    }
    assert sparse_at_ui(pages, "stats", "-n", "pets", "-c", "dogs/bolt") == (
        1,
        "",
        'error: Storm\'s UI 127.0.0.1:PORT has no page of component "dogs/bolt", whose id has a slash\n',
    )
