"""A process that may be forked, whatever earlier tests have left in it."""

from __future__ import annotations

import threading

import pytest


@pytest.fixture
def may_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a run is forked does not depend on threads that earlier tests have left, and that end at some time."""
    every = threading.enumerate
    earlier = {each for each in every() if each is not threading.main_thread()}
    monkeypatch.setattr(
        threading, "enumerate", lambda: [each for each in every() if each not in earlier]
    )
