"""The tables of config.json's keys agree with themselves, so that what is generated from them is true."""

from __future__ import annotations

import json

from streamparse.project.config_keys import ENVIRONMENT, LOG, TOP, config_keys


def test_the_example_of_every_key_is_one_of_the_values_that_it_takes() -> None:
    kinds = {**TOP, **ENVIRONMENT, **LOG}
    examples = {key: json.loads(kind.example.replace("...", "")) for key, kind in kinds.items()}
    assert [key for key, kind in kinds.items() if not kind.accepts(examples[key])] == []


def test_every_key_has_a_path_and_a_meaning_that_is_a_sentence() -> None:
    keys = config_keys()
    assert len({key.path for key in keys}) == len(TOP) + len(ENVIRONMENT) + len(LOG)
    assert [key.path for key in keys if not key.meaning.endswith(".")] == []
