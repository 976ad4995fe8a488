"""All pairs, by theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.planted import (
    batches,
    bookings,
    bounds,
    chance,
    counted,
    crashes,
    defaults,
    files,
    flow,
    forwarding,
    joins,
    limits,
    memory,
    order,
    placement,
    recovery,
    retries,
    settling,
    sources,
    starting,
)
from tests.planted.pair import Pair

THEMES: Mapping[str, Sequence[Pair]] = {
    "Memory that is lost at a restart": memory.PAIRS,
    "Counted again": [*counted.PAIRS, *bookings.PAIRS],
    "Acks, fails and anchors": [*settling.PAIRS, *forwarding.PAIRS],
    "Batches and ticks": batches.PAIRS,
    "Joins, windows and reports": joins.PAIRS,
    "Spouts": [*sources.PAIRS, *retries.PAIRS],
    "What the next attempt finds": recovery.PAIRS,
    "Placement and keys": placement.PAIRS,
    "Order": order.PAIRS,
    "Timeouts and limits": [*limits.PAIRS, *bounds.PAIRS],
    "Initialize, modules and classes": [*starting.PAIRS, *defaults.PAIRS],
    "State in files and databases": files.PAIRS,
    "What has to wait for something else": flow.PAIRS,
    "Other values at the next attempt": chance.PAIRS,
    "Code that runs only where nothing is killed": crashes.PAIRS,
}
PAIRS: Mapping[str, Pair] = {pair.name: pair for pairs in THEMES.values() for pair in pairs}
