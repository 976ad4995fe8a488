"""Import path of the spout class."""

from streamparse.storm import Component, Spout, Tuple

__all__ = ["Component", "Spout", "Tuple"]
