"""Tests of projects work in an empty directory."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with nothing in it; messages name paths from here on."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def src(here: Path) -> Path:
    """The directory of sources, with nothing in it."""
    (here / "src").mkdir()
    return here / "src"
