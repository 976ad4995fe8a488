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
        option_arguments,
        process_lines,
        run_clojure,
        running,
    )
    from streamparse.jvm.jar import build_jar, jar_steps
    from streamparse.jvm.lein import check_tools, clojure, find_jvm, require_storm_version
    from streamparse.jvm.local_cluster import STORM_LOG, Line, run_topology

__all__ = [
    "SOURCES",
    "STORM_LOG",
    "Jvm",
    "Line",
    "build_jar",
    "check_tools",
    "clojure",
    "clojure_argv",
    "clojure_error",
    "find_jvm",
    "find_step",
    "jar_steps",
    "log_options",
    "option_arguments",
    "process_lines",
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
            "option_arguments",
            "process_lines",
            "run_clojure",
            "running",
        ),
        "jar": ("build_jar", "jar_steps"),
        "lein": ("check_tools", "clojure", "find_jvm", "require_storm_version"),
        "local_cluster": ("STORM_LOG", "Line", "run_topology"),
    },
)
