"""The transport of components that are objects in this process."""

from __future__ import annotations

import random
from typing import Any

from streamparse import Bolt, Tuple
from streamparse.testing import Storm
from tests.support.table_top import WIDE, bolt, run, run_both, spout, topology_text


class Draws(Bolt):
    """Draws from its own random state."""

    def process(self, tup: Tuple) -> None:
        self.emit([random.random()])


def emitted(cls: type, outputs: str, *rows: list[Any]) -> list[list[Any]]:
    """The values that a bolt emits for these rows."""
    with Storm() as storm:
        bolt = storm.bolt(cls, inputs=["x"], outputs=outputs.split())
        return [list(record) for row in rows for record in bolt.process(row).emitted]


def test_a_component_has_a_random_state_of_its_own_and_leaves_the_callers_alone() -> None:
    random.seed(5)
    expected = random.Random(5).random()
    first, second = emitted(Draws, "number", ["x"], ["y"])
    assert (random.random(), emitted(Draws, "number", ["x"], ["y"])) == (expected, [first, second])
    assert first != second


def test_the_callers_random_state_is_left_alone() -> None:
    random.seed(5)
    expected = random.Random(5).random()
    run(WIDE)
    assert random.random() == expected


def test_a_component_draws_from_a_random_state_of_its_own_from_the_moment_it_is_made() -> None:
    text = topology_text(spout('[["draw"] ["draw"]]'), bolt("b", "Lottery", rest=":p 2"))
    random.seed(5)
    expected = random.Random(5).random()
    first, second = sorted(run_both(text, conf={"topology.workers": 1}).said("b"))
    assert first.split(",")[0] != second.split(",")[0]
    assert random.random() == expected
