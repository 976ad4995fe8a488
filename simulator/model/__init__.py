"""Storm's decisions about a topology, as pure functions and values."""

from simulator.model import handshake, settings
from simulator.model.conditions import is_of_condition, of_condition
from simulator.model.conf_checks import component_conf_problems, executor_problems
from simulator.model.groupings import Chooser, fields_index, make_chooser, shuffle_scope
from simulator.model.hints import hinted
from simulator.model.java import map_order, outbound_order, submitted_order
from simulator.model.json_input import JsonInputError, read_json
from simulator.model.notation import CLOJURE, PYTHON, Notation
from simulator.model.placement import assign_workers, executors, number_tasks
from simulator.model.problems import (
    NOWHERE,
    Place,
    Problem,
    TopologyError,
    did_you_mean,
    listed,
    nearest,
    shown,
)
from simulator.model.profiles import NEWEST, OLDEST, Profile, profile, version_note
from simulator.model.setting_effects import SETTING_EFFECTS
from simulator.model.settings import STORM_KEYS
from simulator.model.topology import Component, Grouping, Kind, Stream, Topology
from simulator.model.validation import find_problems, validate
from simulator.model.warnings import find_overridden, find_warnings

__all__ = [
    "CLOJURE",
    "NEWEST",
    "NOWHERE",
    "OLDEST",
    "PYTHON",
    "SETTING_EFFECTS",
    "STORM_KEYS",
    "Chooser",
    "Component",
    "Grouping",
    "JsonInputError",
    "Kind",
    "Notation",
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
    "hinted",
    "is_of_condition",
    "listed",
    "make_chooser",
    "map_order",
    "nearest",
    "number_tasks",
    "of_condition",
    "outbound_order",
    "profile",
    "read_json",
    "settings",
    "shown",
    "shuffle_scope",
    "submitted_order",
    "validate",
    "version_note",
]
