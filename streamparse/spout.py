"""Import path of the spout classes."""

from streamparse.storm import Component, Spout, Tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.dsl import JavaSpout, ShellSpout
    from streamparse.storm import ReliableSpout

__all__ = ["Component", "JavaSpout", "ReliableSpout", "ShellSpout", "Spout", "Tuple"]


def __getattr__(name: str) -> object:
    if name == "ReliableSpout":
        from streamparse import storm

        return storm.ReliableSpout
    if name in ("JavaSpout", "ShellSpout"):  # topologies alone need them
        from streamparse import dsl

        return getattr(dsl, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
