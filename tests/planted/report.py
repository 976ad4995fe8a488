"""The table of what finds each planted bug, and its page: docs/planted-bugs.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import NamedTuple

from tests.planted.catalogue import PAIRS, THEMES
from tests.planted.hunt import Hunt
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "planted-bugs.md"

HEAD = """\
# Planted bugs

How good is [exploring](exploring.md) at finding mistakes? This page measures it. Each line is a bug that people write
in Storm topologies, planted in a small topology of its own. Each has a *twin*: the same topology without the bug. A
bug has to be found, and a twin must never fail.

`python -m tests.planted --into docs/planted-bugs.md` writes this page from the pairs in `tests/planted`. The tests look
for every bug with one seed, and check that every bug is on this page.

| column | what it holds |
|---|---|
| test | with how many seeds `storm.explore` and the assertions of a test find it, in which run (median, latest), how |
| laws | the same for `storm.check`, which is given no assertions, and the laws that are broken, at most three |
| smallest case | what the bug takes: the faults that are left when everything else is removed |
| minutes | processor time for the bug and its twin, with all seeds |
"""


class Effort(NamedTuple):
    """How much is tried.

    Attributes:
        seeds: of explorations of each bug with the assertions of its test.
        runs: of each exploration, at most.
        law_seeds: of checks of each bug by laws.
        law_runs: of each check.
        twin_seeds: of explorations of each twin, and of its checks where there are any.
    """

    seeds: int
    runs: int
    law_seeds: int
    law_runs: int
    twin_seeds: int


@dataclass(frozen=True)
class Row:
    """What became of a pair.

    Attributes:
        name: of the pair.
        tests, laws: of the wrong side, a hunt for each seed.
        twins: of the right side, in both ways.
    """

    name: str
    tests: Sequence[Hunt]
    laws: Sequence[Hunt]
    twins: Sequence[Hunt]

    @property
    def seconds(self) -> float:
        """Processor time."""
        return sum(hunt.seconds for hunt in (*self.tests, *self.laws, *self.twins))

    @property
    def is_as_it_should_be(self) -> bool:
        """True when a test or the laws find the bug with every seed, and no twin fails."""
        return (is_always_found(self.tests) or is_always_found(self.laws)) and not self.failed_twins

    @property
    def failed_twins(self) -> list[Hunt]:
        return [hunt for hunt in self.twins if hunt.run is not None]


def is_always_found(hunts: Sequence[Hunt]) -> bool:
    """Return True when there are hunts, and all of them found the bug."""
    return bool(hunts) and all(hunt.run is not None for hunt in hunts)


def summary(row: Row) -> str:
    """The row in one line of a terminal."""
    twins = f"twin fails {len(row.failed_twins)} of {len(row.twins)}"
    cells = (_found(row.tests), _found(row.laws), twins, f"{row.seconds / 60:.2f} min", _case(row))
    return f"{row.name:42} " + " | ".join(cells)


def page(rows: Mapping[str, Row], effort: Effort) -> str:
    """The whole page.

    Args:
        rows: by the name of the pair.
        effort: what was tried.
    """
    return "\n".join([HEAD, *_result(list(rows.values()), effort), *_tables(rows)])


def _result(rows: Sequence[Row], effort: Effort) -> Iterator[str]:
    by_test = sum(is_always_found(row.tests) for row in rows)
    by_laws = sum(is_always_found(row.laws) for row in rows)
    by_any = sum(is_always_found(row.tests) or is_always_found(row.laws) for row in rows)
    of_tests, of_laws = f"{effort.runs} runs of its test", f"{effort.law_runs} runs by laws"
    by = f"{by_test} by a test within {effort.runs} runs with {_with(effort.seeds)}"
    twins = of_tests
    if effort.law_seeds:
        by += f", {by_laws} by laws, without assertions, within {effort.law_runs} runs with {_with(effort.law_seeds)}"
        twins += f" and {of_laws}"
    twins += f" with {_with(effort.twin_seeds)}"
    failed = [row.name for row in rows if row.failed_twins]
    minutes = sum(row.seconds for row in rows) / 60
    yield (
        f"**Result:** {by_any} of {len(rows)} bugs are found: {by}. "
        + (
            f"Twins that fail in {twins}: {', '.join(failed)}."
            if failed
            else f"No twin fails in {twins}."
        )
        + ("" if effort.law_seeds else " Laws were not measured.")
        + f" All of it took {minutes:.0f} minutes of processor time.\n"
    )


def _with(seeds: int) -> str:
    return "one seed" if seeds == 1 else f"each of {seeds} seeds"


def _tables(rows: Mapping[str, Row]) -> Iterator[str]:
    for theme, pairs in THEMES.items():
        there = [rows[pair.name] for pair in pairs if pair.name in rows]
        if not there:
            continue
        yield f"## {theme}\n"
        yield "| bug | test | laws | smallest case | minutes |"
        yield "|---|---|---|---|---|"
        for row in there:
            bug = f"**{row.name}**: {PAIRS[row.name].bug}"
            minutes = f"{row.seconds / 60:.1f}"
            cells = (bug, _found(row.tests), _found(row.laws), _case(row), minutes)
            yield f"| {' | '.join(cells)} |"
        yield ""


def _found(hunts: Sequence[Hunt]) -> str:
    found = [hunt.run for hunt in hunts if hunt.run is not None]
    if not hunts:
        return "–"
    if not found:
        return "not found"
    by = Counter(each for hunt in hunts for each in hunt.by.split(", ") if each)
    most = ", ".join(each for each, _ in by.most_common(3))
    latest = f", at most {max(found)}" if len(found) > 1 else ""
    return f"{len(found)} of {len(hunts)}, run {median_low(found)}{latest}: {most}"


def _case(row: Row) -> str:
    """The smallest case that most seeds end with."""
    cases = Counter(hunt.words for hunt in (*row.tests, *row.laws) if hunt.words)
    if not cases:
        return "–"
    return "; ".join(cases.most_common(1)[0][0])
