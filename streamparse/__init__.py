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


def __getattr__(name: str) -> object:
    # The logging classes bring the logging package with them, which is loaded when they are asked for.
    if name in ("LogStream", "StormHandler"):
        from streamparse import storm

        return getattr(storm, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
