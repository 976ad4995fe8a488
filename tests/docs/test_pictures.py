"""The committed pictures are what the code draws now."""

from __future__ import annotations

import pytest

from docs import pictures
from tests.support.paths import ROOT


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_is_current(name: str) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert pictures.PICTURES[name]() == committed, "python -m docs draws it"


def test_every_import_of_the_map_goes_to_a_package_of_the_map() -> None:
    packages = pictures.packages()
    names = {each.name for each in packages}
    assert {name for each in packages for name in each.imports} - names == set()
    assert {"simulator.engine", "streamparse.cli", "pytest_streamparse"} <= names
