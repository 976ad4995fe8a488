"""Classes that are loaded. Those that are read are in ``test_component_checks.py``."""

from __future__ import annotations

from pathlib import Path

from streamparse import BatchingBolt, Bolt
from streamparse.project.loaded_class_checks import check_class


class Rows:
    """Not even a component; only its methods are looked at."""

    def process(self, tup: object) -> object:
        yield tup

    def next_tuple(self) -> None:
        return None


def test_the_methods_of_a_class_that_is_loaded_are_looked_at() -> None:
    (finding,) = check_class(Rows)
    line = Path(__file__).read_text().splitlines()[finding.line - 1]
    assert (finding.found.partition(" is ")[0], "def process" in line) == ("Rows.process", True)


class Switches(Bolt):
    autoack = False
    auto_fail = "no"  # type: ignore[assignment]  # that is what is tested


class Inherits(Switches):
    def initialize(self, storm_conf: object, context: object) -> None:
        self.auto_anhcor = False


class Batches(BatchingBolt):
    secs_between_batches = 3


def test_the_attributes_of_a_class_and_its_bases_that_are_loaded_are_looked_at() -> None:
    lines = Path(__file__).read_text().splitlines()
    found = [
        (lines[each.line - 1].strip().partition(" = ")[0], each.about)
        for cls in (Inherits, Batches)
        for each in check_class(cls)
    ]
    assert found == [
        ("self.auto_anhcor", 'Inherits.auto_anhcor is read by nobody; did you mean "auto_anchor"?'),
        ("autoack", 'Switches.autoack is read by nobody; did you mean "auto_ack"?'),
        ("auto_fail", 'Switches.auto_fail is "no", which counts as True; expected True or False'),
        (
            "secs_between_batches",
            "Batches.secs_between_batches does nothing here; expected it in a TicklessBatchingBolt",
        ),
    ]


def test_a_class_that_was_made_at_run_time_has_no_text_and_is_not_complained_of() -> None:
    assert check_class(type("Made", (Bolt,), {"autoack": False})) == []
