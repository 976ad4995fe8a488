"""What the simulator forecasts for examples is what a real Storm did."""

from __future__ import annotations

import pytest

from tests.parity.load.forecasts import (
    CAPACITIES,
    CHANGES,
    STEADY,
    Forecast,
    advised,
    happened,
)

RATE_WITHIN = 0.03  # Storm's own time for a tuple, and sleeps that last a little longer
ACKED_WITHIN = 0.1  # those, and the start of the processes


@pytest.mark.parametrize("forecast", CAPACITIES, ids=lambda each: each.name)
def test_a_real_storm_holds_a_little_less_than_the_forecast_and_not_a_little_more(
    forecast: Forecast,
) -> None:
    rate = forecast.rate()
    below, above = forecast.offers()
    assert below.offered < rate < above.offered
    assert below.acked == pytest.approx(below.offered, rel=0.01)
    assert below.pending <= STEADY
    assert above.acked == pytest.approx(rate, rel=RATE_WITHIN)
    assert above.grown > STEADY


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_does_on_a_real_storm_what_is_advised(change: str) -> None:
    simulated, real = advised()[change], happened(change)
    assert simulated.verdict == real.verdict
    assert simulated.acked == pytest.approx(real.acked, rel=ACKED_WITHIN)
