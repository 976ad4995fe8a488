"""The load of a topology, out of recordings, as a file, and checked against a topology."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator import RUN_CONF, parse_topology
from simulator.engine import Feed
from simulator.model import Topology
from streamparse.recordings import read_recordings
from streamparse.replaying import (
    Workload,
    WorkloadError,
    read_conversation,
    read_workload,
    recorded_work,
    workload_of,
)
from tests.streamparse.replaying.test_recorded import items, prices
from tests.support import taped

SHOP = """
(ns wordcount (:use [streamparse.specs]))
(defn wordcount [options]
  [{"items" (python-spout-spec options "shop.Items" ["item" "cents"])}
   {"price" (python-bolt-spec options {"items" :shuffle} "shop.Prices" ["item" "cents"])}])
"""
WORKLOAD = Workload(
    "wordcount",
    {"items": Feed([["item-3", 3], ["item-6", 6]], every=["3004us"])},
    {"price": ["2us", "2us"]},
)


def topology(text: str = SHOP) -> Topology:
    """A topology with a spout and a bolt."""
    return parse_topology(text, options={**RUN_CONF, "topology.python.path": sys.executable})


def recordings(directory: Path) -> Path:
    """A directory with a recording of each component."""
    for name, text in (("items_4", items(6)), ("price_5", prices(3, 4))):
        taped.write(directory / f"streamparse_wordcount_{name}_1.0.jsonl.gz", text)
    return directory


def test_spouts_emit_the_recorded_rows_and_bolts_take_the_recorded_times(tmp_path: Path) -> None:
    found = read_workload(recordings(tmp_path))
    assert found == WORKLOAD
    found.check(topology(), "here")
    assert recorded_work(tmp_path, topology()) == {"items": ["2us"] * 2, "price": ["2us"] * 2}


def test_a_workload_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "workload.json"
    path.write_text(WORKLOAD.to_text())
    assert path.read_text().splitlines()[:7] == [
        "{",
        ' "workload": 1,',
        ' "topology": "wordcount",',
        ' "spouts": {',
        '  "items": {"stream": "default", "every": ["3004us"], "rows": [',
        '   ["item-3", 3],',
        '   ["item-6", 6]',
    ]
    assert read_workload(path) == WORKLOAD


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", "w.json:1:1: no JSON: expecting value"),
        (
            '{"workload": 1,\n "spouts": {},\n "spouts": {}}',
            'w.json:3:2: the key "spouts" stands twice, and only the last would count; leave one out',
        ),
        ("[]", 'w.json: no workload; expected "workload": 1'),
        ('{"workload": 2}', 'w.json: no workload; expected "workload": 1'),
        ('{"workload": 1}', 'w.json: expected "spouts" and "work", a map each'),
        (
            '{"workload": 1, "spouts": {"s": 3}, "work": {}}',
            'w.json: spouts.s: expected "rows", a list of lists of values',
        ),
        (
            '{"workload": 1, "spouts": {"s": {"rows": [], "every": "1"}}, "work": {}}',
            'w.json: spouts.s.every: "1" has no unit; expected 1ms or 0.001s',
        ),
    ],
)
def test_what_is_no_workload_is_one_line(text: str, finding: str, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(text)
    with pytest.raises(WorkloadError) as caught:
        read_workload(tmp_path / "w.json")
    assert str(caught.value).replace(f"{tmp_path}/", "") == finding


@pytest.mark.parametrize(
    ("workload", "finding"),
    [
        (
            Workload("shop", {}, {}),
            "w: it is the workload of topology 'shop', and this is 'wordcount'",
        ),
        (
            Workload("wordcount", {"item": Feed([])}, {}),
            "w: there is no spout 'item' (did you mean \"items\"?)",
        ),
        (
            Workload("wordcount", {"items": Feed([[1]])}, {}),
            "w: the rows of items on stream 'default' do not fit; the topology declares ['item', 'cents']",
        ),
        (
            Workload("wordcount", {}, {"prices": "1ms"}),
            "w prices: there is no component 'prices' (did you mean \"price\"?)",
        ),
    ],
)
def test_a_workload_that_does_not_fit_the_topology_is_one_line(
    workload: Workload, finding: str
) -> None:
    with pytest.raises(WorkloadError) as caught:
        workload.check(topology(), "w")
    assert str(caught.value) == finding


def test_recordings_that_tell_no_load_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match="no recording in it; expected streamparse_TOPOLOGY"):
        read_workload(tmp_path)
    silent = taped.write(tmp_path / "r.jsonl", prices())
    conversations = [read_conversation(each) for each in read_recordings(silent)]
    with pytest.raises(WorkloadError, match="price is left out: the recording tells no time of it"):
        workload_of(conversations)
    with pytest.raises(
        WorkloadError, match="the recordings tell no times; expected recordings of a cluster"
    ):
        recorded_work(silent, topology())
    assert '"clock": "real"' in silent.read_text()
    silent.write_text(silent.read_text().replace('"clock": "real"', '"clock": "virtual"'))
    with pytest.raises(WorkloadError, match="tell no times, as those of a simulation; expected"):
        recorded_work(silent, topology())
    with pytest.raises(WorkloadError, match="a recording of topology 'wordcount', and this is"):
        recorded_work(silent, topology(SHOP.replace("wordcount", "shop")))


def test_a_workload_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "workload.json"
    path.write_text(WORKLOAD.to_text(), encoding="utf-8-sig")
    assert read_workload(path) == WORKLOAD
