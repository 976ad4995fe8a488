"""Batching bolts whose batches are never processed. Whole classes are in ``test_component_checks.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project.batching_checks import batching_on_ticks, check_gathering
from streamparse.project.class_texts import Class, Kind, Sources

SOURCE = """
from streamparse import BatchingBolt, TicklessBatchingBolt

class Base(BatchingBolt):
    def process_batch(self, key, tups): pass

class Waits(Base): pass

class Tickless(TicklessBatchingBolt):
    def process_batch(self, key, tups): pass

class Own(Base):
    def process(self, tup): pass

class Gathers(Base):
    def process(self, tup): super().process(tup)
"""


def test_a_batching_bolt_waits_for_ticks_unless_it_processes_tuples_itself(src: Path) -> None:
    (src / "m.py").write_text(SOURCE)
    names = ("Waits", "Tickless", "Own", "Unknown")
    components: dict[str, tuple[str, Kind]] = {each: (f"m.{each}", "bolt") for each in names}
    components["library"] = ("streamparse.BatchingBolt", "bolt")
    assert batching_on_ticks(components, src) == ["Waits", "library"]


@pytest.mark.parametrize(
    ("name", "lines"), [("Waits", []), ("Tickless", []), ("Own", [13]), ("Gathers", [])]
)
def test_a_process_that_calls_no_other_takes_the_place_of_the_one_that_gathers(
    src: Path, name: str, lines: list[int]
) -> None:
    (src / "m.py").write_text(SOURCE)
    sources = Sources(src)
    found = sources.find("m", name)
    assert isinstance(found, Class)
    assert [each.line for each in check_gathering(sources.family("m", found))] == lines
