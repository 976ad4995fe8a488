"""``sparse capacity``: the table, its JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.load import Capacity
from streamparse.cli import capacity
from tests.support.load_project import Sparse, shop, sparse, write_project

__all__ = ["shop", "sparse"]

WORK = ["-w", "1", "--work", "price=100ms"]


def test_the_rate_grows_with_the_tasks_of_the_bottleneck(sparse: Sparse) -> None:
    assert sparse("capacity", *WORK, "--tasks", "4", "--tasks", "1", "--tasks", "4") == (
        0,
        "shop: acked tuples a second, by the tasks of price\n"
        "\n"
        "1  10.0  ##########                                price is busy 100%\n"
        "4  40.0  ########################################  price is busy 100%\n",
        "",
    )


def test_a_sleep_in_virtual_time_is_work(sparse: Sparse, shop: Path) -> None:
    write_project(shop, Prices="Sleeps")
    words = ["-w", "1", "--virtual-time", "--tasks", "1", "--tasks", "4", "--json"]
    status, out, err = sparse("capacity", *words)
    assert (status, err) == (0, "")
    assert [(each["tasks"], each["rate"]) for each in json.loads(out)["capacity"]] == [
        (1, 10.0),
        (4, 40.0),
    ]


def test_the_json_object_is_all_there_is_on_stdout(sparse: Sparse) -> None:
    status, out, _ = sparse("capacity", *WORK, "--tasks", "2", "--json")
    assert (status, json.loads(out)) == (
        0,
        {
            "topology": "shop",
            "of": "price",
            "capacity": [{"tasks": 2, "rate": 20.0, "bottleneck": "price", "busy": 1.0}],
        },
    )


def test_it_is_said_when_the_spouts_are_the_limit(sparse: Sparse) -> None:
    words = [*WORK, "--work", "orders.next=50ms", "--tasks", "8"]
    status, out, err = sparse("capacity", *words)
    assert status == 0
    assert out.splitlines()[-1] == f"8  20.0  {'#' * capacity.BAR}  orders is busy 100%"
    assert err == (
        "the last rate is limited by the spouts: a turn takes 1 ms unless --work SPOUT.next says otherwise\n"
    )


MISTAKES = [
    ([], "there is no work; expected --work, such as --work measured, or --virtual-time"),
    ([*WORK, "--tasks", "0"], "--tasks 0: expected at least 1"),
    ([*WORK, "--tasks", "257"], "--tasks 257: expected a number from 1 to 256"),
    (
        [*WORK, "--tasks", "two"],
        "argument --tasks: invalid int value: 'two'; see sparse capacity -h",
    ),
    (
        ["--work", "prise=1ms"],
        "--work prise: there is no component 'prise' (did you mean \"price\"?)",
    ),
    ([*WORK, "--time", "5"], "unrecognized arguments: --time 5; see sparse capacity -h"),
]


@pytest.mark.parametrize(("words", "said"), MISTAKES)
def test_a_mistake_is_one_line(sparse: Sparse, words: list[str], said: str) -> None:
    assert sparse("capacity", *words) == (2, "", f"error: {said}\n")


def test_a_component_that_fails_has_no_capacity(sparse: Sparse, shop: Path) -> None:
    write_project(shop, Prices="Breaks")
    assert sparse("capacity", *WORK) == (
        2,
        "",
        "error: the simulation failed: price[4]: ended with exit status 1; it held tuple 1 [1] from orders[3]\n",
    )


def test_without_a_tuple_there_is_no_bottleneck(sparse: Sparse, shop: Path) -> None:
    write_project(shop, Numbers="Silent")
    assert sparse("capacity", *WORK) == (
        2,
        "",
        "error: no bolt with work was given a tuple, so there is no bottleneck\n",
    )


def test_an_interruption_ends_it_at_once(sparse: Sparse, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    class Interrupted:
        stopped = "interrupted"

    def simulate(*args: Any, clock: object) -> Interrupted:
        runs.append(args)
        return Interrupted()

    monkeypatch.setattr("simulator.simulate", simulate)
    status, out, _ = sparse("capacity", *WORK)
    assert (status, out, len(runs)) == (130, "", 1)


def test_a_topology_that_acks_nothing_has_no_bars() -> None:
    lines = capacity._lines("shop", "price", [Capacity(1, 0.0, "price", 0.5)])
    assert list(lines) == ["shop: acked tuples a second, by the tasks of price", "", "1  0.0"]
