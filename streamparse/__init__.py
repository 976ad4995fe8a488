"""Storm spouts and bolts in Python."""

from streamparse.storm import (
    BatchingBolt,
    Bolt,
    Component,
    Spout,
    TicklessBatchingBolt,
    Tuple,
)

__version__ = "2.2.0"

__all__ = [
    "BatchingBolt",
    "Bolt",
    "Component",
    "LogStream",
    "Spout",
    "StormHandler",
    "TicklessBatchingBolt",
    "Tuple",
    "__version__",
]


_OF_STREAMPARSE_3 = (
    "Grouping", "JavaBolt", "JavaSpout", "ReliableSpout", "ShellBolt", "ShellSpout", "Stream", "Topology",
)  # fmt: skip


def __getattr__(name: str) -> object:
    # The logging classes bring the logging package with them, which is loaded when they are asked for.
    if name in ("LogStream", "StormHandler"):
        from streamparse import storm

        return getattr(storm, name)
    if name in _OF_STREAMPARSE_3:
        raise ImportError(
            f"streamparse.{name} is of streamparse 3, where topologies are written in Python; "
            "expected a topology file: topologies/NAME.clj (see docs/topologies.md)"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
