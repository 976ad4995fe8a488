"""The classes that users subclass, and what a component process loads."""

from streamparse.storm.bolt import BatchingBolt, Bolt, TicklessBatchingBolt
from streamparse.storm.component import Component, Tuple
from streamparse.storm.spout import Spout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.storm.logs import LEVELS, LogStream, StormHandler
    from streamparse.storm.reliable import ReliableSpout

__all__ = [
    "LEVELS",
    "BatchingBolt",
    "Bolt",
    "Component",
    "LogStream",
    "ReliableSpout",
    "Spout",
    "StormHandler",
    "TicklessBatchingBolt",
    "Tuple",
]


def __getattr__(name: str) -> object:
    # The logging package costs a component's start several milliseconds: it is loaded when it is needed.
    if name in ("LEVELS", "LogStream", "StormHandler"):
        from streamparse.storm import logs

        return getattr(logs, name)
    if name == "ReliableSpout":
        from streamparse.storm import reliable

        return reliable.ReliableSpout
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
