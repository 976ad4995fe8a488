"""What was covered, in words."""

from __future__ import annotations

from simulator.exploring.coverage import Coverage, Part


def test_what_was_exhausted_is_said_so() -> None:
    done = Coverage(2000, Part(115, 115), Part(23, 23), Part(1832, 1832), 77)
    assert str(done) == (
        "2,000 runs, 77 lives of roots: every single fault (115 of 115), "
        "every pair that matters (1,832 of 1,832 classes)"
    )


def test_what_is_left_is_said_so() -> None:
    part = Coverage(200, Part(80, 115), Part(20, 23), Part(12, 12), 77)
    assert str(part) == (
        "200 runs, 77 lives of roots: 80 of 115 single faults (20 of 23 kinds of places), 12 of 12 pairs that matter"
    )


def test_one_is_no_plural() -> None:
    assert str(Coverage(1, lives=1)).startswith("1 run, 1 life of roots: ")


def test_without_a_run_there_is_nothing_to_say() -> None:
    assert str(Coverage()) == "nothing was run"
