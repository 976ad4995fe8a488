"""``sparse worker_uptime``: a row for each worker, from recorded answers of real UIs."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.cluster_command import ClusterCommand
from tests.support.ui_server import recorded


def test_worker_uptime_shows_a_row_for_each_worker(sparse_at_ui: ClusterCommand) -> None:
    assert sparse_at_ui(recorded("0.9.4"), "worker_uptime") == (
        0,
        "host        port  uptime  topology  components                  log\n"
        "127.0.0.1  20009  4s      pets      pet-spout dog-bolt __acker  "
        "http://127.0.0.1:20008/log?file=worker-20009.log\n",
        "",
    )


def test_worker_uptime_as_json_is_an_array_of_workers(sparse_at_ui: ClusterCommand) -> None:
    status, out, err = sparse_at_ui(recorded("1.2.4"), "worker_uptime", "--json")
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


@pytest.mark.parametrize(
    ("version", "uptime", "of_now"),
    [
        ("0.9.4", rb'"uptime": "\w+"', b'"uptime": ""'),  # 0.9.4 and 0.10.2 have no 0s
        ("1.2.4", rb'"uptimeSeconds": \d+', b'"uptimeSeconds": 0'),
    ],
)
def test_a_worker_that_has_just_started_has_been_up_for_no_second(
    sparse_at_ui: ClusterCommand, version: str, uptime: bytes, of_now: bytes
) -> None:
    young = {
        page: (status, re.sub(uptime, of_now, body))
        for page, (status, body) in recorded(version).items()
    }
    _, out, _ = sparse_at_ui(young, "worker_uptime", "--json")
    assert [each["uptime_secs"] for each in json.loads(out)] == [0]
    _, out, _ = sparse_at_ui(young, "worker_uptime")
    assert "  0s  " in out
