"""The constants are keys of Storm, and the keys are well formed."""

import re

from simulator.model import settings


def test_every_constant_is_a_key_that_storm_knows_but_streamparses_own() -> None:
    constants = {name: getattr(settings, name) for name in settings.__all__ if name != "STORM_KEYS"}
    assert {name for name, key in constants.items() if key not in settings.STORM_KEYS} == {
        "PYTHON_PATH"
    }


def test_a_constant_is_named_like_its_key() -> None:
    keys = [getattr(settings, name) for name in settings.__all__ if name != "STORM_KEYS"]
    names = [re.sub(r"[.-]", "_", key.upper()).removeprefix("TOPOLOGY_") for key in keys]
    assert names == [name for name in settings.__all__ if name != "STORM_KEYS"]


def test_the_keys_are_names_with_dots() -> None:
    assert [key for key in settings.STORM_KEYS if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", key)] == []
