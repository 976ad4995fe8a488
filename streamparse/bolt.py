"""Import path of the bolt classes."""

from streamparse.storm.bolt import BatchingBolt, Bolt, TicklessBatchingBolt
from streamparse.storm.component import Component, Tuple

__all__ = ["BatchingBolt", "Bolt", "Component", "TicklessBatchingBolt", "Tuple"]
