"""The Storm that the tests of this directory share."""

from tests.support.chain_project import storm

__all__ = ["storm"]
