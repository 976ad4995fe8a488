"""Import path of what all components share."""

from streamparse.storm import Component, Tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.storm import LogStream, StormHandler

__all__ = ["Component", "LogStream", "StormHandler", "Tuple"]


def __getattr__(name: str) -> object:
    from streamparse.storm import component

    return getattr(component, name)
