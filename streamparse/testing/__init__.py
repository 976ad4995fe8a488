"""Tests of components and topologies: the class that the ``storm`` fixture of pytest is, usable without pytest."""

from simulator.laws import Guarantees, LawReport
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
from streamparse.replaying import Recorded
from streamparse.testing.check import GuaranteeError
from streamparse.testing.checks import ComponentWarning
from streamparse.testing.lookup import project_directory
from streamparse.testing.mutations import (
    MUTATION_KINDS,
    SHOWN_BY_FAULTS,
    Mutation,
    check_mutation_kinds,
    mutations_of,
    result_of,
)
from streamparse.testing.pages import page_of_guarantees, write_page
from streamparse.testing.recording import UsualRecording
from streamparse.testing.replays import Replay
from streamparse.testing.row_values import Rows, rows
from streamparse.testing.storm import Storm, any_order

__all__ = [
    "MUTATION_KINDS",
    "SHOWN_BY_FAULTS",
    "BoltHarness",
    "ComponentError",
    "ComponentWarning",
    "GuaranteeError",
    "Guarantees",
    "HarnessError",
    "LawReport",
    "Mutation",
    "NotDeterministicError",
    "PendingError",
    "Record",
    "Recorded",
    "Records",
    "Replay",
    "Result",
    "Rows",
    "RunningTopology",
    "SpoutHarness",
    "Storm",
    "UnstruckFaultError",
    "UsualRecording",
    "any_order",
    "check_mutation_kinds",
    "mutations_of",
    "page_of_guarantees",
    "project_directory",
    "result_of",
    "rows",
    "write_page",
]

# The names by which a report of pytest shows them are those of the documents.
for _error in (
    ComponentError,
    GuaranteeError,
    HarnessError,
    NotDeterministicError,
    PendingError,
    UnstruckFaultError,
):
    _error.__module__ = __name__
