"""What the tests of this directory share: Storms, and a process that may be forked."""

from __future__ import annotations

from tests.support.chain_project import storm
from tests.support.explored_store import empty_storm
from tests.support.may_fork import may_fork

__all__ = ["empty_storm", "may_fork", "storm"]
