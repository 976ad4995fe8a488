"""Planted bugs are found, their twins pass, and docs/planted-bugs.md has all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.planted.catalogue import PAIRS, THEMES
from tests.planted.hunt import check, explore
from tests.planted.pair import Pair
from tests.planted.report import HEAD, PAGE

TWIN_RUNS = 40  # `python -m tests.planted` makes them all


def test_every_pair_is_on_the_page_with_its_bug() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    bugs = [f"| **{pair.name}**: {pair.bug} |" for pair in PAIRS.values()]
    assert [bug for bug in bugs if bug not in text] == []
    assert text.count("| **") == len(bugs)


def test_no_two_pairs_have_one_name() -> None:
    assert len(PAIRS) == sum(map(len, THEMES.values())) >= 45


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS.values(), ids=list(PAIRS))
def test_a_bug_is_found_and_its_twin_passes(pair: Pair) -> None:
    assert explore(pair, wrong=True, seed=0).run is not None
    assert explore(pair, wrong=False, seed=0, runs=TWIN_RUNS).run is None


@pytest.mark.slow
@pytest.mark.parametrize("pairs", THEMES.values(), ids=list(THEMES))
def test_laws_find_the_first_bug_of_a_theme_and_hold_for_its_twin(pairs: Sequence[Pair]) -> None:
    assert check(pairs[0], wrong=True, seed=0).run is not None
    assert check(pairs[0], wrong=False, seed=0, runs=TWIN_RUNS).run is None
