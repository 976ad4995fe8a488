"""The discrete-event simulation: an agenda of entries that are due, tasks, and a router of their effects."""

from simulator.engine import events, faults
from simulator.engine.chance import (
    Choice,
    Choices,
    Drawn,
    Replayed,
    Step,
    below,
    choices_of,
    steps_of,
    stream_of,
)
from simulator.engine.effects import Death, Delivery, Origin, Outcome, ReportedError
from simulator.engine.events import TraceError
from simulator.engine.faults import Crash, CrashOrder, HangOrder, Order
from simulator.engine.feeds import Feed, FeedTask, read_rows
from simulator.engine.lifecycle import Logs, debugger_text
from simulator.engine.options import (
    RUN_CONF,
    CustomGroupings,
    Mode,
    OnCrash,
    RunOptions,
    check_mode,
)
from simulator.engine.ports import Listener, Start, Transport
from simulator.engine.report import (
    ComponentReport,
    Report,
    ReportedErrors,
    Stopped,
    report_on,
    survived_errors,
)
from simulator.engine.simulation import Simulation
from simulator.engine.subscribers import UNDECLARED_STREAM
from simulator.engine.task import Task
from simulator.engine.trace import Trace
from simulator.engine.tracker import Pending
from simulator.engine.workers import Failure, Restarted

__all__ = [
    "RUN_CONF",
    "UNDECLARED_STREAM",
    "Choice",
    "Choices",
    "ComponentReport",
    "Crash",
    "CrashOrder",
    "CustomGroupings",
    "Death",
    "Delivery",
    "Drawn",
    "Failure",
    "Feed",
    "FeedTask",
    "HangOrder",
    "Listener",
    "Logs",
    "Mode",
    "OnCrash",
    "Order",
    "Origin",
    "Outcome",
    "Pending",
    "Replayed",
    "Report",
    "ReportedError",
    "ReportedErrors",
    "Restarted",
    "RunOptions",
    "Simulation",
    "Start",
    "Step",
    "Stopped",
    "Task",
    "Trace",
    "TraceError",
    "Transport",
    "below",
    "check_mode",
    "choices_of",
    "debugger_text",
    "events",
    "faults",
    "read_rows",
    "report_on",
    "steps_of",
    "stream_of",
    "survived_errors",
]
