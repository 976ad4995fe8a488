"""Where effects go, and which values cannot leave their worker (scenario S24 of docs/storm.md)."""

from __future__ import annotations

import pytest

from tests.support.table_top import bolt, run_both, spout, topology_text

NOT_REGISTERED = "the worker dies: Class is not registered: "


@pytest.mark.parametrize(
    ("row", "conf", "storm", "java_class"),
    [
        ("[1 2]", {}, "2.8.3", "org.apache.storm.shade.net.minidev.json.JSONArray"),
        ("[1 2]", {}, "1.2.4", "org.apache.storm.shade.org.json.simple.JSONArray"),
        ('{"a" 1}', {}, "2.8.3", "org.apache.storm.shade.net.minidev.json.JSONObject"),
        ("0.30000000000000004", {}, "2.8.3", "java.math.BigDecimal"),
        ("0.30000000000000004", {}, "1.2.4", ""),
        ("[1 2]", {}, "0.10.2", ""),
        ('"x"', {}, "2.8.3", ""),
        ("[1 2]", {"topology.workers": 1}, "2.8.3", ""),
        ("[1 2]", {"topology.fall.back.on.java.serialization": True}, "2.8.3", ""),
    ],
)
def test_values_that_kryo_does_not_know_kill_their_worker_on_the_way_to_another(
    row: str, conf: dict[str, object], storm: str, java_class: str
) -> None:
    text = topology_text(spout(f"[[{row}] [{row}]]"), bolt("b", "Tells", '{"s" :all}', rest=":p 3"))
    done = run_both(text, conf=conf, storm=storm)
    assert [failure.storm for failure in done.report.failures] == (
        [NOT_REGISTERED + java_class] if java_class else []
    )
