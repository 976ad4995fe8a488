"""The classes that users subclass."""

from streamparse.storm.bolt import BatchingBolt, Bolt, TicklessBatchingBolt
from streamparse.storm.component import Component, Tuple
from streamparse.storm.spout import Spout

__all__ = ["BatchingBolt", "Bolt", "Component", "Spout", "TicklessBatchingBolt", "Tuple"]
