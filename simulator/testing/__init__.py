"""The objects that tests drive and look at: harnesses, whole topologies, records."""

from simulator.testing.account import Account
from simulator.testing.causes import MOST_LINES, causes, shortened
from simulator.testing.conformance import NotJudgedWarning, violations
from simulator.testing.errors import (
    ComponentError,
    HarnessError,
    NotDeterministicError,
    PendingError,
    UndecidedError,
    UnstruckFaultError,
    check_seconds,
    is_test_error,
)
from simulator.testing.golden import check_golden, difference, golden_path
from simulator.testing.harness import BoltHarness, SpoutHarness
from simulator.testing.latency import Latency
from simulator.testing.moment import ComponentThen, Moment
from simulator.testing.records import AnyOrder, Logged, LogKeeper, Record, Records, Result
from simulator.testing.single_run import SingleRun, single_topology
from simulator.testing.topology_run import RunningTopology
from simulator.testing.tracebacks import (
    callers_of,
    place_in,
    shown_path,
    users_stack,
    with_callers,
    without_our_frames,
)
from simulator.testing.tree_lines import tree_lines
from simulator.testing.views import BoltView, SpoutView

__all__ = [
    "MOST_LINES",
    "Account",
    "AnyOrder",
    "BoltHarness",
    "BoltView",
    "ComponentError",
    "ComponentThen",
    "HarnessError",
    "Latency",
    "LogKeeper",
    "Logged",
    "Moment",
    "NotDeterministicError",
    "NotJudgedWarning",
    "PendingError",
    "Record",
    "Records",
    "Result",
    "RunningTopology",
    "SingleRun",
    "SpoutHarness",
    "SpoutView",
    "UndecidedError",
    "UnstruckFaultError",
    "callers_of",
    "causes",
    "check_golden",
    "check_seconds",
    "difference",
    "golden_path",
    "is_test_error",
    "place_in",
    "shortened",
    "shown_path",
    "single_topology",
    "tree_lines",
    "users_stack",
    "violations",
    "with_callers",
    "without_our_frames",
]
