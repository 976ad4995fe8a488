"""Stepping through a run, wave by wave and backwards, and looking at it between two waves: queues, held, pending."""

from simulator.stepping.breakpoints import (
    Breakpoint,
    BreakpointError,
    EventBreakpoint,
    TimeBreakpoint,
    parse_breakpoint,
)
from simulator.stepping.moments import HeldTuple, Moment, PendingRoot, TaskMoment, look
from simulator.stepping.stepper import Drivable, MakeRun, ReplayError, Stepper

__all__ = [
    "Breakpoint",
    "BreakpointError",
    "Drivable",
    "EventBreakpoint",
    "HeldTuple",
    "MakeRun",
    "Moment",
    "PendingRoot",
    "ReplayError",
    "Stepper",
    "TaskMoment",
    "TimeBreakpoint",
    "look",
    "parse_breakpoint",
]
