"""What the engine needs of the world: transports fit its interface, and a silent listener ignores everything."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from simulator.engine.ports import Listener, Silent, Start, Transport
from simulator.model import Component
from simulator.transports import InProcess, Processes


def test_every_transport_fits_the_interface_and_may_be_closed_twice() -> None:
    made: list[Transport] = [InProcess(), Processes(cwd=".")]
    for transport in made:
        transport.start([])
        transport.kill([])
        transport.close()
        transport.close()


def test_a_silent_listener_takes_what_a_listener_takes() -> None:
    listener: Listener = Silent()
    listener.log("b", 4, 2, "hello")
    listener.progress(1500)


def test_a_start_is_a_value() -> None:
    component = Component("b", "bolt", ("true",))
    assert Start(4, component, 0, "0/b/0") == Start(4, component, 0, "0/b/0")
    with pytest.raises(FrozenInstanceError):
        Start(4, component, 0, "0/b/0").task = 5  # type: ignore[misc]  # that is what is tested
