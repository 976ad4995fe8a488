"""Import path of the bolt classes."""

from streamparse.storm import BatchingBolt, Bolt, Component, TicklessBatchingBolt, Tuple

__all__ = ["BatchingBolt", "Bolt", "Component", "TicklessBatchingBolt", "Tuple"]
