"""Storm's decisions about a topology, as pure functions and values."""

from simulator.model import handshake, settings
from simulator.model.conf_checks import component_conf_problems, executor_problems
from simulator.model.groupings import Chooser, fields_index, make_chooser, shuffle_scope
from simulator.model.java import map_order, outbound_order
from simulator.model.placement import assign_workers, executors, number_tasks
from simulator.model.problems import (
    NOWHERE,
    Place,
    Problem,
    TopologyError,
    did_you_mean,
    nearest,
    shown,
)
from simulator.model.profiles import NEWEST, Profile, profile
from simulator.model.setting_effects import SETTING_EFFECTS
from simulator.model.settings import STORM_KEYS
from simulator.model.topology import Component, Grouping, Kind, Stream, Topology
from simulator.model.validation import find_problems, validate
from simulator.model.warnings import find_overridden, find_warnings, unsimulated

__all__ = [
    "NEWEST",
    "NOWHERE",
    "SETTING_EFFECTS",
    "STORM_KEYS",
    "Chooser",
    "Component",
    "Grouping",
    "Kind",
    "Place",
    "Problem",
    "Profile",
    "Stream",
    "Topology",
    "TopologyError",
    "assign_workers",
    "component_conf_problems",
    "did_you_mean",
    "executor_problems",
    "executors",
    "fields_index",
    "find_overridden",
    "find_problems",
    "find_warnings",
    "handshake",
    "make_chooser",
    "map_order",
    "nearest",
    "number_tasks",
    "outbound_order",
    "profile",
    "settings",
    "shown",
    "shuffle_scope",
    "unsimulated",
    "validate",
]
