"""Storm spouts and bolts in Python."""

from streamparse.storm import (
    BatchingBolt,
    Bolt,
    Component,
    Spout,
    TicklessBatchingBolt,
    Tuple,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.dsl import (
        Grouping,
        JavaBolt,
        JavaSpout,
        ShellBolt,
        ShellSpout,
        Stream,
        Topology,
    )
    from streamparse.storm import LogStream, ReliableSpout, StormHandler

__version__ = "2.2.0"

__all__ = [
    "BatchingBolt",
    "Bolt",
    "Component",
    "Grouping",
    "JavaBolt",
    "JavaSpout",
    "LogStream",
    "ReliableSpout",
    "ShellBolt",
    "ShellSpout",
    "Spout",
    "StormHandler",
    "Stream",
    "TicklessBatchingBolt",
    "Topology",
    "Tuple",
    "__version__",
]


# What few components need is loaded when it is asked for: the logging package, the words of topologies.
_OF_TOPOLOGIES = (
    "Grouping",
    "JavaBolt",
    "JavaSpout",
    "ShellBolt",
    "ShellSpout",
    "Stream",
    "Topology",
)


def __getattr__(name: str) -> object:
    if name in ("LogStream", "ReliableSpout", "StormHandler"):
        from streamparse import storm

        return getattr(storm, name)
    if name in _OF_TOPOLOGIES:
        from streamparse import dsl

        return getattr(dsl, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
