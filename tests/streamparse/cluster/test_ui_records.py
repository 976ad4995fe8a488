"""The records of a cluster, from the answers of UIs of two lines."""

from __future__ import annotations

import pytest

from streamparse.cluster import StormUi, ui_records
from tests.support.ui_server import recorded, serving


@pytest.mark.parametrize(
    ("version", "uptimes"),
    [("0.9.4", (None, None)), ("1.2.4", (None, None))],
)
def test_records_of_all_lines_have_the_same_fields_and_types(
    version: str, uptimes: tuple[int | None, int | None]
) -> None:
    with serving(recorded(version)) as port:
        ui = StormUi(("127.0.0.1", port))
        cluster, (topology,) = ui.cluster(), ui.topologies()
        components = ui.topology("pets").components
    assert cluster == ui_records.ClusterSummary(
        storm_version=version,
        nimbus_uptime_secs=cluster.nimbus_uptime_secs,
        supervisors=1,
        slots_used=1,
        slots_free=1,
        slots_total=2,
        executors=4,
        tasks=4,
    )
    assert (topology.name, topology.status, topology.workers) == ("pets", "ACTIVE", 1)
    assert [type(each) for each in (cluster.nimbus_uptime_secs, topology.uptime_secs)] == [int, int]
    assert [each.id for each in components] == ["pet-spout", "dog-bolt"]
