"""A JVM for a project: Leiningen, our Clojure commands, the jar, and a LocalCluster."""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.jvm.child import (
        SOURCES,
        Jvm,
        clojure_argv,
        clojure_error,
        find_step,
        log_options,
        option_file,
        process_lines,
        run_clojure,
        running,
    )
    from streamparse.jvm.jar import (
        build_jar,
        check_simple_jar,
        check_sources,
        jar_steps,
        project_lock,
    )
    from streamparse.jvm.lein import check_tools, clojure, find_jvm, require_storm_version
    from streamparse.jvm.local_cluster import STORM_LOG, Line, run_topology

__all__ = [
    "SOURCES",
    "STORM_LOG",
    "Jvm",
    "Line",
    "build_jar",
    "check_simple_jar",
    "check_sources",
    "check_tools",
    "clojure",
    "clojure_argv",
    "clojure_error",
    "find_jvm",
    "find_step",
    "jar_steps",
    "log_options",
    "option_file",
    "process_lines",
    "project_lock",
    "require_storm_version",
    "run_clojure",
    "run_topology",
    "running",
]

__getattr__ = lazy_getattr(
    __name__,
    {
        "child": (
            "SOURCES",
            "Jvm",
            "clojure_argv",
            "clojure_error",
            "find_step",
            "log_options",
            "option_file",
            "process_lines",
            "run_clojure",
            "running",
        ),
        "jar": ("build_jar", "check_simple_jar", "check_sources", "jar_steps", "project_lock"),
        "lein": ("check_tools", "clojure", "find_jvm", "require_storm_version"),
        "local_cluster": ("STORM_LOG", "Line", "run_topology"),
    },
)
