"""Other names of packages: the same modules and classes, whoever imports them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

import streamparse
from streamparse import aliases
from streamparse.storm import component


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    aliases.install({})
    for name in [each for each in sys.modules if each.partition(".")[0] == "pystorm_alias"]:
        del sys.modules[name]


def test_a_package_and_its_modules_are_those_that_are_meant() -> None:
    aliases.install({"pystorm_alias": "streamparse"})
    assert import_module("pystorm_alias") is streamparse
    assert import_module("pystorm_alias.storm.component") is component
    with pytest.raises(ModuleNotFoundError):
        import_module("pystorm_alias.nothing")


def test_names_go_through_the_environment_unchanged() -> None:
    names = {"pystorm": "streamparse", "other": "streamparse.storm"}
    assert aliases.as_text(names) == "pystorm=streamparse,other=streamparse.storm"
    assert aliases.parsed(aliases.as_text(names)) == names
    assert aliases.parsed("") == {}


def test_names_that_are_taken_back_are_unknown() -> None:
    aliases.install({"pystorm_alias": "streamparse"})
    aliases.install({})
    with pytest.raises(ModuleNotFoundError):
        import_module("pystorm_alias")
