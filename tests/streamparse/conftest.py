"""The classes that tests of component processes run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.component_process import SOURCES


@pytest.fixture
def components(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        lines = text.splitlines()
        (tmp_path / name).write_text("\n".join(line.removeprefix("        ") for line in lines))
    (tmp_path / "logs").mkdir()
    return tmp_path
