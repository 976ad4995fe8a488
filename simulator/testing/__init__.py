"""What tests drive and look at: harnesses, whole topologies, records, many runs."""

from simulator.testing.cases import check_kinds
from simulator.testing.conformance import NotJudgedWarning, violations
from simulator.testing.explore import (
    MOST_FAULTS,
    Explorer,
    NotDeterministicError,
    Plan,
    Run,
    Strategy,
    check_plan,
)
from simulator.testing.golden import check_golden, golden_path
from simulator.testing.harness import BoltHarness, SpoutHarness, lone_topology
from simulator.testing.records import (
    AnyOrder,
    ComponentError,
    HarnessError,
    Logged,
    LogKeeper,
    PendingError,
    Record,
    Records,
    Result,
    is_for_the_test,
    users_stack,
    without_our_frames,
)
from simulator.testing.topology_run import BoltView, RunningTopology, SpoutView

__all__ = [
    "MOST_FAULTS",
    "AnyOrder",
    "BoltHarness",
    "BoltView",
    "ComponentError",
    "Explorer",
    "HarnessError",
    "LogKeeper",
    "Logged",
    "NotDeterministicError",
    "NotJudgedWarning",
    "PendingError",
    "Plan",
    "Record",
    "Records",
    "Result",
    "Run",
    "RunningTopology",
    "SpoutHarness",
    "SpoutView",
    "Strategy",
    "check_golden",
    "check_kinds",
    "check_plan",
    "golden_path",
    "is_for_the_test",
    "lone_topology",
    "users_stack",
    "violations",
    "without_our_frames",
]
