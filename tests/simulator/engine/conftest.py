"""Simulations that a test drives by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from simulator.engine.simulation import Simulation
from simulator.transports import InProcess
from tests.support.table_top import opened

Make = Callable[..., Simulation]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes open simulations of a topology's text, in process; what they run is ended with the test."""
    with InProcess() as transport:
        yield partial(opened, transport)
