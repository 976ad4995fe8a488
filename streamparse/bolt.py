"""Import path of the bolt classes."""

from streamparse.storm import BatchingBolt, Bolt, Component, TicklessBatchingBolt, Tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.dsl import JavaBolt, ShellBolt

__all__ = [
    "BatchingBolt",
    "Bolt",
    "Component",
    "JavaBolt",
    "ShellBolt",
    "TicklessBatchingBolt",
    "Tuple",
]


def __getattr__(name: str) -> object:
    if name in ("JavaBolt", "ShellBolt"):  # topologies alone need them
        from streamparse import dsl

        return getattr(dsl, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
