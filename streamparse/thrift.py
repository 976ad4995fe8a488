"""The name that topologies in Python import from here: ``GlobalStreamId``, for loops."""

from streamparse.dsl import GlobalStreamId

__all__ = ["GlobalStreamId"]
