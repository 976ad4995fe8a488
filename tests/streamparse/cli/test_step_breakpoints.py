"""The breakpoints of ``--step``."""

from __future__ import annotations

import pytest

from simulator import parse_topology
from streamparse.cli.step_breakpoints import Breakpoints
from streamparse.cli.step_words import MistypedError
from tests.support.stepped import TEXT, said

Capture = pytest.CaptureFixture[str]


def test_breakpoints_stop_the_run(capsys: Capture) -> None:
    found = said(
        capsys, "breaks", "break b:tuple@2", "break 30s", "run", "break b:tuple@1", "run", "delete 1", "delete all"
    )  # fmt: skip
    assert [line for line in found if "break" in line] == [
        "no breakpoint; break 30s, or break COMPONENT:EVENT, makes one",
        "breakpoint 1: b:tuple@2; run goes on to it",
        "breakpoint 2: 30s; run goes on to it",
        "breakpoint b:tuple@2",
        "breakpoint 3: b:tuple@1; it has been passed, and goto goes back",
        "breakpoint 1: 30s",
        "breakpoint 2: b:tuple@1",
        "no breakpoint; break 30s, or break COMPONENT:EVENT, makes one",
    ]


def test_a_breakpoint_is_there_once_and_a_number_that_is_none_is_refused() -> None:
    topology, made = parse_topology(TEXT), Breakpoints()
    first = made.add(["b:tuple"], topology)
    made.add(["30s"], topology)
    assert made.add(["b:tuple"], topology) == first
    assert made.lines() == [f"breakpoint 1: {first}", "breakpoint 2: 30s"]
    with pytest.raises(MistypedError, match=r"^delete 3: there are 2 breakpoints$"):
        made.delete(["3"])
    made.delete(["1"])
    assert [str(each) for each in made.all] == ["30s"]
