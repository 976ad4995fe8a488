"""What the tests of this directory share: Storms."""

from tests.support.chain_project import storm
from tests.support.explored_store import empty_storm

__all__ = ["empty_storm", "storm"]
