"""Testing components and topologies from Python: what the ``storm`` fixture is, without pytest."""

from simulator.testing import (
    BoltHarness,
    ComponentError,
    HarnessError,
    NotDeterministicError,
    PendingError,
    Record,
    Records,
    Result,
    RunningTopology,
    SpoutHarness,
)
from streamparse.testing.storm import Storm, any_order, project_directory

__all__ = [
    "BoltHarness",
    "ComponentError",
    "HarnessError",
    "NotDeterministicError",
    "PendingError",
    "Record",
    "Records",
    "Result",
    "RunningTopology",
    "SpoutHarness",
    "Storm",
    "any_order",
    "project_directory",
]
