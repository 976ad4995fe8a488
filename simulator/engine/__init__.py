"""The discrete-event simulation: an agenda, tasks, and where the effects of each go."""

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
from simulator.engine.events import TraceError
from simulator.engine.feeds import Feed, FeedTask, read_rows
from simulator.engine.report import ComponentReport, Report, Stopped, report_on
from simulator.engine.simulation import (
    Custom,
    Failure,
    Listener,
    OnCrash,
    Pending,
    Simulation,
    Start,
    Transport,
)
from simulator.engine.tasks import Death, Delivery, Origin, Outcome, SpoutTask, Task
from simulator.engine.trace import Trace

__all__ = [
    "Choice",
    "Choices",
    "ComponentReport",
    "Custom",
    "Death",
    "Delivery",
    "Drawn",
    "Failure",
    "Feed",
    "FeedTask",
    "Listener",
    "OnCrash",
    "Origin",
    "Outcome",
    "Pending",
    "Replayed",
    "Report",
    "Simulation",
    "SpoutTask",
    "Start",
    "Step",
    "Stopped",
    "Task",
    "Trace",
    "TraceError",
    "Transport",
    "below",
    "choices_of",
    "events",
    "faults",
    "read_rows",
    "report_on",
    "steps_of",
    "stream_of",
]
