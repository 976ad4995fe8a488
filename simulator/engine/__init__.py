"""The discrete-event simulation: an agenda of entries that are due, tasks, and a router of their effects."""

from simulator.engine import events, faults, trees
from simulator.engine.bolt_task import BoltTask
from simulator.engine.chance import (
    Choice,
    Choices,
    Drawn,
    Mutated,
    Phases,
    Priorities,
    Replayed,
    SlowLinks,
    Step,
    StepNotes,
    below,
    choices_of,
    steps_of,
    stream_of,
)
from simulator.engine.effects import (
    SYSTEM,
    Death,
    Delivery,
    Handed,
    Origin,
    Outcome,
    ReportedError,
    Settlement,
    Switch,
    TimerSet,
    last_line,
    system_tuple,
)
from simulator.engine.events import TraceError
from simulator.engine.faults import Crash, CrashOrder, HangOrder, Order, death_by
from simulator.engine.feeds import Feed, FeedTask, read_rows
from simulator.engine.head import Head, HeadComponent, HeadInput, head_of
from simulator.engine.injection import Injection
from simulator.engine.lifecycle import Logs, debugger_text
from simulator.engine.operations import Operations
from simulator.engine.options import (
    RUN_CONF,
    CustomGroupings,
    Mode,
    OnCrash,
    RunOptions,
    check_mode,
)
from simulator.engine.ports import Listener, Pace, Start, Transport
from simulator.engine.report import (
    ComponentReport,
    Report,
    ReportedErrors,
    Stopped,
    report_on,
    survived_errors,
)
from simulator.engine.series import LoadReport, Sample, load_of
from simulator.engine.simulation import Simulation
from simulator.engine.spout_task import SpoutTask
from simulator.engine.subscribers import UNDECLARED_STREAM, Subscribers
from simulator.engine.task import Task
from simulator.engine.trace import Trace
from simulator.engine.tracker import Pending
from simulator.engine.work import Work, WorkError, flat_work, parse_duration, parse_work, read_work
from simulator.engine.workers import Failure, Restarted

__all__ = [
    "RUN_CONF",
    "SYSTEM",
    "UNDECLARED_STREAM",
    "BoltTask",
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
    "Handed",
    "HangOrder",
    "Head",
    "HeadComponent",
    "HeadInput",
    "Injection",
    "Listener",
    "LoadReport",
    "Logs",
    "Mode",
    "Mutated",
    "OnCrash",
    "Operations",
    "Order",
    "Origin",
    "Outcome",
    "Pace",
    "Pending",
    "Phases",
    "Priorities",
    "Replayed",
    "Report",
    "ReportedError",
    "ReportedErrors",
    "Restarted",
    "RunOptions",
    "Sample",
    "Settlement",
    "Simulation",
    "SlowLinks",
    "SpoutTask",
    "Start",
    "Step",
    "StepNotes",
    "Stopped",
    "Subscribers",
    "Switch",
    "Task",
    "TimerSet",
    "Trace",
    "TraceError",
    "Transport",
    "Work",
    "WorkError",
    "below",
    "check_mode",
    "choices_of",
    "death_by",
    "debugger_text",
    "events",
    "faults",
    "flat_work",
    "head_of",
    "last_line",
    "load_of",
    "parse_duration",
    "parse_work",
    "read_rows",
    "read_work",
    "report_on",
    "steps_of",
    "stream_of",
    "survived_errors",
    "system_tuple",
    "trees",
]
