"""A component is made in the same way, and fails with the same words, as a process and in process."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from inspect import getsourcelines

import pytest

from simulator.testing import (
    without_our_frames,
)
from streamparse import Bolt
from streamparse.starting import StartError, find, make
from tests.support.paths import TESTS
from tests.support.table_top import HERE, one_bolt, run, run_both, spout, topology_text


def last_line(error: str) -> str:
    return error.rstrip().splitlines()[-1]


def started(cls: str, rows: str = '[["x"]]', **options: object) -> str:
    return one_bolt(rows, "Obeys", **options).replace('"parts.Obeys"', f'"{cls}"')  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["TakesNothing", "HandsStreamsOn", "factory"])
def test_whatever_makes_a_component_without_arguments_runs(name: str) -> None:
    here = os.getcwd()
    assert run_both(started(f"starts.{name}")).said("b") == [f"['x'] in {HERE}"]
    assert os.getcwd() == here


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("starts.ForgetsTheBase", "ForgetsTheBase.__init__ does not call super().__init__()"),
        ("starts.InheritsOneThatForgets", "ForgetsTheBase.__init__ does not call super()"),
        ("starts.Raises", "OSError: no such base"),
        ("starts.RaisesInInitialize", "OSError: no such table"),
        ("starts.NeedsAnArgument", "missing 1 required positional argument: 'needed'"),
        ("starts.Unrelated", "starts.Unrelated is no component: it derives from neither"),
        ("starts.returns_nothing", "starts.returns_nothing() returned None; expected a Bolt"),
        ("starts.SALT", "starts.SALT is a float; expected a class, or a function"),
        ("starts.NoSuchClass", "has no class NoSuchClass"),
        ("no_such_module.Class", "No module named 'no_such_module'"),
        ("starts.ASpout", "starts.ASpout is a spout, but the topology has it as a bolt"),
    ],
)
def test_what_cannot_start_is_reported_in_the_same_words(name: str, finding: str) -> None:
    done = run_both(started(name))
    (failure,) = done.report.failures
    inside = run(started(name)).report.failures[0]
    assert finding in last_line(failure.error)
    assert failure.finding == "ended with exit status 1"
    assert last_line(inside.error) == last_line(failure.error)
    assert without_our_frames(inside.error) == without_our_frames(failure.error)


def test_a_bolt_in_the_place_of_a_spout_is_refused() -> None:
    text = topology_text(spout("[]").replace("parts.Rows", "starts.Says"), "")
    assert "starts.Says is a bolt, but the topology has it as a spout" in last_line(
        run_both(text).report.failures[0].error
    )


def test_a_storm_that_does_not_tell_the_kind_at_the_handshake_tells_it_by_the_first_tuple() -> None:
    done = run_both(started("starts.ASpout"), storm_version="0.9.5")
    assert "starts.ASpout is a spout" in last_line(done.report.failures[0].error)


def test_the_text_of_an_exit_is_kept() -> None:
    stderr = [run(started("starts.ExitsInProcess"), mode=mode).report.failures[0].stderr
              for mode in ("inprocess", "process")]  # fmt: skip
    assert stderr == ["no more\n", "no more\n"]


def test_a_constructor_finds_its_input_at_the_end_and_nobody_listens_to_it() -> None:
    done = run_both(started("starts.SpeaksTooEarly"))
    assert last_line(done.report.failures[0].error) == "SystemExit: 0"


def test_what_a_module_draws_is_the_same_in_every_task_and_mode() -> None:
    said = run_both(
        started("starts.Salted", '[["x"] ["y"]]', rest=":p 2"), conf={"topology.workers": 1}
    ).said("b")
    salts, drawn, later = zip(*(each.split() for each in said), strict=True)
    assert (len(set(salts)), len(set(drawn)), len(set(later))) == (1, 2, 2)


def test_a_component_keeps_the_directory_that_it_changes_to() -> None:
    here = os.getcwd()
    text = topology_text(
        spout('[["x"]]'),
        '"a" (python-bolt-spec options {"s" :shuffle} "starts.Wanders" [])'
        '"b" (python-bolt-spec options {"s" :shuffle} "starts.Says" [])',
    )
    done = run_both(text)
    assert (done.said("a"), done.said("b")) == (["/"], [f"['x'] in {HERE}"])
    assert os.getcwd() == here


def test_what_makes_no_component_is_named_with_its_place() -> None:
    def nothing() -> None: ...

    class Abstract(Bolt, ABC):
        @abstractmethod
        def look_up(self) -> None: ...

    for found, said in (
        (nothing, "x.y() returned None; expected a Bolt or a Spout"),
        (
            Abstract,
            "Can't instantiate abstract class Abstract .*; expected a class that has all its methods",
        ),
    ):
        place = f"{__file__}:{getsourcelines(found)[1]}: "
        with pytest.raises(StartError, match=f"^{re.escape(place)}{said.replace('()', '..')}$"):
            make(found, "x.y")


def test_an_instance_names_no_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TESTS / "support/components"))
    import starts

    monkeypatch.setattr(starts, "SALT", starts.Says())
    with pytest.raises(StartError) as caught:
        find("starts.SALT")
    said = "starts.SALT is an instance of Says; expected the class, Says without ()"
    assert str(caught.value) == f"{starts.__file__}: {said}"
    assert isinstance(make(starts.factory, "starts.factory"), starts.TakesNothing)
