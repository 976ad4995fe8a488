"""An unknown name is answered with the nearest."""

from __future__ import annotations

import copy
import pickle
import traceback
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pytest

from simulator.model.hints import hinted


@hinted
class Harness:
    """Has a method of each kind."""

    def __init__(self, mode: str = "process") -> None:
        self.mode = mode

    @property
    def broken(self) -> Any:
        raise AttributeError("of its own")

    def process(self, row: object, *, check: bool = True) -> tuple[object, bool]:
        return row, check

    def anything(self, **options: object) -> object:
        return options

    def nothing(self) -> None:
        return None

    @staticmethod
    def helper(row: object) -> object:
        return row


@hinted
class Row(list[int]):
    """Knows better about one name."""

    own = 1

    def _attribute_hint(self, name: str) -> str:
        return "; it is first" if name == "head" else ""


@hinted
class Result(NamedTuple):
    """Two lists."""

    emitted: list[int]
    acked: list[int]


@hinted
@dataclass(frozen=True)
class Report:
    """One number."""

    stopped: int


def said(error: type[BaseException], *call: Any, **named: Any) -> str:
    function, *arguments = call
    with pytest.raises(error) as caught:
        function(*arguments, **named)
    return str(caught.value)


@pytest.mark.parametrize(
    ("subject", "name", "message"),
    [
        (Harness(), "procces", "Harness has no 'procces' (did you mean \"process\"?)"),
        (Harness(), "mod", "Harness has no 'mod' (did you mean \"mode\"?)"),
        (Harness(), "xyz", "Harness has no 'xyz'; it has anything, broken, helper, mode, nothing, process"),
        (Harness(), "broken", "of its own"),
        (Harness(), "_private", "_private"),
        (Row(), "head", "Row has no 'head'; it is first"),
        (Row(), "apend", "Row has no 'apend' (did you mean \"append\"?)"),
        (Row(), "xyz", "Row has no 'xyz'; it has own"),
        (Result([], []), "emited", "Result has no 'emited' (did you mean \"emitted\"?)"),
        (Result([], []), "xyz", "Result has no 'xyz'; it has acked, emitted"),
        (Report(1), "stoped", "Report has no 'stoped' (did you mean \"stopped\"?)"),
    ],
)  # fmt: skip
def test_an_attribute_that_is_not_there_is_answered_with_the_nearest(
    subject: object, name: str, message: str
) -> None:
    assert said(AttributeError, getattr, subject, name) == message
    assert not hasattr(subject, name)


def test_an_argument_that_is_not_there_is_answered_with_the_nearest() -> None:
    harness = Harness()
    assert [
        said(TypeError, harness.process, 1, chek=False),
        said(TypeError, harness.process, 1, xyz=False),
        said(TypeError, harness.nothing, xyz=False),
        said(TypeError, Harness, mod="x"),
    ] == [
        "Harness.process() has no argument 'chek' (did you mean \"check\"?)",
        "Harness.process() has no argument 'xyz'; it has row, check",
        "Harness.nothing() has no argument 'xyz'; it has none",
        "Harness() has no argument 'mod' (did you mean \"mode\"?)",
    ]


def test_what_is_there_works_as_before() -> None:
    harness = Harness(mode="x")
    assert harness.process(1, check=False) == harness.process(row=1, check=False) == (1, False)
    assert (harness.anything(xyz=1), harness.helper(row=2)) == ({"xyz": 1}, 2)
    for each in (Row([1]), Result([1], []), Report(1)):
        assert copy.deepcopy(each) == pickle.loads(pickle.dumps(each)) == each
    assert replace(Report(1), stopped=2).stopped == 2


def test_python_adds_no_suggestion_of_its_own() -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(Result([], []), "emited")  # noqa: B009 (mypy knows that it is not there)
    (line,) = traceback.format_exception_only(caught.value)
    assert line == "AttributeError: Result has no 'emited' (did you mean \"emitted\"?)\n"
