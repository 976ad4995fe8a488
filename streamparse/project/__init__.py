"""A project on disk, and what is wrong with it: ``config.json``, ``project.clj``, topologies and classes.

Everything here reads and answers, or raises with all mistakes at once; nothing is written, printed or run.
"""

from streamparse.project.batching_checks import batching_on_ticks
from streamparse.project.class_checks import (
    have_named_values,
    look_at_classes,
    problems_of,
    python_classes,
)
from streamparse.project.clock_checks import may_read_clock
from streamparse.project.component_checks import check_components, check_names
from streamparse.project.config_keys import (
    ConfigKey,
    config_keys,
    invalid_in_host,
    invalid_in_user,
    log_setting_problems,
)
from streamparse.project.diagnosis import Diagnosis, diagnoses
from streamparse.project.emit_checks import check_outputs
from streamparse.project.environments import Environment, LogSettings, environment_from
from streamparse.project.errors import OperationError, ProjectError, UsageError
from streamparse.project.files import CONFIG, home_directory, read_text
from streamparse.project.finding import Finding
from streamparse.project.hook_checks import (
    CONTEXTS,
    HOOK_FILES,
    HOOK_PARAMETERS,
    HookFile,
    read_hook_files,
)
from streamparse.project.import_checks import check_imports, imported_packages, python_3_name
from streamparse.project.loaded_class_checks import check_class
from streamparse.project.project import Project, check_topology_name
from streamparse.project.project_clj import names_storm_clojure, project_clj_findings
from streamparse.project.record_checks import (
    is_record_asked_for,
    record_problem,
    redact_problem,
)
from streamparse.project.sources import ClassSource, NotPythonError, SourceError, find_class
from streamparse.project.syntax import check_syntax, explain
from streamparse.project.waiting import as_number, wait_secs
from streamparse.project.words import as_json, did_you_mean, instead_of, visible

__all__ = [
    "CONFIG",
    "CONTEXTS",
    "HOOK_FILES",
    "HOOK_PARAMETERS",
    "ClassSource",
    "ConfigKey",
    "Diagnosis",
    "Environment",
    "Finding",
    "HookFile",
    "LogSettings",
    "NotPythonError",
    "OperationError",
    "Project",
    "ProjectError",
    "SourceError",
    "UsageError",
    "as_json",
    "as_number",
    "batching_on_ticks",
    "check_class",
    "check_components",
    "check_imports",
    "check_names",
    "check_outputs",
    "check_syntax",
    "check_topology_name",
    "config_keys",
    "diagnoses",
    "did_you_mean",
    "environment_from",
    "explain",
    "find_class",
    "have_named_values",
    "home_directory",
    "imported_packages",
    "instead_of",
    "invalid_in_host",
    "invalid_in_user",
    "is_record_asked_for",
    "log_setting_problems",
    "look_at_classes",
    "may_read_clock",
    "names_storm_clojure",
    "problems_of",
    "project_clj_findings",
    "python_3_name",
    "python_classes",
    "read_hook_files",
    "read_text",
    "record_problem",
    "redact_problem",
    "visible",
    "wait_secs",
]
