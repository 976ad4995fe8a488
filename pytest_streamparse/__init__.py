"""Storm components and topologies under pytest: the ``storm`` fixture. See docs/testing.md.

The fixture is a ``streamparse.testing.Storm``; this package only hands it to tests and shows their failures well.
"""

import pytest

__all__ = ["StormWarning"]


class StormWarning(pytest.PytestWarning):
    """A test that passed without having looked: a topology that never ran, a failed tuple that nobody saw."""
