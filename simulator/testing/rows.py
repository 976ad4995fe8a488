"""The values and rows that a test gives: whether they are JSON, and fit the spout."""

from __future__ import annotations

import json

from simulator.engine import Feed
from simulator.model import Topology, did_you_mean
from simulator.testing.errors import HarnessError, is_test_error

__tracebackhide__ = is_test_error


def check_json(row: object, whose: str) -> None:
    """Refuse what cannot be sent as JSON.

    Args:
        row: the values.
        whose: the beginning of the error, such as "row 0 of 'rows' is".

    Raises:
        HarnessError: it is no JSON.
    """
    try:
        json.dumps(row, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise HarnessError(f"{whose} {row!r}, which is no JSON: {error}") from None


def check_rows(topology: Topology, spout: str, feed: Feed) -> None:
    """Refuse rows that do not fit the spout that they stand in for.

    Raises:
        HarnessError: there is no such spout or stream, or a row has another width, or is no JSON.
    """
    if spout not in topology.spouts:
        raise HarnessError(
            f"topology {topology.name!r} has no spout {spout!r}{did_you_mean(spout, topology.spouts)}"
        )
    outputs = topology.components[spout].outputs
    stream = outputs.get(feed.stream)
    if stream is None:
        near = did_you_mean(feed.stream, outputs)
        # The file does not say what a JVM spout emits.
        hint = near if outputs else f"; declare what it emits: outputs={{{spout!r}: [fields]}}"
        raise HarnessError(f"spout {spout!r} has no stream {feed.stream!r}{hint}")
    for number, row in enumerate(feed.rows):
        if len(row) != len(stream.fields):
            raise HarnessError(
                f"row {number} of {spout!r} is {row!r}; expected {len(stream.fields)} values: "
                f"{list(stream.fields)}"
            )
        check_json(row, f"row {number} of {spout!r} is")
