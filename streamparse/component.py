"""Import path of what all components share."""

from typing import TYPE_CHECKING

from streamparse.storm.component import Component, Tuple

if TYPE_CHECKING:
    from streamparse.storm.logs import LogStream, StormHandler

__all__ = ["Component", "LogStream", "StormHandler", "Tuple"]


def __getattr__(name: str) -> object:
    from streamparse.storm import component

    return getattr(component, name)
