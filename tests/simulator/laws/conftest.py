"""The Storm that the tests of this directory share."""

from tests.support.explored_store import empty_storm

__all__ = ["empty_storm"]
