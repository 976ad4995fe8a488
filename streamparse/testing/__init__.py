"""Tests of components and topologies: the class that the ``storm`` fixture of pytest is, usable without pytest."""

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
    UnstruckFaultError,
)
from streamparse.testing.checks import ComponentWarning
from streamparse.testing.lookup import project_directory
from streamparse.testing.storm import Storm, any_order

__all__ = [
    "BoltHarness",
    "ComponentError",
    "ComponentWarning",
    "HarnessError",
    "NotDeterministicError",
    "PendingError",
    "Record",
    "Records",
    "Result",
    "RunningTopology",
    "SpoutHarness",
    "Storm",
    "UnstruckFaultError",
    "any_order",
    "project_directory",
]

# The names by which a report of pytest shows them are those of the documents.
for _error in (
    ComponentError,
    HarnessError,
    NotDeterministicError,
    PendingError,
    UnstruckFaultError,
):
    _error.__module__ = __name__
