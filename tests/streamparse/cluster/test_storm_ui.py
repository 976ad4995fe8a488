"""The REST API of Storm's UI: recorded answers of real UIs, served on loopback.

What real UIs answer now is in tests/real/test_nimbus.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamparse.cli.sparse import main
from streamparse.cluster.storm_ui import StormUi
from streamparse.cluster.ui_records import Stats, Window
from tests.support.cluster_command import ClusterCommand
from tests.support.ports import refusing_port
from tests.support.ui_server import recorded, serving


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
    sparse_at_ui: ClusterCommand, answer: tuple[int, bytes], error: str
) -> None:
    assert sparse_at_ui({"topology/summary": answer}, "worker_uptime") == (1, "", error)


def test_a_ui_that_is_down_is_said_in_one_line_with_the_key_that_names_its_port(
    sparse_at_ui: ClusterCommand, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with refusing_port() as port:
        prod = {"nimbus": "127.0.0.1", "use_ssh_for_nimbus": False, "ui.port": port}
        (tmp_path / "config.json").write_text(json.dumps({"envs": {"prod": prod}}))
        status = main(["stats"])
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert f"127.0.0.1:{port} does not answer: connection refused" in err
    assert 'envs.prod["ui.port"]' in err


# -- what a UI answers between a submit and the first worker, and when a topology ends


def test_the_components_of_a_topology_without_workers_are_not_known_yet(
    sparse_at_ui: ClusterCommand,
) -> None:
    pages = recorded("1.2.4")
    page = json.loads(pages["topology/pets-1-1795545467"][1])
    placed = {"spouts": [], "bolts": [], "workersTotal": 0, "executorsTotal": 0}
    pages["topology/pets-1-1795545467"] = (200, json.dumps(page | placed).encode())
    assert sparse_at_ui(pages, "stats", "-n", "pets", "-c", "dog-bolt") == (
        1,
        "",
        "error: topology pets has been submitted and has no worker yet, without which Storm's UI knows none of its "
        "components; run it again in a few seconds\n",
    )
    assert sparse_at_ui(pages, "stats", "-n", "pets")[0] == 0


class Ending(dict[str, tuple[int, bytes]]):
    """The pages of a UI whose topologies end when they have been listed once."""

    def get(self, page: str, default: Any = None) -> Any:
        answer = super().get(page, default)
        if page == "topology/summary":
            gone = json.dumps({"errorMessage": "NotAliveException(msg:pets-1-1795545467)"}).encode()
            self.update(dict.fromkeys((each for each in self if "pets" in each), (500, gone)))
            self[page] = (200, b'{"topologies": []}')
        return answer


def test_a_topology_that_ends_while_the_ui_is_asked_runs_no_more(
    sparse_at_ui: ClusterCommand,
) -> None:
    assert sparse_at_ui(Ending(recorded("1.2.4")), "worker_uptime") == (
        0,
        "No workers running.\n",
        "",
    )
    assert sparse_at_ui(Ending(recorded("1.2.4")), "stats", "-n", "pets") == (
        1,
        "",
        'error: topology "pets" is not running; there is none\n',
    )
