"""Exploring: runs of a topology with faults and other schedules, searched for what breaks, and made small."""

from simulator.exploring.cases import (
    ALL_KINDS,
    ON_TOPOLOGY,
    USUAL_KINDS,
    Case,
    Fault,
    check_kinds,
    to_text,
)
from simulator.exploring.changes import CHANGEABLE, USUALLY_VARIED, Changeable, check_variables
from simulator.exploring.coverage import Coverage
from simulator.exploring.explore import Explorer, Found, Look, Runs
from simulator.exploring.explored_run import Maker, Run, RunOutcome, held_in
from simulator.exploring.inevitable import Chances, Continued, Point
from simulator.exploring.plan import MOST_FAULTS, Plan, PlannedRun, Strategy, check_plan
from simulator.exploring.runner import (
    CHECK,
    COMMAND,
    EXPLORE,
    UNLIMITED_RUNS,
    Caller,
    HowToRun,
    Runner,
    check_how,
)

__all__ = [
    "ALL_KINDS",
    "CHANGEABLE",
    "CHECK",
    "COMMAND",
    "EXPLORE",
    "MOST_FAULTS",
    "ON_TOPOLOGY",
    "UNLIMITED_RUNS",
    "USUALLY_VARIED",
    "USUAL_KINDS",
    "Caller",
    "Case",
    "Chances",
    "Changeable",
    "Continued",
    "Coverage",
    "Explorer",
    "Fault",
    "Found",
    "HowToRun",
    "Look",
    "Maker",
    "Plan",
    "PlannedRun",
    "Point",
    "Run",
    "RunOutcome",
    "Runner",
    "Runs",
    "Strategy",
    "check_how",
    "check_kinds",
    "check_plan",
    "check_variables",
    "held_in",
    "to_text",
]
