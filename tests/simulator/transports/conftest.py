"""What the tests of this directory share: a process that may be forked."""

from __future__ import annotations

from tests.support.may_fork import may_fork

__all__ = ["may_fork"]
