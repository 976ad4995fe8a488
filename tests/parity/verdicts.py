"""What two runs of a scenario come to: the same, or differences that are known, or others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.parity.conversations import Run, reduced
from tests.parity.scenarios import Deviation, Scenario
from tests.parity.views import differences


@dataclass(frozen=True)
class Verdict:
    """How a simulation compares with a Storm.

    Attributes:
        known: deviations that showed.
        unexplained: other differences: by view, Storm's value and ours.
        stale: deviations that are listed and did not show: they have been mended.
    """

    known: Sequence[Deviation]
    unexplained: Mapping[str, tuple[Any, Any]]
    stale: Sequence[Deviation]

    @property
    def is_good(self) -> bool:
        return not self.unexplained and not self.stale

    @property
    def word(self) -> str:
        """It all in a word or two, for a table."""
        if not self.is_good:
            return "unexplained" if self.unexplained else "no longer differs"
        kinds = {each.kind for each in self.known}
        return "defect" if "defect" in kinds else "intended" if kinds else "same"

    def __str__(self) -> str:
        if self.unexplained:
            return f"differs in {', '.join(self.unexplained)}"
        if self.stale:
            return f"is no longer different: {self.stale[0].why}"
        return "differs as is known" if self.known else "the same"


def judge(scenario: Scenario, version: str, storm: Run, ours: Run) -> Verdict:
    """Compare what a Storm did with what its simulation did."""
    # By way of a file, as Storm's has come: long messages are shortened there.
    ours = reduced(ours, scenario.compared)
    found = differences(scenario.compared, storm, ours)
    listed = scenario.known(version)
    known = [each for each in listed if found.keys() & set(each.views)]
    explained = {view for each in known for view in each.views}
    return Verdict(
        known=known,
        unexplained={view: values for view, values in found.items() if view not in explained},
        stale=[each for each in listed if each not in known],
    )


#: By scenario and line; None where nothing is recorded.
Verdicts = Mapping[tuple[str, str], Verdict | None]


def rows(verdicts: Verdicts, versions: Iterable[str]) -> list[list[str]]:
    """The table of verdicts: each scenario with its words on these lines, a dash where it does not run."""
    names = dict.fromkeys(name for name, _ in verdicts)
    return [[name, *(_cell(verdicts, name, version) for version in versions)] for name in names]


def _cell(verdicts: Verdicts, name: str, version: str) -> str:
    if (name, version) not in verdicts:
        return "–"
    verdict = verdicts[name, version]
    return "not recorded" if verdict is None else verdict.word
