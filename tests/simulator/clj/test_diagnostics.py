"""Problems and warnings have their places and their components."""

import pytest

from simulator.clj.diagnostics import Diagnostics
from simulator.clj.edn import Source
from simulator.model import TopologyError


def refuse(diagnostics: Diagnostics) -> None:
    raise diagnostics.refusal(0, "it is green", storm="refuses it")


def test_problems_are_collected_with_the_component_that_they_are_about() -> None:
    diagnostics = Diagnostics(Source("ab\ncd", "t.clj"))
    with diagnostics.about("words"):
        diagnostics.note(4, "it is blue", "expected red")
        with diagnostics.noting():
            refuse(diagnostics)
        diagnostics.warn(1, "it is pink")
    diagnostics.note(1, "it is grey")
    assert list(map(str, diagnostics.problems)) == [
        't.clj:2:2: component "words": it is blue; expected red',
        't.clj:1:1: component "words": it is green (Storm: refuses it)',
        "t.clj:1:2: it is grey",
    ]
    assert list(map(str, diagnostics.warnings)) == ['t.clj:1:2: component "words": it is pink']


def test_giving_up_reports_what_was_found_so_far() -> None:
    diagnostics = Diagnostics(Source("ab", "t.clj"))
    diagnostics.note(0, "it is blue")
    with pytest.raises(TopologyError) as caught:
        diagnostics.give_up(1, "too much of it")
    assert str(caught.value).splitlines() == [
        "t.clj:1:1: it is blue",
        "t.clj:1:2: too much of it; a topology file needs far less",
    ]
