"""``stats`` and ``worker_uptime``: recorded answers of real UIs, served on loopback.

What real UIs answer now is in test_real_nimbus.py.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamparse.cli.sparse import main
from streamparse.cluster.storm_ui import Stats, StormUi, Window

CAPTURES = Path(__file__).parent / "ui_captures"

#: Status and body, by the page's path.
Pages = Mapping[str, tuple[int, bytes]]


def recorded(version: str) -> dict[str, tuple[int, bytes]]:
    pages = json.loads((CAPTURES / f"{version}.json").read_text(encoding="utf-8"))
    return {page: (status, json.dumps(body).encode()) for page, (status, body) in pages.items()}


@contextmanager
def serving(pages: Pages) -> Iterator[int]:
    """The port at which these pages are answered."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = self.path.removeprefix("/api/v1/")
            status, body = pages.get(page, (404, b"<html>no such page</html>"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests show what they want to."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


Sparse = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sparse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sparse:
    """Run a command in a project with the topology pets, whose UI answers so: status, stdout, stderr."""
    (tmp_path / "topologies").mkdir()
    (tmp_path / "topologies" / "pets.clj").touch()
    monkeypatch.chdir(tmp_path)
    # A proxy for the world outside is no way to a cluster.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    def run(pages: Pages, *argv: str) -> tuple[int, str, str]:
        with serving(pages) as port:
            prod = {"nimbus": "127.0.0.1", "use_ssh_for_nimbus": False, "ui.port": port}
            (tmp_path / "config.json").write_text(json.dumps({"envs": {"prod": prod}}))
            status = main(argv)
            out, err = capsys.readouterr()
            return status, out, err.replace(f":{port}", ":PORT")

    return run


# -- what is shown -----------------------------------------------------------------------------------------------


def test_stats_shows_the_cluster_its_supervisors_and_topologies(sparse: Sparse) -> None:
    assert sparse(recorded("0.9.4"), "stats") == (
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
    sparse: Sparse,
) -> None:
    status, out, err = sparse(recorded("1.2.4"), "stats", "--json")
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


def test_stats_of_a_topology_shows_its_windows_components_and_last_errors(sparse: Sparse) -> None:
    assert sparse(recorded("1.2.4"), "stats", "-n", "pets") == (0, TOPOLOGY, "")


def test_stats_of_a_component_shows_that_one_of_the_projects_topology(sparse: Sparse) -> None:
    assert sparse(recorded("1.2.4"), "stats", "-c", "dog-bolt") == (0, BOLT, "")


def test_stats_of_all_shows_the_topology_and_then_each_component(sparse: Sparse) -> None:
    assert sparse(recorded("1.2.4"), "stats", "--all") == (
        0,
        f"{TOPOLOGY}\n\n{SPOUT}\n\n{BOLT}",
        "",
    )


@pytest.mark.parametrize("version", ["0.9.4", "1.2.4"])
def test_stats_as_json_has_the_same_parts_from_every_line(sparse: Sparse, version: str) -> None:
    _, out, _ = sparse(recorded(version), "stats", "--all", "--json")
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


def test_a_latency_may_be_a_number_as_storm_2_has_it_or_no_number_at_all() -> None:
    pages = recorded("1.2.4")
    page = "topology/pets-1-1795545467/component/pet-spout"
    windows = [
        {"window": ":all-time", "emitted": 20, "completeLatency": "NaN"},
        {"window": "600", "emitted": None, "completeLatency": 17.25},
    ]
    pages[page] = (200, json.dumps({"componentType": "spout", "spoutSummary": windows}).encode())
    with serving(pages) as port:
        ui = StormUi(("127.0.0.1", port))
        found = ui.component(ui.topology("pets"), "pet-spout").windows
    assert found == (
        Window(600, Stats(None, None, None, None, None, 17.25, None, None, None)),
        Window(None, Stats(20, None, None, None, None, None, None, None, None)),
    )


def test_worker_uptime_shows_a_row_for_each_worker(sparse: Sparse) -> None:
    assert sparse(recorded("0.9.4"), "worker_uptime") == (
        0,
        "host        port  uptime  topology  components                  log\n"
        "127.0.0.1  20009  4s      pets      pet-spout dog-bolt __acker  "
        "http://127.0.0.1:20008/log?file=worker-20009.log\n",
        "",
    )


def test_worker_uptime_as_json_is_an_array_of_workers(sparse: Sparse) -> None:
    status, out, err = sparse(recorded("1.2.4"), "worker_uptime", "--json")
    assert (status, json.loads(out), err) == (
        0,
        [
            {
                "topology": "pets",
                "host": "127.0.0.1",
                "port": 20009,
                "uptime_secs": 4,
                "components": ["pet-spout", "dog-bolt", "__acker"],
                "log_url": "http://127.0.0.1:20008/log?file=pets-1-1795545467%2F20009%2Fworker.log",
            }
        ],
        "",
    )


IDLE = {
    "cluster/summary": (200, b'{"stormVersion": "2.8.3", "supervisors": 0}'),
    "nimbus/summary": (200, b'{"nimbuses": []}'),
    "supervisor/summary": (200, b'{"supervisors": []}'),
    "topology/summary": (200, b'{"topologies": []}'),
}


def test_a_cluster_on_which_nothing_runs_is_shown_with_what_it_says(sparse: Sparse) -> None:
    assert sparse(IDLE, "stats") == (0, "Cluster\nStorm  supervisors\n2.8.3            0\n", "")
    assert sparse(IDLE, "worker_uptime") == (0, "No workers running.\n", "")
    assert sparse(IDLE, "worker_uptime", "--json") == (0, "[]\n", "")


def test_what_others_wrote_gives_a_terminal_no_orders(sparse: Sparse) -> None:
    topologies = [{"id": "x-1", "name": "\x1b[31mx", "status": "ACTIVE"}]
    pages = {**IDLE, "topology/summary": (200, json.dumps({"topologies": topologies}).encode())}
    status, out, _ = sparse(pages, "stats")
    assert (status, out.splitlines()[-1]) == (0, "\N{REPLACEMENT CHARACTER}[31mx  ACTIVE  x-1")


# -- what goes wrong ---------------------------------------------------------------------------------------------


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
    sparse: Sparse, words: list[str], status: int, error: str
) -> None:
    assert sparse(recorded("1.2.4"), "stats", *words) == (status, "", f"error: {error}\n")


NO_UI = (
    'error: what answers at 127.0.0.1:PORT is not Storm\'s UI (HTTP {}); "ui.port" of the environment in '
    "config.json names its port\n"
)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, b"<html>"), NO_UI.format(404)),
        ((200, b"<html>welcome</html>"), NO_UI.format(200)),
        ((200, b"[1, 2]"), NO_UI.format(200)),
        (
            (401, b""),
            "error: Storm's UI 127.0.0.1:PORT wants a login, which sparse cannot give (HTTP 401)\n",
        ),
        (
            (
                500,
                b'{"error": "Internal Server Error", "errorMessage": "NotAlive(msg:x)\\n\\tat a.b"}',
            ),
            "error: Storm's UI 127.0.0.1:PORT says: NotAlive(msg:x)\n    NotAlive(msg:x)\n    \tat a.b\n",
        ),
    ],
)
def test_an_answer_that_is_none_is_said_in_one_line_with_what_the_ui_has_to_say_below(
    sparse: Sparse, answer: tuple[int, bytes], error: str
) -> None:
    assert sparse({"topology/summary": answer}, "worker_uptime") == (1, "", error)


def test_a_ui_that_is_down_is_said_in_one_line_with_the_key_that_names_its_port(
    sparse: Sparse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    prod = {"nimbus": "127.0.0.1", "use_ssh_for_nimbus": False, "ui.port": port}
    (tmp_path / "config.json").write_text(json.dumps({"envs": {"prod": prod}}))
    status = main(["stats"])
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert f"127.0.0.1:{port} does not answer: connection refused" in err
    assert 'envs.prod["ui.port"]' in err
