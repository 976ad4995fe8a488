"""What the conversations with spouts and bolts have in common (scenario S19 of docs/storm.md)."""

from __future__ import annotations

from tests.support.table_top import one_bolt, run_both


def test_an_error_is_reported_and_the_component_goes_on() -> None:
    done = run_both(one_bolt('[["error"] ["ack-it"]]'))
    assert done.said("s")[2:] == ["acked 0", "acked 1"]
    assert [event["message"] for event in done.events("error", "b")] == ["boom"]


def test_log_levels_are_storms_and_anything_else_is_info() -> None:
    done = run_both(one_bolt('[["levels"]]'))
    assert [(level, message) for name, _, level, message in done.logs if name == "b"] == [
        (0, "at 0"), (1, "at 1"), (2, "at 2"), (3, "at 3"), (4, "at 4"), (2, "at 5"), (2, "at x"), (2, "at None"),
    ]  # fmt: skip
