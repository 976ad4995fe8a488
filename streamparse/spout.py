"""Import path of the spout class."""

from streamparse.storm.component import Component, Tuple
from streamparse.storm.spout import Spout

__all__ = ["Component", "Spout", "Tuple"]
