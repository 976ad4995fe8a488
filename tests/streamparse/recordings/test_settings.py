"""The settings of a recording: which component is recorded, and how."""

from __future__ import annotations

from typing import Any

import pytest

from streamparse.recordings import RecordSettings, SettingsError, record_settings, split_record


@pytest.mark.parametrize(
    ("conf", "settings"),
    [
        ({}, None),
        ({"streamparse.record": False}, None),
        ({"streamparse.record": True}, RecordSettings(10_000, 1 << 26, "first", (), None, "")),
        ({"streamparse.record": {"tuples": 5}}, RecordSettings(tuples=5)),
        ({"streamparse.record.components": {"words": {}}}, None),
        (
            {"streamparse.record.components": {"count": {"keep": "last"}}},
            RecordSettings(keep="last"),
        ),
        (
            {"streamparse.record": True, "streamparse.record.components": {"count": {"tuples": 7}}},
            RecordSettings(tuples=7),
        ),
    ],
)
def test_a_component_is_recorded_as_its_settings_say(conf: Any, settings: object) -> None:
    assert record_settings(conf, "count") == settings


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("yes", " is 'yes'; expected true, or an object such as {\"tuples\": 1000}"),
        ({"tuples": True}, ".tuples is True; expected a number of at least 1"),
        ({"bytes": 0}, ".bytes is 0; expected a number of at least 1"),
        ({"keep": "all"}, '.keep is \'all\'; expected "first" or "last"'),
        ({"redact": "card"}, ".redact is 'card'; expected a list of names of fields"),
        ({"function": 3}, ".function is 3; expected a text, such as package.module.function"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(value: object, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        record_settings({"streamparse.record": value}, "count")
    assert str(caught.value) == f"streamparse.record{words}"
    with pytest.raises(SettingsError) as caught:
        record_settings({"streamparse.record.components": {"count": value}}, "count")
    assert str(caught.value) == f"streamparse.record.components.count{words}"


def test_the_settings_by_component_are_an_object() -> None:
    with pytest.raises(SettingsError, match=r"expected an object of settings by component id$"):
        record_settings({"streamparse.record.components": ["count"]}, "count")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("count-bolt", ("count-bolt", None)),
        ("count-bolt:7", ("count-bolt", 7)),
        ("a:b", ("a:b", None)),
        ("a:b:7", ("a:b", 7)),
        ("a:7:8", ("a:7", 8)),
        ("a=b@c", ("a=b@c", None)),
    ],
)
def test_digits_behind_the_last_colon_are_the_number_of_tuples(
    text: str, parts: tuple[str, int | None]
) -> None:
    assert split_record(text) == parts


@pytest.mark.parametrize("text", ["", ":7", "a:0", "a:-1", "a:1.5", "a:", "a:9999999999999999999"])
def test_other_numbers_of_tuples_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"expected ID\[:N\]"):
        split_record(text)
