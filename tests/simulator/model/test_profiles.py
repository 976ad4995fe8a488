"""What differs between Storm's versions, written out version by version and compared whole."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from simulator.model.profiles import LINES, NEWEST, NEWEST_READ, UNRELEASED, profile, version_note

no, yes = False, True
OLD, NEW = "backtype.storm", "org.apache.storm"

# One row a switch.
# fmt: off
TABLE: dict[str, tuple[object, ...]] = {
    "version":                    ( "0.9.5", "0.10.2",  "1.0.6",  "1.2.4",  "2.0.0",  "2.5.0",  "2.6.0",  "2.8.3"),
    # P1 to P11, as the documents number them
    "small_integers":             (      no,       no,       no,       no,       no,       no,      yes,      yes),
    "long_floats_are_decimal":    (      no,       no,       no,       no,       no,       no,      yes,      yes),
    "direct_emit_works":          (     yes,      yes,      yes,      yes,      yes,      yes,       no,       no),
    "activates":                  (      no,       no,       no,      yes,      yes,      yes,      yes,      yes),
    "full_context":               (      no,      yes,      yes,      yes,      yes,      yes,      yes,      yes),
    "undeclared_stream_is_error": (      no,       no,       no,       no,      yes,      yes,      yes,      yes),
    "arity_checked_on_cluster":   (     yes,      yes,      yes,      yes,       no,       no,       no,       no),
    "unreceived":                 ( "acker", "nested", "nested", "nested",  "acker",  "acker",  "acker",  "acker"),
    "ids_overtake_tuples":        (      no,       no,      yes,      yes,      yes,      yes,      yes,      yes),
    "any_message_is_heartbeat":   (      no,      yes,      yes,      yes,      yes,      yes,      yes,      yes),
    "spout_error_kills":          (      no,       no,       no,       no,       no,       no,       no,       no),
    # without a number
    "full_queue":                 ("nobody", "nobody", "spouts", "spouts", "sender", "sender", "sender", "sender"),
    "backpressure":               (      no,       no,       no,       no,       no,       no,       no,       no),
    "subprocess_timeout":         (      no,       no,      yes,      yes,      yes,      yes,      yes,      yes),
    "silent_bolt_stops":          (     yes,       no,       no,       no,       no,       no,       no,       no),
    "full_spout_dies":            (     yes,       no,       no,       no,       no,       no,       no,       no),
    "timers_follow_prepare":      (      no,       no,      yes,      yes,      yes,      yes,      yes,      yes),
    "ackers_forget":              (      no,       no,      yes,      yes,       no,       no,       no,       no),
    "empty_component_is_error":   (      no,       no,       no,       no,      yes,      yes,      yes,      yes),
    "rotations_per_task":         (     yes,      yes,      yes,      yes,      yes,      yes,      yes,       no),
    "inbox_until_empty":          (      no,       no,       no,       no,      yes,      yes,      yes,      yes),
    "json":                       ("simple", "simple", "simple", "simple", "simple", "simple",  "smart",  "smart"),
    "false_is_an_id":             (      no,       no,       no,       no,      yes,      yes,      yes,      yes),
    "shuffle":                    ("rounds", "rounds", "random", "random",   "ring",   "ring",   "ring",   "ring"),
    "partial_key":                ("murmur", "murmur", "murmur", "murmur", "random", "random", "random", "random"),
    "java_map":                   ("copied", "copied", "copied", "copied",   "hash",   "hash",   "hash",   "hash"),
    "clojure_hash":               ( "plain", "murmur", "murmur", "murmur", "murmur", "murmur", "murmur", "murmur"),
    "log_levels":                 (     yes,      yes,      yes,      yes,      yes,      yes,       no,      yes),
    "java_serialization":         (     yes,      yes,      yes,       no,      yes,       no,       no,       no),
    "tick_is_int":                (      no,       no,       no,       no,      yes,      yes,      yes,      yes),
    "settings_are_int":           (      no,       no,       no,       no,      yes,      yes,      yes,      yes),
    "shellbolt_max_pending":      (    None,     None,      100,      100,      100,      100,      100,      100),
    "spout_sleep_ms":             (       1,        1,        1,        1,     None,     None,     None,     None),
    "package":                    (     OLD,      OLD,      NEW,      NEW,      NEW,      NEW,      NEW,      NEW),
}
# fmt: on


@pytest.mark.parametrize("version", TABLE["version"])
def test_a_storm_differs_from_others_in_exactly_what_the_table_says(version: str) -> None:
    column = TABLE["version"].index(version)
    assert asdict(profile(version)) == {name: row[column] for name, row in TABLE.items()}


# The last version before a change, and the first with it.
CHANGES = [
    ("spout_error_kills", "0.9.4", True, "0.9.5", False),
    ("activates", "1.0.7", False, "1.1.0", True),
    ("full_context", "0.9.7", False, "0.10.0", True),
    ("ids_overtake_tuples", "0.10.2", False, "1.0.0", True),
    ("undeclared_stream_is_error", "1.2.4", False, "2.0.0", True),
    ("small_integers", "2.5.9", False, "2.6.0", True),
    ("direct_emit_works", "2.5.9", True, "2.6.0", False),
    ("log_levels", "2.8.0", False, "2.8.1", True),
    ("java_serialization", "1.2.3", True, "1.2.4", False),
    ("java_serialization", "2.1.0", True, "2.1.1", False),
    ("java_serialization", "2.1.9", False, "2.2.0", True),
    ("java_serialization", "2.2.0", True, "2.2.1", False),
]


@pytest.mark.parametrize(("switch", "last", "old", "first", "new"), CHANGES)
def test_a_switch_turns_at_the_patch_release_that_changed_it(
    switch: str, last: str, old: object, first: str, new: object
) -> None:
    turned = [getattr(profile(version), switch) for version in (last, first)]
    assert turned == [old, new]


def test_versions_are_compared_as_numbers_and_not_as_text() -> None:
    assert profile("0.10.2").full_context is True  # "0.10" sorts before "0.9"


@pytest.mark.parametrize("version", ["0.10.0-beta1", "2.8.3-SNAPSHOT", "1.2.4-cdh5_1.2"])
def test_a_suffix_changes_nothing_but_the_name(version: str) -> None:
    plain = asdict(profile(version.partition("-")[0]))
    assert asdict(profile(version)) == {**plain, "version": version}


@pytest.mark.parametrize(
    ("version", "like"),
    [
        ("0.9.2-incubating", "0.9.3"),
        ("0.9.3.2.2.4.2-2", "0.9.3"),
        ("0.10.0.2.3.0.0-2557", "0.10.0"),
        ("1.0.1.2.5.3.0-37", "1.0.1"),
        ("1.2.1.3.1.5.6091-7", "1.2.1"),
    ],
)
def test_a_vendors_storm_is_treated_like_the_one_it_is_built_from(version: str, like: str) -> None:
    assert asdict(profile(version)) == {**asdict(profile(like)), "version": version}


def test_every_line_has_a_profile_and_so_has_the_newest() -> None:
    first = {"0.9": "0.9.3"}
    named = [first.get(line, f"{line}.0") for line in LINES]
    assert [profile(version).version for version in [*named, NEWEST]] == [*named, NEWEST]


@pytest.mark.parametrize(
    "version",
    [
        *("", "2", "2.8", "2.8.x", "v2.8.3", "2.8.3 ", " 2.8.3", "2.8.3\n", "0.9.1", "0.8.0"),
        *(
            "0.11.0",
            "1.3.0",
            "3",
            "3.0",
            "v3.0.0",
            "-2.8.3",
            "2.8.3.x",
            "2.8.3-",
            "٢.٨.٣",
            "latest",
        ),
    ],
)
def test_an_unknown_version_is_refused_with_one_line_that_names_the_legal_ones(
    version: str,
) -> None:
    with pytest.raises(ValueError, match=r"^Storm version") as refused:
        profile(version)
    assert str(refused.value) == (
        f"Storm version {version!r}: not one that can be simulated; "
        "expected a full version, 0.9.2-incubating or newer, such as '2.8.3' (lines: 0.9, 0.10, 1.0, 1.1, 1.2, "
        "2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8, 3.0)"
    )


@pytest.mark.parametrize(
    ("version", "like"),
    [
        # Of the classes that the switches name, v2.8.8 and 73da988d9 differ from v2.8.3 in what is off by default.
        ("2.8.8", "2.8.3"),
        ("3.0.0", "2.8.3"),
        ("2.8.9", NEWEST_READ),
        ("2.9.0", NEWEST_READ),
        ("3.7.1", UNRELEASED),
        ("4.0.0", UNRELEASED),
    ],
)
def test_a_version_after_the_newest_known_is_treated_like_that(version: str, like: str) -> None:
    assert asdict(profile(version)) == {**asdict(profile(like)), "version": version}


UNKNOWN = "is not known here; it is treated like"


@pytest.mark.parametrize(
    ("version", "note"),
    [
        ("0.9.2-incubating", " is treated like 0.9.3, the first whose protocol has heartbeats"),
        *((each, None) for each in ("0.9.3", "0.10.2.2.3.0.0-2557", "2.5.0", "2.8.3", "2.8.3-SNAPSHOT")),
        *((each, ": its rules were read from source, not compared; none differs from 2.8.3's")
          for each in ("2.8.4", "2.8.8")),
        *((each, f" {UNKNOWN} 2.8.8, the newest Storm 2 that is") for each in ("2.8.9", "2.9.0", "2.10.0")),
        *((each, ": its rules were read from source (3.0.0-SNAPSHOT, apache/storm 73da988d9), not compared")
          for each in ("3.0.0-SNAPSHOT", "3.0.0", "3.0.5")),
        *((each, f" {UNKNOWN} 3.0.0, the newest Storm that is") for each in ("3.1.0", "4.0.0")),
    ],
)  # fmt: skip
def test_of_a_version_that_was_not_compared_a_line_says_what_it_is_taken_for(
    version: str, note: str | None
) -> None:
    assert version_note(version) == ("" if note is None else f"Storm {version}{note}")
