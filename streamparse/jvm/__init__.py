"""A JVM for a project: Leiningen, our Clojure commands, the jar, and a LocalCluster."""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.jvm.child import (
        SOURCES,
        Jvm,
        Output,
        clojure_argv,
        clojure_error,
        find_step,
        log_options,
        option_file,
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
    from streamparse.jvm.lein import (
        check_java,
        check_tools,
        clojure,
        find_jvm,
        require_storm_version,
    )
    from streamparse.jvm.local_cluster import STORM_LOG, Line, run_storm_topology, run_topology
    from streamparse.jvm.source_jar import build_source_jar, temporary_source_jar
    from streamparse.jvm.storm_jars import LocalStorm, find_storm

__all__ = [
    "SOURCES",
    "STORM_LOG",
    "Jvm",
    "Line",
    "LocalStorm",
    "Output",
    "build_jar",
    "build_source_jar",
    "check_java",
    "check_simple_jar",
    "check_sources",
    "check_tools",
    "clojure",
    "clojure_argv",
    "clojure_error",
    "find_jvm",
    "find_step",
    "find_storm",
    "jar_steps",
    "log_options",
    "option_file",
    "project_lock",
    "require_storm_version",
    "run_clojure",
    "run_storm_topology",
    "run_topology",
    "running",
    "temporary_source_jar",
]

__getattr__ = lazy_getattr(
    __name__,
    {
        "child": (
            "SOURCES",
            "Jvm",
            "Output",
            "clojure_argv",
            "clojure_error",
            "find_step",
            "log_options",
            "option_file",
            "run_clojure",
            "running",
        ),
        "jar": ("build_jar", "check_simple_jar", "check_sources", "jar_steps", "project_lock"),
        "lein": ("check_java", "check_tools", "clojure", "find_jvm", "require_storm_version"),
        "local_cluster": ("STORM_LOG", "Line", "run_storm_topology", "run_topology"),
        "source_jar": (
            "build_source_jar",
            "temporary_source_jar",
        ),
        "storm_jars": ("LocalStorm", "find_storm"),
    },
)
