"""Programs as child processes, and the lines of our Clojure commands."""

from __future__ import annotations

import pytest

from streamparse.jvm import Jvm


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("17.0.15", 17),
        ("1.8.0_412", 8),
        ("11.0.2", 11),
        ("25", 25),
        ("26-ea", 26),
        ("21.0.3+9", 21),
    ],
)
def test_the_release_of_a_java_is_read_from_its_version(version: str, release: int) -> None:
    assert Jvm("java", version, (), "").release == release
