"""Changes: what a run has different from the test though the result must not depend on it.

A change is a part of a case as a fault is, so it is written to the case's file, replayed, and left out of the smallest
case if the failure does not need it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from simulator.model import did_you_mean
from simulator.testing import HarnessError, is_test_error

__tracebackhide__ = is_test_error  # pytest then shows the test's line
Changeable = Literal["parallelism", "workers", "hash seed", "storm version"]
CHANGEABLE: tuple[Changeable, ...] = get_args(Changeable)
Variable = Changeable | Literal["tick phase"]  # a choice of a schedule, and no change
VARIABLES: tuple[Variable, ...] = (
    "parallelism",
    "workers",
    "hash seed",
    "tick phase",
    "storm version",
)
USUALLY_VARIED: tuple[Variable, ...] = VARIABLES[:3]


@dataclass(frozen=True)
class Change:
    """One thing that a run has different from the test.

    Attributes:
        name: what it is.
        value: what it is in the run.
        component: the bolt whose parallelism it is.
        topology: which topology of the run, from 0.
    """

    name: Changeable
    value: int | str
    component: str = ""
    topology: int = 0

    def __str__(self) -> str:
        words = {
            "parallelism": f"{self.component} has {_counted(self.value, 'task')}",
            "workers": f"there {'is' if self.value == 1 else 'are'} {_counted(self.value, 'worker')}",
            "hash seed": f"the hash seed of components is {self.value}",
            "storm version": f"Storm is {self.value}",
        }[self.name]
        return words + (f" (topology {self.topology + 1} of the test)" if self.topology else "")


def _counted(number: object, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def check_variables(names: object) -> tuple[Variable, ...]:
    """Return what these names mean.

    Raises:
        HarnessError: a name is none of ``VARIABLES``, or this is no list.
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise HarnessError(f"vary={names!r}: expected a list of names, such as {list(VARIABLES)}")
    given = tuple(names)
    for name in given:
        if name not in VARIABLES:
            raise HarnessError(
                f"vary={list(given)}: nothing is called {name!r}{did_you_mean(str(name), VARIABLES)}; "
                f"expected {', '.join(VARIABLES)}"
            )
    return cast("tuple[Variable, ...]", given)
