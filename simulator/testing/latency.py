"""The complete latency of a run's tuples: from the emit of a spout to the ack that it is notified of."""

from __future__ import annotations

import math
from collections.abc import Sequence


class Latency:
    """Complete latencies, in virtual seconds.

    Args:
        seconds: of each tuple that was acked, in any order.

    Attributes:
        count: how many there are.
    """

    def __init__(self, seconds: Sequence[float]) -> None:
        self._sorted = sorted(seconds)
        self.count = len(self._sorted)

    def __repr__(self) -> str:
        if not self.count:
            return "<latency of no tuple>"
        return (
            f"<latency of {self.count}: p50 {self.p50:g} s, p99 {self.p99:g} s, max {self.max:g} s>"
        )

    def percentile(self, percent: float) -> float:
        """The least latency that so many percent of the tuples do not exceed; NaN where none was acked.

        Raises:
            ValueError: ``percent`` is not from 0 to 100.
        """
        if not 0 <= percent <= 100:
            raise ValueError(f"percentile({percent}): expected a number from 0 to 100")
        if not self.count:
            return math.nan
        return self._sorted[max(0, math.ceil(self.count * percent / 100) - 1)]

    @property
    def mean(self) -> float:
        """The mean; NaN where no tuple was acked."""
        return sum(self._sorted) / self.count if self.count else math.nan

    @property
    def max(self) -> float:
        """The longest; NaN where no tuple was acked."""
        return self.percentile(100)

    @property
    def p50(self) -> float:
        """The median."""
        return self.percentile(50)

    @property
    def p90(self) -> float:
        """The 90th percentile."""
        return self.percentile(90)

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return self.percentile(95)

    @property
    def p99(self) -> float:
        """The 99th percentile."""
        return self.percentile(99)
