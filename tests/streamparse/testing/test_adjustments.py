"""Components that are adjusted as they are made."""

from __future__ import annotations

from collections import Counter
from typing import Any

from streamparse.testing.adjustments import adjusted_class


def test_what_a_class_makes_is_adjusted_and_the_class_is_not() -> None:
    made: Any = adjusted_class("collections.Counter", Counter, lambda each: each.update("aab"))()
    assert made == {"a": 2, "b": 1}
    assert Counter() == {}


def test_a_class_is_found_by_its_name_and_the_function_has_its_name() -> None:
    make = adjusted_class("streamparse.testing.Storm", None, lambda made: setattr(made, "seed", 7))
    assert (make.__module__, make.__qualname__) == ("streamparse.testing", "Storm")
