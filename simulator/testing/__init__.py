"""The objects that tests drive and look at: harnesses, whole topologies, records, explorations."""

from simulator.testing.cases import check_kinds
from simulator.testing.conformance import NotJudgedWarning, violations
from simulator.testing.errors import (
    ComponentError,
    HarnessError,
    NotDeterministicError,
    PendingError,
    UnstruckFaultError,
    is_test_error,
)
from simulator.testing.explore import Explorer
from simulator.testing.explored_run import Run
from simulator.testing.golden import check_golden, golden_path
from simulator.testing.harness import BoltHarness, SpoutHarness
from simulator.testing.plan import MOST_FAULTS, Plan, Strategy, check_plan
from simulator.testing.records import AnyOrder, Logged, LogKeeper, Record, Records, Result
from simulator.testing.single_run import SingleRun, single_topology
from simulator.testing.topology_run import RunningTopology
from simulator.testing.tracebacks import users_stack, with_callers, without_our_frames
from simulator.testing.views import BoltView, SpoutView

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
    "SingleRun",
    "SpoutHarness",
    "SpoutView",
    "Strategy",
    "UnstruckFaultError",
    "check_golden",
    "check_kinds",
    "check_plan",
    "golden_path",
    "is_test_error",
    "single_topology",
    "users_stack",
    "violations",
    "with_callers",
    "without_our_frames",
]
