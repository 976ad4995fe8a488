"""The run that ``--step`` drives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simulator import RunOptions, parse_topology
from simulator.stepping import Stepper
from streamparse.cli.step import Session, converse
from streamparse.cli.stepped_run import Muted, maker
from tests.support.table_top import HERE, Heard, bolt, spout, topology_text

Capture = pytest.CaptureFixture[str]


def test_what_components_say_is_shown_once(capsys: Capture) -> None:
    text = topology_text(spout('[["x"] ["y"]]'), bolt("b", "Tells"))
    heard = Heard()
    listener = Muted(heard, heard.err)

    @contextmanager
    def clock() -> Iterator[None]:
        yield None

    options = RunOptions(cwd=HERE, mode="inprocess", turns=1)
    with Stepper(maker(parse_topology(text), options, listener, clock)) as stepper:
        listener.is_muted = lambda: stepper.is_replaying
        converse(Session(stepper, None), ["next 3", "back 2", "next 2", "next"])
    of_bolt = [message for name, _, _, message in heard.logs if name == "b"]
    assert of_bolt == ["s[4] default ['x']", "s[4] default ['y']"]
